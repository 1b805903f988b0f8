"""Dividing work into jobs."""

import glob
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in order, as even as may be, none longer than `size`."""
    number = -(-len(items) // size)
    for part in range(number):
        yield items[part * len(items) // number : (part + 1) * len(items) // number]


def literal(names: Iterable[str]) -> tuple[str, ...]:
    """Names as patterns that match nothing but themselves, each once, behind what ends the options."""
    return ("--", *(glob.escape(name) for name in dict.fromkeys(names)))


def digest(arguments: Sequence[str]) -> str:
    """A command's digest, 16 hexadecimal digits: what tells that a job under way does the same."""
    return hashlib.sha256(json.dumps(list(arguments)).encode()).hexdigest()[:16]
