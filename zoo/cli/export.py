"""`zoo export`: write a live model with its weights in another format; the output is checked
first."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.choice import choice
from zoo.cli.deferred_errors import open_ledger
from zoo.cli.options import (
    LEDGER,
    AllowHosts,
    Download,
    IndexPaths,
    Input,
    LedgerFolder,
    Trust,
    read_index,
)
from zoo.cli.output.console import print_text
from zoo.cli.output.progress import show_step

if TYPE_CHECKING:
    from zoo.exporting.export import ExportedFile

SECONDS = 600.0
FORMATS = ("onnx", "torch_export")
PRECISIONS = ("fp32", "fp16")

Model = Annotated[str, typer.Argument(metavar="MODEL", help="Model of the index.")]
To = Annotated[
    str,
    choice("--to", FORMATS, "Write such a file. `torch.export.load` reads the second."),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write to this file. Default: MODEL.onnx or MODEL.pt2.",
    ),
]
Opset = Annotated[
    int | None,
    typer.Option("--opset", metavar="N", min=1, help="Write this version of ONNX. Default: 18."),
]
Dynamic = Annotated[
    bool,
    typer.Option("--dynamic-batch/--static", help="Fit any batch size, or one."),
]
BatchSize = Annotated[
    int,
    typer.Option("--batch-size", metavar="N", min=1, help="Take this batch size with --static."),
]
Precision = Annotated[str, choice("--precision", PRECISIONS, "Write weights of this type.")]
Checkpoint = Annotated[
    str | None,
    typer.Option("--weights", metavar="FILE|URL", help="Export these weights, not the index's."),
]
Random = Annotated[bool, typer.Option("--random", help="Use random weights, from a fixed seed.")]
TimeLimit = Annotated[
    float,
    typer.Option(
        "--time-limit", min=1, metavar="SECONDS", help="Limit the time to build the model."
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]


def export(
    name: Model,
    to: To = "onnx",
    output: Output = None,
    opset: Opset = None,
    dynamic: Dynamic = True,
    batch_size: BatchSize = 1,
    precision: Precision = "fp32",
    input: Input = None,
    weights: Checkpoint = None,
    random: Random = False,
    download: Download = False,
    allow_host: AllowHosts = None,
    force: Force = False,
    time_limit: TimeLimit = SECONDS,
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    trust: Trust = None,
) -> None:
    """Export a model with its weights to ONNX or to torch.export's archive.

    The file is run again before it stands there, and its output is compared with that of the live
    model.
    """
    from zoo.api.exporting import export as export_model

    source = read_index(index)
    with show_step(f"exporting {name}"):
        written = export_model(
            name,
            format=to,
            output=output,
            opset=opset,
            batch_size=None if dynamic else batch_size,
            precision=precision,
            input=input,
            weights=weights,
            random=random,
            download=download,
            allow_hosts=allow_host or (),
            force=force,
            time_limit=time_limit,
            source=source,
            ledger=open_ledger(ledger),
            trust=trust or (),
        )
    _print(written)


def _print(written: "ExportedFile") -> None:
    """Print the file, how far its output deviates, its digest and format, the model."""
    values, requested = written.evidence.values, written.evidence.cell.conditions
    print_text(f"{written.path}  {values['bytes']:,} bytes")
    for label, text in (
        ("checked", _describe_checks(values["output"])),
        ("SHA-256", f"{values['sha256']}{_compared(values['sha256'], written.previous)}"),
        ("format", _describe_format(requested)),
        ("model", values["resolved"]),
        ("weights", _describe_weights(values)),
    ):
        print_text(f"{label:<8} {text}", 2)


def _describe_checks(checks: dict[str, Any]) -> str:
    """`at batch 1, 2, 3: at most 2.2e-08 from eager float32, at least 1e-05 is allowed`."""
    off = max(check["max_abs"] for check in checks.values())
    allowed = min(check["tolerance"] for check in checks.values())
    number = max(check["outputs"] for check in checks.values())
    outputs = f", {number} outputs" if number > 1 else ""
    where = f"at batch {', '.join(checks)}{outputs}"
    return f"{where}: at most {off:.2g} from eager float32, at least {allowed:.2g} is allowed"


def _describe_format(requested: dict[str, Any]) -> str:
    batch = "any batch size" if requested["dynamic"] else f"batch size {requested['batch_size']}"
    opset = "" if requested["opset"] is None else f" opset {requested['opset']}"
    return f"{requested['format']}{opset}, {requested['precision']}, {batch}, {requested['input']}"


def _describe_weights(values: dict[str, Any]) -> str:
    digest = values["weights_sha256"]
    return f"{values['weights']}, SHA-256 {digest}" if digest else str(values["weights"])


def _compared(sha256: str, before: str | None) -> str:
    if before is None:
        return ""
    return ", as the last time" if sha256 == before else f", the last time {before}"
