"""Read the label files beside the images of a shard: `.cls` with a class index, `.json` with a
`label`."""

import json
import re
from collections.abc import Callable

from zoo.evaluation.datasets.base import UNLABELLED, Label

MOST_BYTES = 1 << 16
"""A larger file is no label."""

_INTEGER = re.compile(rb"\s*([+-]?[0-9]{1,18})\s*")


def _cls(content: bytes) -> Label:
    """Parse a class index; ValueError for any other content."""
    if not (match := _INTEGER.fullmatch(content)):
        raise ValueError(f"expected a class index, got {_excerpt(content)}")
    return _index(int(match[1]))


def _json(content: bytes) -> Label:
    """Parse `label` of a JSON object: an index, a list of indexes or a class's name; ValueError for
    any other content."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError(f"not JSON: {_excerpt(content)}") from None
    if not isinstance(document, dict) or "label" not in document:
        raise ValueError("no label in it")
    match document["label"]:
        case bool():
            pass
        case int() as index:
            return _index(index)
        case str() as name:
            return name
        case [*indexes] if indexes and all(type(index) is int for index in indexes):
            return tuple(indexes)
    raise ValueError(f"its label is no class index, list of indexes or name: {_excerpt(content)}")


def _index(index: int) -> int | None:
    return None if index == UNLABELLED else index


def _excerpt(content: bytes) -> str:
    text = content.decode("utf-8", "backslashreplace")
    return repr(text if len(text) <= 40 else text[:40] + "...")


READERS: dict[str, Callable[[bytes], Label]] = {"cls": _cls, "json": _json}
"""Readers by the label file's suffix; if a sample has several files, the first of these is read."""
