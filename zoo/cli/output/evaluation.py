"""Output of `zoo eval`: numbers with their standing, what was amiss, how it was measured; CSV."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zoo.cli.output.console import plural, print_csv, print_table, print_text, say_note
from zoo.cli.output.progress import Progress, Rate
from zoo.cli.output.times import format_duration

if TYPE_CHECKING:
    from zoo.api.evaluating import EvaluationResult
    from zoo.evaluation.distributed import Ranks
    from zoo.evaluation.evaluator import EvaluationProgress as ImageProgress
    from zoo.evaluation.evaluator import Watch
    from zoo.model_index.ledger.evaluation import Evaluation
    from zoo.model_index.ledger.store import Evidence

FIELDS = (
    "model",
    "quantity",
    "measured",
    "claimed",
    "standing",
    "verdict",
    "images",
    "dataset",
    "reason",
    "evidence",
)
NAMED = 5  # printed faults of a kind; the evidence has them all


def print_evaluation(result: "EvaluationResult", started: datetime) -> None:
    """Print every number with its standing, then what was amiss and how it was measured; `started`
    is when the command did."""
    evaluation = result.evidence.evaluation
    if evaluation is None:
        print_text(f"{result.entry.name}: {result.evidence.error}")
        return
    images = STOPPED[evaluation.stopped].format(evaluation)
    print_text(f"{result.entry.name} on {evaluation.dataset_label}: {images}")
    rows = list(_rows(result, evaluation))
    columns = ("Standing", "Quantity", "Claimed", "Measured", "All images", "Publisher")
    right = columns[2:5]
    print_table(columns, [row[:-1] for row in rows], right, notes=[row[-1] for row in rows])
    for line in _list_faults(result, evaluation):
        print_text(line)
    if result.variants:
        _print_variants(result, evaluation)
    for label, text in _describe_setup(result, evaluation):
        print_text(f"{label:<14} {text}", 2)
    count = f"{evaluation.seen:,} of {evaluation.images:,} images"
    origin = _describe_origin(result.evidence, evaluation, started)
    say_note(f"evidence {result.evidence.cell.key}: {count}, {origin}")


def print_evaluations_csv(results: "Sequence[EvaluationResult]") -> None:
    """Print a line for each accuracy, in percent."""
    rows = [row for result in results for row in result.rows()]
    print_csv(FIELDS, [[row[name] for name in FIELDS] for row in rows])


def _describe_origin(evidence: "Evidence", evaluation: "Evaluation", started: datetime) -> str:
    """Say how long it took, and what comes of an earlier run."""
    from zoo.model_index.ledger.evidence import moment

    at = moment(evidence.started_at)
    if at is None or at < started.replace(microsecond=0):
        return f"reused from the ledger, {evidence.started_at} (--fresh evaluates again)"
    rate = f", {evaluation.rate:,.0f} images/s" if evaluation.rate else ""
    resumed = evaluation.resumed
    earlier = f"; {resumed:,} of them by an earlier run's predictions" if resumed else ""
    return f"{evidence.seconds or 0:.1f} s{rate}{earlier}"


def _describe_setup(
    result: "EvaluationResult", evaluation: "Evaluation"
) -> Iterator[tuple[str, str]]:
    """Yield weights, preprocessing, the part of it that is the library's, labels and device."""
    from zoo.reporting.views.evaluations import FITS, numbers

    pre = evaluation.preprocessing
    size = "x".join(map(str, pre["input_size"]))
    fit = FITS.get(evaluation.fit, evaluation.fit)
    yield "weights", f"{evaluation.weights}, SHA-256 {evaluation.sha256[:8]}, {fit}"
    crop = f"crop {pre['crop_pct']:g} {pre['crop_mode']}, {pre['interpolation']}"
    normalisation = f"mean {numbers(pre['mean'])}, std {numbers(pre['std'])}"
    yield "preprocessing", f"{size}, {crop}, {normalisation}"
    if evaluation.defaults:
        names = ", ".join(_describe_default(name, pre) for name in evaluation.defaults)
        yield "defaults", f"{names}: timm's; the index states none"
    yield "labels", evaluation.labels
    version = result.evidence.cell.builder_version
    yield "run", f"{evaluation.precision} on {evaluation.device}, {version}"


def _describe_default(name: str, pre: dict[str, Any]) -> str:
    """Name a setting, with its value where that is short: `crop mode center`, `mean`."""
    label = name.replace("_", " ").replace("pct", "fraction")
    return label if isinstance(pre[name], list) else f"{label} {pre[name]}"


STOPPED = {
    "all": "all {0.images:,} images",
    "decided": "decided after {0.seen:,} of {0.images:,} images",
    "limit": "stopped at the limit, after {0.seen:,} of {0.images:,} images",
    "interrupted": "interrupted after {0.seen:,} of {0.images:,} images",
}


def _rows(result: "EvaluationResult", evaluation: "Evaluation") -> Iterator[tuple[str, ...]]:
    """Yield a row for each claim, and one for each unclaimed number; the last cell says why."""
    from zoo.api.evaluating import ACCURACIES

    for quantity, label in ACCURACIES.items():
        percent = evaluation.percent(quantity)
        if percent is None:
            continue
        bounds, measured = evaluation.bounds(quantity), f"{percent}%"
        interval = "counted"
        if bounds and not evaluation.complete:
            interval = f"{bounds[0]:.2f} to {bounds[1]:.2f}%"
        findings = [finding for finding in result.findings if finding.claim.quantity == quantity]
        for finding in findings:
            claim, standing = finding.claim, str(finding.standing)
            place = f" ({claim.place})" if finding.fails() else ""
            row = (standing, label, claim.printed, measured, interval, claim.publisher)
            yield (*row, f"{finding.reason}{place}")
        if not findings:
            why = _unclaimed(result, evaluation, quantity)
            yield "", label, "", measured, interval, "", why
    if evaluation.mean_per_class is not None:
        mean = f"{evaluation.mean_per_class:g}%"
        yield "", "Mean per class", "", mean, "", "", "of the classes in the evaluated images"


def _unclaimed(result: "EvaluationResult", evaluation: "Evaluation", quantity: str) -> str:
    others = dict.fromkeys(
        c.dataset for c in result.entry.all_claims() if c.quantity == quantity and c.dataset
    )
    return f"claimed on {', '.join(filter(None, others))} only" if others else "not claimed"


def _list_faults(result: "EvaluationResult", evaluation: "Evaluation") -> Iterator[str]:
    """Yield the faults of images and labels by kind, and settings that differ from the
    configuration."""
    kinds: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for kind, name, detail in evaluation.faults:
        kinds[kind].append((name, detail))
    for kind, faults in kinds.items():
        named = "; ".join(
            f"{name} ({detail})" if detail else name for name, detail in faults[:NAMED]
        )
        more = (
            f"; and {len(faults) - NAMED:,} more, all in the evidence"
            if len(faults) > NAMED
            else ""
        )
        counts = ", counted as wrong" if kind in ("unread", "not finite") else ""
        yield f"{plural(len(faults), kind, kind)}{counts}: {named}{more}"
    if evaluation.excluded:
        whose = evaluation.given or "the data set's own rules"
        yield f"{plural(evaluation.excluded, 'image')} left out by {whose}"
    for finding in result.differing:
        claim = finding.claim
        verdict = f"{finding.verdict_label}, {finding.reason}"
        yield f"{claim.place}: {claim.label} {claim.raw}: {verdict}"


def _print_variants(result: "EvaluationResult", evaluation: "Evaluation") -> None:
    print_text("Other pipelines, one setting changed each")
    rows = [
        _variant("as configured", result.evidence, evaluation),
        *(_variant(label, e, evaluation) for label, e in result.variants),
    ]
    columns = ("Pipeline", "Top 1", "Difference", "Top 5", "Images")
    print_table(columns, rows, right=columns[1:])


def _variant(label: str, evidence: "Evidence", reference: "Evaluation") -> tuple[str, ...]:
    result = evidence.evaluation
    if result is None:
        return label, "", "", "", evidence.error or ""
    top1, top5 = result.percent("top1"), result.percent("top5")
    assert top1 is not None
    difference = top1 - (reference.percent("top1") or 0)
    return (
        label,
        f"{top1:.2f}%",
        f"{difference:+.2f}",
        "" if top5 is None else f"{top5:.2f}%",
        f"{result.seen:,}",
    )


def watch_images(progress: Progress, ranks: "Ranks") -> "Watch":
    """Return a watcher that shows images done, accuracy, bounds and rate; silent but on rank 0."""
    if not ranks.first:
        return lambda state, fresh: None
    rate = Rate()

    def watch(state: "ImageProgress", fresh: int) -> None:
        speed, seen = rate.add(fresh), state.tally.seen
        low, high = state.bounds()
        note = f"top-1 {100 * state.tally.top1 / seen:.2f}% ({low:.2f} to {high:.2f})"
        left = format_duration((state.images - seen) / speed) if speed else "unknown"
        text = (
            f"{state.label}: {seen:,} of {state.images:,} images, {note}, "
            f"{speed:,.1f} images/s, {left} left"
        )
        note = f"{note}, {speed:,.0f}/s"
        progress.update(state.label, seen, state.images, note=note, line=text)

    return watch
