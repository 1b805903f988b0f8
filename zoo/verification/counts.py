"""Check a claim about a count against the live model: its own count, a cause that gives the claim,
or a mismatch."""

import shlex
from dataclasses import replace
from decimal import Decimal

from zoo.explanation.case import Case
from zoo.explanation.count_rules import COUNT_RULES
from zoo.explanation.judgement import (
    Assessment,
    assess_inquiry,
    compare_digits,
)
from zoo.explanation.search import explain
from zoo.model_index.findings import ANOTHER_MODEL, Finding, Gap, Verdict
from zoo.model_index.records.input_spec import InputSpec
from zoo.model_index.records.records import Claim
from zoo.models.cells import Variant
from zoo.verification.context import Context
from zoo.verification.live_model import LiveModel


def case_of(claim: Claim, live: LiveModel) -> Case | None:
    """Collect the facts about a claim: at the input its publisher states, else at that of the
    weights the entry links, else at the model's own.

    None: the claim is about the work of a pass, and that is not known.
    """
    stated = claim.input or (None if live.entry.stated_input else live.linked_input)
    spec = live.input.adapt(stated)
    counts = live.count(Variant(spec)) if spec != live.input else None
    if counts and counts.failure:  # it takes no such input
        counts = None
    spec = spec if counts else live.input
    counts = counts or live.counts
    if claim.row.needs_input and counts.problem:
        return None
    return Case(
        claim=claim,
        entry=live.entry,
        input=spec,
        counts=counts,
        input_problem=_find_input_problem(claim, live, spec) if claim.row.needs_input else "",
        published_sizes=live.published_sizes,
        configuration=live.configuration,
        mergeable=live.registry.mergeable,
        count=live.count,
    )


def _find_input_problem(claim: Claim, live: LiveModel, spec: InputSpec) -> str:
    """Say why the model is counted at an input that nobody states, or at another than is stated."""
    counted = f"counted at {spec.show()}"
    if claim.input and spec.adapt(claim.input) != spec:
        return f"{counted}, because {claim.input.show()} cannot be"
    if live.input_is_assumed and not claim.input:
        return f"{counted}, which is assumed, because no input is known"
    return ""


def check_count(claim: Claim, context: Context) -> Assessment:
    """Compare a count with the live model's, else search the cause that reproduces the claim."""
    live = context.model
    case = case_of(claim, live)
    if case is None:
        return Assessment(_describe_problem(claim, live))
    if claim.quantity == "parameters" and live.evidence.tensors.packed:
        return Assessment(_describe_packed(claim, live))
    if live.builds_another:
        return _check_named(claim, live)
    measured = Decimal(COUNT_RULES[claim.quantity].total(case.counts))
    keys = live.keys_at(case.input)
    if finding := compare_digits(claim, measured, keys):
        return Assessment(_note_input(_note_form(finding, live), case), find_case=lambda: case)
    assessment = assess_inquiry(case, explain(case), measured, keys, live.keys_at)
    return replace(assessment, finding=_note_input(_note_form(assessment.finding, live), case))


def _note_form(finding: Finding, live: LiveModel) -> Finding:
    """Add to the reason that another form of the model was counted, as its library counts it."""
    note = live.registry.note
    return replace(finding, reason=f"{finding.reason}; {note}") if note else finding


# The boxes that random weights find are not those of the published ones.
NO_EVIDENCE = "which judges no claim and is not kept"


def _describe_problem(claim: Claim, live: LiveModel) -> Finding:
    """Say why the work of the model's pass is not known."""
    counts, reason = live.counts, live.counts.problem
    if counts.failure and live.entry.input_place:
        reason += f"; it was given {live.input}, which {live.entry.input_place} states"
    elif counts.trace.depends:
        command = f"zoo count {shlex.quote(live.entry.name)} --run"
        reason += f"; `{command}` counts a run on random values, {NO_EVIDENCE}"
    return Finding(
        claim=claim,
        verdict=Verdict.ERROR if counts.failure else Verdict.UNCHECKED,
        reason=reason,
        evidence=(live.key,),
        gap=Gap("forward") if counts.failure else None,
    )


def _describe_packed(claim: Claim, live: LiveModel) -> Finding:
    """Say that the weights of a quantized model are no parameters."""
    packed = live.evidence.tensors.packed
    reason = f"quantized: {packed:,} weights are packed, and packed weights are no parameters"
    return Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=reason, evidence=(live.key,))


def _note_input(finding: Finding, case: Case) -> Finding:
    """Add to the reason why the claim may be about another input; it is no mismatch then."""
    if not case.input_problem:
        return finding
    if finding.verdict is Verdict.MISMATCH:
        reason = f"{case.input_problem}; the live model has {finding.measured:,} there"
        return replace(finding, verdict=Verdict.UNCHECKED, reason=reason, residual=None)
    return replace(finding, reason=f"{finding.reason}; {case.input_problem}")


def _check_named(claim: Claim, live: LiveModel) -> Assessment:
    """Check the claim against the model that its name asks for, in whose place another one was
    built; the numbers of that one say nothing about the claim."""
    named = live.model_of_name()
    case = case_of(claim, named) if named else None
    if named is None or case is None:
        reason = f"the name builds another model, {live.name}, and its own could not be counted"
        unknown = Finding(
            claim=claim, verdict=Verdict.UNCHECKED, reason=reason, evidence=(live.key,)
        )
        return Assessment(unknown)
    assert named.builder is not None
    arguments = "".join(
        f", {name}={value}" for name, value in sorted(named.builder.arguments.items())
    )
    note = f"of {named.builder.name}{arguments}, the model the name asks for"
    total = Decimal(COUNT_RULES[claim.quantity].total(case.counts))
    keys = named.keys_at(case.input)
    if same := compare_digits(claim, total, keys):
        right = replace(
            same,
            verdict=Verdict.EXPLAINED,
            reason=f"{total:,} {note}: {same.reason}",
            cause=ANOTHER_MODEL,
            causes=(ANOTHER_MODEL,),
            prediction=total,
            residual=claim.number - total,
        )
        return Assessment(_note_input(right, case), find_case=lambda: case)
    inquiry = explain(case)
    finding = assess_inquiry(case, inquiry, total, keys, named.keys_at).finding
    finding = replace(finding, reason=f"{note}: {finding.reason}")
    if chosen := inquiry.chosen:
        finding = replace(
            finding,
            cause=f"{ANOTHER_MODEL}, {chosen.name}",
            causes=(ANOTHER_MODEL, *chosen.causes),
        )
    return Assessment(_note_input(finding, case), inquiry, lambda: case)
