"""`zoo eval`: the accuracy of models on images, and whether it is what is claimed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.choice import choice
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
    read_index,
)
from zoo.cli.output.advice import print_command
from zoo.cli.output.console import plural, print_json, say, say_note
from zoo.cli.output.evaluation import print_evaluation, print_evaluations_csv, watch_images
from zoo.cli.output.progress import show_progress
from zoo.cli.records import from_options
from zoo.cli.run_in_jobs import evaluate_in_jobs
from zoo.cli.settings import BuilderPath
from zoo.evaluation.request import PRECISIONS, EvalRequest
from zoo.models.extras import require

if TYPE_CHECKING:
    from zoo.api.evaluating import EvaluationResult
    from zoo.model_index.findings import Gap
    from zoo.model_index.ledger.store import Evidence
    from zoo.model_index.records.records import Entry


Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="DATA",
        help="Images: a folder, torchvision:NAME, digits, photographs. Or tar shards, or a Hugging "
        "Face data set on disk. Default: a local copy of the claims' data set.",
    ),
]
Split = Annotated[
    str | None,
    typer.Option("--split", metavar="NAME", help="Take this part of the data: val, test."),
]
Root = Annotated[
    str | None,
    typer.Option("--root", metavar="DIR", help="Look for torchvision's data sets here."),
]
Dataset = Annotated[
    str | None,
    typer.Option("--dataset", metavar="NAME", help="Say what the data is: ImageNet."),
]
Conditions = Annotated[
    list[str] | None,
    typer.Option(
        "--condition",
        metavar="NAME=VALUE",
        help="State its config, revision or args. As claims do; may be repeated.",
    ),
]
ClassMap = Annotated[
    str | None,
    typer.Option("--class-map", metavar="FILE", help="Read which output a class of the data is."),
]
ClassFolder = Annotated[
    str | None,
    choice("--class-folder", ("outer", "inner"), "Say which of two folders is the class."),
]
Labels = Annotated[
    str | None,
    typer.Option(
        "--labels", metavar="FILE|real", help="Read right outputs by image. Several allowed."
    ),
]
Checkpoint = Annotated[
    str | None,
    typer.Option("--weights", metavar="FILE|URL", help="Evaluate these weights, not the index's."),
]
Device = Annotated[
    str, typer.Option("--device", metavar="NAME", help="Run on cpu, cuda, cuda:1, mps.")
]
Precision = Annotated[str, choice("--precision", PRECISIONS, "Compute in this precision.")]
BatchSize = Annotated[
    int, typer.Option("--batch-size", min=1, metavar="N", help="Take N images at once.")
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=0,
        metavar="N",
        help="Load images in N processes. Default: a few; none for few images.",
    ),
]
Check = Annotated[
    bool,
    typer.Option(
        "--check",
        help="Stop as soon as the claims are decided.",
    ),
]
Tolerance = Annotated[
    str, typer.Option("--tolerance", metavar="POINTS", help="Let a checked claim be so far off.")
]
Confidence = Annotated[
    float,
    typer.Option("--confidence", metavar="SHARE", help="Be so sure of a check and of bounds."),
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", min=1, metavar="N", help="Stop after N images. In whole batches."),
]
Seed = Annotated[int, typer.Option("--seed", min=0, metavar="N", help="Draw images in this order.")]
Sensitivity = Annotated[
    bool,
    typer.Option("--sensitivity", help="Evaluate other interpolations, crops and sizes."),
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
    "path": BuilderPath,
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
    from zoo.evaluation.parse_request import parse_confidence, parse_tolerance

    cluster = jobs.cluster(models=1)
    require("eval")
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
    from zoo.api.evaluating import evaluate_entries
    from zoo.evaluation.distributed import Ranks
    from zoo.model_index.errors import ZooError
    from zoo.weights.http.client import Client

    ranks, code = Ranks.join(), 0
    gaps: list[Gap | None] = []
    task = f"evaluating {', '.join(entry.name for entry in entries)}" if ranks.first else ""
    with Client(allow_hosts=request.allow_host) as client, show_progress(task) as progress:
        watch, ledger = watch_images(progress, ranks), open_ledger(request.ledger)
        for entry, evidence in evaluate_entries(
            entries, request, ledger, client, ranks=ranks, watch=watch
        ):
            if isinstance(evidence, ZooError):
                say(f"zoo: {evidence}", error=True)
                gaps.append(getattr(evidence, "gap", None))
                code = 2
            elif ranks.first:
                output.show(entry, evidence)
    code = output.finish(code) if ranks.first else code
    print_command(gaps)
    ranks.leave()
    return code


@dataclass
class EvalOutput:
    """Prints the results of models: tables one by one, JSON and CSV at the end."""

    request: EvalRequest
    format: str
    results: list["EvaluationResult"] = field(default_factory=list)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def show(self, entry: "Entry", evidence: "Sequence[tuple[str, Evidence]]") -> None:
        """Print a model's evaluation with its findings, or keep it for the end."""
        from zoo.api.evaluating import judge_entry

        result = judge_entry(entry, evidence, self.request, open_ledger(self.request.ledger))
        self.results.append(result)
        if self.format == Format.TABLE:
            print_evaluation(result, self.started)

    def finish(self, code: int) -> int:
        """Print JSON or CSV; return the exit code, 1 where a claim failed and nothing worse
        happened."""
        if self.format == Format.JSON:
            print_json([result.to_dict() for result in self.results])
        elif self.format == Format.CSV:
            print_evaluations_csv(self.results)
        say_note(count_verdicts(self.results))
        return max(code, int(any(result.fails for result in self.results)))


def count_verdicts(results: "Sequence[EvaluationResult]") -> str:
    """Count the models, the accuracies that are claimed of them, and those that were judged."""
    from zoo.model_index.findings import Standing

    claims = [claim for result in results for claim in result.entry.all_claims()]
    accuracies = sum(claim.row.check == "accuracy" for claim in claims)
    findings = [finding for result in results for finding in result.findings]
    judged = sum(finding.standing is not Standing.UNKNOWN for finding in findings)
    of_all = plural(accuracies, "claimed accuracy", "claimed accuracies")
    return f"{plural(len(results), 'model')} evaluated, {judged:,} of {of_all} judged"
