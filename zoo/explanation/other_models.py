"""Numbers of other models, found by their values: a row that was copied holds one of them.

A zoo of a thousand models has a million pairs of a claim and another model's number. Those that are
not the claim's matter by their count alone, so nothing is made of them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

Value = tuple[str, Decimal]


@dataclass(frozen=True, slots=True)
class Others:
    """One quantity of other models: what each number is (`of NAME`, `published for NAME`) and its
    value.

    `numbers` and `places` are in order of the values, a place being the one in `values`. `left_out`
    are names that do not count.
    """

    values: tuple[Value, ...] = ()
    numbers: tuple[Decimal, ...] = ()
    places: tuple[int, ...] = ()
    named: dict[str, list[Decimal]] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()

    @classmethod
    def of(cls, values: Iterable[Value]) -> "Others":
        """Each pair once, in the order of the first."""
        once = tuple(dict.fromkeys(values))
        order = sorted(range(len(once)), key=lambda place: once[place][1])
        named: dict[str, list[Decimal]] = {}
        for name, value in once:
            named.setdefault(name, []).append(value)
        return cls(once, tuple(once[place][1] for place in order), tuple(order), named)

    def without(self, *names: str) -> "Others":
        """The same without some names."""
        return replace(self, left_out=frozenset(names))

    def between(self, low: Decimal, high: Decimal) -> list[Value]:
        """What lies between two values, ends included, in the order it was given."""
        found = self.places[bisect_left(self.numbers, low) : bisect_right(self.numbers, high)]
        return [
            self.values[place]
            for place in sorted(found)
            if self.values[place][0] not in self.left_out
        ]

    def count(self, low: Decimal, high: Decimal) -> int:
        """How many lie between two values, ends included."""
        found = bisect_right(self.numbers, high) - bisect_left(self.numbers, low)
        return found - sum(
            low <= value <= high for name in self.left_out for value in self.named.get(name, ())
        )

    def __len__(self) -> int:
        return len(self.values) - sum(len(self.named.get(name, ())) for name in self.left_out)


NONE = Others()
