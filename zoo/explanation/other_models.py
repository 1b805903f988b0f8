"""Index the numbers of all other models by value: a copied row holds one of them.

A zoo of a thousand models has a million pairs of a claim and another model's number. Those that are
not the claim's matter by their count alone, so nothing is made of them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

NamedValue = tuple[str, Decimal]


@dataclass(frozen=True, slots=True)
class OtherModels:
    """One quantity of other models: what each number is (`of NAME`, `published for NAME`) and its
    value.

    `numbers` and `positions` are in order of the values, a position being the one in `values`.
    `excluded` are names that do not count.
    """

    values: tuple[NamedValue, ...] = ()
    numbers: tuple[Decimal, ...] = ()
    positions: tuple[int, ...] = ()
    by_name: dict[str, list[Decimal]] = field(default_factory=dict)
    excluded: frozenset[str] = frozenset()

    @classmethod
    def of(cls, values: Iterable[NamedValue]) -> "OtherModels":
        """Index the pairs, each pair once, in the order of the first."""
        unique = tuple(dict.fromkeys(values))
        order = sorted(range(len(unique)), key=lambda position: unique[position][1])
        by_name: dict[str, list[Decimal]] = {}
        for name, value in unique:
            by_name.setdefault(name, []).append(value)
        return cls(unique, tuple(unique[position][1] for position in order), tuple(order), by_name)

    def without(self, *names: str) -> "OtherModels":
        """Return the same numbers without those of some names."""
        return replace(self, excluded=frozenset(names))

    def between(self, low: Decimal, high: Decimal) -> list[NamedValue]:
        """Return the pairs between two values, ends included, in the order they were given."""
        hits = self.positions[bisect_left(self.numbers, low) : bisect_right(self.numbers, high)]
        pairs = [self.values[position] for position in sorted(hits)]
        return [pair for pair in pairs if pair[0] not in self.excluded]

    def count(self, low: Decimal, high: Decimal) -> int:
        """Count the numbers between two values, ends included."""
        hits = bisect_right(self.numbers, high) - bisect_left(self.numbers, low)
        values = (value for name in self.excluded for value in self.by_name.get(name, ()))
        return hits - sum(low <= value <= high for value in values)

    def __len__(self) -> int:
        return len(self.values) - sum(len(self.by_name.get(name, ())) for name in self.excluded)


NO_MODELS = OtherModels()
