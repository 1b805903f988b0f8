"""Search why a published number differs: the one hypothesis that reproduces it, or honestly none.

A hypothesis is a cause of `zoo.explanation.causes`, or two of different kinds. Hypotheses are tried
simplest first, a tier of equal rank at a time, and the first tier with a fit decides. A fit is the
claim's value to the last digit, or to the digits it was printed with; being near is nothing. The
digits of the plainest causes may also be cut off instead of rounded.

With enough hypotheses some fit by chance, the more easily the fewer digits were printed. So each
tier has a price: the share of random claims that the hypotheses up to there could fit, the claims
being log-uniform from a fifth of the measured value to five times it or, where the claim is further
off, over the twelve decades around that. What a tier may cost falls with its rank (`max_price`):
the common causes need few digits, the far-fetched ones many. A fit that costs more explains nothing
alone; it is kept in case siblings support it (`zoo.explanation.siblings`).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from zoo.counting import conventions
from zoo.counting.conventions import ANY, Reading, format_sum
from zoo.counting.counts import Counts
from zoo.explanation.case import Case, cuts_off, multiply_add_label, reproduces
from zoo.explanation.causes import COPIED, MODELS, ROWS, SLIPS, ModelCause, Slip
from zoo.explanation.count_rules import COUNT_RULES
from zoo.explanation.model_variants import Choice
from zoo.model_index.findings import PLAIN_RANK, Hypothesis
from zoo.model_index.quantities.show import show_size
from zoo.model_index.quantities.value import Size
from zoo.model_index.records.records import Claim

MAX_CHANCE = 0.01  # of the simplest tier
NEAR = 5  # a claim within this factor of the measured value is near it
# The spread of random claims in log units, by whether they are near.
SPREADS = {True: math.log(NEAR**2), False: math.log(1e12 / NEAR**2)}
MAX_RANK = 9
# Digits cut off instead of rounded. It needs half as much of a coincidence as another number does:
# half a unit of the last digit, as rounding takes the other half.
CUT_OFF = "cut off"
CUT_OFF_LABEL = "digits cut off instead of rounded"
CUT_OFF_PRICE = 0.5
CUT_OFF_RANK = 1  # the highest rank of a cause that it goes together with
# A size is counted only if a convention is expected this near to the claim there.
SCAN_BAND = 0.05
STATED_BAND = 0.07
UNSIZED = frozenset(row.name for table in (SLIPS, ROWS) for row in table)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """The hypotheses tried for one claim, and the outcome.

    `fits` are the hypotheses that reproduce the claim: where one is `chosen`, those of its tier,
    itself first; else all that fit at too high a price, simplest first. `chance` is the price of
    the first.
    """

    tried: Sequence[Hypothesis]
    fits: tuple[Hypothesis, ...] = ()
    chance: float = 0.0
    chosen: Hypothesis | None = None


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
    search = _Search(case=case, measured=measured, wanted=wanted)
    tried: list[Hypothesis] = []
    possible: list[Hypothesis] = []
    first_price = 0.0
    for rank in range(1, MAX_RANK + 1):
        tier = list(search.hypotheses(rank))
        tried += tier
        if not (fits := [hypothesis for hypothesis in tier if hypothesis.fits]):
            continue
        # A cause that the claim's label does not contradict is likelier.
        fits.sort(key=lambda hypothesis: _contradiction(case.claim, hypothesis.causes) is not None)
        before = sum(hypothesis.rank <= rank for hypothesis in earlier)
        price = search.price(search.considered + before)
        if not possible and price <= max_price(rank):
            return Inquiry((*earlier, *tried), tuple(fits), price, fits[0])
        first_price, possible = first_price or price, [*possible, *fits]
    return Inquiry((*earlier, *tried), tuple(possible), first_price)


def max_price(rank: int) -> float:
    """Return the highest price that a fit of this rank may have."""
    return MAX_CHANCE / rank**2


def chance(claim: Claim, number: float, near: bool = True) -> float:
    """Return an upper bound of the share of random claims of this precision that `number`
    hypotheses fit; one of digits cut off is half a hypothesis."""
    width = claim.parsed.step or Decimal(1)
    return number * float(width / abs(claim.number)) / SPREADS[near] if claim.number else 1.0


def apply_causes(case: Case, causes: tuple[str, ...]) -> Hypothesis | None:
    """Apply the causes of another claim's explanation; None where they do not apply.

    Of several inputs the one that comes nearest to the claim is taken. A family that shares a cause
    may cut digits off or round them, so the result fits either way.
    """
    hypotheses = _hypotheses_of(case, causes)
    nearest = min(hypotheses, key=lambda hypothesis: abs(hypothesis.residual), default=None)
    if nearest and not nearest.fits and cuts_off(case.claim, nearest.prediction):
        return _cut_off(nearest)
    return nearest


def _cut_off(hypothesis: Hypothesis) -> Hypothesis:
    """Return the hypothesis with its digits cut off to give the claim's."""
    plain = not hypothesis.causes
    return replace(
        hypothesis,
        causes=(*hypothesis.causes, CUT_OFF),
        also=tuple((*causes, CUT_OFF) for causes in hypothesis.also),
        label=CUT_OFF_LABEL if plain else f"{hypothesis.label}, {CUT_OFF_LABEL}",
        rank=hypothesis.rank + 1,
        fits=True,
    )


def correct_by_causes(case: Case, causes: tuple[str, ...]) -> Hypothesis | None:
    """Apply the causes to a wrong claim: of several inputs not the nearest, but the one of the
    claim's height."""

    def preference(hypothesis: Hypothesis) -> tuple[bool, Decimal]:
        size = hypothesis.size
        own = case.size[0] if case.size else None
        return size is not None and size[0] != own, abs(hypothesis.residual)

    return min(_hypotheses_of(case, causes), key=preference, default=None)


def _hypotheses_of(case: Case, causes: tuple[str, ...]) -> list[Hypothesis]:
    search = _Search(case=case, measured=None, wanted=frozenset(causes))
    return [
        hypothesis
        for rank in range(MAX_RANK + 1)
        for hypothesis in search.hypotheses(rank)
        if causes in (hypothesis.causes, *hypothesis.also)
    ]


@dataclass(kw_only=True)
class _Search:
    """The search for one claim; counts and readings are made once.

    `wanted` limits it to causes of these names. `considered` counts the hypotheses that cost,
    those included that were ruled out without being made.
    """

    case: Case
    measured: Decimal | None = None
    wanted: frozenset[str] | None = None
    considered: float = 0
    readings: list[Reading] = field(init=False)
    _choice_readings: dict[int, list[Reading]] = field(default_factory=dict)
    _scalable: list[tuple[int, int, int]] | None = None

    def __post_init__(self) -> None:
        quantity, counted = self.case.claim.quantity, self.measured is None
        if self.measured is not None:
            self.total = self.measured
            self.readings, self.plain = [_plain_reading(self.measured)], ""
        else:
            self.total = Decimal(COUNT_RULES[quantity].total(self.case.counts))
            self.readings = self._readings_of(self.case.counts)
            self.plain = self.readings[0].name if self.readings else ""
        self.far = not self._is_near(self.case.claim.number)
        self.slips = [s for s in SLIPS if quantity in s.quantities and self._wants(s.name)]
        self.rows = [
            row for row in ROWS if counted and quantity in row.quantities and self._wants(row.name)
        ]
        self.misplaced = [
            (row, label, value) for row in self.rows for label, value in row.values(self.case)
        ]
        models = [m for m in MODELS if quantity in m.quantities and self._wants(m.name)]
        self.choices = [
            (model, choice)
            for model in (models if counted else ())
            for choice in model.choices(self.case)
        ]

    def price(self, number: float) -> float:
        """Return the price of this many hypotheses for this claim."""
        return chance(self.case.claim, number, not self.far)

    def _wants(self, name: str) -> bool:
        return self.wanted is None or name in self.wanted

    def _is_near(self, value: Decimal) -> bool:
        return not self.total or self.total <= NEAR * abs(value) <= self.total * NEAR**2

    def _readings_of(self, counts: Counts, most: int = ANY) -> list[Reading]:
        rule = COUNT_RULES[self.case.claim.quantity]
        if rule.find_total(counts) is None:
            return []
        readings = rule.readings(counts, most)
        return [r for r in readings if r.rank == 0 or any(map(self._wants, (r.name, *r.also)))]

    def hypotheses(self, rank: int) -> Iterator[Hypothesis]:
        """Yield every hypothesis of this rank, each of one or two causes."""
        for reading in self.readings:
            if reading.rank == rank and (
                rank or (self.wanted and self.wanted.intersection(reading.also))
            ):
                yield self._hypothesis(reading)
            if reading.rank == rank - 1 <= CUT_OFF_RANK and self._wants(CUT_OFF):
                yield from self._with_cut(reading)
            if reading.rank <= PLAIN_RANK:
                yield from self._with_slips(rank, reading)
        for model, choice in self.choices:
            yield from self._with_model(rank, model, choice)
        if rank == COPIED.rank and COPIED in self.rows:
            self.considered += self._count_other_numbers()
        for row, label, value in self.misplaced:
            if row.rank == rank:
                reading = conventions.reading(row.name, label, row.rank, {"value": round(value)})
                yield self._hypothesis(reading, value=value, wrong=row.wrong)

    def _count_other_numbers(self) -> int:
        """Count the numbers of other models that count as tried and are not the claim's; no
        hypothesis is made of them."""
        others, low, high = self.case.other_models, self.total / NEAR, self.total * NEAR
        same = others.count(self.total, self.total)  # the same number is no other
        near = (others.count(low, high) if self.total else len(others)) - same
        number = len(others) - same - near if self.far else near
        copies = [value for row, _, value in self.misplaced if row is COPIED]
        return number - sum(self._is_near(value) != self.far for value in copies)

    def _with_slips(self, rank: int, reading: Reading) -> Iterator[Hypothesis]:
        for slip in self.slips:
            if reading.rank + slip.rank == rank:
                value = slip.printed(Decimal(reading.total))
                yield self._hypothesis(reading, value=value, slip=slip, wrong=slip.wrong)

    def _with_cut(
        self, reading: Reading, model: ModelCause | None = None, choice: Choice | None = None
    ) -> Iterator[Hypothesis]:
        """Yield the hypothesis with its digits cut off, where they are the claim's then."""
        before = self.considered
        hypothesis = self._hypothesis(reading, model=model, choice=choice)
        self.considered = before + (self.considered - before) * CUT_OFF_PRICE
        if cuts_off(self.case.claim, hypothesis.prediction):
            yield _cut_off(hypothesis)

    def _with_model(self, rank: int, model: ModelCause, choice: Choice) -> Iterator[Hypothesis]:
        if rank < model.rank:
            return
        readings = self._choice_readings.get(id(choice))
        if readings is None:
            if choice.scanned and self.price(self.considered) > max_price(rank):
                return  # the claim has too few digits to prove it
            expected = [
                value
                for reading_rank, value in self._expected_totals(choice.size)
                if model.rank + reading_rank == rank and reading_rank <= model.most
            ]
            if not self._is_plausible(choice, expected):
                # ruled out without a count, but at a price all the same
                self.considered += 0 if self.far else len(expected)
                return
            counts = choice.counts()
            readings = self._readings_of(counts, model.most) if counts else []
            self._choice_readings[id(choice)] = readings
        for reading in readings:
            together = model.rank + reading.rank
            if together == rank and reading.rank <= model.most:
                yield self._hypothesis(reading, model=model, choice=choice)
            elif together == rank - 1 <= CUT_OFF_RANK and self._wants(CUT_OFF):
                yield from self._with_cut(reading, model, choice)

    def _expected_totals(self, size: Size | None) -> list[tuple[int, float]]:
        """Estimate (rank, total) of each reading at this size: a part that is fixed, and a part
        that grows with the area."""
        by_trace = COUNT_RULES[self.case.claim.quantity].by_trace
        if size is None or by_trace is None or self.case.size is None:
            return [(reading.rank, reading.total) for reading in self.readings]
        if self._scalable is None:
            fixed, growing = map(by_trace, self.case.counts.trace.shares)
            totals = {reading.name: reading.total for reading in fixed}
            self._scalable = [
                (r.rank, totals.get(r.name, 0), r.total)
                for r in growing
                if r.rank == 0 or self._wants(r.name)
            ]
        area = _area(size) / _area(self.case.size)
        return [(rank, constant + area * grown) for rank, constant, grown in self._scalable]

    def _is_plausible(self, choice: Choice, expected: list[float]) -> bool:
        """Tell whether the claim may come out of a count at this size; most sizes need none."""
        claim, band = float(self.case.claim.number), SCAN_BAND if choice.scanned else STATED_BAND
        unsure = choice.size is None or choice.published or self.wanted is not None
        return (bool(expected) and unsure) or any(
            abs(claim - value) <= band * value for value in expected
        )

    def _hypothesis(
        self,
        reading: Reading,
        *,
        model: ModelCause | None = None,
        choice: Choice | None = None,
        value: Decimal | None = None,
        slip: Slip | None = None,
        wrong: bool = False,
    ) -> Hypothesis:
        wrong = wrong or (model is not None and not model.is_right(self.case, reading.name))
        claim = self.case.claim
        prediction = Decimal(reading.total) if value is None else value
        self.considered += self._is_near(prediction) != self.far
        further = tuple(row.name for row in (model, slip) if row)
        return Hypothesis(
            causes=(reading.name, *further) if reading.rank else further,
            also=tuple((name, *further) for name in reading.also),
            label=_label(reading, choice, slip.label if slip else ""),
            rank=reading.rank + (model.rank if model else 0) + (slip.rank if slip else 0),
            prediction=prediction,
            residual=claim.number - prediction,
            fits=reproduces(claim, prediction),
            terms=format_sum(reading.terms),
            size=choice.size if choice else None,
            wrong=wrong or _contradiction(claim, (reading.name,)) is not None,
            plain=self.plain,
        )


def _contradiction(claim: Claim, causes: tuple[str, ...]) -> str | None:
    """Return the label that two operations per multiply-add contradict; the page is wrong then."""
    return multiply_add_label(claim) if any(map(conventions.doubles, causes)) else None


def _label(reading: Reading, choice: Choice | None, slip: str) -> str:
    """Label a hypothesis: `thop's convention at 224x285`, `without the classifier`, `two operations
    per multiply-add, in a unit ...`."""
    if choice and choice.size:
        return f"{reading.label} at {choice.label}"
    is_plain = reading.rank == 0 and (choice or slip)
    texts = ("" if is_plain else reading.label, choice.label if choice else "", slip)
    return ", ".join(filter(None, texts))


def _plain_reading(value: Decimal) -> Reading:
    return Reading(
        name="measured",
        label="the measured value",
        rank=0,
        total=value,  # type: ignore[arg-type]
        parts=(),
    )


def _area(size: Size) -> int:
    return size[0] * size[1]


def describe_fit(case: Case, hypothesis: Hypothesis) -> str:
    """Describe a hypothesis as a reason: what it is, how well it fits, and its terms."""
    claim, value = case.claim, show_prediction(case.claim, hypothesis.prediction)
    fit = f"to its {show_digits(claim)} ({value})" if hypothesis.residual else "to the last digit"
    needs_size = (
        claim.row.needs_input
        and not hypothesis.size
        and not UNSIZED.intersection(hypothesis.causes)
    )
    where = f" at {case.input.show()}" if needs_size else ""
    label = _contradiction(claim, hypothesis.causes)
    denial = f"; but {label} says multiply-adds" if label else ""
    if hypothesis.size:
        size = show_size(hypothesis.size)
        rule = hypothesis.label.removesuffix(f" at {size}")
        by = f"by {rule}" if "convention" in rule else f", {rule}"
        return f"counted at {size} {by}, {fit}: {hypothesis.terms}{denial}".replace(" ,", ",")
    return f"{hypothesis.label}{where} gives the claim {fit}: {hypothesis.terms}{denial}"


def show_digits(claim: Claim) -> str:
    """Return how many digits a claim was printed with: `3 digits`."""
    number = claim.parsed.digits
    return f"{number} digit{'' if number == 1 else 's'}"


def show_prediction(claim: Claim, value: Decimal) -> str:
    """Print a predicted value for people: a count without the fraction that a slip's unit
    leaves."""
    whole = claim.row.counted and abs(value) >= 100
    return claim.row.show(value.to_integral_value() if whole else value)
