"""What was seen of a checkpoint, against what is claimed of it: the address, the file size, the
digest, the tensors."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from zoo.explanation.case import reproduces
from zoo.explanation.judgement import compare_digits
from zoo.model_index.findings import Finding, Verdict, percent
from zoo.model_index.ledger.store import Evidence
from zoo.model_index.quantities.show import show_count
from zoo.model_index.records.fields import look_up
from zoo.model_index.records.records import Claim, Entry
from zoo.weights.compare import WeightsComparison
from zoo.weights.references import stated_digest

NOT_INSPECTED = "the weights were not inspected; --weights looks at them"
# A size in units of 2^10 that is printed as one of 10^3, by the name of the unit.
BINARY = {
    "KiB": Decimal(2**10) / 10**3,
    "MiB": Decimal(2**20) / 10**6,
    "GiB": Decimal(2**30) / 10**9,
}
DIGESTS = ("sha256", "sha-256", "sha 256", "digest")
HEXADECIMAL = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8,64}(?![0-9A-Fa-f])")
FAILURES = {
    "status": Verdict.MISMATCH,
    "refused": Verdict.UNCHECKED,
    "needs more": Verdict.UNCHECKED,
}


def file_size(claim: Claim, seen: Sequence[Evidence]) -> Finding:
    """A claimed File Size against the files that were seen; of several the one that fits."""
    sizes = [
        (Decimal(size), e.cell.key) for e in seen if isinstance(size := e.values.get("size"), int)
    ]
    if not sizes:
        return Finding(
            claim=claim,
            verdict=Verdict.UNCHECKED,
            reason=_why_unseen(seen),
            evidence=tuple(e.cell.key for e in seen),
        )
    for size, key in sizes:
        if found := compare_digits(claim, size, (key,)):
            return found
    size, key = sizes[0]
    for unit, factor in BINARY.items():
        if reproduces(claim, size / factor):
            cause = f"{unit} as {unit[0]}B"
            reason = f"the file has {show_count(size)} bytes; the claim counts {unit} and says {unit[0]}B"
            return Finding(
                claim=claim,
                verdict=Verdict.EXPLAINED,
                reason=reason,
                measured=size,
                cause=cause,
                prediction=claim.number,
                residual=Decimal(0),
                evidence=(key,),
                causes=("MB for MiB",),
                mistake=True,
            )
    off = percent(claim.number - size, size)
    return Finding(
        claim=claim,
        verdict=Verdict.MISMATCH,
        reason=f"the file has {show_count(size)} bytes, the claim is {off} off",
        measured=size,
        residual=claim.number - size,
        evidence=(key,),
    )


def _why_unseen(seen: Sequence[Evidence]) -> str:
    return next(
        (f"the weights could not be seen: {each.error}" for each in seen if each.error),
        NOT_INSPECTED,
    )


def recorded_digest(entry: Entry) -> str | None:
    """The SHA-256 that an entry states beside its weights, or in its metadata."""
    for fields in (entry.fields, entry.metadata, entry.inherited):
        for key in DIGESTS:
            value = look_up(fields, key)
            if isinstance(value, str) and (match := HEXADECIMAL.search(value)):
                return match[0].lower()
    return None


def weights(link: Claim, seen: Evidence, recorded: str | None = None) -> Finding:
    """One address of weights: whether it answers, holds what its name says, and fits the live
    model.

    `recorded` is the SHA-256 that the index states for it.
    """
    values = seen.values
    if lost := values.get("lost"):
        reason = f"{lost}; on {values.get('seen')} it was there: {_facts(values)}"
        return Finding(
            claim=link,
            verdict=Verdict.ERROR,
            reason=reason,
            measured=_measured(values),
            evidence=(seen.cell.key,),
        )
    if seen.outcome == "failed":
        verdict = FAILURES.get(values.get("failure", ""), Verdict.ERROR)
        return Finding(
            claim=link,
            verdict=verdict,
            reason=seen.error or "could not be read",
            evidence=(seen.cell.key,),
        )
    problems = list(_problems(values, stated_digest(link.raw), recorded))
    fit, verdict, cause = _fit(values)
    if problems:
        verdict, cause = Verdict.MISMATCH, None
    reason = "; ".join([*problems, fit, _facts(values)])
    return Finding(
        claim=link,
        verdict=verdict,
        reason=reason,
        measured=_measured(values),
        cause=cause,
        evidence=(seen.cell.key,),
        causes=(cause,) if cause else (),
    )


def _problems(values: dict[str, Any], named: str | None, recorded: str | None) -> Iterator[str]:
    sha = values.get("sha256")
    for where, stated in (("name", named), ("index", recorded)):
        if stated and sha and not sha.startswith(stated):
            yield f"the {where} says SHA-256 {stated}, the file has {sha[: len(stated)]}"
    if values.get("https") is False:
        yield "it is served over http, so anybody on the way can change it"


def _fit(values: dict[str, Any]) -> tuple[str, Verdict, str | None]:
    """How the tensors fit the model, the verdict that follows, and the cause where names differ."""
    data = values.get("comparison")
    if data is None or "error" in data:
        return (
            f"not compared with the live model: {(data or {}).get('error', 'no tensors')}",
            Verdict.UNCHECKED,
            None,
        )
    found = msgspec.convert(data, WeightsComparison)
    if found.fits and found.how == "order":
        return (
            f"{found.matched} tensors have the live model's shapes in its order, under other names",
            Verdict.EXPLAINED,
            "other names",
        )
    if found.fits:
        after = " after timm's own filter" if found.how == "filter" else ""
        return (
            f"{found.matched} tensors are the live model's{after}, names and shapes",
            Verdict.EXACT,
            None,
        )
    return (
        f"{found.matched} of the live model's {found.model} tensors match; {_differences(found)}",
        Verdict.MISMATCH,
        None,
    )


def _differences(found: WeightsComparison) -> str:
    parts = []
    for kind, names in (("missing", found.missing), ("unexpected", found.unexpected)):
        if number := found.counts[kind]:
            parts.append(f"{number} {kind} ({', '.join(names[:3])}{' ...' if number > 3 else ''})")
    if number := found.counts["reshaped"]:
        name, theirs, own = found.reshaped[0]
        more = " ..." if number > 1 else ""
        parts.append(
            f"{number} of another shape ({name} {_shape(theirs)} instead of {_shape(own)}{more})"
        )
    return ", ".join(parts)


def _shape(sides: Sequence[int]) -> str:
    return "x".join(map(str, sides)) or "scalar"


def _facts(values: dict[str, Any]) -> str:
    """`torch zip, 18,826,032 bytes, 296 tensors`: what there is to say of a checkpoint."""
    facts = [values["format"]] if values.get("format") else []
    if isinstance(values.get("size"), int):
        facts.append(f"{values['size']:,} bytes")
    if tensors := values.get("tensors"):
        facts.append(f"{len(tensors):,} tensors")
    if sha := values.get("sha256"):
        facts.append(f"SHA-256 {sha[:8]}")
    return ", ".join(facts)


def _measured(values: dict[str, Any]) -> str | None:
    return f"{len(values['tensors']):,} tensors" if values.get("tensors") else None
