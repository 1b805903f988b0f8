"""The table of checks: each takes a claim and the context of its entry, and gives a finding."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from zoo.explanation.judgement import Assessment
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.records.records import Claim
from zoo.verification.accuracy import check_accuracy
from zoo.verification.checkpoint import judge_elements, judge_parameters
from zoo.verification.configuration import check_configuration, check_identity
from zoo.verification.context import Context
from zoo.verification.counts import check_count
from zoo.verification.weight_width import check_width
from zoo.verification.weights import check_file_size, check_weights

# A number of two or three digits right after a name's first letters.
DEPTH = re.compile(r"[A-Za-z]+[-_]?([1-9]\d{1,2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Check:
    """One row of `CHECKS`; a check that `needs_model` runs only where the model was counted."""

    judge: Callable[[Claim, Context], Assessment]
    needs_model: bool = True


def check_depth(claim: Claim, context: Context) -> Assessment:
    """Compare a number of layers with the depth that the model's name states."""
    match = DEPTH.match(claim.model)
    if not match:
        reason = "the model's name states no depth"
        return Assessment(Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=reason))
    depth = Decimal(match[1])
    if claim.value == depth:
        reason = "the depth in the model's name"
        return Assessment(
            Finding(claim=claim, verdict=Verdict.EXACT, reason=reason, measured=depth)
        )
    return Assessment(
        Finding(
            claim=claim,
            verdict=Verdict.MISMATCH,
            reason=f"the model's name says {depth} layers",
            measured=depth,
            cause="depth in the name",
            residual=claim.number - depth,
        )
    )


def check_benchmark(claim: Claim, context: Context) -> Assessment:
    """Say that a speed is not compared: it was published for other hardware."""
    conditions = dict(reversed(claim.conditions))
    hardware = conditions.get("hardware", "the publisher's hardware")
    reason = f"not measured on {hardware}"
    return Assessment(Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=reason))


def check_metric(claim: Claim, context: Context) -> Assessment:
    """Say that nothing here measures a metric."""
    reason = "nothing here measures it"
    return Assessment(Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=reason))


CHECKS = {
    "count": Check(check_count),
    "depth": Check(check_depth, needs_model=False),
    "configuration": Check(check_configuration),
    "identity": Check(check_identity),
    "builder": Check(check_identity),
    "file size": Check(check_file_size, needs_model=False),
    "checkpoint": Check(check_weights, needs_model=False),
    "weight width": Check(check_width, needs_model=False),
    "accuracy": Check(check_accuracy, needs_model=False),
    "benchmark": Check(check_benchmark, needs_model=False),
    "unmeasured": Check(check_metric, needs_model=False),
}


def judge_claim(claim: Claim, context: Context) -> Assessment:
    """Judge a claim by its quantity's check; one that is unclear is judged by nothing."""
    if unclear := context.entry.unclear or claim.unclear:
        finding = Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=unclear)
        return Assessment(finding)
    check = CHECKS[claim.row.check]
    if claim.quantity == "parameters":
        documents = [evidence for _, evidence in context.weights]
        if dtype := dict(claim.conditions).get("dtype"):
            return Assessment(judge_elements(claim, dtype, documents))
        if context.live is None and (stored := judge_parameters(claim, documents)):
            return stored
    if check.needs_model and context.live is None:
        return Assessment(context.obstacle.finding(claim))
    return check.judge(claim, context)
