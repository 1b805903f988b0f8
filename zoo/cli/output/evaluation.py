"""What `zoo eval` says of one model: what was evaluated, every number with its verdict, and all
that was amiss."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.cli.output.console import plural, print_table, say
from zoo.cli.output.progress import Progress, Rate

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.evaluation.distributed import Ranks
    from zoo.evaluation.evaluator import EvaluationProgress as ImageProgress
    from zoo.evaluation.evaluator import Watch
    from zoo.model_index.findings import Finding
    from zoo.model_index.ledger.evaluation import Evaluation
    from zoo.model_index.ledger.store import Evidence
    from zoo.model_index.records.records import Entry

LABELS = {"top1": "Top 1 Accuracy", "top5": "Top 5 Accuracy"}
NAMED = 5  # of a kind of fault, on a terminal; the evidence has them all


@dataclass(frozen=True)
class Evaluated:
    """A model's evaluation with its findings; `variants` are other pipelines: (what is otherwise,
    evidence)."""

    entry: "Entry"
    own: "Evidence"
    variants: "Sequence[tuple[str, Evidence]]"
    findings: "Sequence[Finding]"
    differing: "Sequence[Finding]"

    @property
    def fails(self) -> bool:
        return any(finding.fails() for finding in self.findings) or self.own.outcome == "failed"

    def to_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "model": self.entry.name,
            "evidence": self.own.cell.key,
            "error": self.own.error,
            "evaluation": self.own.values,
            "findings": [finding.to_dict() for finding in (*self.findings, *self.differing)],
            "variants": [
                {
                    "pipeline": label,
                    "evidence": each.cell.key,
                    "error": each.error,
                    "evaluation": each.values,
                }
                for label, each in self.variants
            ],
        }


def data_of(
    entry: "Entry", found: "Sequence[tuple[str, Evidence]]", measurer: "Measurer"
) -> Evaluated:
    """The findings that follow from what was evaluated, and where the index and the configuration
    differ."""
    from zoo.verification.accuracy import compare_evaluations
    from zoo.verification.applicability import gather_evaluations
    from zoo.verification.verify import find_unlike_settings

    (_, own), *variants = found
    documents = {each.cell.key: each for each in measurer.evaluations(entry)} | {own.cell.key: own}
    evaluations = gather_evaluations(entry, documents.values(), measurer.digests(entry))
    claims = [claim for claim in entry.all_claims() if claim.row.check == "accuracy"]
    compared = [compare_evaluations(claim, evaluations, own.cell.key) for claim in claims]
    findings = [finding for finding in compared if finding and own.cell.key in finding.evidence]
    return Evaluated(entry, own, variants, findings, find_unlike_settings(entry, measurer))


def print_evaluated(shown: Evaluated) -> None:
    """Everything for people."""
    found = shown.own.evaluation
    if found is None:
        say(f"{shown.entry.name}: {shown.own.error}")
        return
    for line in _about(shown, found):
        say(line)
    columns = ("Quantity", "Publisher", "Claimed", "Measured", "All images", "Verdict", "Why")
    print_table(columns, list(_rows(shown, found)), right=("Claimed", "Measured"))
    for line in _amiss(shown, found):
        say(line)
    if shown.variants:
        _print_variants(shown, found)
    for finding in shown.findings:
        if finding.fails():
            say(f"{finding.claim.place}: {finding.claim.path}: {finding.verdict_label}")
    rate = f", {found.rate:,.0f} images/s" if found.rate else ""
    took = f"{shown.own.seconds:.1f} s{rate}" if shown.own.seconds is not None else "no time"
    say(
        f"evidence {shown.own.cell.key}: {found.seen:,} of {found.images:,} images, {took}",
        error=True,
    )


def _about(shown: Evaluated, found: "Evaluation") -> Iterator[str]:
    from zoo.reporting.views.evaluations import FITS, numbers

    pre = found.preprocessing
    size = "x".join(map(str, pre["input_size"]))
    yield f"{shown.entry.name} on {found.dataset_label}: {STOPPED[found.stopped].format(found)}"
    yield f"  weights        {found.weights}, SHA-256 {found.sha256[:8]}, {FITS.get(found.fit, found.fit)}"
    yield (
        f"  preprocessing  {size}, crop {pre['crop_pct']:g} {pre['crop_mode']}, {pre['interpolation']}"
        + (f", mean {numbers(pre['mean'])}, std {numbers(pre['std'])}")
    )
    yield f"  labels         {found.labels}"
    yield f"  run            {found.precision} on {found.device}, {shown.own.cell.builder_version}"


STOPPED = {
    "all": "all {0.images:,} images",
    "decided": "decided after {0.seen:,} of {0.images:,} images",
    "limit": "stopped at the limit, after {0.seen:,} of {0.images:,} images",
    "interrupted": "interrupted after {0.seen:,} of {0.images:,} images",
}


def _rows(shown: Evaluated, found: "Evaluation") -> Iterator[tuple[str, ...]]:
    """A row for each claim, and one for each number that nobody claims."""
    for quantity, label in LABELS.items():
        percent = found.percent(quantity)
        if percent is None:
            continue
        bounds, measured = found.bounds(quantity), f"{percent}%"
        interval = "counted"
        if bounds and not found.complete:
            interval = f"{bounds[0]:.2f} to {bounds[1]:.2f}%"
        findings = [each for each in shown.findings if each.claim.quantity == quantity]
        for finding in findings:
            claim, verdict = finding.claim, finding.verdict_label
            row = (label, claim.publisher, claim.printed, measured, interval)
            yield (*row, verdict, finding.reason)
        if not findings:
            yield label, "", "", measured, interval, "", _unclaimed(shown, found, quantity)
    if found.mean_per_class is not None:
        mean = f"{found.mean_per_class:g}%"
        yield "Mean per class", "", "", mean, "", "", "of the classes in the evaluated images"


def _unclaimed(shown: Evaluated, found: "Evaluation", quantity: str) -> str:
    others = dict.fromkeys(
        c.dataset for c in shown.entry.all_claims() if c.quantity == quantity and c.dataset
    )
    return f"claimed on {', '.join(filter(None, others))} only" if others else "not claimed"


def _amiss(shown: Evaluated, found: "Evaluation") -> Iterator[str]:
    """What was wrong with images and labels, by kind and name; and settings that the configuration
    has otherwise."""
    kinds: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for kind, name, detail in found.faults:
        kinds[kind].append((name, detail))
    for kind, these in kinds.items():
        named = "; ".join(
            f"{name} ({detail})" if detail else name for name, detail in these[:NAMED]
        )
        more = (
            f"; and {len(these) - NAMED:,} more, all in the evidence" if len(these) > NAMED else ""
        )
        counts = ", counted as wrong" if kind in ("unread", "not finite") else ""
        yield f"{plural(len(these), kind, kind)}{counts}: {named}{more}"
    if found.excluded:
        whose = found.given or "the data set's own rules"
        yield f"{plural(found.excluded, 'image')} left out by {whose}"
    for finding in shown.differing:
        yield f"{finding.claim.place}: {finding.claim.label} {finding.claim.raw}: {finding.verdict_label}, {finding.reason}"


def _print_variants(shown: Evaluated, found: "Evaluation") -> None:
    say("")
    say("Other pipelines, one setting changed each")
    rows = [
        _variant("as configured", shown.own, found),
        *(_variant(label, e, found) for label, e in shown.variants),
    ]
    columns = ("Pipeline", "Top 1", "Difference", "Top 5", "Images")
    print_table(columns, rows, right=columns[1:])


def _variant(label: str, evidence: "Evidence", own: "Evaluation") -> tuple[str, ...]:
    found = evidence.evaluation
    if found is None:
        return label, "", "", "", evidence.error or ""
    one, five = found.percent("top1"), found.percent("top5")
    assert one is not None
    difference = one - (own.percent("top1") or 0)
    return (
        label,
        f"{one:.2f}%",
        f"{difference:+.2f}",
        "" if five is None else f"{five:.2f}%",
        f"{found.seen:,}",
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
        text = f"{state.label}: {seen:,} of {state.images:,} images, {note}, {speed:,.1f} images/s"
        note = f"{note}, {speed:,.0f}/s"
        progress.update(state.label, seen, state.images, note=note, line=text)

    return watch
