"""What to write where a claim is wrong: the measured value, counted and printed as its neighbours
are.

A count is what the convention of the claim's siblings gives for the model, not plain multiply-adds.
What nobody measured, and what an index only quotes from others, is left as it stands.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from zoo.explanation.judgement import ANOTHER_MODEL, Assessment
from zoo.explanation.search import meant
from zoo.explanation.siblings import counted
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.quantities.show import show_size
from zoo.model_index.quantities.value import Value
from zoo.model_index.records.records import Claim, Entry

BY_NAME = frozenset({"identity", "builder", "checkpoint"})
CONFIGURED = (
    "configured size"  # FLOPs that are explained by it are of the size that is to be written
)
NEEDS_THE_MODEL = frozenset({"flops", "parameters", "configuration"})


@dataclass(frozen=True, slots=True)
class Correction:
    """A claim, the text that is to stand in its place, and where the value comes from."""

    claim: Claim
    text: str
    basis: str


@dataclass(frozen=True, slots=True)
class Left:
    """A wrong claim that is not written, and why."""

    claim: Claim
    why: str


def corrections(
    found: Iterable[tuple[Entry, list[Assessment]]],
    index: Sequence[Entry],
    only: frozenset[str] = frozenset(),
    reported: bool = False,
) -> list[Correction | Left]:
    """One for each mismatch and mistake, of the quantities in `only` or of all, in reading order.

    `index` are all entries; how a publisher prints its numbers is seen there. `reported` corrects
    what the entries report of other publishers too.
    """
    printed = _printed(index)
    asked = _Asked(only, reported)
    made = []
    for entry, each in found:
        chosen = [
            one
            for one in each
            if wrong(one.finding) and (not only or one.finding.claim.quantity in only)
        ]
        given = [
            _correction(entry, one, next(asked.reasons(entry, one.finding, each), None), printed)
            for one in chosen
        ]
        made += [_waiting(entry, one, given) for one in given]
    return made


def wrong(finding: Finding) -> bool:
    """Whether the page is wrong: nothing reproduces the claim, or only a mistake does."""
    return finding.verdict is Verdict.MISMATCH or finding.mistake


Column = tuple[str | None, str, str, str | None]


def _column(entry: Entry, claim: Claim) -> Column:
    return entry.collection, claim.publisher, claim.quantity, claim.dataset


def _printed(index: Sequence[Entry]) -> dict[Column, list[Claim]]:
    """The claims of a publisher about one quantity of one family: what stands in a column of its
    table."""
    columns: dict[Column, list[Claim]] = {}
    for entry in index:
        for claim in entry.all_claims():
            columns.setdefault(_column(entry, claim), []).append(claim)
    return columns


def _correction(
    entry: Entry, one: Assessment, why: str | None, printed: dict[Column, list[Claim]]
) -> Correction | Left:
    claim = one.finding.claim
    if why is not None:
        return Left(claim, why)
    try:
        value, basis = _value(one)
        alike = [other.raw for other in printed[_column(entry, claim)] if other != claim]
        text = claim.row.rewrite(claim.raw, value, alike, claim.unit)
    except ValueError as error:
        return Left(claim, str(error))
    return (
        Correction(claim, text, basis)
        if text != claim.raw
        else Left(claim, f"{basis} gives the same digits")
    )


def _waiting(
    entry: Entry, flops: Correction | Left, beside: Sequence[Correction | Left]
) -> Correction | Left:
    """FLOPs whose own image size is corrected in the same run wait for the next: nobody counted
    them at that size.

    Counted at the size that goes, they would contradict the one that comes; and they may be right
    at that.
    """
    if isinstance(flops, Left) or flops.claim.quantity != "flops":
        return flops
    stated_by = flops.claim.publisher if flops.claim.size else entry.publisher
    for one in beside:
        if isinstance(one, Correction) and (one.claim.quantity, one.claim.publisher) == (
            "image_size",
            stated_by,
        ):
            old, new = show_size(one.claim.value), show_size(one.claim.row.parse(one.text).value)
            why = f"the next --write counts them at {new}, --only {flops.claim.row.label} at {old} now"
            return Left(flops.claim, f"the image size beside it is corrected; {why}")
    return flops


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be written at all: quantities by their keys, and whether what others are quoted
    with."""

    only: frozenset[str]
    reported: bool

    def reasons(self, entry: Entry, finding: Finding, each: Sequence[Assessment]) -> Iterator[str]:
        """Why a claim of an entry with `each` of these findings is not to be written, the plainest
        first."""
        claim = finding.claim
        if claim.row.check in BY_NAME:
            yield "which model is meant is for a person to say"
        if finding.measured is None:
            yield "nothing was measured"
        if claim.row.check == "accuracy" and finding.residual is None:
            yield "only a part of the images was evaluated"
        if claim.row.check in NEEDS_THE_MODEL and any(
            ANOTHER_MODEL in one.finding.causes for one in each
        ):
            yield "the name builds another model, which is what was measured"
        if not self.reported and claim not in entry.claims:
            yield f"it is quoted from {claim.publisher}; --reported writes it too"
        if (
            claim.row.check == "configuration"
            and claim.quantity not in self.only
            and _size_confirmed(claim, each)
        ):
            yield f"the FLOPs beside it are of the image size stated; --only '{claim.row.label}' writes it all the same"


def _size_confirmed(claim: Claim, each: Iterable[Assessment]) -> bool:
    """Whether an image size other than the configured one is the one that the publisher's FLOPs
    were counted at.

    The page is about other weights or an earlier configuration then, and its settings belong
    together.
    """
    own = [one.finding for one in each if one.finding.claim.publisher == claim.publisher]
    other_size = any(finding.claim.quantity == "image_size" and wrong(finding) for finding in own)
    return other_size and any(
        finding.claim.quantity == "flops"
        and not finding.fails()
        and CONFIGURED not in finding.causes
        for finding in own
    )


def _value(one: Assessment) -> tuple[Value, str]:
    """What to write, and what that is.

    Raises:
        ValueError: where the convention of the siblings gives nothing for this model.
    """
    finding, case = one.finding, one.case
    assert finding.measured is not None
    if case is None or not counted(finding):
        return finding.measured, _BASES.get(finding.claim.row.check, "measured")
    if not one.convention:
        where = f" at {show_size(case.size)}" if finding.claim.quantity == "flops" else ""
        return finding.measured, f"{_PLAIN[finding.claim.quantity]}{where}"
    hypothesis = meant(case, one.convention)
    if hypothesis is None:
        raise ValueError(
            f"its siblings are counted by {', '.join(one.convention)}, which gives nothing here"
        )
    return hypothesis.prediction, f"{hypothesis.label}, as its siblings"


_PLAIN = {"flops": "multiply-adds", "parameters": "all parameters"}
_BASES = {"depth": "the depth in the name", "configuration": "as configured"}
