"""Decide what to write where a claim is wrong: the measured value, counted and printed as its
neighbours are.

A count is what the convention of the claim's siblings gives for the model, not plain multiply-adds.
What nobody measured, and what an index only quotes from others, is left as it stands.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import msgspec

from zoo.counting.measurer import Measurer
from zoo.explanation.case import multiply_add_label
from zoo.explanation.judgement import Assessment
from zoo.explanation.search import UNSIZED, correct_by_causes
from zoo.model_index.findings import ANOTHER_MODEL, Finding, Standing
from zoo.model_index.quantities.show import show_size
from zoo.model_index.quantities.value import Value
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Claim, Entry
from zoo.verification.verify import examine

BY_NAME = frozenset({"identity", "builder", "checkpoint"})
# FLOPs that are explained by it are of the size that is to be written.
CONFIGURED = "configured size"
NEEDS_THE_MODEL = frozenset({"count", "configuration"})
_BASES = {"depth": "the depth in the name", "configuration": "as configured"}


@dataclass(frozen=True, slots=True)
class Correction:
    """A claim, the text that is to stand in its place, and where the value comes from.

    `doubt` says why a person has to agree; empty where nobody has to.
    """

    claim: Claim
    text: str
    basis: str
    doubt: str = ""


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
    """Decide on each wrong claim, of the quantities in `only` or of all, in reading order.

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
    """Tell whether the standing of a claim is wrong."""
    return finding.standing is Standing.WRONG


def confirm(
    decisions: Sequence[Decision], index: Sequence[Entry], measurer: Measurer
) -> Sequence[Decision]:
    """Verify the index as it would be, and refuse what the next verification would not call right.

    A refused correction may have supported another one, so this goes on until all are right.
    """
    while True:
        texts = {d.claim: d.text for d in decisions if isinstance(d, Correction)}
        changed = {entry.place: _rewrite_claims(entry, texts) for entry in index}
        touched = [changed[e.place] for e in index if changed[e.place] is not e]
        findings = {
            _identify(assessment.finding.claim): assessment.finding
            for _, assessments in examine(touched, measurer, list(changed.values()))
            for assessment in assessments
        }
        checked = [_refuse_unless_right(decision, findings) for decision in decisions]
        if checked == decisions:
            return checked
        decisions = checked


def _rewrite_claims(entry: Entry, texts: Mapping[Claim, str]) -> Entry:
    """Return the entry with these texts in place of its claims; the same entry without any."""
    if not any(claim in texts for claim in entry.all_claims()):
        return entry

    def rewrite(claim: Claim) -> Claim:
        text = texts.get(claim)
        if text is None:
            return claim
        parsed = claim.row.parse(text + claim.unit)
        return msgspec.structs.replace(claim, raw=text, parsed=parsed)

    return replace(
        entry,
        claims=tuple(map(rewrite, entry.claims)),
        reported=tuple(
            replace(report, claims=tuple(map(rewrite, report.claims))) for report in entry.reported
        ),
    )


def _identify(claim: Claim) -> tuple[Place, str]:
    return claim.place, claim.quantity


def _refuse_unless_right(
    decision: Decision, findings: Mapping[tuple[Place, str], Finding]
) -> Decision:
    if isinstance(decision, RefusedCorrection):
        return decision
    finding = findings.get(_identify(decision.claim))
    if finding is not None and finding.standing is Standing.RIGHT:
        return decision
    outcome = f"{finding.verdict_label}, {finding.reason}" if finding else "not checked"
    why = f"{decision.text} ({decision.basis}) would be {outcome}"
    return RefusedCorrection(decision.claim, why)


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
    return Correction(claim, text, basis, _doubt(assessment, value))


def _doubt(assessment: Assessment, value: Value) -> str:
    """Say of an unexplained count that another convention is nearer to it than the one to be
    written."""
    finding, row = assessment.finding, assessment.finding.claim.row
    if not (isinstance(value, Decimal) and isinstance(finding.measured, Decimal) and row.counted):
        return ""
    if UNSIZED.intersection(finding.causes):
        return ""  # a slip, or another row: how far it went says nothing
    values = {row.measured: finding.measured}
    if row.key == "flops" and multiply_add_label(finding.claim) is None:
        values["two operations per multiply-add"] = 2 * finding.measured
    name, nearest = min(values.items(), key=lambda item: _distance(item[1], finding.claim))
    if _distance(value, finding.claim) <= _distance(nearest, finding.claim):
        return ""
    return f"the claim is nearer to {name}, {row.show(nearest)}"


def _distance(value: Decimal, claim: Claim) -> Decimal:
    """Return how many times larger or smaller a value is than a claim, at least 1."""
    low, high = sorted((abs(value), abs(claim.number)))
    return high / low if low else Decimal("Infinity")


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
        where = f" at {case.input.show()}" if row.needs_input else ""
        return finding.measured, f"{row.measured}{where}"
    hypothesis = correct_by_causes(case, assessment.convention)
    if hypothesis is None:
        causes = ", ".join(assessment.convention)
        raise ValueError(f"its siblings are counted by {causes}, which gives nothing here")
    return hypothesis.prediction, f"{hypothesis.label}, the convention of its family"
