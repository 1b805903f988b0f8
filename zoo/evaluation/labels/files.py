"""Files that say which class is which, or which answers are right: `--class-map` and `--labels`.

They are read as data. A pickle is refused, as reading one runs it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from zoo.model_index.errors import UsageError

REAL = "real"
"""The built-in labels: those of "Are we done with ImageNet?", arXiv 2006.07159, as timm ships
them."""

_VALIDATION = re.compile(r"ILSVRC2012_val_[0-9]{8}")
_PAIR = re.compile(r"(\S.*?)\s*([,\t]|\s)\s*([0-9]{1,9})")


@dataclass(frozen=True)
class LabelFile:
    """Right answers by name of the image. An empty one: by the protocol of the data set the image
    does not count."""

    title: str
    by_name: Mapping[str, tuple[int, ...]]

    def of_all(self, names: Sequence[str]) -> list[tuple[int, ...] | None]:
        """Those of the images of these names, each once. None: there are none.

        UsageError: an entry is that of two images. One with ImageNet's number may be, as that is
        one image's only.
        """
        owners: dict[str, str] = {}
        found = []
        for name in names:
            key = self._key(name)
            if (
                key is not None
                and owners.setdefault(key, name) != name
                and not _VALIDATION.search(key)
            ):
                raise UsageError(
                    f"{self.title}: {key!r} may be {owners[key]!r} and {name!r}; write the whole names into the file"
                )
            found.append(None if key is None else self.by_name[key])
        return found

    def _key(self, name: str) -> str | None:
        """The entry of an image: its whole name, its last part, that without suffix, or ImageNet's
        number."""
        base = name.rpartition("/")[2]
        number = _VALIDATION.search(base)
        keys = (name, base, base.rpartition(".")[0], number[0] if number else base)
        return next((key for key in keys if key in self.by_name), None)


def read_labels(path: Path | str) -> LabelFile:
    """`real`, or a JSON file: an object of name and index or list of indexes, or a list of lists
    for ImageNet's 50,000.

    A list is in the order of the validation images' numbers. UsageError: the file is not there or
    holds anything else.
    """
    if str(path) == REAL:
        text = (
            resources.files("timm.data").joinpath("_info", "imagenet_real_labels.json").read_text()
        )
        return LabelFile("ImageNet-ReaL's labels", _by_number(json.loads(text), REAL))
    document = _json(Path(path))
    if isinstance(document, list):
        return LabelFile(str(path), _by_number(document, str(path)))
    if not isinstance(document, dict) or not document:
        raise UsageError(
            f"{path}: expected an object of names and class indexes, or a list of lists of indexes"
        )
    return LabelFile(
        str(path), {name: _indexes(value, f"{path}: {name!r}") for name, value in document.items()}
    )


def _by_number(rows: list[Any], where: str) -> dict[str, tuple[int, ...]]:
    return {
        f"ILSVRC2012_val_{number:08d}": _indexes(row, f"{where}: entry {number}")
        for number, row in enumerate(rows, 1)
    }


def _indexes(value: Any, where: str) -> tuple[int, ...]:
    several = value if isinstance(value, list) else [value]
    if not all(type(each) is int and each >= 0 for each in several):
        shown = repr(value)
        raise UsageError(f"{where}: expected a class index or a list of them, got {shown[:60]}")
    return tuple(several)


def read_class_map(path: Path) -> dict[str, int]:
    """Indexes of the model's outputs by class name.

    JSON: an object of names and indexes, or a list of names in order. Text: a class a line in
    order, or a name and an index on each line with a comma, a tab or a space between. UsageError:
    no such file, or it holds anything else.
    """
    if path.suffix == ".pkl":
        raise UsageError(f"{path}: pickles are not read; write the map as JSON")
    pairs = _pairs_of_json(path) if path.suffix == ".json" else _pairs_of_text(path)
    found: dict[str, int] = {}
    for name, index in pairs:
        if name in found:
            raise UsageError(f"{path}: {name!r} is there twice")
        found[name] = index
    if not found:
        raise UsageError(f"{path}: no class in it")
    return found


def _pairs_of_json(path: Path) -> list[tuple[str, int]]:
    document = _json(path)
    if isinstance(document, list) and all(isinstance(name, str) for name in document):
        return [(name, index) for index, name in enumerate(document)]
    if not isinstance(document, dict):
        raise UsageError(
            f"{path}: expected an object of class names and indexes, or a list of names"
        )
    for name, index in document.items():
        if type(index) is not int or index < 0:
            raise UsageError(f"{path}: {name!r}: expected an index, got {index!r}")
    return list(document.items())


def _pairs_of_text(path: Path) -> list[tuple[str, int]]:
    lines = [line.strip() for line in _text(path).rstrip().split("\n")]
    for number, line in enumerate(lines, 1):
        if not line or not line.replace("\t", " ").isprintable():
            raise UsageError(f"{path}:{number}: expected a class, got {line[:60]!r}")
    matches = [_PAIR.fullmatch(line) for line in lines]
    pairs = [(match[1].strip('"'), int(match[3])) for match in matches if match]
    separators = {match[2] for match in matches if match}
    header = (
        not matches[0]
        and len(separators) == 1
        and not separators.isdisjoint(",\t")
        and separators <= {*lines[0]}
    )
    if len(pairs) == len(lines) - header:
        return pairs
    return [(line, index) for index, line in enumerate(lines)]


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path), object_pairs_hook=lambda pairs: _once(pairs, path))
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UsageError(f"{path}: not JSON: {reason}") from None


def _once(pairs: list[tuple[str, Any]], path: Path) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise UsageError(
            f"{path}: {next(name for name in names if names.count(name) > 1)!r} is there twice"
        )
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8 text") from None
