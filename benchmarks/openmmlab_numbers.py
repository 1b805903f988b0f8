"""Counts the numbers that OpenMMLab's metafiles publish, and those of them that are claims.

    python -m pip download --no-deps mmdet mmpose mmsegmentation && unzip ...
    .venv/bin/python benchmarks/openmmlab_numbers.py FOLDER

FOLDER holds unpacked wheels; a wheel has its toolbox's metafiles in `.mim/`. Each number under
Metadata and Results of a model is found by PyYAML alone and looked for among the claims by file,
line and column. What is no claim is printed with the reason.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from zoo.model_index.load import load
from zoo.model_index.records.records import Index

PARTS = ("metadata", "results")
NUMBER = re.compile(r"\s*[-+]?[\d.,]+(e[-+]?\d+)?\s*(%|[GMKB]|ms|fps|GB|MB)?\s*", re.IGNORECASE)
SEVERAL = re.compile(r"\s*[\d.]+(\s*/\s*[\d.]+)+\s*")
# Why a number is no claim: by the key that it stands under.
REASONS = {
    "frame": "a setting of the model's input",
    "sampling rate": "a setting of the model's input",
    "n_fft": "a setting of the model's input",
}
MANY = "several numbers in one value; lint says so"
UNKNOWN = "no reason"


class Number(NamedTuple):
    """A number of a metafile: its place, counted from 1, the key above it, and its characters."""

    file: str
    line: int
    column: int
    key: str
    text: str


def find_indexes(folder: Path) -> list[Path]:
    """Return the model-index.yml of each toolbox below a folder."""
    return sorted(folder.rglob(".mim/model-index.yml"))


def find_numbers(index: Path) -> Iterator[Number]:
    """Yield each number of the models of all files that an index imports."""
    imports = yaml.safe_load(index.read_text(encoding="utf8"))["Import"]
    for file in sorted({path for name in imports for path in index.parent.glob(name)}):
        root = yaml.compose(file.read_text(encoding="utf8"), Loader=yaml.CSafeLoader)
        for node in _models(root):
            for key, below in node.value:
                if key.value.lower() in PARTS:
                    yield from _below(str(file), below, key.value)


def _models(root: yaml.Node | None) -> list[yaml.MappingNode]:
    if isinstance(root, yaml.MappingNode):
        named = (below for key, below in root.value if key.value == "Models")
        root = next(named, None)
    return list(root.value) if isinstance(root, yaml.SequenceNode) else []


def _below(file: str, node: yaml.Node, key: str) -> Iterator[Number]:
    """Yield the numbers below a node; of a mapping with a value only that one, as the others are
    its conditions."""
    if isinstance(node, yaml.ScalarNode):
        plain = NUMBER.fullmatch(node.value) and any(map(str.isdigit, node.value))
        if plain or SEVERAL.fullmatch(node.value):
            mark = node.start_mark
            yield Number(file, mark.line + 1, mark.column + 1, key, node.value)
    elif isinstance(node, yaml.SequenceNode):
        for below in node.value:
            yield from _below(file, below, key)
    else:
        valued = [below for name, below in node.value if name.value.lower() == "value"]
        for name, below in node.value:
            if not valued:
                yield from _below(file, below, name.value)
        for below in valued:
            yield from _below(file, below, key)


def leave_out(numbers: list[Number], index: Index) -> list[Number]:
    """Return the numbers that no claim stands at."""
    places = {
        (claim.place.file, claim.place.line, claim.place.column)
        for entry in index.entries
        for claim in entry.all_claims()
    }
    return [number for number in numbers if number[:3] not in places]


def explain(number: Number) -> str:
    """Return why a number is no claim."""
    return MANY if SEVERAL.fullmatch(number.text) else REASONS.get(number.key.lower(), UNKNOWN)


def main() -> None:
    total = left = 0
    for folder in sys.argv[1:]:
        for path in find_indexes(Path(folder).resolve()):
            index, numbers = load([path]), list(find_numbers(path))
            missing = leave_out(numbers, index)
            total, left = total + len(numbers), left + len(missing)
            claims = sum(len(entry.claims) for entry in index.entries)
            print(
                f"{path.parent.parent.name}: {len(index.entries):,} models, {len(numbers):,} "
                f"numbers, {claims:,} claims, {len(missing)} numbers are no claim"
            )
            reasons = Counter((number.key, explain(number)) for number in missing)
            for (key, reason), count in reasons.most_common():
                print(f"{count:>8} {key}: {reason}")
    print(f"{total - left:,} of {total:,} numbers are claims ({(total - left) / total:.2%})")


if __name__ == "__main__":
    main()
