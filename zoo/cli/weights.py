"""`zoo weights`, and the options of `zoo verify --weights`: checkpoints, looked at without
downloading them."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.deferred_errors import Unwritten, open_ledger
from zoo.cli.options import (
    LEDGER,
    Format,
    Fresh,
    IndexPaths,
    LedgerFolder,
    OutputFormat,
    Trust,
    clean,
    flags_of,
    plural,
    print_json,
    print_table,
    read_index,
    say,
)

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from zoo.counting.measurer import Measurer
    from zoo.model_index.findings import Finding
    from zoo.model_index.ledger.store import Evidence
    from zoo.model_index.records.records import Entry
    from zoo.weights.inspect import InspectOptions, Inspector

MEGABYTE = 1_000_000
Look = Annotated[
    bool,
    typer.Option(
        "--weights", help="Look at the weights too: size, digest, tensors; a few kilobytes a file."
    ),
]
Offline = Annotated[bool, typer.Option("--offline", help="Use evidence only; ask no host.")]
Download = Annotated[
    bool,
    typer.Option(
        "--download", help="Fetch whole files where a part does not do; kept in ~/.cache/zoo."
    ),
]
AllowHosts = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host",
        metavar="HOST",
        help="Let addresses lead to this host, though it is not public.",
    ),
]


def weights(
    names: Annotated[
        list[str], typer.Argument(metavar="MODEL|URL|FILE...", help="What to look at.")
    ],
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    format: OutputFormat = Format.TABLE,
    tensors: Annotated[
        bool, typer.Option("--tensors", help="List every tensor: name, dtype, shape.")
    ] = False,
    download: Download = False,
    offline: Offline = False,
    allow_host: AllowHosts = None,
    fresh: Fresh = False,
    trust: Trust = None,
) -> None:
    """Look at checkpoints without downloading them: do they answer, size, digest, format, tensors.

    A model's are those its index names, and are compared with the live model. An address or a file
    is only described. Exits with 1 where a finding fails or a file cannot be read.
    """
    from zoo.cli.verify import measurer_for

    limits = limits_for(
        index, trust, offline=offline, download=download, fresh=fresh, allow_hosts=allow_host
    )
    typed = [name for name in names if _is_place(name)]
    models = [name for name in names if name not in typed]
    failed = False
    data: list[dict[str, Any]] = []
    for name in typed:
        found = described(name, limits)
        failed |= found.error is not None
        data.append(found.values | {"error": found.error})
        if format is Format.TABLE:
            print_described(name, found.values, found.error, tensors)
    if models:
        read = read_index(index)
        entries = read.select(models)
        inspector = inspect(entries, ledger, limits)
        for entry in entries:
            measurer = measurer_for(ledger, index, trust, live=False)
            for document, why in inspector.unkept:
                measurer.unkept_because(document, why)
            findings, values = judged(entry, measurer)
            failed |= any(finding.fails() for finding in findings)
            data += [each | {"model": entry.name} for each in values]
            data += [{"model": entry.name, "findings": [finding.to_dict() for finding in findings]}]
            if format is Format.TABLE:
                print_model(entry, findings, values, tensors)
        summarise(inspector)
    if format is Format.JSON:
        print_json(data)
    if models:
        Unwritten().tell(measurer)
    raise typer.Exit(1 if failed else 0)


def _is_place(name: str) -> bool:
    """Whether a person typed an address or a file rather than a model's name."""
    return "://" in name or name.startswith(("hf:", "package:")) or Path(name).is_file()


def limits_for(
    index: Sequence[str] | None,
    trust: Sequence[str] | None,
    *,
    offline: bool,
    download: bool,
    fresh: bool,
    allow_hosts: Sequence[str] | None,
) -> "InspectOptions":
    """How far looking may go."""
    from zoo.weights.inspect import InspectOptions

    flags = flags_of(("--index", index), ("--trust", trust), ("--allow-host", allow_hosts))
    return InspectOptions(
        offline=offline,
        download=download,
        fresh=fresh,
        allow_hosts=tuple(allow_hosts or ()),
        trusted=tuple(trust or ()),
        flags=flags,
    )


def inspect(entries: "Sequence[Entry]", ledger: str, limits: "InspectOptions") -> "Inspector":
    """Look at all weights of these models; a progress bar where a person watches."""
    from zoo.weights.inspect import Inspector

    if not sys.stderr.isatty():
        inspector = Inspector(open_ledger(ledger), limits)
        inspector.inspect(entries)
        return inspector
    from dataclasses import replace

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    total = sum(len(entry.links) for entry in entries)
    columns = (
        TextColumn("{task.description:<24}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("weights", total=total)
        inspector = Inspector(
            open_ledger(ledger), replace(limits, progress=_download_bars(progress))
        )
        inspector.inspect(
            entries, lambda name: progress.update(task, advance=1, description=clean(name))
        )
    return inspector


def _download_bars(progress: "Progress") -> "Callable[[str, int, int], None]":
    """Shows each download by a bar of its own, in megabytes, until it is done."""
    bars: dict[str, TaskID] = {}

    def advance(name: str, done: int, size: int) -> None:
        if name not in bars:
            bars[name] = progress.add_task(clean(name[-24:]), total=size // MEGABYTE)
        progress.update(bars[name], completed=done // MEGABYTE, visible=done < size)

    return advance


def inspect_local(
    entries: "Sequence[Entry]",
    ledger: str,
    index: Sequence[str] | None,
    trust: Sequence[str] | None,
) -> "list[tuple[Evidence, str]]":
    """Look at weights that are files of this machine, where the ledger does not have them as they
    are; what of it the ledger could not take, and why."""
    from zoo.weights.references import entries_with_new_files

    if waiting := entries_with_new_files(entries, open_ledger(ledger)):
        from zoo.weights.inspect import Inspector

        limits = limits_for(
            index, trust, offline=False, download=False, fresh=False, allow_hosts=None
        )
        inspector = Inspector(open_ledger(ledger), limits)
        inspector.inspect(waiting, local=True)
        return inspector.unkept
    return []


def judged(entry: "Entry", measurer: "Measurer") -> "tuple[list[Finding], list[dict[str, Any]]]":
    """The findings about an entry's weights and file sizes, and what was seen of each
    checkpoint."""
    from zoo.verification import weights

    seen = measurer.weights(entry)
    found = [evidence for _, evidence in seen]
    findings = [
        weights.weights(link, evidence, weights.recorded_digest(entry)) for link, evidence in seen
    ]
    findings += [
        weights.file_size(claim, found)
        for claim in entry.all_claims()
        if claim.row.check == "weights"
    ]
    return findings, [
        {"address": e.cell.conditions["address"], "error": e.error} | e.values for e in found
    ]


def described(name: str, limits: "InspectOptions") -> Any:
    """What there is to say of an address or a file by itself."""
    from zoo.weights.http.client import Client
    from zoo.weights.inspect import look

    with Client(allow_hosts=limits.allow_hosts) as client:
        return look(name, None, client, limits)


def print_described(name: str, values: dict[str, Any], error: str | None, tensors: bool) -> None:
    say(name)
    print_table(("What", "Value"), [*rows_of(values), *([("Error", error)] if error else [])])
    if tensors:
        print_tensors(values)


def print_model(
    entry: "Entry", findings: "Sequence[Finding]", values: Sequence[dict[str, Any]], tensors: bool
) -> None:
    say("  ".join(part for part in (entry.name, entry.collection, str(entry.place)) if part))
    if not entry.links:
        say(f"{entry.name}: the index names no weights")
    for each in values:
        print_described(each["address"], each, each.get("error"), tensors)
    for finding in findings:
        say(f"{finding.claim.place}: {finding.claim.row.label}: {finding.said}: {finding.reason}")


def print_tensors(values: dict[str, Any]) -> None:
    rows = [
        (name, dtype, "x".join(map(str, shape))) for name, dtype, shape in values.get("tensors", ())
    ]
    print_table(("Tensor", "dtype", "Shape"), rows, right=("Shape",))


def rows_of(values: dict[str, Any]) -> list[tuple[str, str]]:
    """What was seen of a checkpoint, for people."""
    tensors = values.get("tensors") or ()
    dtypes = sorted({dtype for _, dtype, _ in tensors})
    facts = {
        "Size": f"{values['size']:,} bytes" if values.get("size") is not None else None,
        "SHA-256": f"{values['sha256']} ({values['sha256_by']})" if values.get("sha256") else None,
        "Format": values.get("format"),
        "State dict": values.get("key") or None,
        "Tensors": f"{len(tensors):,} ({', '.join(dtypes)})" if tensors else None,
        "Read": f"{values['transferred']:,} bytes" if values.get("transferred") else None,
        "Last seen": values.get("seen"),
    }
    return [(name, value) for name, value in facts.items() if value]


def summarise(inspector: "Inspector") -> None:
    """One line on what was looked at, on standard error."""
    looked = f"{plural(inspector.looked, 'file')} looked at, {inspector.unchanged} unchanged"
    say(f"weights: {looked}, {inspector.transferred:,} bytes read", error=True)
