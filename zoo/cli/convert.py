"""`zoo convert`: write an index in another format; never measures nor imports torch."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.choice import choice
from zoo.cli.options import LEDGER, IndexPaths, LedgerFolder, Output, load_index
from zoo.cli.output.console import plural, print_table, say
from zoo.cli.output.files import is_folder, write_or_print
from zoo.cli.session import read_catalogue
from zoo.reporting.convert import TARGETS

if TYPE_CHECKING:
    from zoo.model_index.errors import Fault
    from zoo.model_index.records.records import Index


class Source(StrEnum):
    """The formats that `zoo convert` reads: an index in any of its dialects, or tables of timm's
    results."""

    INDEX = "index"
    TIMM_RESULTS = "timm-results"


def convert(
    to: Annotated[str, choice("--to", TARGETS, "Write this format.")],
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Files, folders or globs of an index. Default: that of --index.",
        ),
    ] = None,
    from_: Annotated[
        Source,
        choice("--from", Source, "Read an index, or CSV files of timm's results."),
    ] = Source.INDEX,
    index: IndexPaths = None,
    output: Output = None,
    ledger: LedgerFolder = LEDGER,
) -> None:
    """Write an index in another format; list on standard error what that format cannot hold.

    What cannot be read is named and left out; the exit code is 1 then.
    """
    from zoo.reporting.views.catalogue import Catalogue, Zoo

    if from_ is Source.INDEX:
        sources = [*(sources or ()), *(index or ())]
    read, faults = _read(from_, sources)
    target = TARGETS[to]
    judged = target.needs_findings
    catalogue = (
        read_catalogue(read, read.entries, ledger, sources)
        if judged
        else Catalogue.of(Zoo(index=read, findings=(), evidence={}, primary={}))
    )
    converted = target.convert(catalogue, output is not None and is_folder(output))
    write_or_print(converted.files, output, read)
    rows = converted.losses.rows()
    if rows:
        loss = "cannot be converted exactly:"
    else:
        loss = f"{plural(len(faults), 'value')} left out" if faults else "nothing was lost"
    say(f"{plural(len(read.entries), 'model')} as {to}; {loss}", error=True)
    if rows:
        print_table(("What", "Count", "Why"), rows, right=("Count",), error=True)
    for fault in faults:
        say(f"left out: {fault}", error=True)
    if faults:
        raise typer.Exit(1)


def _read(format: Source, sources: Sequence[str] | None) -> "tuple[Index, Sequence[Fault]]":
    """Return the index to convert, and what cannot be read of it.

    Raises:
        UsageError: no table is named, or a source is not a table.
        IndexFaults: every fault of an index.
    """
    from zoo.model_index.dialects import timm_results
    from zoo.model_index.errors import UsageError

    if format is Source.INDEX:
        index = load_index(sources)
        return index, index.faults
    if not sources:
        raise UsageError(f"--from {format} needs the tables to read, CSV files of timm's results")
    return timm_results.read(sources)
