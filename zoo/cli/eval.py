"""`zoo eval`: the accuracy of models on images, and whether it is what is claimed."""

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.deferred_errors import open_ledger
from zoo.cli.job_options import NO_JOBS, JobOptions, in_jobs
from zoo.cli.options import (
    LEDGER,
    AllowHosts,
    Download,
    Format,
    Fresh,
    IndexPaths,
    LedgerFolder,
    OutputFormat,
    Trust,
    flags_of,
    read_index,
)
from zoo.cli.output.console import print_json, say
from zoo.cli.output.evaluation import data_of, print_evaluated, watch_images
from zoo.cli.output.progress import show_progress
from zoo.cli.run_in_jobs import evaluated_in_jobs
from zoo.cli.session import inspect_local, measurer_for

if TYPE_CHECKING:
    from zoo.evaluation.distributed import Ranks
    from zoo.evaluation.inference import Setup
    from zoo.model_index.ledger.store import Evidence
    from zoo.model_index.records.records import Entry

Models = Annotated[
    list[str], typer.Argument(metavar="MODEL...", help="Models of the index, by names or globs.")
]
Data = Annotated[
    str | None,
    typer.Option("--data", metavar="PATH|NAME", help="Images: a folder, tar shards, a Hugging Face data set on disk, "
                 "torchvision:NAME, digits, photographs. Default: what is at hand of the claims' data set."),
]  # fmt: skip
Split = Annotated[str | None, typer.Option("--split", help="Which part of the data: val, test ...")]
Root = Annotated[
    Path | None,
    typer.Option("--root", metavar="DIR", help="Where torchvision keeps its data sets."),
]
Dataset = Annotated[
    str | None,
    typer.Option(
        "--dataset", metavar="NAME", help="What the data is, as claims call it: ImageNet ..."
    ),
]
ClassMap = Annotated[
    Path | None,
    typer.Option("--class-map", metavar="FILE", help="Which output a class of the data is."),
]
Labels = Annotated[
    str | None,
    typer.Option("--labels", metavar="FILE|real", help="Right outputs by image, several allowed."),
]
Checkpoint = Annotated[
    str | None,
    typer.Option("--weights", metavar="FILE|URL", help="Evaluate these weights, not the index's."),
]
Device = Annotated[
    str, typer.Option("--device", help="cpu, cuda, cuda:1, mps; auto takes the fastest there is.")
]
Precision = Annotated[str, typer.Option("--precision", help="fp32, tf32, amp, bf16, fp16.")]
BatchSize = Annotated[int, typer.Option("--batch-size", min=1, help="Images at once.")]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", min=0, help="Processes that load images. Default: a few; none for few images."
    ),
]
Check = Annotated[
    bool,
    typer.Option(
        "--check",
        help="Stop as soon as it is decided whether the claims hold within the tolerance.",
    ),
]
Tolerance = Annotated[
    str, typer.Option("--tolerance", help="How far off a checked claim may be, in points.")
]
Confidence = Annotated[
    float, typer.Option("--confidence", help="How sure a check and the bounds are, below 1.")
]
Limit = Annotated[
    int | None, typer.Option("--limit", min=1, help="Stop after so many images, in whole batches.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of the order in which images are drawn.")]
Sensitivity = Annotated[
    bool,
    typer.Option(
        "--sensitivity", help="Evaluate neighbours too: other interpolation, crop and size."
    ),
]


@in_jobs
def evaluate(
    context: typer.Context,
    names: Models,
    data: Data = None,
    split: Split = None,
    root: Root = None,
    dataset: Dataset = None,
    class_map: ClassMap = None,
    labels: Labels = None,
    weights: Checkpoint = None,
    download: Download = False,
    allow_host: AllowHosts = None,
    device: Device = "auto",
    precision: Precision = "fp32",
    batch_size: BatchSize = 64,
    workers: Workers = None,
    check: Check = False,
    tolerance: Tolerance = "0.5",
    confidence: Confidence = 0.99,
    limit: Limit = None,
    seed: Seed = 0,
    sensitivity: Sensitivity = False,
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    format: OutputFormat = Format.TABLE,
    fresh: Fresh = False,
    trust: Trust = None,
    job_options: JobOptions = NO_JOBS,
) -> None:
    """Evaluate a model on images: top-1, top-5 and mean per class, with the preprocessing the index
    states.

    Images come in a seeded random order. With --check it stops as soon as the claims are decided.
    What was predicted is kept beside the evidence, and a run that was stopped goes on where it
    stood. Exits with 1 where a claim fails.
    """
    cluster = job_options.cluster(models=1)
    from zoo.model_index.errors import ZooError

    entries = read_index(index).select(names)
    sure, within = _shares(confidence, tolerance)
    if cluster:
        shown = Shown(ledger, index, trust, format)
        evaluated, failed = evaluated_in_jobs(entries, open_ledger(ledger), context, cluster)
        for entry, evidence in evaluated:
            shown.show(entry, evidence)
        raise typer.Exit(shown.end(2 if failed else 0))
    from zoo.evaluation.distributed import Ranks
    from zoo.evaluation.evaluator import Evaluator
    from zoo.evaluation.options import EvaluationOptions
    from zoo.weights.http.client import Client

    ranks = Ranks.join()
    setup = _setup(device, precision, batch_size, workers, ranks)
    flags = flags_of(
        ("--data", _one(data)), ("--split", _one(split)), ("--root", _one(root)), ("--dataset", _one(dataset)),
        ("--class-map", _one(class_map)), ("--labels", _one(labels)), ("--weights", _one(weights)),
        ("--device", _one(setup.device.type)), ("--precision", _one(precision)), ("--batch-size", _one(batch_size)),
        ("--seed", _one(seed)), ("--index", index), ("--trust", trust),
    )  # fmt: skip
    options = EvaluationOptions(
        setup=setup,
        data=data,
        split=split,
        root=root,
        dataset=dataset,
        class_map=class_map,
        labels=labels,
        weights=weights,
        seed=seed,
        limit=limit,
        check=check,
        tolerance=within,
        level=sure,
        sensitivity=sensitivity,
        fresh=fresh,
        trusted=tuple(trust or ()),
        flags=flags,
    )
    shown, code = Shown(ledger, index, trust, format), 0
    with Client(allow_hosts=tuple(allow_host or ())) as client, show_progress() as progress:
        evaluator = Evaluator(
            open_ledger(ledger),
            options,
            ranks,
            client if download else None,
            watch_images(progress, ranks),
        )
        for entry in entries:
            try:
                with redirect_stdout(
                    sys.stderr
                ):  # a model that prints must not spoil what is read here
                    found = list(evaluator.evaluate(entry))
            except ZooError as error:
                if len(entries) == 1 or ranks.size > 1:  # the other processes may not have met it
                    raise
                code = 2
                say(f"zoo: {error}", error=True)
                continue
            if ranks.first:
                shown.show(entry, found)
    code = shown.end(code) if ranks.first else code
    ranks.leave()
    raise typer.Exit(code)


@dataclass
class Shown:
    """What is said of the models, one after another; as JSON it is said at the end."""

    ledger: str
    index: list[str] | None
    trust: list[str] | None
    format: Format
    rows: list[dict[str, Any]] = field(default_factory=list)
    fails: bool = False

    def show(self, entry: "Entry", found: "Sequence[tuple[str, Evidence]]") -> None:
        """A model's evaluation, with the findings that follow."""

        inspect_local([entry], self.ledger, self.index, self.trust)
        described = data_of(entry, found, measurer_for(self.ledger, self.index, self.trust))
        self.fails |= described.fails
        self.rows.append(described.to_dict())
        if self.format is Format.TABLE:
            print_evaluated(described)

    def end(self, code: int) -> int:
        """Say what is left to say; the exit code, 1 where a claim failed and nothing worse
        happened."""
        if self.format is Format.JSON:
            print_json(self.rows)
        return max(code, int(self.fails))


def _one(value: object) -> tuple[str, ...]:
    """An option's value for `flags_of`; nothing for one that was not given."""
    return () if value is None else (str(value),)


def _shares(confidence: float, tolerance: str) -> tuple[float, Decimal]:
    """The chance of being wrong, and the tolerance in points.

    Raises:
        UsageError: for what is none.
    """
    from zoo.model_index.errors import UsageError

    if not 0 < confidence < 1:
        raise UsageError(
            f"--confidence: expected a number between 0 and 1 such as 0.99, got {confidence}"
        )
    try:
        points = Decimal(tolerance)
    except InvalidOperation:
        points = Decimal(-1)
    if not points.is_finite() or not 0 <= points <= 100:
        raise UsageError(
            f"--tolerance: expected points between 0 and 100 such as 0.5, got {tolerance!r}"
        )
    return round(1 - confidence, 12), points


def _setup(
    device: str, precision: str, batch_size: int, workers: int | None, ranks: "Ranks"
) -> "Setup":
    import torch

    from zoo.evaluation.inference import Setup, select_device
    from zoo.model_index.errors import UsageError
    from zoo.models.precision import DTYPES

    if precision not in DTYPES:
        raise UsageError(f"--precision: expected {', '.join(DTYPES)}, got {precision!r}")
    if device == "auto":
        device = (
            "cuda"
            if torch.cuda.is_available()
            else "mps"
            if torch.backends.mps.is_available()
            else "cpu"
        )
    return Setup(select_device(device, ranks.local), precision, batch_size, workers)
