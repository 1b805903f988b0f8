"""What an evaluation leaves in the ledger: the model, the images, the pipeline, what came out, how
to repeat it."""

import hashlib
import shlex
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import msgspec
import torch
from torch import nn

from zoo.evaluation.checkpoint import Weights
from zoo.evaluation.datasets.base import Images
from zoo.evaluation.inference import NOT_FINITE, Setup
from zoo.evaluation.labels.targets import Targets
from zoo.evaluation.loop import EvaluationLoop, Tally
from zoo.evaluation.preprocessing import Preprocessing
from zoo.evaluation.settings import stated_settings
from zoo.evaluation.stopping import StoppingRule
from zoo.model_index.ledger.store import Cell, Evidence
from zoo.model_index.records.records import Entry
from zoo.models import environment

MOST_FAULTS = 1000  # named in a document; all are counted, and the predictions name every image


@dataclass(frozen=True)
class EvaluationSubject:
    """A model with its weights on the device, the images, and what is right about them.

    `given` says where a person's own labels or classes come from, empty for the data's.
    """

    entry: Entry
    model: nn.Module
    configuration: dict[str, Any]
    resolved: str
    weights: Weights
    fit: str
    images: Images
    targets: Targets
    outputs: int
    pre: Preprocessing
    given: str = ""

    @cached_property
    def data(self) -> str:
        """What stands for the images, their labels and sizes; the same for all pipelines, and once
        is enough."""
        return self.images.digest()[:16]

    @cached_property
    def stamp(self) -> str:
        """What stands for the state of the images' files."""
        return self.images.stamp()

    @cached_property
    def answers(self) -> str:
        """What stands for the right outputs, the images left out and the outputs that compete."""
        asked = repr((self.targets.answers, sorted(self.targets.excluded), self.targets.subset))
        return hashlib.sha256(asked.encode()).hexdigest()[:16]


class Stopwatch:
    """When a run started, and how long it took for the images that were evaluated now."""

    def __init__(self) -> None:
        self.started, self.first = datetime.now(UTC), time.perf_counter()
        self.fresh, self.last = 0, self.first

    def tick(self, fresh: int) -> None:
        self.fresh += fresh
        self.last = time.perf_counter()

    @property
    def rate(self) -> float | None:
        """Images a second, loading included; None where none was evaluated now."""
        return round(self.fresh / (self.last - self.first), 2) if self.fresh else None


def evidence(
    subject: EvaluationSubject,
    run: EvaluationLoop,
    cell: Cell,
    tally: Tally,
    rule: StoppingRule,
    clock: Stopwatch,
    stopped: str,
    flags: str,
) -> Evidence:
    """The document of what was counted, however the run ended."""
    images = subject.images
    broken = {index for index, why in tally.faults.items() if why == NOT_FINITE}
    faults = [
        ("not finite" if index in broken else "unread", images.names[index], why)
        for index, why in sorted(tally.faults.items())
    ]
    faults += [(fault.kind, fault.name, fault.detail) for fault in subject.targets.faults]
    faults += [("passed over", name, why) for name, why in images.skipped]

    def share(quantity: str) -> dict[str, int]:
        right = getattr(tally, quantity)
        low, high = rule.sequences[quantity].interval(tally.seen, right)
        return {"right": right, "low": low, "high": high}

    values: dict[str, Any] = {
        "split": images.split,
        "where": images.where,
        "images": len(run.order),
        "seen": tally.seen,
        "excluded": len(subject.targets.excluded),
        "top1": share("top1"),
        "top5": share("top5"),
        "mean_per_class": None
        if tally.mean_per_class is None
        else round(100 * tally.mean_per_class, 4),
        "level": rule.level,
        "tolerance": str(rule.tolerance),
        **about(subject, run.pre),
        "preprocessing": msgspec.to_builtins(run.pre),
        "precision": run.setup.precision,
        "device": str(run.setup.device),
        "fit": subject.fit,
        "resolved": subject.resolved,
        "outputs": subject.outputs,
        "labels": subject.targets.how,
        "unread": len(tally.faults) - len(broken),
        "broken": len(broken),
        "faults": [list(fault) for fault in faults[:MOST_FAULTS]],
        "predictions": f"{cell.key}.parquet",
        "rate": clock.rate,
        "stopped": stopped,
    }
    return _document(cell, values, clock, run.setup, flags)


def failed(
    subject: EvaluationSubject,
    run: EvaluationLoop,
    cell: Cell,
    clock: Stopwatch,
    error: str,
    flags: str,
) -> Evidence:
    """The document of a model that raised."""
    return _document(cell, about(subject, run.pre), clock, run.setup, flags, error)


def about(subject: EvaluationSubject, pre: Preprocessing) -> dict[str, Any]:
    """What decides which claims a document is about."""
    images = subject.images
    return {
        "dataset": images.dataset,
        "stated": images.stated,
        "stamp": subject.stamp,
        "given": subject.given,
        "own": pre == subject.pre,
        "settings": stated_settings(subject.entry),
        "weights": subject.weights.reference,
        "sha256": subject.weights.sha256,
        "named": subject.weights.named,
    }


def command(cell: Cell, flags: str) -> str:
    """What evaluates a cell anew."""
    return f"zoo eval {shlex.quote(cell.model)}{flags} --fresh"


def _document(
    cell: Cell,
    values: dict[str, Any],
    clock: Stopwatch,
    setup: Setup,
    flags: str,
    error: str | None = None,
) -> Evidence:
    return Evidence(
        cell=cell,
        outcome="failed" if error else "measured",
        values=values,
        error=error,
        environment=environment.describe() | _device(setup),
        command=command(cell, flags),
        started_at=clock.started.isoformat(timespec="seconds"),
        seconds=round(time.perf_counter() - clock.first, 4),
    )


def _device(setup: Setup) -> dict[str, object]:
    """What decides an accuracy beside the versions that every document has."""
    gpu = torch.cuda.get_device_name(setup.device) if setup.device.type == "cuda" else None
    return {"pillow": environment.version("pillow"), "threads": torch.get_num_threads(), "gpu": gpu}
