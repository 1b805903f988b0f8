"""The labels that lie beside an image in a shard: `.cls`, a class index as text, or `.json` with a
`label`."""

import json
import re
from collections.abc import Callable

from zoo.evaluation.datasets.base import UNLABELLED, Label

MOST_BYTES = 1 << 16
"""A file that is larger is no label."""

_INTEGER = re.compile(rb"\s*([+-]?[0-9]{1,18})\s*")


def _cls(content: bytes) -> Label:
    """A class index. ValueError: it is anything else."""
    if not (match := _INTEGER.fullmatch(content)):
        raise ValueError(f"expected a class index, got {_shown(content)}")
    return _index(int(match[1]))


def _json(content: bytes) -> Label:
    """`label` of an object: an index, a list of indexes or a class's name. ValueError: there is no
    such thing."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError(f"not JSON: {_shown(content)}") from None
    if not isinstance(document, dict) or "label" not in document:
        raise ValueError("no label in it")
    match document["label"]:
        case bool():
            pass
        case int() as index:
            return _index(index)
        case str() as name:
            return name
        case [*several] if several and all(type(each) is int for each in several):
            return tuple(several)
    raise ValueError(f"its label is no class index, list of indexes or name: {_shown(content)}")


def _index(index: int) -> int | None:
    return None if index == UNLABELLED else index


def _shown(content: bytes) -> str:
    text = content.decode("utf-8", "backslashreplace")
    return repr(text if len(text) <= 40 else text[:40] + "...")


READERS: dict[str, Callable[[bytes], Label]] = {"cls": _cls, "json": _json}
"""What a label file's suffix means; where a sample has several, the first of these is read."""
