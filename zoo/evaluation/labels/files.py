"""Read the user's files of classes (`--class-map`) and of right answers (`--labels`).

They are read as data. A pickle is refused, since reading it would run its code.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from zoo.model_index.errors import UsageError
from zoo.model_index.errors.suggestions import describe_unknown, find_close

REAL = "real"
"""The built-in labels of "Are we done with ImageNet?", arXiv 2006.07159, as timm ships them."""

_VALIDATION = re.compile(r"ILSVRC2012_val_[0-9]{8}")
_PAIR = re.compile(r"(\S.*?)\s*([,\t]|\s)\s*([0-9]{1,9})")


@dataclass(frozen=True)
class LabelFile:
    """Right answers by the name of the image.

    An empty answer excludes the image, as the data set's protocol says.
    """

    title: str
    by_name: Mapping[str, tuple[int, ...]]

    def look_up(self, names: Sequence[str]) -> list[tuple[int, ...] | None]:
        """Return the answers for images of these names; None where the file has none.

        Raises:
            UsageError: an entry matches two images. An entry with ImageNet's number may, since
                both are the same image.
        """
        owners: dict[str, str] = {}
        answers: list[tuple[int, ...] | None] = []
        for name in names:
            key = self._key(name)
            if key is None:
                answers.append(None)
                continue
            owner = owners.setdefault(key, name)
            if owner != name and not _VALIDATION.search(key):
                raise UsageError(
                    f"{self.title}: {key!r} matches {owner!r} and {name!r}; write the whole names "
                    "into the file"
                )
            answers.append(self.by_name[key])
        return answers

    def _key(self, name: str) -> str | None:
        """Find the key of an image: its whole name, its last part, that without suffix, or
        ImageNet's number."""
        base = name.rpartition("/")[2]
        number = _VALIDATION.search(base)
        keys = (name, base, base.rpartition(".")[0], number[0] if number else base)
        return next((key for key in keys if key in self.by_name), None)


def read_labels(path: Path | str) -> LabelFile:
    """Read right answers: `real`, or a JSON file.

    The file has an object of names with an index or a list of indexes each, or a list of lists in
    the order of the numbers of ImageNet's 50,000 validation images.

    Raises:
        UsageError: the file does not exist or has another content.
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


def check_spelling(labels: str) -> None:
    """Refuse a name that is nearly `real` and no file.

    Raises:
        UsageError: it is one.
    """
    if labels != REAL and not Path(labels).exists() and find_close(labels, [REAL]):
        raise UsageError(describe_unknown("no labels", labels, [REAL], "a JSON file, or real"))


def _by_number(rows: list[Any], where: str) -> dict[str, tuple[int, ...]]:
    return {
        f"ILSVRC2012_val_{number:08d}": _indexes(row, f"{where}: entry {number}")
        for number, row in enumerate(rows, 1)
    }


def _indexes(value: Any, where: str) -> tuple[int, ...]:
    indexes = value if isinstance(value, list) else [value]
    if not all(type(index) is int and index >= 0 for index in indexes):
        excerpt = repr(value)[:60]
        raise UsageError(f"{where}: expected a class index or a list of them, got {excerpt}")
    return tuple(indexes)


def read_class_map(path: Path) -> dict[str, int]:
    """Read the indexes of a model's outputs by class name.

    JSON: an object of names and indexes, or a list of names in order. Text: one class a line in
    order, or a name and an index on each line, separated by a comma, a tab or a space.

    Raises:
        UsageError: the file does not exist or has another content.
    """
    if path.suffix == ".pkl":
        raise UsageError(f"{path}: pickles are not read; write the map as JSON")
    pairs = _pairs_of_json(path) if path.suffix == ".json" else _pairs_of_text(path)
    indexes = dict(pairs)
    if len(indexes) != len(pairs):
        raise UsageError(f"{path}: {_repeated_name(pairs)!r} occurs twice")
    if not indexes:
        raise UsageError(f"{path}: it has no class")
    return indexes


def _repeated_name(pairs: list[tuple[str, Any]]) -> str:
    uses = Counter(name for name, _ in pairs)
    return next(name for name, count in uses.items() if count > 1)


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
        return json.loads(_text(path), object_pairs_hook=lambda pairs: _unique_keys(pairs, path))
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UsageError(f"{path}: not JSON: {reason}") from None


def _unique_keys(pairs: list[tuple[str, Any]], path: Path) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise UsageError(f"{path}: {_repeated_name(pairs)!r} occurs twice")
    return document


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8 text") from None
