"""Build the ledger document of an evaluation: model, images, pipeline, results and command."""

import shlex
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import torch

from zoo.evaluation.checkpoint_files import list_pretrained
from zoo.evaluation.inference import NOT_FINITE, Setup
from zoo.evaluation.loop import EvaluationLoop, Tally
from zoo.evaluation.preprocessing import Preprocessing, list_defaults
from zoo.evaluation.settings import stated_settings
from zoo.evaluation.stopping import StoppingRule
from zoo.evaluation.subject import EvaluationSubject
from zoo.model_index.ledger.store import Cell, Evidence
from zoo.models import environment

MOST_FAULTS = 1000  # listed in a document; all are counted, and the predictions name every image


class Stopwatch:
    """Measures when a run started and how fast it evaluated new images."""

    def __init__(self) -> None:
        self.started, self.first = datetime.now(UTC), time.perf_counter()
        self.fresh, self.last = 0, self.first

    def tick(self, fresh: int) -> None:
        """Count images that were evaluated now, not read from disk."""
        self.fresh += fresh
        self.last = time.perf_counter()

    @property
    def rate(self) -> float | None:
        """Images a second, loading included; None if no image was evaluated now."""
        return round(self.fresh / (self.last - self.first), 2) if self.fresh else None


@dataclass(frozen=True, kw_only=True)
class EvaluationOutcome:
    """Everything the document of one evaluation is built from.

    flags  the command-line options that repeat it
    """

    subject: EvaluationSubject
    loop: EvaluationLoop
    cell: Cell
    tally: Tally
    rule: StoppingRule
    clock: Stopwatch
    flags: str


def build_evidence(outcome: EvaluationOutcome, stopped: str) -> Evidence:
    """Build the document of a run; `stopped` says why it ended."""
    subject, loop, tally, rule = outcome.subject, outcome.loop, outcome.tally, outcome.rule
    images = subject.images
    faults = _list_faults(subject, tally)
    broken = sum(kind == "not finite" for kind, _, _ in faults)

    def share(quantity: str) -> dict[str, int]:
        right = getattr(tally, quantity)
        low, high = rule.sequences[quantity].interval(tally.seen, right)
        return {"right": right, "low": low, "high": high}

    mean = tally.mean_per_class
    values: dict[str, Any] = {
        "split": images.split,
        "where": images.where,
        "images": len(loop.order),
        "seen": tally.seen,
        "excluded": len(subject.targets.excluded),
        "top1": share("top1"),
        "top5": share("top5"),
        "mean_per_class": None if mean is None else round(100 * mean, 4),
        "level": rule.level,
        "tolerance": str(rule.tolerance),
        **claim_conditions(subject, loop.pre),
        "preprocessing": msgspec.to_builtins(loop.pre),
        "precision": loop.setup.precision,
        "device": str(loop.setup.device),
        "fit": subject.fit,
        "resolved": subject.resolved,
        "outputs": subject.outputs,
        "labels": subject.targets.how,
        "variation": subject.variation,
        "unread": len(tally.faults) - broken,
        "broken": broken,
        "unjudged": sum(not subject.targets.answers[index] for index in loop.order[: tally.seen]),
        "faults": [list(fault) for fault in faults[:MOST_FAULTS]],
        "predictions": f"{outcome.cell.key}.parquet",
        "rate": outcome.clock.rate,
        "resumed": max(0, tally.seen - outcome.clock.fresh),
        "stopped": stopped,
    }
    return _document(outcome, values)


def _list_faults(subject: EvaluationSubject, tally: Tally) -> list[tuple[str, str, str]]:
    """(kind, name, reason) of every image or class that has a fault."""
    names = subject.images.names
    faults = [
        ("not finite" if reason == NOT_FINITE else "unread", names[index], reason)
        for index, reason in sorted(tally.faults.items())
    ]
    faults += [(fault.kind, fault.name, fault.detail) for fault in subject.targets.faults]
    return faults + [("passed over", name, reason) for name, reason in subject.images.skipped]


def build_failure(outcome: EvaluationOutcome, error: str) -> Evidence:
    """Build the document of a model that raised an error."""
    return _document(outcome, claim_conditions(outcome.subject, outcome.loop.pre), error)


def claim_conditions(subject: EvaluationSubject, pre: Preprocessing) -> dict[str, Any]:
    """The values that decide which claims a document applies to."""
    images = subject.images
    return {
        "dataset": images.dataset,
        "conditions": subject.conditions,
        "stated": images.stated,
        "stamp": subject.stamp,
        "given": subject.label_source,
        "own": pre == subject.pre,
        "settings": stated_settings(subject.entry),
        "defaults": list_defaults(subject.entry, subject.configuration),
        "weights": subject.weights.reference,
        "sha256": subject.weights.sha256,
        "named": subject.weights.explicit,
        "pretrained": list_pretrained(subject.configuration),
    }


def rerun_command(cell: Cell, flags: str) -> str:
    """The command that evaluates a cell again."""
    return f"zoo eval {shlex.quote(cell.model)}{flags} --fresh"


def _document(
    outcome: EvaluationOutcome, values: dict[str, Any], error: str | None = None
) -> Evidence:
    clock = outcome.clock
    return Evidence(
        cell=outcome.cell,
        outcome="failed" if error else "measured",
        values=values,
        error=error,
        environment=environment.describe() | _describe_device(outcome.loop.setup),
        command=rerun_command(outcome.cell, outcome.flags),
        started_at=clock.started.isoformat(timespec="seconds"),
        seconds=round(time.perf_counter() - clock.first, 4),
    ).as_stored()


def _describe_device(setup: Setup) -> dict[str, object]:
    """Settings that may change an accuracy and that `environment.describe` does not list."""
    gpu = torch.cuda.get_device_name(setup.device) if setup.device.type == "cuda" else None
    return {"pillow": environment.version("pillow"), "threads": torch.get_num_threads(), "gpu": gpu}
