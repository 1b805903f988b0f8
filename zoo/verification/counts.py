"""Claims of a count against the live model: its own count, a cause that gives the claim, or a
mismatch."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from zoo.counting import parameter_rules
from zoo.counting.counts import Counts
from zoo.counting.measurer import Measurer
from zoo.explanation.case import Case
from zoo.explanation.judgement import (
    ANOTHER_MODEL,
    Assessment,
    assess_inquiry,
    compare_digits,
)
from zoo.explanation.search import explain
from zoo.model_index.errors import LedgerError
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger.store import Evidence, Registry
from zoo.model_index.quantities.show import show_size
from zoo.model_index.quantities.value import Size
from zoo.model_index.records.records import Builder, Claim, Entry
from zoo.models.builders import BuilderMissing
from zoo.models.cells import Variant


@dataclass(frozen=True, slots=True)
class Live:
    """One entry as measured: its evidence at its own input size, and a way to more evidence.

    `builder` is another one than the entry's where the model that its name asks for is examined.
    """

    entry: Entry
    evidence: Evidence
    measurer: Measurer
    builder: Builder | None = None

    @property
    def key(self) -> str:
        return self.evidence.cell.key

    @property
    def configuration(self) -> dict[str, Any]:
        return self.evidence.values["configuration"]

    @property
    def registry(self) -> Registry:
        return self.evidence.registry

    @property
    def counts(self) -> Counts:
        """The counts at the model's own input size."""
        trace = self.evidence.trace
        assert trace is not None  # a cell that was counted has one
        return Counts(trace, self.evidence.parts)

    @property
    def size(self) -> Size:
        height, width = self.counts.trace.input_size[-2:]
        return height, width

    def variant(self, variant: Variant) -> Variant:
        """The same variant of the model examined; the model's own size is asked for as it was
        counted."""
        size = self.entry.image_size if variant.size == self.size else variant.size
        return Variant(size, variant.form, self.builder)

    def count(self, variant: Variant) -> Counts | None:
        """The counts of a variant, or None where the model cannot be counted so, or not here."""
        evidence = self._evidence(self.variant(variant))
        return Counts(evidence.trace, evidence.parts) if evidence and evidence.trace else None

    def named(self) -> "Live | None":
        """The model that the builder's name asks for, where the library silently built another
        one."""
        if self.builder or not (asked := self.registry.named):
            return None
        builder = Builder("timm", asked.name, dict(asked.arguments))
        evidence = self._evidence(Variant(self.entry.image_size, builder=builder))
        return (
            Live(self.entry, evidence, self.measurer, builder)
            if evidence and evidence.trace
            else None
        )

    def _evidence(self, variant: Variant) -> Evidence | None:
        try:
            return self.measurer.count(self.entry, variant)
        except (
            BuilderMissing
        ):  # it was there when the model itself was counted, perhaps on another machine
            return None
        except LedgerError as error:
            ledger = self.measurer.ledger
            ledger.skip(ledger.path(self.measurer.cell(self.entry, variant)), error)
            return None


def case_of(claim: Claim, live: Live) -> Case | None:
    """What is known about a claim of a count: at the input its publisher states, else at the
    model's own."""
    counts = live.count(Variant(claim.size)) if claim.size and claim.size != live.size else None
    size = claim.size if counts and claim.size else live.size
    counts = counts or live.counts
    if counts.trace.uncounted:
        return None
    return Case(
        claim,
        live.entry,
        size,
        counts,
        live.configuration,
        live.registry.mergeable,
        count=live.count,
    )


def check_count(claim: Claim, live: Live, measure: Callable[[Counts], int]) -> Assessment:
    """A count against the live model's; else the cause that reproduces the claim; else a
    mismatch."""
    case = case_of(claim, live)
    if case is None:
        reason = f"the count is incomplete: no rule for {', '.join(live.counts.trace.uncounted)}"
        return Assessment(
            Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=reason, evidence=(live.key,))
        )
    measured = Decimal(measure(case.counts))
    keys = _keys(live, case.size)
    if finding := compare_digits(claim, measured, keys):
        if claim.size and claim.size != case.size:
            passed_over = (
                f"counted at {show_size(case.size)}, because {show_size(claim.size)} cannot be"
            )
            finding = replace(finding, reason=f"{finding.reason}; {passed_over}")
        return Assessment(finding, case)
    if (other := live.named()) and (found := _as_named(claim, other, measured, measure)):
        return found
    return assess_inquiry(case, explain(case), measured, keys, lambda size: _keys(live, size))


def _as_named(
    claim: Claim, other: Live, measured: Decimal, measure: Callable[[Counts], int]
) -> Assessment | None:
    """The claim against the model its name asks for; the finding says that another one is built."""
    case = case_of(claim, other)
    if case is None:
        return None
    total = Decimal(measure(case.counts))
    assert other.builder is not None
    with_arguments = "".join(
        f", {name}={value}" for name, value in sorted(other.builder.arguments.items())
    )
    note = f"of {other.builder.name}{with_arguments}, the model the name asks for"
    keys = _keys(other, case.size)
    if found := compare_digits(claim, total, keys):
        reason = f"{total:,} {note}: {found.reason}"
        causes: tuple[str, ...] = (ANOTHER_MODEL,)
        return Assessment(
            _named_finding(found, reason, measured, causes, ANOTHER_MODEL, total), case
        )
    inquiry = explain(case)
    if (chosen := inquiry.chosen) is None:
        return None
    found = assess_inquiry(case, inquiry, measured, keys, lambda size: _keys(other, size)).finding
    causes = (ANOTHER_MODEL, *chosen.causes)
    reason = f"{note}: {found.reason}"
    finding = _named_finding(
        found, reason, measured, causes, f"{ANOTHER_MODEL}, {chosen.name}", chosen.prediction
    )
    return Assessment(finding, case, inquiry)


def _named_finding(
    found: Finding,
    reason: str,
    measured: Decimal,
    causes: tuple[str, ...],
    cause: str,
    prediction: Decimal,
) -> Finding:
    residual = found.claim.number - prediction
    return Finding(
        claim=found.claim,
        verdict=Verdict.EXPLAINED,
        reason=reason,
        measured=measured,
        cause=cause,
        prediction=prediction,
        residual=residual,
        alternatives=found.alternatives,
        evidence=found.evidence,
        causes=causes,
        mistake=found.mistake,
        tried=found.tried,
    )


def _keys(live: Live, size: Size) -> tuple[str, ...]:
    """The evidence an explanation rests on: the model's own count, and the one at another size."""
    if size == live.size:
        return (live.key,)
    return (live.key, live.measurer.cell(live.entry, live.variant(Variant(size))).key)


def check_flops(claim: Claim, entry: Entry, live: Live) -> Assessment:
    """Multiply-adds at the stated input, or at the model's own."""
    return check_count(claim, live, lambda counts: counts.trace.macs)


def check_parameters(claim: Claim, entry: Entry, live: Live) -> Assessment:
    """All parameters of the live model."""
    return check_count(claim, live, parameter_rules.total)
