"""Export a model to a file of another format."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.api.sources import Source, Store, open_store, select
from zoo.models.command_line import flags_of, flags_of_code, flags_of_values
from zoo.models.extras import require

if TYPE_CHECKING:
    from zoo.exporting.export import ExportedFile
    from zoo.exporting.formats import ExportOptions


def export(
    model: str,
    *,
    format: str = "onnx",
    output: "str | PathLike[str] | None" = None,
    opset: int | None = None,
    batch_size: int | None = None,
    precision: str = "fp32",
    input: str | None = None,
    weights: "str | PathLike[str] | None" = None,
    random: bool = False,
    download: bool = False,
    allow_hosts: Sequence[str] = (),
    force: bool = False,
    time_limit: float = 600.0,
    source: Source = None,
    ledger: Store = "ledger",
    trust: Sequence[str] = (),
) -> "ExportedFile":
    """Write a model with its weights as ONNX or as an archive of torch.export.

    The file is run again before it is put in place, and its outputs are compared with those of the
    live model.

    Args:
        model: a model of the index.
        format: `onnx`, or `torch_export`.
        output: the file to write; None is `MODEL.onnx` or `MODEL.pt2`.
        opset: the version of ONNX; None is 18.
        batch_size: the only batch size of the file; None lets it take any.
        precision: `fp32` or `fp16`: the type of weights, input and output.
        input: what the model takes, such as `16x112x112 clip`; None is what the index states, else
            what the builder proposes.
        weights: a file or URL in place of the index's weights.
        random: random weights from a fixed seed.
        download: fetch weights that are not on this machine.
        allow_hosts: hosts that addresses may lead to though they are not public.
        force: replace a file that is there.
        time_limit: seconds to build the model in.
        source: the index, as for `load`.
        ledger: the folder of evidence.
        trust: packages whose code the index may call.

    Returns:
        The file: its path, and the evidence with its digest and the deviation of its outputs.

    Raises:
        MissingExtra: what builds the model is not installed.
        UsageError: an unknown model or format, a file that exists, no weights on this machine.
        ExportError: the model cannot be exported, or the file's output differs.
        LedgerError: the evidence cannot be written.
    """
    require("live")
    from dataclasses import replace

    from zoo.exporting.formats import ExportOptions
    from zoo.exporting.preflight import check_export
    from zoo.isolation.guard import guard_process
    from zoo.model_index.errors import UsageError
    from zoo.model_index.records.input_text import parse_option
    from zoo.weights.http.client import Client

    index, entries = select(source, model)
    if len(entries) > 1:
        raise UsageError(f"{model}: {len(entries)} models match; one is exported at a time")
    options = ExportOptions(
        format=format,
        output=None if output is None else Path(output),
        opset=opset,
        batch_size=batch_size,
        precision=precision,
        input=None if input is None else parse_option(input),
        weights=None if weights is None else str(weights),
        random=random,
        force=force,
        seconds=time_limit,
        trusted=tuple(trust),
    )
    options = replace(options, flags=_flags(options, index.paths))
    check_export(entries[0], options, download=download)  # before torch is imported
    from zoo.exporting.export import export as export_entry

    store = open_store(ledger).absolute()
    with Client(allow_hosts=tuple(allow_hosts)) as client, guard_process():
        return export_entry(entries[0], options, store, client if download else None)


def _flags(options: "ExportOptions", index: Sequence[str]) -> str:
    """Return the flags that reproduce the export."""
    from zoo.exporting.formats import SECONDS

    values = {
        "--to": options.format,
        "--output": options.output,
        "--opset": options.opset,
        "--batch-size": options.batch_size,
        "--precision": options.precision,
        "--input": options.input,
        "--time-limit": None if options.seconds == SECONDS else f"{options.seconds:g}",
        "--weights": options.weights,
    }
    flags = flags_of_values(values)
    flags += " --static" if options.batch_size is not None else ""
    flags += " --random" if options.random else ""
    return f"{flags} --force{flags_of(*flags_of_code(index, options.trusted))}"
