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
from zoo.cli.job_options import JOB_OPTIONS, NO_JOBS, JobOptions
from zoo.cli.options import (
    OUTPUT_OPTIONS,
    AllowHosts,
    Download,
    Format,
    Fresh,
    IndexPaths,
    LedgerFolder,
    Models,
    OutputOptions,
    Trust,
    flags_of,
    read_index,
)
from zoo.cli.output.console import print_json, say
from zoo.cli.output.evaluation import judge_evaluation, print_evaluation, watch_images
from zoo.cli.output.progress import show_progress
from zoo.cli.records import from_options
from zoo.cli.run_in_jobs import evaluate_in_jobs
from zoo.cli.session import inspect_local, measurer_for
from zoo.evaluation.request import EvalRequest

if TYPE_CHECKING:
    from zoo.evaluation.distributed import Ranks
    from zoo.evaluation.evaluator import Evaluator
    from zoo.evaluation.inference import Setup
    from zoo.evaluation.options import EvaluationOptions
    from zoo.model_index.ledger.store import Evidence
    from zoo.model_index.records.records import Entry

Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="PATH|NAME",
        help="Images: a folder, tar shards, a Hugging Face data set on disk, torchvision:NAME, "
        "digits, photographs. Default: a local copy of the claims' data set.",
    ),
]
Split = Annotated[str | None, typer.Option("--split", help="Which part of the data: val, test ...")]
Root = Annotated[
    str | None,
    typer.Option("--root", metavar="DIR", help="Where torchvision keeps its data sets."),
]
Dataset = Annotated[
    str | None,
    typer.Option(
        "--dataset", metavar="NAME", help="What the data is, as claims call it: ImageNet ..."
    ),
]
Conditions = Annotated[
    list[str] | None,
    typer.Option(
        "--condition",
        metavar="NAME=VALUE",
        help="What else the data is, where claims state it: config=..., revision=..., args=...",
    ),
]
ClassMap = Annotated[
    str | None,
    typer.Option("--class-map", metavar="FILE", help="Which output a class of the data is."),
]
ClassFolder = Annotated[
    str | None,
    typer.Option(
        "--class-folder",
        metavar="outer|inner",
        help="Which folder is the class, of folders in folders.",
    ),
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


OPTIONS = {
    "names": Models,
    "data": Data,
    "split": Split,
    "root": Root,
    "dataset": Dataset,
    "condition": Conditions,
    "class_map": ClassMap,
    "class_folder": ClassFolder,
    "labels": Labels,
    "weights": Checkpoint,
    "download": Download,
    "allow_host": AllowHosts,
    "device": Device,
    "precision": Precision,
    "batch_size": BatchSize,
    "workers": Workers,
    "check": Check,
    "tolerance": Tolerance,
    "confidence": Confidence,
    "limit": Limit,
    "seed": Seed,
    "sensitivity": Sensitivity,
    "index": IndexPaths,
    "ledger": LedgerFolder,
    "fresh": Fresh,
    "trust": Trust,
}


@from_options({EvalRequest: OPTIONS, OutputOptions: OUTPUT_OPTIONS, JobOptions: JOB_OPTIONS})
def evaluate(request: EvalRequest, output: OutputOptions, jobs: JobOptions) -> None:
    """Evaluate a model on images: top-1, top-5 and mean per class, with the preprocessing the index
    states.

    Images come in a seeded random order. With --check it stops as soon as the claims are decided.
    Predictions are stored beside the evidence, and a stopped run continues from them. Exits with 1
    where a claim fails.
    """
    raise typer.Exit(run_eval(request, output.format, jobs))


def run_eval(request: EvalRequest, format: str, jobs: JobOptions = NO_JOBS) -> int:
    """Evaluate here or in jobs, print the results, return the exit code."""
    cluster = jobs.cluster(models=1)
    entries = read_index(request.index).select(request.names)
    parse_confidence(request.confidence), parse_tolerance(request.tolerance)
    output = EvalOutput(request, format)
    if cluster is None:
        return _run_here(request, entries, output)
    ledger = open_ledger(request.ledger)
    results, failed = evaluate_in_jobs(entries, ledger, request, cluster)
    for entry, evidence in results:
        output.show(entry, evidence)
    return output.finish(2 if failed else 0)


def _run_here(request: EvalRequest, entries: "Sequence[Entry]", output: "EvalOutput") -> int:
    from zoo.evaluation.distributed import Ranks
    from zoo.evaluation.evaluator import Evaluator
    from zoo.weights.http.client import Client

    ranks, code = Ranks.join(), 0
    options = options_of(request, ranks)
    with Client(allow_hosts=request.allow_host) as client, show_progress() as progress:
        watch = watch_images(progress, ranks)
        source = client if request.download else None
        evaluator = Evaluator(open_ledger(request.ledger), options, ranks, source, watch)
        for entry in entries:
            # another process of several may not have met the error
            evidence = _evaluate(evaluator, entry, fatal=len(entries) == 1 or ranks.size > 1)
            if evidence is None:
                code = 2
            elif ranks.first:
                output.show(entry, evidence)
    code = output.finish(code) if ranks.first else code
    ranks.leave()
    return code


def _evaluate(
    evaluator: "Evaluator", entry: "Entry", *, fatal: bool
) -> "list[tuple[str, Evidence]] | None":
    """Return the evidence of an entry; print an error and return None unless it is fatal."""
    from zoo.model_index.errors import ZooError

    try:
        with redirect_stdout(sys.stderr):  # a model may print, and standard output may be JSON
            return list(evaluator.evaluate(entry))
    except ZooError as error:
        if fatal:
            raise
        say(f"zoo: {error}", error=True)
        return None


def options_of(request: EvalRequest, ranks: "Ranks") -> "EvaluationOptions":
    """Return the evaluator's options, with the flags that reproduce an evaluation."""
    from zoo.evaluation.options import EvaluationOptions

    setup = _setup(request, ranks)
    return EvaluationOptions(
        setup=setup,
        data=request.data,
        split=request.split,
        root=_path(request.root),
        dataset=request.dataset,
        conditions=parse_conditions(request.condition),
        class_map=_path(request.class_map),
        class_folder=parse_class_folder(request.class_folder),
        labels=request.labels,
        weights=request.weights,
        seed=request.seed,
        limit=request.limit,
        check=request.check,
        tolerance=parse_tolerance(request.tolerance),
        level=parse_confidence(request.confidence),
        sensitivity=request.sensitivity,
        fresh=request.fresh,
        trusted=request.trust,
        flags=_flags(request, setup.device.type),
    )


def parse_class_folder(text: str | None) -> str | None:
    """Return the checked value of --class-folder.

    Raises:
        UsageError: it is neither `outer` nor `inner`.
    """
    from zoo.model_index.errors import UsageError

    if text not in (None, "outer", "inner"):
        raise UsageError(f"--class-folder: expected outer or inner, got {text!r}")
    return text


def _flags(request: EvalRequest, device: str) -> str:
    names = (
        "data",
        "split",
        "root",
        "dataset",
        "class_map",
        "class_folder",
        "labels",
        "weights",
        "device",
        "precision",
        "batch_size",
        "seed",
    )
    values = {name: getattr(request, name) for name in names} | {"device": device}
    return flags_of(
        *(
            (f"--{name.replace('_', '-')}", [str(value)])
            for name, value in values.items()
            if value is not None
        ),
        ("--condition", request.condition),
        ("--index", request.index),
        ("--trust", request.trust),
    )


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


@dataclass
class EvalOutput:
    """Prints the results of models, tables one by one and JSON at the end."""

    request: EvalRequest
    format: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    fails: bool = False

    def show(self, entry: "Entry", evidence: "Sequence[tuple[str, Evidence]]") -> None:
        """Print a model's evaluation with its findings, or keep it for the end."""
        ledger, index, trust = self.request.ledger, self.request.index, self.request.trust
        inspect_local([entry], ledger, index, trust)
        result = judge_evaluation(entry, evidence, measurer_for(ledger, index, trust))
        self.fails |= result.fails
        self.rows.append(result.to_dict())
        if self.format == Format.TABLE:
            print_evaluation(result)

    def finish(self, code: int) -> int:
        """Print the JSON; return the exit code, 1 where a claim failed and nothing worse
        happened."""
        if self.format == Format.JSON:
            print_json(self.rows)
        return max(code, int(self.fails))


def parse_conditions(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return name and value of each condition of the data.

    Raises:
        UsageError: not NAME=VALUE, or a name that claims do not have.
    """
    from zoo.evaluation.claim_scope import CONDITIONS
    from zoo.model_index.errors import UsageError

    pairs = [tuple(part.strip() for part in text.partition("=")[::2]) for text in texts]
    for text, (name, value) in zip(texts, pairs, strict=True):
        if name not in CONDITIONS or not value:
            names = ", ".join(f"{row}=VALUE" for row in CONDITIONS)
            raise UsageError(f"--condition: expected {names}, got {text!r}")
    return tuple((name, value) for name, value in pairs)


def parse_confidence(confidence: float) -> float:
    """Return the probability of being wrong.

    Raises:
        UsageError: not between 0 and 1.
    """
    from zoo.model_index.errors import UsageError

    if not 0 < confidence < 1:
        raise UsageError(
            f"--confidence: expected a number between 0 and 1 such as 0.99, got {confidence}"
        )
    return round(1 - confidence, 12)


def parse_tolerance(text: str) -> Decimal:
    """Return the tolerance in percentage points.

    Raises:
        UsageError: no number from 0 to 100.
    """
    from zoo.model_index.errors import UsageError

    try:
        points = Decimal(text)
    except InvalidOperation:
        points = Decimal(-1)
    if not points.is_finite() or not 0 <= points <= 100:
        raise UsageError(
            f"--tolerance: expected points between 0 and 100 such as 0.5, got {text!r}"
        )
    return points


def _setup(request: EvalRequest, ranks: "Ranks") -> "Setup":
    """Return device, precision, batch size and workers, with `auto` resolved.

    Raises:
        UsageError: an unknown precision, or a device that is not there.
    """
    import torch

    from zoo.evaluation.inference import Setup, select_device
    from zoo.model_index.errors import UsageError
    from zoo.models.precision import DTYPES

    if request.precision not in DTYPES:
        raise UsageError(f"--precision: expected {', '.join(DTYPES)}, got {request.precision!r}")
    device = request.device
    if device == "auto" and torch.cuda.is_available():
        device = "cuda"
    elif device == "auto":
        device = "mps" if torch.backends.mps.is_available() else "cpu"
    selected = select_device(device, ranks.local)
    return Setup(selected, request.precision, request.batch_size, request.workers)
