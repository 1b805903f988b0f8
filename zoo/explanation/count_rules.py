"""One table of counted quantities: how each is counted, and which readings of it are tried.

A quantity whose row in `QUANTITIES` says `counted` has a row in `COUNT_RULES`. Checks, causes,
siblings and corrections ask the two rows and name no quantity.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from zoo.counting import activations, conventions, parameter_rules
from zoo.counting.conventions import ANY, Reading
from zoo.counting.counts import Counts
from zoo.model_index.ledger.trace import Trace


class Readings(Protocol):
    """Every meaning of a quantity for a model, simplest first, ranks about up to `most`."""

    def __call__(self, counts: Counts, most: int = ANY) -> list[Reading]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRule:
    """One row of `COUNT_RULES`.

    total: the plain count.
    readings: the meanings of the quantity that are tried, each number once.
    by_trace: the same of a trace alone, equal numbers included, for a quantity that depends on the
        input size. Each is a sum over rows, so that the sum of a part of the rows can be scaled by
        the area of the input.
    usual_power: the power of ten in which zoos print the quantity: 9 for G.
    swap_rank: the highest rank of a reading that is tried where numbers may have changed places.
    """

    total: Callable[[Counts], int]
    readings: Readings
    by_trace: Callable[[Trace], list[Reading]] | None = None
    usual_power: int = 6
    swap_rank: int = 0

    def find_total(self, counts: Counts) -> int | None:
        """Return the plain count; None where it depends on a pass whose work is not known."""
        return None if self.by_trace and counts.problem else self.total(counts)


def _flops(counts: Counts, most: int = ANY) -> list[Reading]:
    return conventions.readings(counts.trace, most)


def _activations(counts: Counts, most: int = ANY) -> list[Reading]:
    return activations.readings(counts.trace, most)


COUNT_RULES: dict[str, CountRule] = {
    "flops": CountRule(
        total=lambda counts: counts.trace.macs,
        readings=_flops,
        by_trace=conventions.all_readings,
        usual_power=9,
        swap_rank=4,
    ),
    "parameters": CountRule(total=parameter_rules.total, readings=parameter_rules.readings),
    "activations": CountRule(
        total=lambda counts: activations.count_activations(counts.trace),
        readings=_activations,
        by_trace=activations.all_readings,
    ),
}
