"""Arrange the page of each machine: its environment, and every benchmark record from it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zoo.model_index.quantities.show import human
from zoo.reporting.i18n.gettext import N_, _, n_
from zoo.reporting.text.escape import one_line
from zoo.reporting.views.benchmarks import (
    BenchmarkRow,
    Record,
    benchmark_row,
    hyphenate,
    milliseconds,
)
from zoo.reporting.views.names import slugs

# hashes, which tell people nothing; the documents have them
HIDDEN = frozenset({"distributions", "cpu_flags"})
LONGEST = 200  # characters of a fact


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a machine's results; one whose rows all say the same is said once, above."""

    label: str
    unit: str
    text: Callable[[BenchmarkRow], str]
    is_number: bool = True
    is_setting: bool = False


COLUMNS = (
    ResultColumn(N_("Engine"), "", lambda row: row.record.engine, False, True),
    ResultColumn(N_("Precision"), "", lambda row: row.record.precision, False, True),
    ResultColumn(N_("Mode"), "", lambda row: row.record.mode, False, True),
    ResultColumn(N_("Batch"), "", lambda row: str(row.record.batch or "")),
    ResultColumn(N_("Latency"), "ms", lambda row: row.latency),
    ResultColumn(N_("95 % interval"), "ms", lambda row: row.interval),
    ResultColumn("p90", "ms", lambda row: row.p90),
    ResultColumn(N_("Throughput"), "1/s", lambda row: row.rate),
    ResultColumn(N_("Memory"), "", lambda row: row.memory),
    ResultColumn(N_("Flags"), "", lambda row: row.flags, False),
)


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
    def title(self) -> str:
        """Say how many models were measured and how long they take at the smallest batch."""
        timed = [r for r in self.rows if r.record.benchmark and r.record.mode == "latency"]
        if not timed:
            return self.name
        batch = min(row.record.batch for row in timed)
        times = sorted(
            r.record.benchmark.seconds
            for r in timed
            if r.record.batch == batch and r.record.benchmark
        )
        low, high = milliseconds(times[0]), milliseconds(times[-1])
        return n_(
            "%(machine)s: %(count)s model takes %(low)s ms at batch %(batch)s",
            "%(machine)s: %(count)s models take %(low)s to %(high)s ms at batch %(batch)s",
            len({row.record.model.page for row in timed if row.record.batch == batch}),
            machine=self.name,
            low=low,
            high=high,
            batch=batch,
        )

    @property
    def summary(self) -> str:
        """Describe the machine and its software in one line: cores, memory, versions, threads."""
        environment = self.newest.document.environment
        settings = environment.get("settings")
        threads = settings.get("threads") if isinstance(settings, Mapping) else None
        memory, cores = environment.get("memory_bytes"), environment.get("cores")
        versions = (
            f"{name} {environment[name]}" for name in ("torch", "python") if environment.get(name)
        )
        words = (
            n_("%(count)s core", "%(count)s cores", cores) if isinstance(cores, int) else "",
            n_("%(count)s thread", "%(count)s threads", threads)
            if isinstance(threads, int)
            else "",
            _("%(size)sB memory", size=human(memory)) if isinstance(memory, int) else "",
            environment.get("virtualisation") or "",
            *versions,
        )
        return one_line(", ".join(str(word) for word in words if word))

    @property
    def columns(self) -> list[ResultColumn]:
        """Return the columns that have values, without settings that all rows share."""
        return [c for c in COLUMNS if len(self._texts(c)) > c.is_setting and any(self._texts(c))]

    @property
    def shared(self) -> list[str]:
        """Return the settings that all rows share."""
        columns = (column for column in COLUMNS if column.is_setting)
        return [
            text for c in columns if len(self._texts(c)) == 1 for text in self._texts(c) if text
        ]

    def _texts(self, column: ResultColumn) -> set[str]:
        return {column.text(row) for row in self.rows}

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
