"""Numbers that stand in the files of an index and are no claim, counted by what they are."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml

from zoo.model_index.records.records import Index

# A number alone, or with a unit.
NUMBER = re.compile(r"~?[+-]?[\d.,]*\d[\d.,]*(?:e[+-]?\d+)?\s*(?:%|ms|s|fps|[kMGBT]i?B?)?", re.I)
PARTS = ("Metadata", "Results")  # of a model: what is about it
# Keys that say nothing of the numbers below them.
NO_METRICS = frozenset({"Metrics", "value"})
MOST = 60  # characters of a reason
NO_QUANTITY = "no quantity"
CONDITION = "condition of another number"
AGAIN = "stands in another row too"
# Columns of timm's tables of results that are no quantity.
COLUMNS = {
    "top1_err": "100% less another number: top1_err",
    "top5_err": "100% less another number: top5_err",
    "infer_batch_size": f"{CONDITION}: infer_batch_size",
    "infer_img_size": f"{CONDITION}: infer_img_size",
}

Position = tuple[str, int, int]  # file, line, column


def count_left_out(index: Index) -> Counter[str]:
    """Return how many numbers of the files are no claim, by reason."""
    claims = {
        (claim.place.file, claim.place.line, claim.place.column)
        for entry in index.entries
        for claim in entry.all_claims()
    }
    faults = {(fault.file, fault.line) for fault in index.faults}
    reasons = Counter(left.reason for table in index.tables for left in table.left_out)
    pages = {table.place.file for table in index.tables}
    for file in index.files:
        if file not in pages:
            reasons.update(
                reason
                for position, reason in _list_numbers(file)
                if position not in claims and position[:2] not in faults
            )
    reasons["cannot be read"] += len(index.faults)
    return +reasons


def _list_numbers(file: str) -> Iterator[tuple[Position, str]]:
    """Yield each number of a file, with why it would be no claim."""
    if file.endswith((".yml", ".yaml")):
        with Path(file).open(encoding="utf-8") as text:
            root = yaml.compose(text, Loader=yaml.CSafeLoader)
        for model in _models(root):
            for key, value in _items(model):
                if key in PARTS:
                    yield from _leaves(file, value, key)
    elif file.endswith(".csv"):
        yield from _cells(file)


def _models(root: yaml.Node | None) -> Iterator[yaml.Node]:
    if isinstance(root, yaml.SequenceNode):
        yield from root.value
    for key, value in _items(root):
        if key == "Models" and isinstance(value, yaml.SequenceNode):
            yield from value.value


def _items(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((key.value, value) for key, value in node.value if isinstance(key.value, str))


def _leaves(file: str, node: yaml.Node, key: str) -> Iterator[tuple[Position, str]]:
    """Yield the numbers below a node; `key` is the nearest key above them."""
    if isinstance(node, yaml.MappingNode):
        items = dict(_items(node))
        for below, value in items.items():
            inside = below if below not in NO_METRICS else key
            if "value" in items and below != "value":
                inside = f"{CONDITION}: {below}"
            yield from _leaves(file, value, inside)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _leaves(file, value, key)
    elif isinstance(node, yaml.ScalarNode) and NUMBER.fullmatch(node.value.strip()):
        mark = node.start_mark
        reason = key if key.startswith(CONDITION) else f"{NO_QUANTITY}: {key}"
        yield (file, mark.line + 1, mark.column + 1), reason[:MOST]


def _cells(file: str) -> Iterator[tuple[Position, str]]:
    """Yield the numbers of a table of results, whose places count cells."""
    with Path(file).open(encoding="utf-8", newline="") as text:
        rows = csv.reader(text)
        header = next(rows, [])
        for line, row in enumerate(rows, 2):
            for column, (name, cell) in enumerate(zip(header, row, strict=False), 1):
                if NUMBER.fullmatch(cell.strip()):
                    yield (file, line, column), COLUMNS.get(name, f"{AGAIN}: {name}")
