"""Check claims about weights against inspected checkpoints: the address, the file size, the digest
and the tensors."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from zoo.explanation.case import reproduces
from zoo.explanation.judgement import Assessment, compare_digits, contradict
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger.store import Evidence
from zoo.model_index.quantities.show import show_count
from zoo.model_index.records.records import Claim, Entry
from zoo.verification.checkpoint import (
    NOT_INSPECTED,
    compare_names,
    is_alone,
    list_checkpoints,
)
from zoo.verification.context import Context
from zoo.verification.file_size_estimate import BINARY, estimate_file_size
from zoo.verification.weights_fit import describe_fit
from zoo.weights.digests import digest_in_text, stated_digests
from zoo.weights.identity import read_identities
from zoo.weights.references import stated_digest

SAME_DIGEST = "its SHA-256 is the one that the index states"
NOTHING_TO_COMPARE = "no model to compare it with, and its names state no numbers"
FAILURES = {
    "status": Verdict.MISMATCH,
    "refused": Verdict.UNCHECKED,
    "needs more": Verdict.UNCHECKED,
}


def check_file_size(claim: Claim, context: Context) -> Assessment:
    """Compare a file size with the files that were inspected, else with the live model."""
    finding = compare_file_size(claim, [evidence for _, evidence in context.weights])
    if finding.verdict is Verdict.UNCHECKED and context.live:
        finding = estimate_file_size(finding, context.live)
    return Assessment(finding)


def compare_file_size(claim: Claim, inspected: Sequence[Evidence]) -> Finding:
    """Compare a file size with inspected files; of several the one that fits decides, unless the
    claim names its file."""
    if file := dict(claim.conditions).get("file"):
        inspected = [e for e in inspected if str(e.cell.conditions["address"]).endswith(f"/{file}")]
    sizes = [
        *_sizes_of_parts(inspected),
        *(size for evidence in inspected for size in _sizes(evidence)),
    ]
    if not sizes:
        keys = tuple(evidence.cell.key for evidence in inspected)
        reason = _reason_unseen(inspected)
        return Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=reason, evidence=keys)
    for size, key, _ in sizes:
        if finding := compare_digits(claim, size, (key,)):
            return finding
    size, key, subject = sizes[0]
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
    return contradict(claim, size, file, (key,))


class StoredSize(NamedTuple):
    """The bytes of a checkpoint, the key of its evidence, and what has them, with the verb."""

    bytes: Decimal
    key: str
    subject: str


def _sizes(evidence: Evidence) -> Iterator[StoredSize]:
    """Yield the bytes of a checkpoint: of shards without their index first, then of all files."""
    values, key = evidence.values, evidence.cell.key
    size = values.get("size")
    if not isinstance(size, int):
        return
    files = list(read_identities(values).values())
    if len(files) > 1 and str(values.get("format")).endswith("shards"):
        subject = f"its {len(files) - 1} shards have"
        yield StoredSize(Decimal(size - (files[0].size or 0)), key, subject)
    subject = "the file has" if len(files) < 2 else f"its {len(files)} files have"
    yield StoredSize(Decimal(size), key, subject)


def _sizes_of_parts(inspected: Sequence[Evidence]) -> Iterator[StoredSize]:
    """Yield the bytes of checkpoints of which the index names every part."""
    for whole in list_checkpoints(inspected):
        if whole.size is not None and len(whole.keys) > 1 and not whole.missing:
            subject = f"its {len(whole.keys)} parts have"
            yield StoredSize(Decimal(whole.size), whole.keys[0], subject)


def _reason_unseen(inspected: Sequence[Evidence]) -> str:
    errors = (evidence.error for evidence in inspected if evidence.error)
    return next((f"the weights could not be inspected: {error}" for error in errors), NOT_INSPECTED)


def recorded_digest(link: Claim, entry: Entry, inspected: Sequence[Evidence]) -> str | None:
    """Return the SHA-256 that an entry states of a link, beside its weights, or in its metadata.

    Of several weights it is about one, so where one of them has it, or may have it, there is
    nothing to compare with the others: None.
    """
    if own := digest_in_text(dict(link.conditions).get("sha256", "")):
        return own
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
            digest = recorded_digest(link, context.entry, documents)
            return Assessment(compare_checkpoint(link, context.entry, evidence, digest))
    return Assessment(Finding(claim=link, verdict=Verdict.UNCHECKED, reason=NOT_INSPECTED))


def compare_checkpoint(
    link: Claim, entry: Entry, evidence: Evidence, recorded: str | None = None
) -> Finding:
    """Judge one link to weights: whether it answers, holds what its name says, and fits the live
    model; where there is none, what its name states decides.

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
    sha256 = values.get("sha256")
    problems = list(_problems(values, stated_digest(link.raw, sha256), recorded))
    fit, verdict, cause = describe_fit(values)
    if is_alone(entry, evidence):
        names = compare_names(link, entry, evidence)
        problems += names.contradictions
        agreements = [
            *names.agreements,
            *([SAME_DIGEST] if recorded and (sha256 or "").startswith(recorded) else []),
        ]
        fit = "; ".join(agreements) or ("" if problems else NOTHING_TO_COMPARE)
        verdict = Verdict.EXACT if agreements else Verdict.UNCHECKED
        tensors = None if problems else tensors
    if problems:
        verdict, cause = Verdict.MISMATCH, None
    return Finding(
        claim=link,
        verdict=verdict,
        reason="; ".join(filter(None, [*problems, fit, _facts(values)])),
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
    yield from values.get("misstates", ())
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
