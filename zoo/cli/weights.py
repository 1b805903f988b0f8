"""`zoo weights`: inspect checkpoints without downloading them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.api.measuring import add_inspected, make_inspect_options
from zoo.cli.deferred_errors import DeferredErrors
from zoo.cli.options import (
    LEDGER,
    AllowHosts,
    Download,
    Format,
    Fresh,
    IndexPaths,
    LedgerFolder,
    Offline,
    OutputFormat,
    Trust,
    read_index,
)
from zoo.cli.output.console import print_json
from zoo.cli.output.weights import (
    print_checkpoint,
    print_model,
    print_weights_csv,
    summarise,
)
from zoo.cli.session import inspect, measurer_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zoo.counting.measurer import Measurer
    from zoo.model_index.findings import Finding
    from zoo.model_index.records.records import Entry
    from zoo.weights.describe import InspectOptions


def weights(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL...",
            help="Models of the index, addresses, hf:OWNER/NAME, files, folders.",
        ),
    ],
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    format: OutputFormat = Format.TABLE,
    tensors: Annotated[
        bool, typer.Option("--tensors", help="List every tensor with type and shape.")
    ] = False,
    download: Download = False,
    offline: Offline = False,
    allow_host: AllowHosts = None,
    fresh: Fresh = False,
    trust: Trust = None,
) -> None:
    """Look at checkpoints without downloading them: do they answer, size, digest, format, tensors,
    parameters, bits a weight.

    A model's are those its index names, and are compared with the live model. An address or a file
    is described, and compared with what its name states; of a folder each checkpoint. Exits with 1
    where a finding fails, or a file or a value of the index cannot be read.
    """
    limits = make_inspect_options(
        index or (),
        trust or (),
        offline=offline,
        download=download,
        fresh=fresh,
        allow_hosts=allow_host or (),
    )
    output = WeightsOutput(format, tensors)
    places = [name for name in names if _is_place(name)]
    for name in places:
        for place, checkpoint in describe_places(name, limits):
            output.add_checkpoint(place, checkpoint)
    models = [name for name in names if name not in places]
    measurers = []
    if models:
        read = read_index(index)
        entries = read.select(models)
        output.failed |= bool(read.faults_of(entry.name for entry in entries))
        inspector = inspect(entries, ledger, limits)
        for entry in entries:
            measurers.append(measurer_for(ledger, index, trust, live=False))
            add_inspected(measurers[-1], inspector)
            output.add_model(entry, measurers[-1])
        summarise(inspector)
    output.finish()
    if measurers:
        DeferredErrors().tell(measurers[-1])
    raise typer.Exit(1 if output.failed else 0)


class WeightsOutput:
    """Prints checkpoints, or collects them as `rows` for JSON and CSV."""

    def __init__(self, format: Format, tensors: bool):
        self.format, self.tensors = format, tensors
        self.rows: list[dict[str, Any]] = []
        self.failed = False

    def add_checkpoint(self, name: str, checkpoint: Any) -> None:
        """Add an address or a file."""
        faults = find_faults(name, checkpoint)
        checkpoint.values |= {"faults": faults} if checkpoint.error is None else {}
        self.failed |= checkpoint.error is not None or bool(faults)
        self.rows.append(checkpoint.values | {"error": checkpoint.error})
        if self.format is Format.TABLE:
            print_checkpoint(name, checkpoint.values, checkpoint.error, self.tensors)

    def add_model(self, entry: "Entry", measurer: "Measurer") -> None:
        """Add the checkpoints of an entry with their findings."""
        findings, values = judge_weights(entry, measurer)
        self.failed |= any(finding.fails() for finding in findings)
        self.rows += [value | {"model": entry.name} for value in values]
        described = [finding.to_dict() for finding in findings]
        self.rows.append({"model": entry.name, "findings": described})
        if self.format is Format.TABLE:
            print_model(entry, findings, values, self.tensors)

    def finish(self) -> None:
        """Print what was collected for programs."""
        if self.format is Format.JSON:
            print_json(self.rows)
        elif self.format is Format.CSV:
            print_weights_csv(self.rows, self.tensors)


def _is_place(name: str) -> bool:
    """Whether a person typed an address, a file or a folder rather than a model's name."""
    from zoo.weights.folders import has_checkpoints

    path = Path(name)
    is_address = "://" in name or name.startswith(("hf:", "package:"))
    return is_address or path.is_file() or has_checkpoints(path)


def judge_weights(
    entry: "Entry", measurer: "Measurer"
) -> "tuple[list[Finding], list[dict[str, Any]]]":
    """Return the findings about an entry's weights and file sizes, and the facts of each
    checkpoint."""
    from zoo.verification import weights

    seen = measurer.weights(entry)
    documents = [evidence for _, evidence in seen]
    findings = [
        weights.compare_checkpoint(
            link, entry, evidence, weights.recorded_digest(link, entry, documents)
        )
        for link, evidence in seen
    ]
    findings += [
        weights.compare_file_size(claim, documents)
        for claim in entry.all_claims()
        if claim.row.check == "file size"
    ]
    return findings, [
        {"address": e.cell.conditions["address"], "error": e.error} | e.values for e in documents
    ]


def describe_places(name: str, limits: "InspectOptions") -> "Iterator[tuple[str, Any]]":
    """Yield the description of an address or a file, or of each checkpoint of a folder; a file that
    another one names is a part of that.

    Raises:
        UsageError: a folder without a checkpoint.
    """
    from zoo.weights.folders import list_checkpoints

    if not Path(name).is_dir():
        yield name, describe(name, limits)
        return
    parts: set[Path] = set()
    for path in list_checkpoints(Path(name)):
        if path in parts:
            continue
        checkpoint = describe(str(path), limits)
        parts |= {path.parent / row["name"] for row in checkpoint.values.get("files", ())}
        yield str(path), checkpoint


def find_faults(name: str, checkpoint: Any) -> list[str]:
    """Return what the name of a checkpoint, or its index, states and it does not hold."""
    from zoo.weights.contents.name_check import compare_name
    from zoo.weights.contents.summary import convert_summary

    summary = convert_summary(checkpoint.values)
    if checkpoint.error or summary is None:
        return []
    last = name.partition("?")[0].rstrip("/").rpartition("/")[2]
    return [*checkpoint.values.get("misstates", ()), *compare_name(last, summary).contradictions]


def describe(name: str, limits: "InspectOptions") -> Any:
    """Describe an address or a file without an entry."""
    from zoo.weights.describe import describe_reference
    from zoo.weights.http.client import Client

    with Client(allow_hosts=limits.allow_hosts) as client:
        return describe_reference(name, None, client, limits)
