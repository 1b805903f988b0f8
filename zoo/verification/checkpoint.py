"""Judge a model by its checkpoint alone: the number of parameters, and what its name states.

This is for a model that is not built: its index names no builder, or one that cannot build here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

import msgspec

from zoo.explanation.judgement import Assessment, compare_digits, contradict
from zoo.explanation.search import MAX_CHANCE, Inquiry, chance
from zoo.model_index.findings import Finding, Hypothesis, Verdict
from zoo.model_index.ledger.store import Evidence
from zoo.model_index.records.checkpoint_name import PART, read_name
from zoo.model_index.records.records import Claim, Entry
from zoo.weights.contents.name_check import NameFit, compare_name
from zoo.weights.contents.readings import READINGS
from zoo.weights.contents.summary import Summary, convert_summary
from zoo.weights.formats.dtypes import SAFETENSORS

NOT_INSPECTED = "the weights were not inspected; --weights inspects them"
TYPES = 3  # of tensors that a reason names


class WholeCheckpoint(NamedTuple):
    """A whole checkpoint: what it holds, its bytes, and the evidence; `missing` says which parts
    were not inspected."""

    summary: Summary
    size: int | None
    keys: tuple[str, ...]
    missing: str = ""


def read_summary(evidence: Evidence) -> Summary | None:
    """Return what an inspected checkpoint holds; None where it could not be read."""
    return None if evidence.outcome == "failed" else convert_summary(evidence.values)


def list_checkpoints(documents: Iterable[Evidence]) -> list[WholeCheckpoint]:
    """Return the whole checkpoints that were inspected: the parts of one are one."""
    groups: dict[str, list[Evidence]] = {}
    for evidence in documents:
        address = str(evidence.cell.conditions["address"])
        groups.setdefault(PART.sub("-of-", address), []).append(evidence)
    return [whole for group in groups.values() if (whole := _join_parts(group))]


def _join_parts(group: Sequence[Evidence]) -> WholeCheckpoint | None:
    """Return the checkpoint of documents whose names differ by their part."""
    pairs = [(e, summary) for e in group if (summary := read_summary(e))]
    if not pairs:
        return None
    sizes = [evidence.values.get("size") for evidence, _ in pairs]
    size = None if None in sizes else sum(s for s in sizes if s is not None)
    keys = tuple(evidence.cell.key for evidence, _ in pairs)
    part = read_name(str(pairs[0][0].cell.conditions["address"])).part
    missing = ""
    if part and len(pairs) < part[1]:
        missing = f"{len(pairs)} of its {part[1]} parts were inspected"
    if len(pairs) == 1:
        return WholeCheckpoint(pairs[0][1], size, keys, missing)
    summaries = [summary for _, summary in pairs]
    counts = [summary.parameters for summary in summaries]
    whole = msgspec.structs.replace(
        summaries[0],
        parameters=None if None in counts else sum(c for c in counts if c is not None),
        problem=next((s.problem for s in summaries if s.problem), ""),
        elements=sum(summary.elements for summary in summaries),
        bytes=sum(summary.bytes for summary in summaries),
        weight_bytes=sum(summary.weight_bytes for summary in summaries),
        readings={},
    )
    return WholeCheckpoint(whole, size, keys, missing)


def judge_parameters(claim: Claim, documents: Iterable[Evidence]) -> Assessment | None:
    """Compare a number of parameters with inspected checkpoints, of which the one that fits
    decides; None where none was inspected."""
    checkpoints = list_checkpoints(documents)
    for checkpoint in checkpoints:
        number = checkpoint.summary.parameters
        if number is None or checkpoint.missing:
            continue
        if finding := compare_digits(claim, Decimal(number), checkpoint.keys):
            reason = f"{finding.reason}; {describe_contents(checkpoint)}"
            return Assessment(replace(finding, reason=reason))
    known = [c for c in checkpoints if c.summary.parameters is not None and not c.missing]
    for checkpoint in known:
        if (assessment := _explain(claim, checkpoint)).finding.verdict is Verdict.EXPLAINED:
            return assessment
    if known:
        return _explain(claim, known[0])
    return Assessment(_describe_problem(claim, checkpoints[0])) if checkpoints else None


def judge_elements(claim: Claim, dtype: str, documents: Iterable[Evidence]) -> Finding:
    """Compare the number of elements of one type with inspected checkpoints, of which the one that
    fits decides. `dtype` is safetensors' name of the type, or torch's."""
    name = SAFETENSORS.get(dtype, dtype)
    numbers = [
        (Decimal(sum(row.elements for row in whole.summary.dtypes if row.dtype == name)), whole)
        for whole in list_checkpoints(documents)
        if not whole.missing
    ]
    for number, whole in numbers:
        if finding := compare_digits(claim, number, whole.keys):
            return replace(finding, reason=f"{finding.reason}; elements of {name}")
    if not numbers:
        reason = f"elements of {name}; {NOT_INSPECTED}"
        return Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=reason)
    number, whole = numbers[0]
    what = f"the checkpoint has {number:,} elements of {name}"
    return contradict(claim, number, what, whole.keys)


def _describe_problem(claim: Claim, checkpoint: WholeCheckpoint) -> Finding:
    reason = checkpoint.missing or checkpoint.summary.problem
    return Finding(
        claim=claim,
        verdict=Verdict.UNCHECKED,
        reason=f"{reason}; {describe_contents(checkpoint)}",
        evidence=checkpoint.keys,
    )


def _explain(claim: Claim, checkpoint: WholeCheckpoint) -> Assessment:
    """Search the reading of a checkpoint that gives the claim. Few digits prove none of them."""
    measured = Decimal(checkpoint.summary.parameters or 0)
    tried = tuple(_hypotheses(claim, checkpoint.summary))
    fits = tuple(hypothesis for hypothesis in tried if hypothesis.fits)
    price = chance(claim, 1 + len(tried))
    chosen = fits[0] if fits and price <= MAX_CHANCE else None
    what = f"the checkpoint has {measured:,} parameters"
    plain = contradict(claim, measured, what, checkpoint.keys)
    reason = f"{plain.reason}; {describe_contents(checkpoint)}"
    base = replace(plain, reason=reason, tried=tried)
    if chosen:
        finding = replace(
            base,
            verdict=Verdict.EXPLAINED,
            reason=f"{chosen.label}; it holds {measured:,} parameters: "
            f"{describe_contents(checkpoint)}",
            cause=chosen.name,
            causes=chosen.causes,
            prediction=chosen.prediction,
            residual=chosen.residual,
            wrong=chosen.wrong,
        )
        return Assessment(finding, Inquiry(tried, fits, price, chosen))
    if fits:
        labels = ", ".join(hypothesis.label for hypothesis in fits)
        reason = f"may be {labels}: too few digits tell; {describe_contents(checkpoint)}"
        return Assessment(replace(base, verdict=Verdict.UNCHECKED, reason=reason, residual=None))
    return Assessment(base)


def _hypotheses(claim: Claim, summary: Summary) -> Iterator[Hypothesis]:
    plain = summary.parameters or 0
    for name, row in READINGS.items():
        if (number := summary.readings.get(name)) is None:
            continue
        residual = claim.number - number
        step = claim.parsed.step or Decimal(0)
        yield Hypothesis(
            causes=(name,),
            label=row.label,
            rank=1,
            prediction=Decimal(number),
            residual=residual,
            fits=residual == 0 or -step < residual <= step / 2,
            terms=f"parameters {plain} + {row.more} {number - plain}" if row.more else "",
            wrong=row.wrong,
        )


def describe_contents(checkpoint: WholeCheckpoint) -> str:
    """Return the types of a checkpoint's elements and the bits of a weight: `bfloat16 196,608; 16
    bits a weight`."""
    summary = checkpoint.summary
    shares = [f"{row.elements:,} {row.dtype}" for row in summary.dtypes[:TYPES]]
    more = ["..."] if len(summary.dtypes) > TYPES else []
    parts = [", ".join([*shares, *more])]
    if bits := bits_of_weight(checkpoint.summary, checkpoint.size):
        parts.append(f"{bits:.4g} bits a weight")
    return ", ".join(parts)


def bits_of_weight(summary: Summary, size: int | None) -> float | None:
    """Return the bits that a weight takes in a file of so many bytes; None where its weights are
    not known."""
    return 8 * size / summary.parameters if size and summary.parameters else None


def is_alone(entry: Entry, evidence: Evidence) -> bool:
    """Return whether a checkpoint is all there is of a model: no builder is named, and the model's
    name is not that of a model that is built."""
    comparison = evidence.values.get("comparison") or {}
    return not entry.builder.named and "error" in comparison


def compare_names(link: Claim, entry: Entry, evidence: Evidence) -> NameFit:
    """Compare what the names of a checkpoint and of its model state with what it holds.

    Of several checkpoints some may be parts or other forms of the model, so its name contradicts
    none of them.
    """
    summary = read_summary(evidence)
    if summary is None:
        return NameFit()
    file = link.raw.strip().rpartition("/")[2]
    fit = compare_name(file, summary)
    if read_name(file).component:
        return fit
    of_model = compare_name(entry.name, summary)
    return fit.join(of_model._replace(contradictions=()) if len(entry.links) > 1 else of_model)
