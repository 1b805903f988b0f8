"""Decide what to write where a claim is wrong: the measured value, counted and printed as its
neighbours are.

A count is what the convention of the claim's siblings gives for the model, not plain multiply-adds.
What nobody measured, and what an index only quotes from others, is left as it stands.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from zoo.explanation.judgement import ANOTHER_MODEL, Assessment
from zoo.explanation.search import correct_by_causes
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.quantities.show import show_size
from zoo.model_index.quantities.value import Value
from zoo.model_index.records.records import Claim, Entry

BY_NAME = frozenset({"identity", "builder", "checkpoint"})
# FLOPs that are explained by it are of the size that is to be written.
CONFIGURED = "configured size"
NEEDS_THE_MODEL = frozenset({"count", "configuration"})
_BASES = {"depth": "the depth in the name", "configuration": "as configured"}


@dataclass(frozen=True, slots=True)
class Correction:
    """A claim, the text that is to stand in its place, and where the value comes from."""

    claim: Claim
    text: str
    basis: str


@dataclass(frozen=True, slots=True)
class RefusedCorrection:
    """A wrong claim that is not written, and why."""

    claim: Claim
    why: str


Column = tuple[str | None, str, str, str | None]
Columns = dict[Column, list[Claim]]
Decision = Correction | RefusedCorrection


def corrections(
    assessed: Iterable[tuple[Entry, Sequence[Assessment]]],
    index: Sequence[Entry],
    only: frozenset[str] = frozenset(),
    reported: bool = False,
) -> list[Decision]:
    """Decide on each mismatch and mistake, of the quantities in `only` or of all, in reading order.

    `index` are all entries; it shows how a publisher prints its numbers. `reported` corrects what
    the entries report of other publishers too.
    """
    columns = _list_columns(index)
    selection = _Selection(only, reported)
    decisions: list[Decision] = []
    for entry, assessments in assessed:
        wrong = [
            assessment
            for assessment in assessments
            if is_wrong(assessment.finding)
            and (not only or assessment.finding.claim.quantity in only)
        ]
        of_entry: list[Decision] = []
        for assessment in wrong:
            objection = next(selection.objections(entry, assessment.finding, assessments), None)
            of_entry.append(_decide(entry, assessment, objection, columns))
        decisions += [_delay(entry, decision, of_entry) for decision in of_entry]
    return decisions


def is_wrong(finding: Finding) -> bool:
    """Tell whether the page is wrong: nothing reproduces the claim, or only a mistake does."""
    return finding.verdict is Verdict.MISMATCH or finding.mistake


def _column(entry: Entry, claim: Claim) -> Column:
    return entry.collection, claim.publisher, claim.quantity, claim.dataset


def _list_columns(index: Sequence[Entry]) -> Columns:
    """Group the claims of a publisher about one quantity of one family: a column of its table."""
    columns: Columns = {}
    for entry in index:
        for claim in entry.all_claims():
            columns.setdefault(_column(entry, claim), []).append(claim)
    return columns


def _decide(
    entry: Entry, assessment: Assessment, objection: str | None, columns: Columns
) -> Decision:
    claim = assessment.finding.claim
    if objection is not None:
        return RefusedCorrection(claim, objection)
    try:
        value, basis = _value(assessment)
        neighbours = [other.raw for other in columns[_column(entry, claim)] if other != claim]
        text = claim.row.rewrite(claim.raw, value, neighbours, claim.unit)
    except ValueError as error:
        return RefusedCorrection(claim, str(error))
    if text == claim.raw:
        return RefusedCorrection(claim, f"{basis} gives the same digits")
    return Correction(claim, text, basis)


def _delay(entry: Entry, decision: Decision, of_entry: Sequence[Decision]) -> Decision:
    """Leave FLOPs for the next run where this run corrects their image size: nobody counted them
    at the new one.

    Counted at the old size they would contradict the new one; and they may be right at that.
    """
    claim = decision.claim
    if isinstance(decision, RefusedCorrection) or not claim.row.needs_input:
        return decision
    publisher = claim.publisher if claim.size else entry.publisher
    for other in of_entry:
        key = other.claim.quantity, other.claim.publisher
        if isinstance(other, Correction) and key == ("image_size", publisher):
            old = show_size(other.claim.value)
            new = show_size(other.claim.row.parse(other.text).value)
            return RefusedCorrection(
                claim,
                "the image size beside it is corrected; "
                f"the next --write counts {claim.row.label} at {new}, "
                f"--only {claim.row.label} at {old} now",
            )
    return decision


@dataclass(frozen=True, slots=True)
class _Selection:
    """The claims to write: of which quantities, and whether those quoted from other publishers."""

    only: frozenset[str]
    reported: bool

    def objections(
        self, entry: Entry, finding: Finding, assessments: Sequence[Assessment]
    ) -> Iterator[str]:
        """Yield why a claim of an entry is not to be written, the plainest reason first."""
        claim, check = finding.claim, finding.claim.row.check
        findings = [assessment.finding for assessment in assessments]
        if check in BY_NAME:
            yield "a person has to decide which model is meant"
        if finding.measured is None:
            yield "nothing was measured"
        if check == "accuracy" and finding.residual is None:
            yield "only a part of the images was evaluated"
        another = any(ANOTHER_MODEL in other.causes for other in findings)
        if check in NEEDS_THE_MODEL and another:
            yield "the name builds another model, which is what was measured"
        if not self.reported and claim not in entry.claims:
            yield f"it is quoted from {claim.publisher}; --reported writes it too"
        confirmed = check == "configuration" and _confirm_size(claim, findings)
        if confirmed and claim.quantity not in self.only:
            yield (
                f"the {confirmed} beside it are of the image size stated; "
                f"--only '{claim.row.label}' writes it all the same"
            )


def _confirm_size(claim: Claim, findings: Iterable[Finding]) -> str | None:
    """Return the count that its publisher made at an image size other than the configured one.

    The page is about other weights or an earlier configuration then, and its settings belong
    together.
    """
    own = [finding for finding in findings if finding.claim.publisher == claim.publisher]
    if not any(finding.claim.quantity == "image_size" and is_wrong(finding) for finding in own):
        return None
    labels = (
        finding.claim.row.label
        for finding in own
        if finding.claim.row.needs_input
        and not finding.fails()
        and CONFIGURED not in finding.causes
    )
    return next(labels, None)


def _value(assessment: Assessment) -> tuple[Value, str]:
    """Return what to write, and what that is.

    Raises:
        ValueError: where the convention of the siblings gives nothing for this model.
    """
    finding, row = assessment.finding, assessment.finding.claim.row
    assert finding.measured is not None
    case = assessment.case if row.counted and isinstance(finding.measured, Decimal) else None
    if case is None:
        return finding.measured, _BASES.get(row.check, "measured")
    if not assessment.convention:
        where = f" at {show_size(case.size)}" if row.needs_input else ""
        return finding.measured, f"{row.measured}{where}"
    hypothesis = correct_by_causes(case, assessment.convention)
    if hypothesis is None:
        causes = ", ".join(assessment.convention)
        raise ValueError(f"its siblings are counted by {causes}, which gives nothing here")
    return hypothesis.prediction, f"{hypothesis.label}, as its siblings"
