"""Check claims about weights against inspected checkpoints: the address, the file size, the digest
and the tensors."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from zoo.explanation.case import reproduces
from zoo.explanation.judgement import Assessment, compare_digits
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger.store import Evidence
from zoo.model_index.quantities.show import describe_difference, show_count
from zoo.model_index.records.records import Claim, Entry
from zoo.verification.context import Context
from zoo.verification.file_size_estimate import BINARY, estimate_file_size
from zoo.verification.weights_fit import describe_fit
from zoo.weights.digests import stated_digests
from zoo.weights.identity import read_identities
from zoo.weights.references import stated_digest

NOT_INSPECTED = "the weights were not inspected; --weights inspects them"
FAILURES = {
    "status": Verdict.MISMATCH,
    "refused": Verdict.UNCHECKED,
    "needs more": Verdict.UNCHECKED,
}


def check_file_size(claim: Claim, context: Context) -> Assessment:
    """Compare a file size with the files that were inspected, else with the live model."""
    inspected = [evidence for _, evidence in context.weights]
    finding = compare_file_size(claim, inspected)
    if finding.verdict is Verdict.UNCHECKED and context.live:
        finding = estimate_file_size(finding, context.live)
    return Assessment(finding)


def compare_file_size(claim: Claim, inspected: Sequence[Evidence]) -> Finding:
    """Compare a file size with inspected files; of several the one that fits decides."""
    sizes = [
        (Decimal(size), evidence.cell.key)
        for evidence in inspected
        for size in _sizes(evidence.values)
    ]
    if not sizes:
        keys = tuple(evidence.cell.key for evidence in inspected)
        reason = _reason_unseen(inspected)
        return Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=reason, evidence=keys)
    for size, key in sizes:
        if finding := compare_digits(claim, size, (key,)):
            return finding
    size, key = sizes[0]
    files = next(len(e.values.get("files", ())) for e in inspected if e.cell.key == key)
    subject = "the file has" if files < 2 else f"its {files} files have"
    file = f"{subject} {show_count(size)} bytes"
    for unit, factor in BINARY.items():
        if reproduces(claim, size / factor):
            return Finding(
                claim=claim,
                verdict=Verdict.EXPLAINED,
                reason=f"{file}; the claim counts {unit} and says {unit[0]}B",
                measured=size,
                cause=f"{unit} as {unit[0]}B",
                prediction=claim.number,
                residual=Decimal(0),
                evidence=(key,),
                causes=("MB for MiB",),
            )
    off = describe_difference(claim.number, size)
    return Finding(
        claim=claim,
        verdict=Verdict.MISMATCH,
        reason=f"{file}, the claim is {off}",
        measured=size,
        residual=claim.number - size,
        evidence=(key,),
    )


def _sizes(values: dict[str, Any]) -> Iterator[int]:
    """Yield the bytes of a checkpoint, and those of its shards without their index."""
    size = values.get("size")
    if isinstance(size, int):
        yield size
        files = list(read_identities(values).values())
        if len(files) > 1:
            yield size - (files[0].size or 0)


def _reason_unseen(inspected: Sequence[Evidence]) -> str:
    errors = (evidence.error for evidence in inspected if evidence.error)
    return next((f"the weights could not be inspected: {error}" for error in errors), NOT_INSPECTED)


def recorded_digest(entry: Entry, inspected: Sequence[Evidence]) -> str | None:
    """Return the SHA-256 that an entry states beside its weights, or in its metadata.

    Of several weights it is about one, so where one of them has it, or may have it, there is
    nothing to compare with the others: None.
    """
    stated = next(stated_digests(entry), None)
    digests = [evidence.values.get("sha256") for evidence in inspected]
    if stated and len(digests) > 1 and any(not d or d.startswith(stated) for d in digests):
        return None
    return stated


def check_weights(link: Claim, context: Context) -> Assessment:
    """Judge one link to weights that was inspected, or say that it was not."""
    documents = [evidence for _, evidence in context.weights]
    for inspected, evidence in context.weights:
        if inspected is link:
            digest = recorded_digest(context.entry, documents)
            return Assessment(compare_checkpoint(link, evidence, digest))
    return Assessment(Finding(claim=link, verdict=Verdict.UNCHECKED, reason=NOT_INSPECTED))


def compare_checkpoint(link: Claim, evidence: Evidence, recorded: str | None = None) -> Finding:
    """Judge one link to weights: whether it answers, holds what its name says, and fits the live
    model.

    `recorded` is the SHA-256 that the index states for it.
    """
    values, keys = evidence.values, (evidence.cell.key,)
    tensors = _describe_tensors(values)
    if lost := values.get("lost"):
        reason = f"{lost}; it was there on {values.get('seen')}: {_facts(values)}"
        return Finding(
            claim=link, verdict=Verdict.ERROR, reason=reason, measured=tensors, evidence=keys
        )
    if evidence.outcome == "failed":
        verdict = FAILURES.get(values.get("failure", ""), Verdict.ERROR)
        reason = evidence.error or "could not be read"
        return Finding(claim=link, verdict=verdict, reason=reason, evidence=keys)
    problems = list(_problems(values, stated_digest(link.raw, values.get("sha256")), recorded))
    fit, verdict, cause = describe_fit(values)
    if problems:
        verdict, cause = Verdict.MISMATCH, None
    return Finding(
        claim=link,
        verdict=verdict,
        reason="; ".join([*problems, fit, _facts(values)]),
        measured=tensors,
        cause=cause,
        evidence=keys,
        causes=(cause,) if cause else (),
    )


def _problems(values: dict[str, Any], named: str | None, recorded: str | None) -> Iterator[str]:
    sha = values.get("sha256")
    for where, stated in (("name", named), ("index", recorded)):
        if stated and sha and not sha.startswith(stated):
            yield f"the {where} says SHA-256 {stated}, the file has {sha[: len(stated)]}"
    if values.get("https") is False:
        yield "it is served over http, so anybody on the network can change it"


def _facts(values: dict[str, Any]) -> str:
    """Summarise a checkpoint: `torch zip, 18,826,032 bytes, 296 tensors`."""
    facts = [values["format"]] if values.get("format") else []
    if isinstance(values.get("size"), int):
        facts.append(f"{values['size']:,} bytes")
    if tensors := values.get("tensors"):
        facts.append(f"{len(tensors):,} tensors")
    if sha := values.get("sha256"):
        index = " of the index" if len(values.get("files", ())) > 1 else ""
        facts.append(f"SHA-256{index} {sha[:8]}")
    return ", ".join(facts)


def _describe_tensors(values: dict[str, Any]) -> str | None:
    return f"{len(values['tensors']):,} tensors" if values.get("tensors") else None
