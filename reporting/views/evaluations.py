"""Arrange the evaluations of a model for its page: by data set, the entry's own pipeline first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from zoo.model_index.ledger.evaluation import Evaluation, differences
from zoo.model_index.ledger.store import Evidence
from zoo.reporting.i18n.gettext import N_
from zoo.reporting.views.catalogue import Model

FITS = {
    "names": "by name",
    "prefix": "by name, without a prefix that one side has",
    "filter": "after timm's own filter",
    "order": "in their order, under other names",
}
FAULTS = 10  # faults on a page; the document has all of them


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRow:
    """An evaluation as texts: how its pipeline differs, its numbers, and its document.

    `difference` is the top-1 accuracy minus that of the entry's own pipeline, in points; None for
    the own pipeline.
    """

    pipeline: str
    top1: str
    top5: str
    mean: str
    images: str
    run: str
    difference: Decimal | None
    document: Evidence


@dataclass(frozen=True, slots=True)
class DatasetEvaluations:
    """All evaluations on one data set; `facts` and `faults` are of the first row's."""

    dataset: str
    rows: tuple[EvaluationRow, ...]
    facts: tuple[tuple[str, str], ...]
    faults: tuple[str, ...]


def dataset_evaluations(model: Model) -> list[DatasetEvaluations]:
    """Group evaluations by data set and split, data sets with claims first."""
    groups: dict[str, list[tuple[Evidence, Evaluation]]] = {}
    for document in model.evaluations:
        if evaluation := document.evaluation:
            groups.setdefault(evaluation.dataset_label, []).append((document, evaluation))
    cited = {key for check in model.checks for key in check.finding.evidence}
    order = sorted(
        groups.items(),
        key=lambda group: (not any(d.cell.key in cited for d, _ in group[1]), group[0]),
    )
    return [_dataset_evaluations(name, _sort(group, cited)) for name, group in order]


def _sort(
    group: Iterable[tuple[Evidence, Evaluation]], cited: set[str]
) -> list[tuple[Evidence, Evaluation]]:
    """Sort evaluations: the own pipeline first, then the evidence of findings, complete ones, new
    ones."""
    newest = sorted(group, key=lambda pair: pair[0].recency, reverse=True)
    return sorted(
        newest,
        key=lambda pair: (not pair[1].own, pair[0].cell.key not in cited, not pair[1].complete),
    )


def _dataset_evaluations(name: str, group: list[tuple[Evidence, Evaluation]]) -> DatasetEvaluations:
    document, first = group[0]
    rows = tuple(_row(document_, evaluation, first) for document_, evaluation in group)
    faults = [
        f"{kind}: {path}{f', {detail}' if detail else ''}" for kind, path, detail in first.faults
    ]
    more = [f"{len(faults) - FAULTS:,} more"] if len(faults) > FAULTS else []
    return DatasetEvaluations(name, rows, tuple(_facts(document, first)), (*faults[:FAULTS], *more))


def _row(document: Evidence, evaluation: Evaluation, first: Evaluation) -> EvaluationRow:
    changes = [text for _, text in differences(first, evaluation)]
    top1, own_top1 = evaluation.percent("top1"), first.percent("top1")
    return EvaluationRow(
        pipeline="as configured"
        if evaluation is first
        else " and ".join(changes) or "the same, another run",
        top1=_accuracy(evaluation, "top1"),
        top5=_accuracy(evaluation, "top5"),
        mean="" if evaluation.mean_per_class is None else f"{evaluation.mean_per_class:.2f}%",
        images=f"{evaluation.seen:,}"
        if evaluation.complete
        else f"{evaluation.seen:,} of {evaluation.images:,}",
        run=f"{evaluation.precision} on {evaluation.device}",
        difference=None
        if evaluation is first or top1 is None or own_top1 is None
        else top1 - own_top1,
        document=document,
    )


def _accuracy(evaluation: Evaluation, quantity: str) -> str:
    """Format `95.48%`; for a part of the images also the bounds for all of them."""
    value, bounds = evaluation.percent(quantity), evaluation.bounds(quantity)
    if value is None or bounds is None:
        return ""
    return (
        f"{value:.2f}%"
        if evaluation.complete
        else f"{value:.2f}% ({bounds[0]:.2f} to {bounds[1]:.2f})"
    )


def _facts(document: Evidence, evaluation: Evaluation) -> list[tuple[str, str]]:
    pre = evaluation.preprocessing
    sizes = "×".join(map(str, pre["input_size"]))
    tensors = ", resized as a tensor" if pre.get("resize") == "tensor" else ""
    fit = FITS.get(evaluation.fit, evaluation.fit)
    crop = f"crop {pre['crop_pct']:g} {pre['crop_mode']}"
    normalization = f"mean {numbers(pre['mean'])}, std {numbers(pre['std'])}"
    pipeline = f"{sizes}, {crop}, {pre['interpolation']}{tensors}, {normalization}"
    excluded = f"; {evaluation.excluded:,} left out" if evaluation.excluded else ""
    named = ", named by a person and not by the index" if evaluation.named else ""
    confidence = f"{100 * (1 - evaluation.level):g}% sure at any moment of the run"
    facts = {
        N_("Images"): f"{evaluation.images:,}, {evaluation.where}{excluded}",
        N_("Weights"): f"{evaluation.weights}, SHA-256 {evaluation.sha256[:16]}, {fit}{named}",
        N_("Pipeline"): pipeline,
        N_("Labels"): evaluation.labels,
        N_("Bounds"): "" if evaluation.complete else confidence,
        N_("Unread"): f"{evaluation.unread:,}, counted as wrong" if evaluation.unread else "",
        N_("Evaluated"): f"{document.started_at}, {document.cell.builder_version}",
        N_("Predictions"): evaluation.predictions,
    }
    return [(name, text) for name, text in facts.items() if text]


def numbers(values: Sequence[float]) -> str:
    """Format `0.485 0.456 0.406`, or `0.5` where all channels have the same value."""
    return " ".join(f"{value:g}" for value in (values if len(set(values)) > 1 else values[:1]))
