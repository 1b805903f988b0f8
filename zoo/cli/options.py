"""Options and output shared by the commands."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from zoo.cli.choice import choice
from zoo.cli.output.console import say, say_note
from zoo.cli.settings import print_note
from zoo.reporting.gates import RENDERERS

if TYPE_CHECKING:
    from zoo.model_index.errors import Fault
    from zoo.model_index.records.input_spec import InputSpec
    from zoo.model_index.records.records import Index


class Format(StrEnum):
    """How a table is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


# formats for people and programs; gates have the others
FOR_READERS = TABLE, JSON, CSV = tuple(format.value for format in Format)


Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME]...", help="Models by name or glob. Default: all."),
]
Models = Annotated[list[str], typer.Argument(metavar="MODEL...", help="Models by name or glob.")]
IndexPaths = Annotated[
    list[str] | None,
    typer.Option(
        "--index",
        metavar="PATH",
        help="File, folder, glob, `timm`, `demo` or -. Standard input is -. May be repeated; !GLOB "
        "leaves files out. Default: that of the settings, of this folder, or the embedded one.",
    ),
]
LedgerFolder = Annotated[
    str, typer.Option("--ledger", metavar="DIR", help="Keep evidence in this folder.")
]
OutputFormat = Annotated[Format, choice("--format", Format, "Print a table, or for programs.")]
Trust = Annotated[
    list[str] | None,
    typer.Option(
        "--trust",
        metavar="PACKAGE",
        help="Let the index call builders of this package. May be repeated.",
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
        help="Write another format to a file. May be repeated.",
    ),
]
Everything = Annotated[
    bool,
    typer.Option("--all", "-a", help="List unremarkable claims and known findings."),
]
KnownIn = Annotated[
    str | None,
    typer.Option("--baseline", metavar="FILE", help="Fail only on findings not in this file."),
]
WriteKnown = Annotated[
    str | None,
    typer.Option(
        "--write-baseline", metavar="FILE", help="Write all findings to a baseline, and pass."
    ),
]
Changed = Annotated[
    bool,
    typer.Option(
        "--changed",
        help="Verify models changed since the last commit. In pre-commit: in its range.",
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="REV",
        help="Verify models changed since a git revision. A...B: since their common commit.",
    ),
]
Config = Annotated[
    str | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Name the MkDocs configuration, and trust it. Default: mkdocs.yml.",
    ),
]
TrustConfig = Annotated[
    bool,
    typer.Option(
        "--trust-config", help="Let mkdocs.yml run code. Hooks, plugins, templates, YAML tags."
    ),
]
NoVerify = Annotated[
    bool, typer.Option("--no-verify", help="Measure nothing, use the evidence of the ledger.")
]
Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="PATH",
        help="Write to this file or folder. DIR/, or a name without a suffix, is a folder.",
    ),
]
Look = Annotated[
    bool,
    typer.Option(
        "--weights", help="Inspect the weights too. Size, digest, tensors: a few kilobytes a file."
    ),
]
Offline = Annotated[bool, typer.Option("--offline", help="Ask no host, use evidence only.")]
Download = Annotated[
    bool,
    typer.Option("--download", help="Download weights that are not here. Into ~/.cache/zoo."),
]
AllowHosts = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host",
        metavar="HOST",
        help="Let addresses lead to this host, though it is not public.",
    ),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Measure again what the ledger has.")]

LEDGER = "ledger"
MOST_FAULTS = 20  # of an index, listed by commands that go on without what cannot be read
OUTPUT_OPTIONS = {"format": OutputFormat}


class OutputOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How results are printed."""

    format: Format = Format.TABLE


Input = Annotated[
    str | None,
    typer.Option(
        "--input",
        metavar="INPUT",
        help="Say what the model takes: '16x112x112 clip', '512 tokens with mask', 'x=1x77 int64'.",
    ),
]


def load_index(paths: Sequence[str] | None) -> "Index":
    """The index of a command's paths, `timm` and `torchvision` being their registries and CSV
    files tables of results; the embedded one for `demo` and for none.

    Where the paths are those of the settings or of the folder, it is said which they are.

    Raises: UsageError, IndexFaults: as `zoo.model_index.load` and `zoo.models.registries`.
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


def read_input(text: str) -> "InputSpec":
    """Return the input that `--input` states.

    Raises:
        UsageError: it cannot be read.
    """
    from zoo.model_index.records.input_text import parse_option

    return parse_option(text)
