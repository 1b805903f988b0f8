"""Summarize a trace in few rows: by operator class, and by module near the top of the tree."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from zoo.model_index.ledger.trace import CLASSES, Part, Row, Trace

MOST = 16  # rows of modules a reader takes in
TYPES = 2  # module types named in a row
LAST_NUMBER = re.compile(r"\d+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operators:
    """All calls of an operator class in a trace; `parameters` are those the calls use."""

    kind: str
    calls: int
    macs: int
    share: float
    parameters: int
    inputs: int
    outputs: int

    def to_dict(self) -> dict[str, Any]:
        """Return the row of a table."""
        return asdict(self)


def by_class(trace: Trace) -> list[Operators]:
    """Return the operator classes of a trace, in their usual order."""
    sums: dict[str, list[int]] = {}
    for row in trace.rows:
        totals = sums.setdefault(row.kind, [0, 0, 0, 0, 0])
        totals[0] += 1
        totals[1] += row.macs
        totals[2] += row.parameters
        totals[3] += row.inputs
        totals[4] += row.outputs
    return [
        Operators(
            kind=kind,
            calls=calls,
            macs=macs,
            share=_share(macs, trace),
            parameters=parameters,
            inputs=inputs,
            outputs=outputs,
        )
        for kind in CLASSES
        if kind in sums
        for calls, macs, parameters, inputs, outputs in [sums[kind]]
    ]


@dataclass(frozen=True, slots=True)
class Module:
    """A part of the module tree with its parameters and work; `path` may end in `*` for numbered
    siblings."""

    path: str
    types: str
    macs: int
    share: float
    parameters: int

    def to_dict(self) -> dict[str, Any]:
        """Return the row of a table."""
        return asdict(self)


def by_module(trace: Trace, parts: Sequence[Part], depth: int | None = None) -> list[Module]:
    """Return the modules `depth` names deep, or those of the finest cut that is still short, in the
    order they ran."""
    paths = list(
        dict.fromkeys([row.module for row in trace.rows] + [part.module for part in parts])
    )
    named = _shortest(paths, trace) if depth is None else _at(depth)(paths)
    rows: dict[str, list[Row]] = {name: [] for name in named.values()}
    held: dict[str, list[Part]] = {name: [] for name in rows}
    for row in trace.rows:
        rows[named[row.module]].append(row)
    for part in parts:
        held[named[part.module]].append(part)
    return [_module(name, rows[name], held[name], trace) for name in rows]


def _shortest(paths: Sequence[str], trace: Trace) -> dict[str, str]:
    """Return the finest cut that is short."""
    cuts = (make(paths) for make in CUTS)
    short = next((cut for cut in cuts if len(set(cut.values())) <= MOST), None)
    return short or _largest(CUTS[-1](paths), trace.rows)


def _module(name: str, rows: Iterable[Row], parts: Sequence[Part], trace: Trace) -> Module:
    work: Counter[str] = Counter()
    for row in rows:
        work[row.module_type] += row.macs
    macs, types = work.total(), list(dict.fromkeys(_short(t) for t, _ in work.most_common()))
    types = types or list(dict.fromkeys(_short(part.module_type) for part in parts))
    more = f" and {len(types) - TYPES} more" if len(types) > TYPES else ""
    held = sum(part.parameters for part in parts)
    return Module(
        name or "the model itself", ", ".join(types[:TYPES]) + more, macs, _share(macs, trace), held
    )


Cut = Callable[[Sequence[str]], dict[str, str]]


def _at(depth: int) -> Cut:
    """Return the cut after `depth` names: `features.conv4_1.c1x1_a` becomes `features.conv4_1`."""
    return lambda paths: {path: ".".join(path.split(".")[:depth]) for path in paths}


def _siblings(depth: int) -> Cut:
    """Return the same cut, with numbered siblings as one: `features.conv4_*`."""

    def cut(paths: Sequence[str]) -> dict[str, str]:
        named = _at(depth)(paths)
        number = Counter(LAST_NUMBER.sub("*", name) for name in set(named.values()))
        starred = {name: LAST_NUMBER.sub("*", name) for name in named.values()}
        return {
            path: starred[name] if number[starred[name]] > 1 else name
            for path, name in named.items()
        }

    return cut


CUTS = (_at(2), _siblings(2), _at(1), _siblings(1))  # finest first


def _largest(named: dict[str, str], rows: Iterable[Row]) -> dict[str, str]:
    """Keep the modules with the most work under their names, all others as one."""
    work = Counter(dict.fromkeys(named.values(), 0))
    for row in rows:
        work[named[row.module]] += row.macs
    largest = {name for name, _ in work.most_common(MOST - 1)}
    others = f"{len(work) - len(largest)} others"
    return {path: name if name in largest else others for path, name in named.items()}


def _short(module_type: str) -> str:
    return module_type.rpartition(".")[2]


def _share(macs: int, trace: Trace) -> float:
    return 100 * macs / (trace.macs or 1)
