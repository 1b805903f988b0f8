"""One table of counting conventions: each a formula over a trace.

A convention is what one counting tool adds up. The formulas name their terms, so an explanation can
say where a number comes from. Adding a convention is adding a row to `CONVENTIONS`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from model_index.trace import Trace
from zoo import hooked
from zoo.hooked import Terms

Formula = Callable[[Trace], Terms | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """One number a convention gives: what it is called, how far-fetched it is, and the sum's named parts.

    The parts are sums themselves, to be added up and multiplied by `times` only where somebody reads them.
    """

    name: str
    label: str
    rank: int
    total: int
    parts: tuple[Terms, ...]
    times: int = 1

    @property
    def terms(self) -> Terms:
        return {name: self.times * count for name, count in hooked.added(self.parts).items()}

    def doubled(self) -> "Reading":
        """Two operations for each one."""
        return Reading(f"2x {self.name}", f"twice {self.label}", self.rank + 1, 2 * self.total, self.parts, 2)


def reading(name: str, label: str, rank: int, *parts: Terms) -> Reading:
    """A reading that is the sum of these parts."""
    return Reading(name, label, rank, sum(sum(part.values()) for part in parts), parts)


@dataclass(frozen=True, slots=True)
class Convention:
    """`formula` gives the named parts of the sum; `rank` orders explanations, simplest first.

    `variants` gives further readings of a tool whose count depends on which module types it knew: what
    is taken otherwise, how many types that are, and the parts to add. `knows` tells of a trace whether
    the convention has a rule for every layer in it.
    """

    name: str
    label: str
    rank: int
    formula: Formula
    source: str
    variants: Callable[[Trace], Iterator[hooked.Variant]] | None = None
    knows: Callable[[Trace], bool] = lambda trace: True

    def terms(self, trace: Trace) -> Terms | None:
        """The named parts of the sum, None for a model the convention has no rule for.

        Every formula is linear, so the merged trace gives the same.
        """
        return self.formula(trace.merged) if self.knows(trace) else None

    def total(self, trace: Trace) -> int | None:
        """The count under this convention, in the convention's own unit; None as for `terms`."""
        terms = self.terms(trace)
        return None if terms is None else sum(terms.values())

    def readings(self, trace: Trace) -> Iterator[Reading]:
        """The convention's count, then its variants."""
        if (terms := self.terms(trace)) is None:
            return
        yield reading(self.name, self.label, self.rank, terms)
        for what, number, parts in self.variants(trace.merged) if self.variants else ():
            yield reading(f"{self.name} {what}", f"{self.label} {what}", self.rank + number, terms, *parts)


def all_readings(trace: Trace) -> list[Reading]:
    """What every convention makes of a trace, and each of that doubled; simplest first."""
    single = [found for convention in CONVENTIONS for found in convention.readings(trace)]
    return sorted(single + [r.doubled() for r in single if r.name not in NEVER_DOUBLED = frozenset({"macs", "2x", "paddle"})  # the first two are each other's double, Paddle doubles by itself

BY_NAME = {convention.name: convention for convention in CONVENTIONS}


def written(terms: Terms) -> str:
    """The non-zero terms as a sum: `conv 15003502080 + conv bias 1000 + pooling 172032`."""
    return " + ".join(f"{name} {count}" for name, count in terms.items() if count) or "nothing"
