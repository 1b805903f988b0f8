"""`zoo check`: judge numbers that are typed, without a file."""

import tempfile
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.gates import Judgement
from zoo.cli.options import Format, IndexPaths, Input, OutputFormat, Trust, read_input
from zoo.cli.output.advice import print_command
from zoo.cli.output.console import print_json, width
from zoo.cli.output.finding_counts import print_last_line
from zoo.models.extras import require

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.counting.targets import Target
    from zoo.model_index.findings import Finding
    from zoo.model_index.records.records import Entry


def _option(name: str, help: str) -> Any:
    return Annotated[str | None, typer.Option(f"--{name}", metavar="NUMBER", help=help)]


def check(
    name: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="Model: timm:NAME, torchvision:NAME, NAME, net.py:Net.",
        ),
    ],
    flops: _option("flops", "FLOPs: 4.1G.") = None,  # type: ignore[valid-type]
    params: _option("params", "Parameters: 25.6M.") = None,  # type: ignore[valid-type]
    activations: _option("activations", "Activations: 11.1M.") = None,  # type: ignore[valid-type]
    layers: _option("layers", "Number of layers: 50.") = None,  # type: ignore[valid-type]
    top1: _option("top1", "Top-1 accuracy: 80.4%.") = None,  # type: ignore[valid-type]
    top5: _option("top5", "Top-5 accuracy: 95.1%.") = None,  # type: ignore[valid-type]
    size: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Say which input they are for: 224, 224x288.")
    ] = None,
    input: Input = None,
    format: OutputFormat = Format.TABLE,
    index: IndexPaths = None,
    trust: Trust = None,
) -> None:
    """Judge numbers about a model that you typed, as if an index stated them.

    Exits with 1 where a number
    is wrong; nothing is written.
    """
    require("live")
    from zoo.cli.count import find_target

    metadata = {
        "FLOPs": flops,
        "Parameters": params,
        "Activations": activations,
        "Layers": layers,
        "Image Size": size,
    }
    metrics = {"Top 1 Accuracy": top1, "Top 5 Accuracy": top5}
    target = find_target(name, index, trust)
    entry = make_entry(target, _stated(metadata), _stated(metrics), input)
    findings, measurer = judge(entry, target.share())
    print_findings(findings, entry, measurer, format)
    print_command(finding.gap for finding in findings)
    raise typer.Exit(int(any(finding.fails() for finding in findings)))


def _stated(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def make_entry(
    target: "Target",
    metadata: Mapping[str, str],
    metrics: Mapping[str, str],
    input: str | None = None,
) -> "Entry":
    """Return an entry of an index that states these numbers.

    Raises:
        UsageError: no number, one that cannot be read, or a file of weights.
    """
    import yaml

    from zoo.model_index.errors import UsageError
    from zoo.model_index.load import read_text

    if target.builder is None:
        raise UsageError(f"{target.text} holds weights only; name the model: timm:resnet50")
    if not {*metadata, *metrics} - {"Image Size"}:
        raise UsageError("state a number to judge: --flops 4.1G, --params 25.6M, --top1 80.4%")
    builder = {"Name": str(target.builder), "Arguments": target.builder.arguments}
    model: dict[str, Any] = {"Name": target.text, "Builder": builder, "Metadata": dict(metadata)}
    if input:
        read_input(input)
        model["Input"] = input
    if metrics:
        result = {"Task": "Image Classification", "Dataset": "ImageNet", "Metrics": dict(metrics)}
        model["Results"] = [result]
    text = yaml.safe_dump({"Models": [model]}, sort_keys=False, allow_unicode=True)
    read, faults = read_text("zoo check", text)
    if faults:
        texts = [
            f"{_option_of(fault.path)}: expected {fault.expected}, got {fault.got}"
            for fault in faults
        ]
        raise UsageError("\n".join(texts))
    return read.entries[0]


def _option_of(path: str) -> str:
    return path.rpartition(".")[2] or "the model"


def judge(entry: "Entry", trusted: tuple[str, ...]) -> "tuple[list[Finding], Measurer]":
    """Return the findings about an entry, and what measured it; no evidence is kept."""
    from zoo.cli.process_options import Processes, counting
    from zoo.cli.session import measurer_for, run

    with tempfile.TemporaryDirectory(prefix="zoo-check-") as ledger:
        measurer = measurer_for(ledger, None, trusted)
        with counting([entry], measurer, Processes()):
            findings = run([entry], measurer, [entry])
    typed = [finding for finding in findings if finding.claim.path != "Models[0].Builder"]
    return typed, measurer


def print_findings(
    findings: "Sequence[Finding]", entry: "Entry", measurer: "Measurer", format: Format
) -> None:
    """Print the findings as `zoo verify` does; what is typed has no place in a file."""
    from zoo.cli.output.finding_lines import list_lines, print_findings_csv, print_lines
    from zoo.cli.output.findings import print_screen
    from zoo.model_index.gaps import list_gaps

    failing = tuple(finding.fails() for finding in findings)
    judgement = Judgement(failing, (False,) * len(failing), sum(failing))
    screen = format is Format.TABLE and width() is not None
    lines = [line._replace(place="") for line in list_lines(findings, (), judgement)]
    if screen:
        print_screen(lines, [entry], measurer, grouped=False, everything=False)
    elif format is Format.TABLE:
        print_lines(lines)
    elif format is Format.CSV:
        print_findings_csv(findings, (), judgement)
    else:
        print_json([finding.to_dict() for finding in findings])
    gaps = list_gaps(findings, [entry])
    print_last_line(findings, judgement, gaps, models=1, unlisted=not screen)
