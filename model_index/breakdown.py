"""A trace summed up for readers: by operator class, and by the modules at the top of the tree."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from model_index.trace import CLASSES, Part, Row, Trace

DEPTHS = (3, 2, 1)


@dataclass(frozen=True, slots=True)
class Share:
    """One line: calls, multiply-adds, parameters, and what share of the model's multiply-adds that is."""

    name: str
    calls: int
    macs: int
    parameters: int
    share: float


def by_class(trace: Trace) -> list[Share]:
    """A line for each operator class that occurs; parameters are those consumed by its calls."""
    return _shares(CLASSES, trace.rows, lambda row: row.kind, lambda row: row.parameters, trace.macs)


def by_module(trace: Trace, parts: Iterable[Part], most: int = 20) -> list[Share]:
    """A line for each module at the deepest level, three at most, that needs no more than `most` lines.

    Parameters are those the modules hold. A model too wide for any level gets its first `most` - 1 and the rest.
    """
    parts = tuple(parts)
    for depth in DEPTHS:
        names = list(dict.fromkeys(_prefix(path, depth) for path in _paths(trace, parts)))
        if len(names) <= most:
            break
    held: dict[str, int] = {}
    for part in parts:
        held[_prefix(part.module, depth)] = held.get(_prefix(part.module, depth), 0) + part.parameters
    lines = _shares(names, trace.rows, lambda row: _prefix(row.module, depth), lambda row: 0, trace.macs)
    lines = [Share(s.name or "(model)", s.calls, s.macs, held.get(s.name, 0), s.share) for s in lines]
    if len(lines) <= most:
        return lines
    rest = lines[most - 1 :]
    calls, macs, parameters = (sum(getattr(s, column) for s in rest) for column in ("calls", "macs", "parameters"))
    name = f"({len(rest)} more)"
    return [*lines[: most - 1], Share(name, calls, macs, parameters, macs / (trace.macs or 1))]


def _paths(trace: Trace, parts: tuple[Part, ...]) -> list[str]:
    return [row.module for row in trace.rows] + [part.module for part in parts]


def _prefix(path: str, depth: int) -> str:
    return ".".join(path.split(".")[:depth])


def _shares(
    names: Iterable[str], rows: Iterable[Row], name: Callable[[Row], str], held: Callable[[Row], int], macs: int
) -> list[Share]:
    sums: dict[str, list[int]] = {key: [0, 0, 0] for key in names}
    for row in rows:
        found = sums[name(row)]
        found[0] += 1
        found[1] += row.macs
        found[2] += held(row)
    present = {key: found for key, found in sums.items() if found[0] or key not in CLASSES}
    return [Share(key, calls, work, held, work / (macs or 1)) for key, (calls, work, held) in present.items()]
