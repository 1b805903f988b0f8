"""`zoo ledger`: check the files of a ledger, count again what it says, or write it as one
table."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.audit import describe, measure_again
from zoo.cli.deferred_errors import open_ledger
from zoo.cli.help.command import Command, Group
from zoo.cli.options import (
    LEDGER,
    Format,
    IndexPaths,
    LedgerFolder,
    OutputFormat,
    Trust,
    read_index,
)
from zoo.cli.output.console import plural, print_json, say
from zoo.cli.output.progress import show_step
from zoo.cli.process_options import Jobs, MemoryLimit, Processes, TimeLimit
from zoo.cli.session import measurer_for
from zoo.cli.settings import with_settings
from zoo.models.extras import require
from zoo.verification.request import MEMORY, SECONDS

if TYPE_CHECKING:
    from zoo.model_index.ledger.check import FileProblem

HINT = (
    "a file that is not evidence is renamed when its cell is measured again; you may delete or "
    "correct it; zoo does not change files of a later version"
)

app = typer.Typer(
    cls=Group,
    help="Check the files of a ledger, or write them as one table.",
    add_completion=False,
    rich_markup_mode=None,
)


@app.command("check", cls=Command, short_help="Name the files of a ledger that cannot be used.")
@with_settings
def check(
    ledger: LedgerFolder = LEDGER,
    format: OutputFormat = Format.TABLE,
    recount: Annotated[
        bool,
        typer.Option("--recount", help="Measure all counts of the index again."),
    ] = False,
    index: IndexPaths = None,
    trust: Trust = None,
    jobs: Jobs = None,
    memory_limit: MemoryLimit = MEMORY,
    time_limit: TimeLimit = SECONDS,
) -> None:
    """Name each file that is damaged, edited, of a later format, dated in the future, or in the
    wrong place. With --recount also each count that is not what is measured now.

    Exits with 1 where there is any. Half-written files and those set aside are named and do not
    count.
    """
    from zoo.model_index.ledger import check

    with show_step(f"reading {ledger}"):
        problems, summary = list(check.check(_folder(ledger))), ""
    if recount:
        processes = Processes(jobs, memory_limit, time_limit)
        differing, summary = _recount(ledger, index, trust, processes)
        problems += differing
    wrong = [problem for problem in problems if not problem.left]
    if format is Format.JSON:
        print_json([{"file": str(p.path), "reason": p.reason, "left": p.left} for p in problems])
    else:
        for problem in problems:
            say(f"{os.path.relpath(problem.path)}: {problem.reason}")
        left = f", {len(problems) - len(wrong)} left over" if len(problems) > len(wrong) else ""
        documents = plural(sum(1 for _ in Path(ledger).glob("*/*/*.json")), "document")
        say(f"{ledger}: {documents}, {plural(len(wrong), 'file')} to repair{left}", error=True)
        if wrong:
            say(HINT, error=True)
    if summary:
        say(summary, error=True)
    raise typer.Exit(1 if wrong else 0)


def _recount(
    ledger: str, index: list[str] | None, trust: list[str] | None, processes: Processes
) -> "tuple[list[FileProblem], str]":
    """Measure every count of a ledger that the index asks for again; return the documents that
    differ, and a summary."""
    from zoo.model_index.errors import UsageError
    from zoo.model_index.ledger.check import FileProblem
    from zoo.verification.audit import list_requests

    entries = read_index(index).entries
    measurer = measurer_for(ledger, index, trust)
    cells = [document.cell for document in measurer.ledger.all("count")]
    requests = list_requests(cells, entries, measurer)
    if cells and not requests:
        raise UsageError(f"{ledger}: the index asks for none of its counts; --index names another")
    result = measure_again(requests, measurer, index or (), processes)
    others = len(cells) - len(requests)
    left = f", {others} are of other models or versions" if others else ""
    summary = f"recount: {result.compared} of {plural(len(cells), 'count')} measured again{left}, "
    problems = [
        FileProblem(Path(finding.claim.place.file), finding.reason) for finding in result.findings
    ]
    return problems, summary + describe(result)


@app.command("compact", cls=Command, short_help="Write a ledger as one Parquet file.")
@with_settings
def compact(
    ledger: LedgerFolder = LEDGER,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Write to this file.")
    ] = "ledger.parquet",
) -> None:
    """Write every document of a ledger as a row of a Parquet file, for DuckDB, pandas and others.

    The ledger stays as it is. Files that cannot be read are left out; `zoo ledger check` names
    them.
    """
    from zoo.model_index.ledger import parquet

    require("parquet")
    with show_step(f"writing {output}"):
        count = parquet.write(open_ledger(str(_folder(ledger))).all(), Path(output))
    say(f"{output}: {plural(count, 'document')}, {Path(output).stat().st_size:,} bytes", error=True)


def _folder(ledger: str) -> Path:
    from zoo.model_index.errors import UsageError

    if not Path(ledger).is_dir():
        raise UsageError(f"{ledger}: no such folder; --ledger names another one")
    return Path(ledger)
