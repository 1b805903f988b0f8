"""The options of `zoo verify`, one table for each record that they fill."""

from typing import Annotated

import msgspec
import typer

from zoo.cli.choice import choice
from zoo.cli.options import (
    TABLE,
    AllowHosts,
    Also,
    Changed,
    CheckOutput,
    Download,
    Everything,
    Fresh,
    IndexPaths,
    KnownIn,
    LedgerFolder,
    Look,
    Names,
    Offline,
    Since,
    Trust,
    WriteKnown,
)
from zoo.cli.process_options import Jobs, MemoryLimit, TimeLimit
from zoo.cli.settings import BuilderPath

Strict = Annotated[
    bool, typer.Option("--strict", help="Fail on explained and unchecked claims too.")
]
AllowUnbuilt = Annotated[
    bool,
    typer.Option(
        "--allow-unbuilt",
        help="Pass although models were not built. Not trusted, not installed, not known.",
    ),
]
Counter = Annotated[
    str, choice("--counter", ("zoo", "fvcore"), "Compare with the count of fvcore too.")
]
Report = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Write all findings with causes as Markdown."),
]
Exact = Annotated[bool, typer.Option("--exact", help="Print counts with all digits.")]


class CheckOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How findings are printed and compared with known ones."""

    format: str = TABLE
    everything: bool = False
    exact: bool = False
    report: str | None = None
    baseline: str | None = None
    write_baseline: str | None = None
    also: tuple[str, ...] = ()


OPTIONS = {
    "names": Names,
    "index": IndexPaths,
    "ledger": LedgerFolder,
    "strict": Strict,
    "allow_unbuilt": AllowUnbuilt,
    "fresh": Fresh,
    "trust": Trust,
    "path": BuilderPath,
    "counter": Counter,
    "changed": Changed,
    "since": Since,
    "weights": Look,
    "download": Download,
    "offline": Offline,
    "allow_host": AllowHosts,
    "jobs": Jobs,
    "memory_limit": MemoryLimit,
    "time_limit": TimeLimit,
}
CHECK_OPTIONS = {
    "format": CheckOutput,
    "everything": Everything,
    "exact": Exact,
    "report": Report,
    "baseline": KnownIn,
    "write_baseline": WriteKnown,
    "also": Also,
}
