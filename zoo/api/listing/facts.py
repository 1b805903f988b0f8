"""The facts about a model that columns show; each is read when a column first asks for it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from zoo.api.listing.ledger_counts import LedgerCount, LedgerCounts
from zoo.model_index.records.fields import look_up
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Entry

if TYPE_CHECKING:
    from zoo.api.listing.speeds import Speeds

LICENSES = ("license", "licence")
Standings = Mapping[Place, Mapping[str, int]]


class Sources:
    """Where the facts about all models come from: functions, called once a column needs them.

    read_counts: the counts of the ledger.
    read_speeds: the benchmarks of a mode.
    count_standings: the number of claims of each standing, by the place of an entry.
    """

    def __init__(
        self,
        *,
        read_counts: Callable[[], LedgerCounts],
        read_speeds: Callable[[str], "Speeds"],
        count_standings: Callable[[], Standings],
    ):
        self._read_counts, self._read_speeds = read_counts, read_speeds
        self._count_standings = count_standings

    @cached_property
    def counts(self) -> LedgerCounts:
        """The counts of the ledger."""
        return self._read_counts()

    @cached_property
    def latencies(self) -> "Speeds":
        """Milliseconds of one call, by the place of an entry."""
        return self._read_speeds("latency")

    @cached_property
    def throughputs(self) -> "Speeds":
        """Images a second, by the place of an entry."""
        return self._read_speeds("throughput")

    @cached_property
    def standings(self) -> Standings:
        """The number of claims of each standing, by the place of an entry."""
        return self._count_standings()

    @property
    def setups(self) -> dict[str, str]:
        """The set-ups of the benchmarks that were read, by column."""
        names = {"latency": "latencies", "throughput": "throughputs"}
        return {
            column: self.__dict__[name].setup
            for column, name in names.items()
            if name in self.__dict__ and self.__dict__[name].setup
        }


class Facts:
    """What is known of a model: its entry, and what was measured."""

    def __init__(self, entry: Entry, sources: Sources):
        self.entry, self.sources = entry, sources

    @cached_property
    def count(self) -> LedgerCount | None:
        """The newest count of the model."""
        return self.sources.counts.find(self.entry)

    @property
    def license(self) -> str:
        """The license that the entry or its collection states, else that of the weights."""
        entry = self.entry
        for fields in (entry.fields, entry.inherited, entry.metadata):
            for key in LICENSES:
                value = look_up(fields, key)
                if isinstance(value, str) and value:
                    return value
        return self.count.license if self.count else ""

    @property
    def latency(self) -> Decimal | None:
        """Milliseconds of one call."""
        return self.sources.latencies.values.get(self.entry.place)

    @property
    def throughput(self) -> Decimal | None:
        """Images a second."""
        return self.sources.throughputs.values.get(self.entry.place)

    @property
    def standings(self) -> Mapping[str, int]:
        """The number of the model's claims of each standing."""
        return self.sources.standings.get(self.entry.place, {})
