"""Check a claim about a count against the live model: its own count, a cause that gives the claim,
or a mismatch."""

from dataclasses import replace
from decimal import Decimal

from zoo.explanation.case import Case
from zoo.explanation.count_rules import COUNT_RULES
from zoo.explanation.judgement import (
    ANOTHER_MODEL,
    Assessment,
    assess_inquiry,
    compare_digits,
)
from zoo.explanation.search import explain
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.quantities.show import show_size
from zoo.model_index.records.records import Claim
from zoo.models.cells import Variant
from zoo.verification.context import Context
from zoo.verification.live_model import LiveModel


def case_of(claim: Claim, live: LiveModel) -> Case | None:
    """Collect the facts about a claim: at the input its publisher states, else at the model's own.

    None: the count is incomplete.
    """
    counts = live.count(Variant(claim.size)) if claim.size and claim.size != live.size else None
    size = claim.size if counts and claim.size else live.size
    counts = counts or live.counts
    if counts.trace.uncounted:
        return None
    return Case(
        claim=claim,
        entry=live.entry,
        size=size,
        counts=counts,
        configuration=live.configuration,
        mergeable=live.registry.mergeable,
        count=live.count,
    )


def check_count(claim: Claim, context: Context) -> Assessment:
    """Compare a count with the live model's, else search the cause that reproduces the claim."""
    live = context.model
    case = case_of(claim, live)
    if case is None:
        operators = ", ".join(live.counts.trace.uncounted)
        reason = f"the count is incomplete: no rule for {operators}"
        return Assessment(
            Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=reason, evidence=(live.key,))
        )
    measured = Decimal(COUNT_RULES[claim.quantity].total(case.counts))
    keys = live.keys_at(case.size)
    if finding := compare_digits(claim, measured, keys):
        if claim.size and claim.size != case.size:
            note = f"counted at {show_size(case.size)}, because {show_size(claim.size)} cannot be"
            finding = replace(finding, reason=f"{finding.reason}; {note}")
        return Assessment(finding, find_case=lambda: case)
    named = live.model_of_name()
    if named and (assessment := _check_named(claim, named, measured)):
        return assessment
    return assess_inquiry(case, explain(case), measured, keys, live.keys_at)


def _check_named(claim: Claim, named: LiveModel, measured: Decimal) -> Assessment | None:
    """Check the claim against the model its name asks for; the finding says that another one is
    built."""
    case = case_of(claim, named)
    if case is None:
        return None
    assert named.builder is not None
    arguments = "".join(
        f", {name}={value}" for name, value in sorted(named.builder.arguments.items())
    )
    note = f"of {named.builder.name}{arguments}, the model the name asks for"
    total = Decimal(COUNT_RULES[claim.quantity].total(case.counts))
    keys = named.keys_at(case.size)
    inquiry, cause, prediction = None, ANOTHER_MODEL, total
    causes: tuple[str, ...] = (ANOTHER_MODEL,)
    if finding := compare_digits(claim, total, keys):
        reason = f"{total:,} {note}: {finding.reason}"
    else:
        inquiry = explain(case)
        if (chosen := inquiry.chosen) is None:
            return None
        finding = assess_inquiry(case, inquiry, measured, keys, named.keys_at).finding
        reason = f"{note}: {finding.reason}"
        causes = (ANOTHER_MODEL, *chosen.causes)
        cause, prediction = f"{ANOTHER_MODEL}, {chosen.name}", chosen.prediction
    finding = replace(
        finding,
        verdict=Verdict.EXPLAINED,
        reason=reason,
        measured=measured,
        cause=cause,
        causes=causes,
        prediction=prediction,
        residual=claim.number - prediction,
    )
    return Assessment(finding, inquiry, lambda: case)
