"""One check a kind of quantity: a claim and the live model in, a finding out."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from zoo.explanation.case import configured_size
from zoo.explanation.judgement import ANOTHER_MODEL, Assessment, compare_digits
from zoo.model_index.checks.accuracy_pairs import impossible
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.quantities.parse import parse_channels, parse_number
from zoo.model_index.quantities.value import Value
from zoo.model_index.records.records import Claim, Entry
from zoo.verification.counts import Live, check_flops, check_parameters
from zoo.verification.weights import NOT_INSPECTED


def check_depth(claim: Claim, entry: Entry, live: Live | None) -> Finding:
    """The depth a model's name states: a number of two or three digits right after its first
    letters."""
    match = re.match(r"[A-Za-z]+[-_]?([1-9]\d{1,2})(?!\d)", claim.model)
    if not match:
        return Finding(
            claim=claim, verdict=Verdict.UNCHECKED, reason="the model's name states no depth"
        )
    depth = Decimal(match[1])
    if claim.value == depth:
        return Finding(
            claim=claim,
            verdict=Verdict.EXACT,
            reason="the depth in the model's name",
            measured=depth,
        )
    reason = f"the model's name says {depth} layers"
    return Finding(
        claim=claim,
        verdict=Verdict.MISMATCH,
        reason=reason,
        measured=depth,
        cause="depth in the name",
        residual=claim.number - depth,
    )


def check_configuration(claim: Claim, entry: Entry, live: Live) -> Finding:
    """Image size, crop, interpolation and normalisation against the pretrained configuration."""
    if not live.configuration:
        return Finding(
            claim=claim,
            verdict=Verdict.UNCHECKED,
            reason=f"{entry.builder} has no pretrained configuration",
        )
    name = live.evidence.values["resolved"]
    measured = _configured(claim.quantity, live.configuration)
    if measured is None:
        return Finding(
            claim=claim,
            verdict=Verdict.UNCHECKED,
            reason=f"{name}'s configuration does not state it",
            evidence=(live.key,),
        )
    if _same(measured, claim.value):
        return Finding(
            claim=claim,
            verdict=Verdict.EXACT,
            reason=f"as {name} is configured",
            measured=measured,
            evidence=(live.key,),
        )
    two_digits = (
        claim.parsed.digits or 0
    ) > 1  # 0.9 is a setting of its own, not 0.875 in one digit
    if (
        two_digits
        and isinstance(measured, Decimal)
        and (finding := compare_digits(claim, measured, (live.key,)))
    ):
        return finding
    show = claim.row.show
    if _same(_configured(claim.quantity, live.configuration, "test_"), claim.value):
        reason = (
            f"{name} is configured for {show(measured)} and for {show(claim.value)} at test time"
        )
        return _setting(claim, reason, measured, "test-time setting", live)
    for known, why in _tags(entry, claim.publisher, live):
        other = f"{name.partition('.')[0]}.{known}"
        if _same(_configured(claim.quantity, live.registry.tags[known]), claim.value):
            reason = f"{name} is configured for {show(measured)}; {other}, {why}, for {show(claim.value)}"
            return _setting(claim, reason, measured, "another pretrained tag", live)
    return _mismatch(claim, f"{name} is configured for {show(measured)}", measured, live)


def _setting(claim: Claim, reason: str, measured: Value, cause: str, live: Live) -> Finding:
    return Finding(
        claim=claim,
        verdict=Verdict.EXPLAINED,
        reason=reason,
        measured=measured,
        cause=cause,
        evidence=(live.key,),
        causes=(cause,),
    )


def _tags(entry: Entry, publisher: str, live: Live) -> Iterator[tuple[str, str]]:
    """The pretrained tags a publisher's settings may be of, and how we know: the weights, or all
    settings."""
    tags: dict[str, dict[str, Any]] = dict(sorted(live.registry.tags.items()))
    linked = {url.rpartition("/")[2] for url in entry.weights}
    for tag, settings in tags.items():
        if (url := settings.get("url")) and url.rpartition("/")[2] in linked:
            yield tag, "whose weights this entry links"
    earlier = {DIGEST.sub("", url) for url in entry.weights}
    for tag, settings in tags.items():
        if (url := settings.get("url")) and DIGEST.sub("", url) in earlier:
            yield tag, "whose weights this entry links in another revision"
    claims = [
        c for c in entry.all_claims() if c.publisher == publisher and c.row.check == "configuration"
    ]
    for tag, settings in tags.items():
        if len(claims) > 1 and all(
            _same(_configured(c.quantity, settings), c.value) for c in claims
        ):
            yield tag, "which has all settings stated here"


DIGEST = re.compile(r"-[0-9a-f]{8}(?=\.\w+$)")  # in a file's name, as PyTorch's hub wants it


def _configured(quantity: str, configuration: dict[str, Any], prefix: str = "") -> Value | None:
    if quantity == "image_size":
        return configured_size(configuration, f"{prefix}input_size")
    value = configuration.get(f"{prefix}{quantity}")
    if isinstance(value, (list, tuple)):
        return parse_channels(", ".join(map(str, value))).value
    return parse_number(str(value)).value if isinstance(value, (int, float)) else value


def _same(one: Value | None, other: Value) -> bool:
    """Equal; texts without regard to case."""
    return (
        one.casefold() == other.casefold()
        if isinstance(one, str) and isinstance(other, str)
        else one == other
    )


def check_identity(claim: Claim, entry: Entry, live: Live) -> Finding:
    """Whether the name builds the model of that name: registries remap old names silently."""
    resolved = live.evidence.values["resolved"]
    if entry.builder.kind == "callable":
        return Finding(
            claim=claim,
            verdict=Verdict.UNCHECKED,
            reason=f"built by {resolved}, which is in no registry",
        )
    asked, architecture = str(claim.value), resolved.split(".")[0]
    if asked in (resolved, architecture):
        return Finding(
            claim=claim,
            verdict=Verdict.EXACT,
            reason=f"builds {resolved}",
            measured=resolved,
            evidence=(live.key,),
        )
    if not live.registry.named:
        return _setting(claim, f"an older name of {resolved}", resolved, "renamed", live)
    reason = f"the name silently builds another model, {resolved}"
    return Finding(
        claim=claim,
        verdict=Verdict.MISMATCH,
        reason=reason,
        measured=resolved,
        cause=ANOTHER_MODEL,
        evidence=(live.key,),
        causes=(ANOTHER_MODEL,),
        mistake=True,
    )


def check_weights(claim: Claim, entry: Entry, live: Live | None) -> Finding:
    """Left for `zoo.verification.weights`, which has what was seen of the weights."""
    return Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=NOT_INSPECTED)


def check_accuracy(claim: Claim, entry: Entry, live: Live | None) -> Finding:
    """Without an evaluation, whether the claim can be true at all beside the other accuracies of
    its publisher."""
    if problem := impossible(claim, entry):
        return Finding(
            claim=claim,
            verdict=Verdict.MISMATCH,
            reason=problem.reason,
            measured=None,
            cause=problem.cause,
            prediction=problem.meant,
            residual=None,
            alternatives=problem.alternatives,
            causes=problem.causes,
            mistake=bool(problem.causes),
        )
    return Finding(
        claim=claim,
        verdict=Verdict.UNCHECKED,
        reason=f"no evaluation on {claim.dataset or 'a data set'} was made",
    )


def check_benchmark(claim: Claim, entry: Entry, live: Live | None) -> Finding:
    hardware = next(
        (text for name, text in claim.conditions if name == "hardware"), "the publisher's hardware"
    )
    return Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=f"not measured on {hardware}")


CHECKS: dict[str, Callable[[Claim, Entry, Any], Finding | Assessment]] = {
    "flops": check_flops,
    "parameters": check_parameters,
    "depth": check_depth,
    "configuration": check_configuration,
    "identity": check_identity,
    "builder": check_identity,
    "weights": check_weights,
    "accuracy": check_accuracy,
    "benchmark": check_benchmark,
}
NEEDS_NO_MODEL = frozenset({"depth", "weights", "accuracy", "benchmark"})


def _mismatch(claim: Claim, reason: str, measured: Value, live: Live) -> Finding:
    return Finding(
        claim=claim,
        verdict=Verdict.MISMATCH,
        reason=reason,
        measured=measured,
        evidence=(live.key,),
    )
