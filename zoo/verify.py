"""Claims against the live model: one check a kind of quantity, one finding a claim.

claims of the index -> the cells they need -> evidence, from the ledger or measured now -> findings
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from model_index.findings import Finding, Verdict, percent
from model_index.ledger import Evidence
from model_index.quantities import Parsed, Size, Value, parse_number
from model_index.records import Claim, Entry
from model_index.text import Place
from model_index.trace import Trace
from zoo.builders import BuilderMissing
from zoo.explain import configured_size, explain_count, nearest, reproduces
from zoo.measure import Measurer


@dataclass(frozen=True, slots=True)
class Live:
    """One entry as measured: its evidence at its own input size, and a way to more evidence."""

    entry: Entry
    evidence: Evidence
    measurer: Measurer

    @property
    def key(self) -> str:
        return self.evidence.cell.key

    @property
    def configuration(self) -> dict[str, Any]:
        return self.evidence.values["configuration"]

    @property
    def counted(self) -> Trace:
        """The trace at the model's own input size."""
        trace = self.evidence.trace
        assert trace is not None  # a cell that was counted has one
        return trace

    @property
    def size(self) -> Size:
        height, width = self.counted.input_size[-2:]
        return height, width

    def trace(self, size: Size) -> Trace | None:
        """The trace at a size, or None where the model cannot take it."""
        if size == self.size:
            return self.counted
        evidence = self.measurer.count(self.entry, size)
        return evidence.trace if evidence else None


def verify(entries: Iterable[Entry], measurer: Measurer) -> Iterator[tuple[Entry, list[Finding]]]:
    """Judge every claim of every entry, one entry at a time so that progress can be shown.

    A model that cannot be built or counted costs its own findings only.
    """
    for entry in entries:
        yield entry, verify_entry(entry, measurer)


def verify_entry(entry: Entry, measurer: Measurer) -> list[Finding]:
    """One finding for each claim of the entry in the order of the file, after one on the builder where it is amiss."""
    try:
        evidence = measurer.count(entry, entry.image_size)
    except BuilderMissing as error:
        return _all_without(entry, Verdict.UNCHECKED, str(error))
    if evidence is None:
        return [_without(claim, Verdict.UNCHECKED, "not measured yet") for claim in entry.all_claims()]
    if evidence.outcome == "failed":
        return _all_without(entry, Verdict.ERROR, evidence.error or "measuring failed", (evidence.cell.key,))
    live = Live(entry, evidence, measurer)
    findings = [CHECKS[claim.row.check](claim, live) for claim in entry.all_claims()]
    if entry.builder.kind == "timm" and not entry.claim("id"):
        found = check_identity(builder_claim(entry, entry.builder.name), live)
        findings = [found, *findings] if found.fails() else findings
    return findings


def builder_claim(entry: Entry, name: str | None = None) -> Claim:
    """That the entry's builder builds the model it names; a claim every entry makes without a word."""
    raw = str(entry.builder)
    place = entry.builder.place or entry.place
    return Claim(
        entry.name, entry.publisher, entry.source, "builder", "Builder", raw, Parsed(name or raw), "Builder", place
    )


def _all_without(entry: Entry, verdict: Verdict, reason: str, evidence: tuple[str, ...] = ()) -> list[Finding]:
    """The findings on an entry that cannot be measured; the first says so for the builder."""
    builder = Finding(builder_claim(entry), verdict, reason, evidence=evidence)
    return [builder, *(_without(claim, verdict, reason, evidence) for claim in entry.all_claims())]


def primary_keys(entries: Iterable[Entry], measurer: Measurer) -> dict[Place, str]:
    """By place of the entry, the key of the evidence at its own input size, where there is any."""
    keys = {entry.place: measurer.cell(entry, entry.image_size).key for entry in entries}
    return {place: key for place, key in keys.items() if key in measurer.evidence}


def _without(claim: Claim, verdict: Verdict, reason: str, evidence: tuple[str, ...] = ()) -> Finding:
    """A finding that needs a live model where there is none; claims that need none say so themselves."""
    if claim.row.check in NEEDS_NO_MODEL:
        return CHECKS[claim.row.check](claim, None)
    return Finding(claim, verdict, reason, evidence=evidence)


def check_flops(claim: Claim, live: Live) -> Finding:
    """Multiply-adds at the model's own size; else the cause that reproduces the claim; else a mismatch."""
    stated = live.trace(claim.size) if claim.size else None
    size, trace = (claim.size, stated) if claim.size and stated else (live.size, live.counted)
    if trace.uncounted:
        reason = f"the count is incomplete: no rule for {', '.join(trace.uncounted)}"
        return Finding(claim, Verdict.UNCHECKED, reason, evidence=(live.key,))
    measured = Decimal(trace.macs)
    if finding := _equal(claim, measured, live, _keys(live, size)):
        return finding
    if found := explain_count(claim, size, live.configuration, live.trace):
        return Finding(
            claim,
            Verdict.EXPLAINED,
            found.reason,
            measured,
            found.cause,
            Decimal(found.prediction),
            claim.number - found.prediction,
            found.alternatives,
            _keys(live, found.size),
        )
    convention, total = nearest(claim, trace)
    residual = claim.number - total
    off = percent(residual, Decimal(total))
    reason = f"no known cause; nearest is {convention.label}, {total:,}, and the claim is {off} off"
    return _mismatch(claim, reason, measured, residual, live)


def _keys(live: Live, size: Size) -> tuple[str, ...]:
    """The evidence an explanation rests on: the model's own count, and the one at another size."""
    return (live.key,) if size == live.size else (live.key, live.measurer.cell(live.entry, size).key)


def check_parameters(claim: Claim, live: Live) -> Finding:
    """All parameters of the live model."""
    total = Decimal(live.evidence.values["parameters"]["total"])
    if finding := _equal(claim, total, live):
        return finding
    residual = claim.number - total
    reason = f"the live model has {total:,}, the claim is {percent(residual, total)} off"
    return _mismatch(claim, reason, total, residual, live)


def check_depth(claim: Claim, live: Live | None) -> Finding:
    """The depth a model's name states: a number of two or three digits right after its first letters."""
    match = re.match(r"[A-Za-z]+[-_]?([1-9]\d{1,2})(?!\d)", claim.model)
    if not match:
        return Finding(claim, Verdict.UNCHECKED, "the model's name states no depth")
    depth = Decimal(match[1])
    if claim.value == depth:
        return Finding(claim, Verdict.EXACT, "the depth in the model's name", depth)
    reason = f"the model's name says {depth} layers"
    return Finding(claim, Verdict.MISMATCH, reason, depth, "depth in the name", residual=claim.number - depth)


def check_configuration(claim: Claim, live: Live) -> Finding:
    """Image size, crop fraction and interpolation against the pretrained configuration."""
    if not live.configuration:
        return Finding(claim, Verdict.UNCHECKED, f"{live.entry.builder} has no pretrained configuration")
    name = live.evidence.values["resolved"]
    measured = _configured(claim.quantity, live.configuration)
    if measured is None:
        return Finding(claim, Verdict.UNCHECKED, f"{name}'s configuration does not state it", evidence=(live.key,))
    if _same(measured, claim.value):
        return Finding(claim, Verdict.EXACT, f"as {name} is configured", measured, evidence=(live.key,))
    two_digits = (claim.parsed.digits or 0) > 1  # 0.9 is a setting of its own, not 0.875 in one digit
    if two_digits and isinstance(measured, Decimal) and (finding := _equal(claim, measured, live)):
        return finding
    show = claim.row.show
    if _same(_configured(claim.quantity, live.configuration, "test_"), claim.value):
        reason = f"{name} is configured for {show(measured)} and for {show(claim.value)} at test time"
        return Finding(claim, Verdict.EXPLAINED, reason, measured, "test-time setting", evidence=(live.key,))
    return _mismatch(claim, f"{name} is configured for {show(measured)}", measured, None, live)


def _configured(quantity: str, configuration: dict[str, Any], prefix: str = "") -> Value | None:
    if quantity == "image_size":
        return configured_size(configuration, f"{prefix}input_size")
    value = configuration.get(f"{prefix}{quantity}")
    return parse_number(str(value)).value if isinstance(value, (int, float)) else value


def _same(one: Value | None, other: Value) -> bool:
    """Equal; texts without regard to case."""
    return one.casefold() == other.casefold() if isinstance(one, str) and isinstance(other, str) else one == other


def check_identity(claim: Claim, live: Live) -> Finding:
    """Whether the name builds the model of that name: registries remap old names silently."""
    resolved = live.evidence.values["resolved"]
    if live.entry.builder.kind == "callable":
        return Finding(claim, Verdict.UNCHECKED, f"built by {resolved}, which is in no registry")
    if claim.value in (resolved, resolved.split(".")[0]):
        return Finding(claim, Verdict.EXACT, f"builds {resolved}", resolved, evidence=(live.key,))
    return _mismatch(claim, f"the name builds another model, {resolved}", resolved, None, live)


def check_weights(claim: Claim, live: Live | None) -> Finding:
    return Finding(claim, Verdict.UNCHECKED, "the weights were not inspected")


def check_accuracy(claim: Claim, live: Live | None) -> Finding:
    return Finding(claim, Verdict.UNCHECKED, f"no evaluation on {claim.dataset or 'a data set'} was made")


CHECKS: dict[str, Callable[[Claim, Any], Finding]] = {
    "flops": check_flops,
    "parameters": check_parameters,
    "depth": check_depth,
    "configuration": check_configuration,
    "identity": check_identity,
    "builder": check_identity,
    "weights": check_weights,
    "accuracy": check_accuracy,
}
NEEDS_NO_MODEL = frozenset({"depth", "weights", "accuracy"})


def _equal(claim: Claim, measured: Decimal, live: Live, evidence: tuple[str, ...] = ()) -> Finding | None:
    """`exact` or `rounded`, or None; `evidence` where it is not the model's own count."""
    evidence = evidence or (live.key,)
    if claim.value == measured:
        return Finding(claim, Verdict.EXACT, "equal to the last digit", measured, evidence=evidence)
    if not reproduces(claim, measured):
        return None
    reason = f"{measured:,} rounds to the claim's {claim.parsed.digits} printed digits"
    residual = claim.number - measured
    return Finding(claim, Verdict.ROUNDED, reason, measured, "printed rounding", residual=residual, evidence=evidence)


def _mismatch(
    claim: Claim, reason: str, measured: Value, residual: Decimal | None, live: Live | None = None
) -> Finding:
    evidence = (live.key,) if live else ()
    return Finding(claim, Verdict.MISMATCH, reason, measured, residual=residual, evidence=evidence)
