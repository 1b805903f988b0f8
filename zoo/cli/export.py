"""`zoo export`: write a live model with its weights in another format; the output is checked
first."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.deferred_errors import open_ledger
from zoo.cli.options import (
    LEDGER,
    AllowHosts,
    Download,
    IndexPaths,
    LedgerFolder,
    Trust,
    choice,
    read_index,
)
from zoo.cli.output.console import say
from zoo.cli.output.progress import show_step

if TYPE_CHECKING:
    from zoo.exporting.export import ExportedFile

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
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]


def export(
    name: Model,
    to: To = "onnx",
    output: Output = None,
    opset: Opset = None,
    dynamic: Dynamic = True,
    batch_size: BatchSize = 1,
    precision: Precision = "fp32",
    weights: Checkpoint = None,
    random: Random = False,
    download: Download = False,
    allow_host: AllowHosts = None,
    force: Force = False,
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
            weights=weights,
            random=random,
            download=download,
            allow_hosts=allow_host or (),
            force=force,
            source=source,
            ledger=open_ledger(ledger),
            trust=trust or (),
        )
    _print(written)


def _print(written: "ExportedFile") -> None:
    """Print the file, its digest and format, the model, and the deviation of its output."""
    values, requested = written.evidence.values, written.evidence.cell.conditions
    say(f"{written.path}  {values['bytes']:,} bytes")
    say(f"SHA-256   {values['sha256']}{_compared(values['sha256'], written.previous)}")
    size = "any batch size" if requested["dynamic"] else f"batch size {requested['batch_size']}"
    opset = "" if requested["opset"] is None else f" opset {requested['opset']}"
    shape = f"{size} x {'x'.join(map(str, requested['input_size']))}"
    say(f"format    {requested['format']}{opset}, {requested['precision']}, {shape}")
    say(f"model     {values['resolved']}")
    say(
        f"weights   {values['weights']}"
        + (f", SHA-256 {values['weights_sha256']}" if values["weights_sha256"] else "")
    )
    for batch, difference in values["output"].items():
        off, allowed = difference["max_abs"], difference["tolerance"]
        outputs = f", {difference['outputs']} outputs" if difference["outputs"] > 1 else ""
        say(
            f"checked   at batch {batch}{outputs}: at most {off:.2g} from eager float32, "
            f"{allowed:.2g} is allowed"
        )


def _compared(sha256: str, before: str | None) -> str:
    if before is None:
        return ""
    return ", as the last time" if sha256 == before else f", the last time {before}"
