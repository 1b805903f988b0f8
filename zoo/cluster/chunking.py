"""Divide work into jobs."""

import glob
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the items in order in chunks of nearly equal length, at most `size`."""
    number = -(-len(items) // size)
    for part in range(number):
        yield items[part * len(items) // number : (part + 1) * len(items) // number]


def alike(items: Iterable[T], name: Callable[[T], str]) -> list[list[T]]:
    """Group items of the same name; case does not matter, as in patterns."""
    groups: dict[str, list[T]] = {}
    for item in items:
        groups.setdefault(name(item).lower(), []).append(item)
    return list(groups.values())


def literal(names: Iterable[str]) -> tuple[str, ...]:
    """Return names as patterns that match nothing but themselves, each once."""
    return tuple(glob.escape(name) for name in {name.lower(): name for name in names}.values())


def digest(request: str) -> str:
    """Return 16 hexadecimal digits of a request and this folder, to recognise a running job that
    does the same."""
    return hashlib.sha256(json.dumps([os.getcwd(), request]).encode()).hexdigest()[:16]
