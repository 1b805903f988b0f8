"""Output of `zoo eval` for one model: the setup, every number with its verdict, and the faults."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zoo.cli.output.console import plural, print_table, say
from zoo.cli.output.progress import Progress, Rate, format_duration

if TYPE_CHECKING:
    from zoo.api.evaluating import EvaluationResult
    from zoo.evaluation.distributed import Ranks
    from zoo.evaluation.evaluator import EvaluationProgress as ImageProgress
    from zoo.evaluation.evaluator import Watch
    from zoo.model_index.ledger.evaluation import Evaluation
    from zoo.model_index.ledger.store import Evidence

NAMED = 5  # printed faults of a kind; the evidence has them all


def print_evaluation(result: "EvaluationResult", started: datetime) -> None:
    """Print the result for people; `started` is when the command did."""
    evaluation = result.evidence.evaluation
    if evaluation is None:
        say(f"{result.entry.name}: {result.evidence.error}")
        return
    for line in _describe_setup(result, evaluation):
        say(line)
    columns = ("Quantity", "Publisher", "Claimed", "Measured", "All images", "Verdict", "Why")
    print_table(columns, list(_rows(result, evaluation)), right=("Claimed", "Measured"))
    for line in _list_faults(result, evaluation):
        say(line)
    if result.variants:
        _print_variants(result, evaluation)
    for finding in result.findings:
        if finding.fails():
            say(f"{finding.claim.place}: {finding.claim.path}: {finding.verdict_label}")
    images = f"{evaluation.seen:,} of {evaluation.images:,} images"
    origin = _describe_origin(result.evidence, evaluation, started)
    say(f"evidence {result.evidence.cell.key}: {images}, {origin}", error=True)


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


def _describe_setup(result: "EvaluationResult", evaluation: "Evaluation") -> Iterator[str]:
    from zoo.reporting.views.evaluations import FITS, numbers

    pre = evaluation.preprocessing
    size = "x".join(map(str, pre["input_size"]))
    fit = FITS.get(evaluation.fit, evaluation.fit)
    images = STOPPED[evaluation.stopped].format(evaluation)
    yield f"{result.entry.name} on {evaluation.dataset_label}: {images}"
    yield f"  weights        {evaluation.weights}, SHA-256 {evaluation.sha256[:8]}, {fit}"
    crop = f"crop {pre['crop_pct']:g} {pre['crop_mode']}, {pre['interpolation']}"
    normalisation = f"mean {numbers(pre['mean'])}, std {numbers(pre['std'])}"
    yield f"  preprocessing  {size}, {crop}, {normalisation}"
    if evaluation.defaults:
        names = ", ".join(_describe_default(name, pre) for name in evaluation.defaults)
        yield f"  defaults       {names}: timm's; the index states none"
    yield f"  labels         {evaluation.labels}"
    version = result.evidence.cell.builder_version
    yield f"  run            {evaluation.precision} on {evaluation.device}, {version}"


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
    """Yield a row for each claim, and one for each unclaimed number."""
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
            claim, verdict = finding.claim, finding.verdict_label
            row = (label, claim.publisher, claim.printed, measured, interval)
            yield (*row, verdict, finding.reason)
        if not findings:
            yield label, "", "", measured, interval, "", _unclaimed(result, evaluation, quantity)
    if evaluation.mean_per_class is not None:
        mean = f"{evaluation.mean_per_class:g}%"
        yield "Mean per class", "", "", mean, "", "", "of the classes in the evaluated images"


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
    say("")
    say("Other pipelines, one setting changed each")
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
