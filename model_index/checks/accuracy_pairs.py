"""Detect accuracies that cannot be true beside the numbers next to them; nothing is evaluated.

A model ranks its guesses, so top-5 is at least top-1 and at most five times it; the latter not on
images that were chosen because models get them wrong. Where a pair breaks that, `READINGS` are
tried: what the two cells would have to hold instead, and how they came to hold this. Of several
that are possible the one with the best model is taken, because published models are good.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from zoo.model_index.quantities.table import ACCURACIES, QUANTITIES
from zoo.model_index.records.records import Claim, Entry

PAIRS = {row.key: row.at_most for row in QUANTITIES if row.at_most and row.key in ACCURACIES}
PAIRED = frozenset(PAIRS) | frozenset(PAIRS.values())
ERROR, FRACTION = "error for accuracy", "fraction for percent"
NEAR_TOP5 = Decimal(1)  # points: models with so much the same top-5 say what top-1 to expect
NEAR_TOP1 = Decimal(4)  # points: how near to that the complement of an error comes
FAR = Decimal(15)  # points: how far off a top-1 must be to be doubted
NEIGHBOURS = 3
# publisher, data set, task, and what tells one part of the data set from another
DataKey = tuple[str, str | None, str | None, tuple[tuple[str, str], ...]]
# Data sets of images that models classify wrongly, by the beginning of their names.
ADVERSARIAL = ("imageneta", "imageneto")
PARTS = frozenset({"split", "config", "revision", "args"})


@dataclass(frozen=True, slots=True)
class Problem:
    """An accuracy that cannot be right: the reason, the cause, and the value meant where that is
    known.

    `alternatives` are other readings that are possible.
    """

    reason: str
    cause: str | None = None
    causes: tuple[str, ...] = ()
    meant: Decimal | None = None
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One way in which two cells may hold something else than top-1 and top-5 accuracy."""

    causes: tuple[str, ...]
    label: str
    meant: Callable[[Decimal, Decimal], tuple[Decimal, Decimal]]


READINGS = (
    Reading(("swapped",), "top-1 and top-5 in each other's cell", lambda top1, top5: (top5, top1)),
    Reading((ERROR,), "error rates, not accuracies", lambda top1, top5: (100 - top1, 100 - top5)),
    Reading((ERROR, "top-1 only"), "top-1 as an error rate", lambda top1, top5: (100 - top1, top5)),
    Reading((ERROR, "top-5 only"), "top-5 as an error rate", lambda top1, top5: (top1, 100 - top5)),
    Reading((FRACTION, "top-1 only"), "top-1 as a fraction", lambda top1, top5: (top1 * 100, top5)),
    Reading((FRACTION, "top-5 only"), "top-5 as a fraction", lambda top1, top5: (top1, top5 * 100)),
    Reading(
        (ERROR, "swapped"),
        "error rates in each other's cell",
        lambda top1, top5: (100 - top5, 100 - top1),
    ),
)


def half(claim: Claim) -> Decimal:
    """Return half a unit of the last printed digit."""
    return (claim.parsed.step or Decimal(0)) / 2


def possible(
    top1: Decimal, top5: Decimal, slack: Decimal = Decimal(0), dataset: str | None = None
) -> bool:
    """Return whether a model can have these accuracies in percent; `slack` is what rounding may
    hide."""
    most = Decimal(100) if is_adversarial(dataset) else 5 * (top1 + slack) + slack
    return 0 <= top1 <= top5 + 2 * slack and top5 <= min(Decimal(100), most)


def is_adversarial(dataset: str | None) -> bool:
    """Return whether the images of a data set were chosen because models get them wrong."""
    name = "".join(filter(str.isalnum, (dataset or "").lower()))
    return name.startswith(ADVERSARIAL)


def pairs(claims: Iterable[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """Yield top-1 and top-5 of each publisher and data set; where several are stated, in reading
    order."""
    claims = [claim for claim in claims if claim.quantity in PAIRED]
    for first, fifth in PAIRS.items() if claims else ():
        claims_by_data: dict[DataKey, tuple[list[Claim], list[Claim]]] = {}
        for claim in claims:
            if claim.quantity in (first, fifth):
                parts = tuple(pair for pair in claim.conditions if pair[0] in PARTS)
                data = (claim.publisher, claim.dataset, claim.task, parts)
                both = claims_by_data.setdefault(data, ([], []))
                both[claim.quantity == fifth].append(claim)
        for ones, fives in claims_by_data.values():
            if len(ones) == len(fives):
                yield from zip(ones, fives, strict=True)


def impossible(claim: Claim, entry: Entry) -> Problem | None:
    """Return the problem of an accuracy that cannot be true beside the one it is paired with."""
    if not 0 <= claim.number <= 100:
        return Problem("an accuracy is between 0 and 100%")
    for top1, top5 in pairs(entry.all_claims()):
        if claim not in (top1, top5) or possible(
            top1.number, top5.number, max(half(top1), half(top5)), top1.dataset
        ):
            continue
        first, second = top1.row.show(top1.value), top5.row.show(top5.value)
        shown = f"top-1 {first} and top-5 {second} cannot both be true"
        meant = [(reading, reading.meant(top1.number, top5.number)) for reading in READINGS]
        meant = sorted(
            (pair for pair in meant if possible(*pair[1], dataset=claim.dataset)),
            key=lambda pair: -pair[1][0],
        )
        if not meant:
            return Problem(shown)
        reading, values = meant[0]
        printed = f"{top1.row.show(values[0])} and {top5.row.show(values[1])}"
        others = tuple(reading.label for reading, _ in meant[1:])
        reason = f"{shown}; read as {reading.label} they are {printed}"
        return Problem(
            reason, ", ".join(reading.causes), reading.causes, values[claim is top5], others
        )
    return None


def unlike_others(claim: Claim, entry: Entry, others: Iterable[Entry]) -> Problem | None:
    """Detect a top-1 below one half that is an error rate: models with such a top-5 have the
    complement, and none has this."""
    for top1, top5 in pairs(entry.all_claims()):
        if claim is not top1 or top1.number >= 50:
            continue
        near = {
            pair.name: first.number
            for pair in others
            if pair.name != entry.name
            for first, fifth in pairs(pair.all_claims())
            if (fifth.dataset, fifth.quantity) == (top5.dataset, top5.quantity)
            and abs(fifth.number - top5.number) <= NEAR_TOP5
        }
        meant = 100 - top1.number
        agreeing = [value for value in near.values() if abs(value - meant) < NEAR_TOP1]
        if len(agreeing) < NEIGHBOURS or any(
            abs(value - top1.number) < FAR for value in near.values()
        ):
            continue
        shown = top1.row.show
        reason = (
            f"{len(agreeing)} models with a top-5 near {shown(top5.value)} have a top-1 around "
            f"{shown(median(agreeing))}; read as an error rate this is {shown(meant)}"
        )
        return Problem(reason, ERROR, (ERROR,), meant)
    return None
