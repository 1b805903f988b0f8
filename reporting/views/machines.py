"""Arrange the page of each machine: its environment, and every benchmark record from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zoo.model_index.quantities.show import human
from zoo.reporting.text.escape import one_line
from zoo.reporting.views.benchmarks import BenchmarkRow, Record, benchmark_row, hyphenate
from zoo.reporting.views.names import slugs

# hashes, which tell people nothing; the documents have them
HIDDEN = frozenset({"distributions", "cpu_flags"})
LONGEST = 200  # characters of a fact


@dataclass(frozen=True, slots=True)
class Machine:
    """A device model: the name of its page, and its records as rows of a table."""

    name: str
    slug: str
    rows: tuple[BenchmarkRow, ...]

    @property
    def page(self) -> str:
        return f"machines/{self.slug}.md"

    @property
    def models(self) -> int:
        return len({row.record.model.page for row in self.rows})

    @property
    def failed(self) -> int:
        return sum(row.record.benchmark is None for row in self.rows)

    @property
    def engines(self) -> list[str]:
        """Return the engines that ran on the machine, without versions."""
        return list(
            dict.fromkeys(one_line(row.record.conditions.get("engine") or "") for row in self.rows)
        )

    @property
    def dates(self) -> tuple[str, str]:
        """Return the days of the first and the last record."""
        days = sorted(row.date for row in self.rows)
        return days[0], days[-1]

    @property
    def newest(self) -> Record:
        return max((row.record for row in self.rows), key=lambda record: record.document.recency)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Return the environment of the newest record, and the key that its numbers are compared
        by."""
        environment = {k: v for k, v in self.newest.document.environment.items() if k not in HIDDEN}
        keyed = {
            name: value
            for name, value in self.newest.device_key.items()
            if name in ("driver", "quota", "protocol")
        }
        return list(_flat(keyed | environment))


def machines(records: Sequence[Record]) -> list[Machine]:
    """Return the machines by name, each with its records."""
    names = sorted({record.machine for record in records})
    rows = {
        name: tuple(benchmark_row(record) for record in records if record.machine == name)
        for name in names
    }
    return [
        Machine(name, slug, rows[name])
        for name, slug in zip(names, slugs(map(hyphenate, names)), strict=True)
    ]


def _flat(facts: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, str]]:
    """Flatten nested names and values to text; unknown values are omitted."""
    for key, value in sorted(facts.items()):
        name = f"{before} {key.removesuffix('_bytes')}".strip().replace("_", " ")
        if isinstance(value, Mapping):
            yield from _flat(value, name)
        elif isinstance(value, (list, tuple)):
            if text := one_line(", ".join(map(str, value))):
                yield name, text[:LONGEST]
        elif value is not None and value != "":
            shown = (
                f"{human(value)}B"
                if key.endswith("_bytes") and isinstance(value, int)
                else _word(value)
            )
            yield name, one_line(shown)[:LONGEST]


def _word(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
