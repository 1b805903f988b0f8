"""Why a published number differs: the one hypothesis that reproduces it, or honestly none.

A hypothesis is a cause of `zoo.explanation.causes`, or two of different kinds. Hypotheses are tried
simplest first, a tier of equal rank at a time, and the first tier with a fit decides. A fit is the
claim's value to the last digit, or to the digits it was printed with; being near is nothing.

With enough hypotheses some fit by chance, the more easily the fewer digits were printed. So each
tier has a price: the share of random claims that the hypotheses up to there could fit, the claims
being log-uniform from a fifth of the measured value to five times it or, where the claim is further
off, over the twelve decades around that. What a tier may cost falls with its rank (`allowed`): the
common causes need few digits, the far-fetched ones many. A fit that costs more explains nothing
alone; it is kept in case siblings support it (`zoo.explanation.siblings`).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from zoo.counting import conventions
from zoo.counting.conventions import ANY, Reading, written
from zoo.counting.counts import Counts
from zoo.explanation.case import Case, in_multiply_adds, reproduces
from zoo.explanation.causes import COPIED, MODELS, ROWS, RULES, SLIPS, Model, Slip
from zoo.explanation.model_variants import Choice
from zoo.model_index.findings import Hypothesis
from zoo.model_index.quantities.show import show_size
from zoo.model_index.quantities.value import Size
from zoo.model_index.records.records import Claim

MAX_CHANCE = 0.01  # of the simplest tier
NEAR = 5  # a claim within this factor of the measured value is near it
SPREADS = {
    True: math.log(NEAR**2),
    False: math.log(1e12 / NEAR**2),
}  # of random claims that are near, or are not
MAX_RANK = 9
PLAIN_RANK = (
    2  # of what is compared with a claim nothing explains, and of what a slip may happen to
)
SCAN_BAND = (
    0.05  # an unstated size is counted only if a convention is expected this near the claim there
)
UNSIZED = frozenset(row.name for table in (SLIPS, ROWS) for row in table)
SLIPPED = frozenset(slip.name for slip in SLIPS)
STATED_BAND = 0.07  # the same for sizes that are stated


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What was tried for one claim, and what came of it.

    `fits` are the hypotheses that reproduce the claim: where one is `chosen`, those of its tier,
    itself first; else all that fit at too high a price, simplest first. `chance` is the price of
    the first.
    """

    tried: tuple[Hypothesis, ...]
    fits: tuple[Hypothesis, ...] = ()
    chance: float = 0.0
    chosen: Hypothesis | None = None

    @property
    def nearest(self) -> Hypothesis | None:
        """The one plain cause that comes nearest; for the reason of a mismatch, never a verdict."""
        plain = (
            h
            for h in self.tried
            if h.rank <= PLAIN_RANK and len(h.causes) == 1 and h.causes[0] not in SLIPPED
        )
        return min(plain, key=lambda h: abs(h.residual), default=None)


def explain(
    case: Case,
    measured: Decimal | None = None,
    *,
    wanted: frozenset[str] | None = None,
    earlier: Sequence[Hypothesis] = (),
) -> Inquiry:
    """Search the hypotheses for the simplest that reproduces the case's claim.

    `measured` stands for a quantity that is not counted (an accuracy, a file size): only slips
    apply. `wanted` limits the search to causes of these names, after `earlier` ones that fitted
    nothing.
    """
    search = _Search(case, measured, wanted)
    tried: list[Hypothesis] = []
    possible: list[Hypothesis] = []
    first = 0.0
    for rank in range(1, MAX_RANK + 1):
        tier = list(search.hypotheses(rank))
        tried += tier
        if not (fits := [h for h in tier if h.fits]):
            continue
        fits.sort(
            key=lambda h: _contradicted(case.claim, h.causes) is not None
        )  # the others are the likelier ones
        price = search.price(search.considered + sum(h.rank <= rank for h in earlier))
        if not possible and price <= allowed(rank):
            return Inquiry((*earlier, *tried), tuple(fits), price, fits[0])
        first, possible = first or price, [*possible, *fits]
    return Inquiry((*earlier, *tried), tuple(possible), first)


def allowed(rank: int) -> float:
    """The price a fit of this rank may have."""
    return MAX_CHANCE / rank**2


def chance(claim: Claim, number: int, near: bool = True) -> float:
    """An upper bound of the share of random claims of this precision that `number` hypotheses
    fit."""
    width = claim.parsed.step or Decimal(1)
    return number * float(width / abs(claim.number)) / SPREADS[near] if claim.number else 1.0


def under(case: Case, causes: tuple[str, ...]) -> Hypothesis | None:
    """What the causes of another claim's explanation give here, or None where they do not apply."""
    return min(_all_under(case, causes), key=lambda h: abs(h.residual), default=None)


def meant(case: Case, causes: tuple[str, ...]) -> Hypothesis | None:
    """The same where the claim is wrong: of several inputs not the nearest, but the one of the
    claim's height."""

    def preferred(found: Hypothesis) -> tuple[bool, Decimal]:
        return found.size is not None and found.size[0] != case.size[0], abs(found.residual)

    return min(_all_under(case, causes), key=preferred, default=None)


def _all_under(case: Case, causes: tuple[str, ...]) -> list[Hypothesis]:
    search = _Search(case, None, frozenset(causes))
    return [
        h
        for rank in range(MAX_RANK + 1)
        for h in search.hypotheses(rank)
        if causes in (h.causes, *h.also)
    ]


@dataclass
class _Search:
    """One claim's search; counts and readings are had once. `wanted` limits it to causes of these
    names."""

    case: Case
    measured: Decimal | None = None
    wanted: frozenset[str] | None = None
    considered: int = 0
    own: list[Reading] = field(init=False)
    _readings: dict[int, list[Reading]] = field(default_factory=dict)
    _shares: list[tuple[int, int, int]] | None = None

    def __post_init__(self) -> None:
        quantity = self.case.claim.quantity
        self.total = self.measured or Decimal(RULES[quantity](self.case.counts, 0)[0].total)
        self.far = not self._near(self.case.claim.number)
        self.own = (
            self._rules(self.case.counts) if self.measured is None else [_measured(self.measured)]
        )
        self.slips = [s for s in SLIPS if quantity in s.quantities and self._asked(s.name)]
        self.asked = [
            e
            for e in ROWS
            if self.measured is None and quantity in e.quantities and self._asked(e.name)
        ]
        self.rows = [(e, label, value) for e in self.asked for label, value in e.values(self.case)]
        self.choices = [
            (m, choice)
            for m in MODELS
            if self.measured is None and quantity in m.quantities and self._asked(m.name)
            for choice in m.choices(self.case)
        ]

    def price(self, number: int) -> float:
        """The price of so many hypotheses for this claim."""
        return chance(self.case.claim, number, not self.far)

    def _asked(self, name: str) -> bool:
        return self.wanted is None or name in self.wanted

    def _near(self, value: Decimal) -> bool:
        return not self.total or self.total <= NEAR * abs(value) <= self.total * NEAR**2

    def _rules(self, counts: Counts, most: int = ANY) -> list[Reading]:
        if counts.trace.uncounted:
            return []
        found = RULES[self.case.claim.quantity](counts, most)
        return [r for r in found if r.rank == 0 or any(map(self._asked, (r.name, *r.also)))]

    def hypotheses(self, rank: int) -> Iterator[Hypothesis]:
        """Every hypothesis of this rank, each one or two causes."""
        for reading in self.own:
            if reading.rank == rank and (
                rank or (self.wanted and self.wanted.intersection(reading.also))
            ):
                yield self._hypothesis(reading)
            if reading.rank <= PLAIN_RANK:
                yield from self._slipped(rank, reading)
        for model, choice in self.choices:
            yield from self._of(rank, model, choice)
        if rank == COPIED.rank and COPIED in self.asked:
            self.considered += self._passed()
        for elsewhere, label, value in self.rows:
            reading = conventions.reading(
                elsewhere.name, label, elsewhere.rank, {"value": round(value)}
            )
            if elsewhere.rank == rank:
                yield self._hypothesis(reading, value=value, mistake=elsewhere.mistake)

    def _passed(self) -> int:
        """How many numbers of other models count as tried and are not the claim's, which no
        hypothesis is made of."""
        others, low, high = self.case.others, self.total / NEAR, self.total * NEAR
        own = others.count(self.total, self.total)  # the same number is no other
        near = (others.count(low, high) if self.total else len(others)) - own
        number = len(others) - own - near if self.far else near
        return number - sum(
            self._near(value) != self.far for e, _, value in self.rows if e is COPIED
        )

    def _slipped(self, rank: int, reading: Reading) -> Iterator[Hypothesis]:
        for slip in self.slips:
            if reading.rank + slip.rank == rank:
                value = slip.printed(_value(reading))
                yield self._hypothesis(reading, value=value, slip=slip, mistake=slip.mistake)

    def _of(self, rank: int, model: Model, choice: Choice) -> Iterator[Hypothesis]:
        if rank < model.rank:
            return
        known = self._readings.get(id(choice))
        if known is None:
            if choice.scanned and self.price(self.considered) > allowed(rank):
                return  # what this claim's digits could never prove
            expected = [
                value
                for r, value in self._expected(choice.size)
                if model.rank + r == rank and r <= model.rules
            ]
            if not self._plausible(choice, expected):
                # ruled out without a count, but at a price all the same
                self.considered += 0 if self.far else len(expected)
                return
            counts = choice.counts()
            known = self._readings[id(choice)] = self._rules(counts, model.rules) if counts else []
        for reading in known:
            if model.rank + reading.rank == rank and reading.rank <= model.rules:
                yield self._hypothesis(reading, model=model, choice=choice)

    def _expected(self, size: Size | None) -> list[tuple[int, float]]:
        """(rank, what to expect) of each convention at this size; the formulas are linear, so two
        sums tell."""
        if size is None or self.case.claim.quantity != "flops":
            return [(reading.rank, reading.total) for reading in self.own]
        if self._shares is None:
            fixed, rest = (conventions.all_readings(part) for part in self.case.counts.trace.shares)
            totals = {reading.name: reading.total for reading in fixed}
            self._shares = [
                (r.rank, totals.get(r.name, 0), r.total)
                for r in rest
                if r.rank == 0 or self._asked(r.name)
            ]
        area = _area(size) / _area(self.case.size)
        return [(rank, fixed + area * rest) for rank, fixed, rest in self._shares]

    def _plausible(self, choice: Choice, expected: list[float]) -> bool:
        """Whether the claim may come out of a count at this size; most sizes need none."""
        claim, band = float(self.case.claim.number), SCAN_BAND if choice.scanned else STATED_BAND
        unsure = choice.size is None or self.wanted is not None
        return (bool(expected) and unsure) or any(
            abs(claim - value) <= band * value for value in expected
        )

    def _hypothesis(
        self,
        reading: Reading,
        *,
        model: Model | None = None,
        choice: Choice | None = None,
        value: Decimal | None = None,
        slip: Slip | None = None,
        mistake: bool = False,
    ) -> Hypothesis:
        claim, prediction = self.case.claim, _value(reading) if value is None else value
        self.considered += self._near(prediction) != self.far
        rest = tuple(row.name for row in (model, slip) if row)
        return Hypothesis(
            causes=(reading.name, *rest) if reading.rank else rest,
            also=tuple((name, *rest) for name in reading.also),
            label=_label(reading, choice, slip.label if slip else ""),
            rank=reading.rank + (model.rank if model else 0) + (slip.rank if slip else 0),
            prediction=prediction,
            residual=claim.number - prediction,
            fits=reproduces(claim, prediction),
            terms=written(reading.terms),
            size=choice.size if choice else None,
            mistake=mistake or _contradicted(claim, (reading.name,)) is not None,
        )


def _contradicted(claim: Claim, causes: tuple[str, ...]) -> str | None:
    """What the claim says of itself that two operations for each multiply-add contradict: then the
    page is wrong."""
    return in_multiply_adds(claim) if any(map(conventions.doubles, causes)) else None


def _label(reading: Reading, choice: Choice | None, slip: str) -> str:
    """`thop's convention at 224x285`, `without the classifier`, `two operations per multiply-add,
    in a unit ...`."""
    if choice and choice.size:
        return f"{reading.label} at {choice.label}"
    plain = reading.rank == 0 and (choice or slip)
    return ", ".join(
        filter(None, ("" if plain else reading.label, choice.label if choice else "", slip))
    )


def _measured(value: Decimal) -> Reading:
    return Reading("measured", "the measured value", 0, value, ())  # type: ignore[arg-type]


def _value(reading: Reading) -> Decimal:
    return Decimal(reading.total)


def _area(size: Size) -> int:
    return size[0] * size[1]


def sentence(case: Case, hypothesis: Hypothesis) -> str:
    """The hypothesis as a reason: what it is, how well it fits, and its terms."""
    claim, value = case.claim, claim_value(case.claim, hypothesis.prediction)
    how = (
        "to the last digit"
        if not hypothesis.residual
        else f"to its {claim.parsed.digits} printed digits ({value})"
    )
    counted = (
        claim.quantity == "flops"
        and not hypothesis.size
        and not UNSIZED.intersection(hypothesis.causes)
    )
    where = f" at {show_size(case.size)}" if counted else ""
    said = _contradicted(claim, hypothesis.causes)
    denied = f"; but {said} says multiply-adds" if said else ""
    return f"{hypothesis.label}{where} gives the claim {how}: {hypothesis.terms}{denied}"


def claim_value(claim: Claim, value: Decimal) -> str:
    """A predicted value as people read it: a count without the fraction that a slip's unit
    leaves."""
    counted = claim.row.check in RULES
    return claim.row.show(value if not counted or abs(value) < 100 else value.to_integral_value())
