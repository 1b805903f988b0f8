"""Options and output shared by the commands."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from zoo.cli.output.console import say, say_note
from zoo.cli.settings import print_note
from zoo.reporting.gates import RENDERERS

if TYPE_CHECKING:
    from zoo.model_index.errors import Fault
    from zoo.model_index.records.records import Index


class Format(StrEnum):
    """How a table is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


# formats for people and programs; gates have the others
FOR_READERS = TABLE, JSON, CSV = tuple(format.value for format in Format)


def choice(option: str, names: Iterable[str], help: str) -> Any:
    """Return an option that takes one of the names of a table."""
    names = tuple(names)

    def check(value: str) -> str:
        if value not in names:
            listed = ", ".join(map(repr, names))
            raise typer.BadParameter(f"{value!r} is not one of {listed}.")
        return value

    return typer.Option(option, metavar=f"<{'|'.join(names)}>", callback=check, help=help)


Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME|GLOB]...", help="Models; all of them for none.")
]
Models = Annotated[
    list[str], typer.Argument(metavar="MODEL...", help="Models of the index, by names or globs.")
]
IndexPaths = Annotated[
    list[str] | None,
    typer.Option(
        "--index",
        metavar="PATH",
        help="A file, folder or glob, `timm` or `demo`; may be repeated; !GLOB leaves files out. "
        "Default: that of the settings, of this folder, or the embedded one.",
    ),
]
LedgerFolder = Annotated[
    str, typer.Option("--ledger", metavar="DIR", help="Where evidence is kept.")
]
OutputFormat = Annotated[
    Format, typer.Option("--format", help="A table for people, JSON or CSV for programs.")
]
Trust = Annotated[
    list[str] | None,
    typer.Option(
        "--trust",
        metavar="PACKAGE",
        help="Let the index call builders of this package; may be repeated.",
    ),
]
CheckOutput = Annotated[
    str,
    choice(
        "--format", (*FOR_READERS, *RENDERERS), "Print a table, JSON, CSV, or the format of a gate."
    ),
]
Also = Annotated[
    list[str] | None,
    typer.Option(
        "--also",
        metavar="FORMAT=FILE",
        help="Write another gate's format to a file; may be repeated.",
    ),
]
Everything = Annotated[
    bool,
    typer.Option("--all", "-a", help="List everything: unremarkable claims, known findings."),
]
KnownIn = Annotated[
    str | None,
    typer.Option(
        "--baseline", metavar="FILE", help="Fail on findings only that this file does not have."
    ),
]
WriteKnown = Annotated[
    str | None,
    typer.Option("--write-baseline", metavar="FILE", help="Write the findings as known, and pass."),
]
Changed = Annotated[
    bool,
    typer.Option(
        "--changed",
        help="Only models whose entries differ from the last commit; in pre-commit, its range.",
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="REV",
        help="Only models whose entries differ from a git revision, or in a range A...B.",
    ),
]
Config = Annotated[
    str | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The MkDocs configuration, trusted if it is named. Default: mkdocs.yml.",
    ),
]
TrustConfig = Annotated[
    bool,
    typer.Option(
        "--trust-config", help="Let mkdocs.yml run code: hooks, plugins, templates, YAML tags."
    ),
]
NoVerify = Annotated[
    bool, typer.Option("--no-verify", help="Use the ledger's evidence only; measure nothing.")
]
Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        metavar="FILE|DIR",
        help="Where to write; DIR/, or a name without a suffix, is a folder.",
    ),
]
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
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Measure again, even where the ledger has evidence.")
]

LEDGER = "ledger"
MOST_FAULTS = 20  # of an index, listed by commands that go on without what cannot be read
OUTPUT_OPTIONS = {"format": OutputFormat}


class OutputOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How results are printed."""

    format: Format = Format.TABLE


def load_index(paths: Sequence[str] | None) -> "Index":
    """The index of a command's paths, `timm` being its registry and CSV files tables of its
    results; the embedded one for `demo` and for none.

    Where the paths are those of the settings or of the folder, it is said which they are.

    Raises: UsageError, IndexFaults: as `zoo.model_index.load` and `zoo.models.timm_registry`.
    """
    from zoo.api.sources import load

    print_note()
    return load(paths)


def read_index(paths: Sequence[str] | None) -> "Index":
    """Load the index as `load_index` does, and print on standard error what cannot be read."""
    index = load_index(paths)
    require_models(index)
    print_faults(index.faults)
    return index


def require_models(index: "Index") -> None:
    """Refuse an index in which there is nothing to examine.

    Raises:
        UsageError: it holds no model, and nothing that could not be read.
    """
    from zoo.model_index.errors import UsageError

    if not (index.entries or index.faults):
        raise UsageError(f"{', '.join(index.files)}: no model in this index")


def add_named(index: "Index", names: Sequence[str]) -> "tuple[Index, tuple[str, ...]]":
    """Add the models of timm and torchvision that are named and that the index lacks; say of bare
    names where they were found. Return the index and the names of its entries.

    Raises:
        UsageError: a library has no such model.
    """
    from zoo.models.registry_entries import add_entries

    index, names, notes = add_entries(index, names)
    for text in notes:
        say_note(text)
    return index, names


def print_faults(faults: "Sequence[Fault]") -> None:
    """Print on standard error what cannot be read and is left out."""
    for fault in faults[:MOST_FAULTS]:
        say(f"zoo: {fault}; left out", error=True)
    if len(faults) > MOST_FAULTS:
        say(f"zoo: and {len(faults) - MOST_FAULTS:,} more; `zoo lint` lists them", error=True)
