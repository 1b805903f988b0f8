"""Check claims about settings and names against the pretrained configuration and the registry."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from zoo.explanation.case import configured_size
from zoo.explanation.judgement import Assessment, compare_digits
from zoo.model_index.findings import ANOTHER_MODEL, Finding, Verdict
from zoo.model_index.quantities.parse import parse_channels, parse_number
from zoo.model_index.quantities.value import Value
from zoo.model_index.records.records import Claim, Entry
from zoo.verification.context import Context
from zoo.verification.live_model import LiveModel, find_linked_tags

# How a pretrained tag is that of the entry: the settings of the weights it links are right.
LINKED = ("whose weights this entry links", "whose weights this entry links in another revision")
# The digest in a file's name, as PyTorch's hub wants it.
DIGEST = re.compile(r"-[0-9a-f]{8}(?=\.\w+$)")


def check_configuration(claim: Claim, context: Context) -> Assessment:
    """Compare image size, crop, interpolation or normalisation with the pretrained
    configuration."""
    return Assessment(_compare_setting(claim, context.entry, context.model))


def _compare_setting(claim: Claim, entry: Entry, live: LiveModel) -> Finding:
    name, show, keys = live.name, claim.row.show, (live.key,)
    if live.builds_another:
        reason = f"the name builds another model, {name}, and its configuration is not known"
        return Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=reason, evidence=keys)
    if not live.configuration:
        reason = f"{entry.builder} has no pretrained configuration"
        return Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=reason)
    measured = _setting(claim.quantity, live.configuration)
    if measured is None:
        reason = f"{name}'s configuration does not state it"
        return Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=reason, evidence=keys)
    if _is_same(measured, claim.value):
        return Finding(
            claim=claim,
            verdict=Verdict.EXACT,
            reason=f"as {name} is configured",
            measured=measured,
            evidence=keys,
        )
    # 0.9 is a setting of its own, not 0.875 in one digit.
    if (claim.parsed.digits or 0) > 1 and isinstance(measured, Decimal):
        finding = compare_digits(claim, measured, keys)
        if finding:
            return finding
    configured = f"{name} is configured for {show(measured)}"
    if _is_same(_setting(claim.quantity, live.configuration, "test_"), claim.value):
        reason = f"{configured} and for {show(claim.value)} at test time"
        return _explained(claim, reason, measured, "test-time setting", live)
    for tag, relation in _find_tags(entry, claim.publisher, live):
        if _is_same(_setting(claim.quantity, live.registry.tags[tag]), claim.value):
            model = f"{name.partition('.')[0]}.{tag}"
            reason = f"{configured}; {model}, {relation}, for {show(claim.value)}"
            finding = _explained(claim, reason, measured, "another pretrained tag", live)
            return replace(finding, wrong=relation not in LINKED)
    return Finding(
        claim=claim,
        verdict=Verdict.MISMATCH,
        reason=configured,
        measured=measured,
        evidence=keys,
    )


def _explained(claim: Claim, reason: str, measured: Value, cause: str, live: LiveModel) -> Finding:
    return Finding(
        claim=claim,
        verdict=Verdict.EXPLAINED,
        reason=reason,
        measured=measured,
        cause=cause,
        evidence=(live.key,),
        causes=(cause,),
    )


def _find_tags(entry: Entry, publisher: str, live: LiveModel) -> Iterator[tuple[str, str]]:
    """Yield the pretrained tags that a publisher's settings may be of, and how they are related:
    by the weights, or by all settings."""
    tags: dict[str, dict[str, Any]] = dict(sorted(live.registry.tags.items()))
    for tag in find_linked_tags(entry.weights, tags):
        yield tag, LINKED[0]
    earlier = {DIGEST.sub("", url) for url in entry.weights}
    for tag, settings in tags.items():
        if (url := settings.get("url")) and DIGEST.sub("", url) in earlier:
            yield tag, LINKED[1]
    claims = [
        c for c in entry.all_claims() if c.publisher == publisher and c.row.check == "configuration"
    ]
    for tag, settings in tags.items():
        if len(claims) > 1 and all(
            _is_same(_setting(c.quantity, settings), c.value) for c in claims
        ):
            yield tag, "which has all settings stated here"


def _setting(quantity: str, configuration: dict[str, Any], prefix: str = "") -> Value | None:
    """Return a setting of a configuration as a claim would state it."""
    if quantity == "image_size":
        return configured_size(configuration, f"{prefix}input_size")
    value = configuration.get(f"{prefix}{quantity}")
    if isinstance(value, (list, tuple)):
        return parse_channels(", ".join(map(str, value))).value
    return parse_number(str(value)).value if isinstance(value, (int, float)) else value


def _is_same(setting: Value | None, value: Value) -> bool:
    """Compare two settings, texts without regard to case."""
    if isinstance(setting, str) and isinstance(value, str):
        return setting.casefold() == value.casefold()
    return setting == value


def check_identity(claim: Claim, context: Context) -> Assessment:
    """Check that the name builds the model of that name: registries remap old names silently."""
    live, keys = context.model, (context.model.key,)
    name = live.name
    if context.entry.builder.kind == "callable":
        reason = f"built by {name}, which is in no registry"
        return Assessment(Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=reason))
    if str(claim.value) in (name, name.split(".")[0]):
        return Assessment(
            Finding(
                claim=claim,
                verdict=Verdict.EXACT,
                reason=f"builds {name}",
                measured=name,
                evidence=keys,
            )
        )
    if not live.registry.named:
        return Assessment(_explained(claim, f"an older name of {name}", name, "renamed", live))
    return Assessment(
        Finding(
            claim=claim,
            verdict=Verdict.MISMATCH,
            reason=f"the name silently builds another model, {name}",
            measured=name,
            cause=ANOTHER_MODEL,
            evidence=keys,
            causes=(ANOTHER_MODEL,),
            wrong=True,
        )
    )
