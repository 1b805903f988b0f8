"""`zoo card` and `zoo convert`: what is known, in the formats of others; neither measures nor
imports torch."""

import os
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.options import (
    LEDGER,
    IndexPaths,
    LedgerFolder,
    Names,
    clean,
    plural,
    print_table,
    read_index,
    say,
)

if TYPE_CHECKING:
    from zoo.model_index.errors import Fault, UsageError
    from zoo.model_index.records.records import Entry, Index
    from zoo.reporting.views.catalogue import Catalogue


class Format(StrEnum):
    """The formats that `zoo convert` writes; see `zoo.reporting.convert`."""

    PWC = "pwc"
    OPENMMLAB = "openmmlab"
    HUGGINGFACE = "huggingface"
    CSV = "csv"


class Source(StrEnum):
    """The formats that `zoo convert` reads: an index in any of its dialects, or tables of timm's
    results."""

    INDEX = "index"
    TIMM_RESULTS = "timm-results"


Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        metavar="FILE|DIR",
        help="Where to write; DIR/, or a name without a suffix, is a folder.",
    ),
]


def card(
    names: Names = None,
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    output: Output = None,
    eval_results: Annotated[
        str | None,
        typer.Option(
            "--eval-results",
            metavar="DIR",
            help="Write results on data sets of the Hub there, as YAML.",
        ),
    ] = None,
) -> None:
    """Write the model card of the Hugging Face Hub from the index and the ledger's evidence.

    One model's card goes to standard output or to FILE; several go to DIR/MODEL/README.md.
    """
    from zoo.reporting.cards.card import card as written
    from zoo.reporting.cards.eval_results import eval_results as evaluated

    read = read_index(index)
    entries = read.select(names or ())
    catalogue = _catalogue(read, entries, ledger, index)
    places = {entry.place for entry in entries}
    models = [model for model in catalogue.models if model.entry.place in places]
    _put({f"{model.slug}/README.md": written(catalogue, model) for model in models}, output, read)
    if eval_results is not None:
        files = {f"{m.slug}/{name}": text for m in models for name, text in evaluated(m).items()}
        if files:
            _put_folder(files, Path(eval_results), read, "--eval-results")
        else:
            say("no data set of these models has an identifier of the Hub in the index", error=True)


def convert(
    to: Annotated[Format, typer.Option("--to", help="The format to write.")],
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SRC]...",
            help="Files, folders or globs of an index; the embedded one for none.",
        ),
    ] = None,
    from_: Annotated[
        Source,
        typer.Option(
            "--from", help="The format to read: an index, or CSV files of timm's results."
        ),
    ] = Source.INDEX,
    output: Output = None,
    ledger: LedgerFolder = LEDGER,
) -> None:
    """Write an index in another format, and say on standard error what that format could not hold.

    Rows of a table that cannot be read are named and left out; the exit code is 1 then.
    """
    from zoo.reporting.convert import TARGETS
    from zoo.reporting.views.catalogue import Catalogue, Zoo

    read, faults = _read(from_, sources)
    target = TARGETS[to]
    judged = target.needs_findings
    catalogue = (
        _catalogue(read, read.entries, ledger, sources)
        if judged
        else Catalogue.of(Zoo(read, (), {}, {}))
    )
    converted = target.convert(catalogue, output is not None and _is_folder(output))
    _put(converted.files, output, read)
    rows = converted.losses.rows()
    say(f"{plural(len(read.entries), 'model')} as {to}; {'not held as it was:' if rows else 'nothing was lost'}",
        error=True)  # fmt: skip
    if rows:
        print_table(("What", "Count", "Why"), rows, right=("Count",), error=True)
    for fault in faults:
        say(f"left out: {fault}", error=True)
    if faults:
        raise typer.Exit(1)


def _read(format: Source, sources: Sequence[str] | None) -> "tuple[Index, Sequence[Fault]]":
    """What is to be converted, and what of it cannot be read.

    Raises:
        UsageError: where tables are wanted and none is named, or a source is none.
        IndexFaults: every fault of an index.
    """
    from zoo.model_index.dialects import timm_results
    from zoo.model_index.errors import UsageError

    if format is Source.INDEX:
        return read_index(sources), ()
    if not sources:
        raise UsageError(f"--from {format} needs the tables to read, CSV files of timm's results")
    return timm_results.read(sources)


def _catalogue(
    read: "Index", entries: "Sequence[Entry]", ledger: str, paths: Sequence[str] | None
) -> "Catalogue":
    """The index with what the ledger has for these entries; nothing is measured."""
    from zoo.cli.verify import measurer_for
    from zoo.reporting.views.catalogue import Catalogue, Zoo
    from zoo.verification.verify import primary_keys, verify

    measurer = measurer_for(ledger, paths, None, live=False)
    findings = [
        finding for _, found in verify(entries, measurer, read.entries) for finding in found
    ]
    keys = primary_keys(entries, measurer)
    return Catalogue.of(Zoo(read, tuple(findings), measurer.evidence, keys, ledger))


def _is_folder(output: str) -> bool:
    """Whether a name means a folder: one that exists, that ends with `/`, or that has no suffix and
    is no file."""
    path = Path(output)
    return output.endswith(("/", os.sep)) or path.is_dir() or not (path.suffix or path.exists())


def _put(files: Mapping[str, str], output: str | None, read: "Index") -> None:
    """One file to standard output or where it is wanted, several below a folder.

    Raises:
        UsageError: for several files and no folder, or where a source would be overwritten.
    """
    from zoo.model_index.io.outputs import write_output

    if output is not None and _is_folder(output):
        _put_folder(files, Path(output), read)
    elif len(files) != 1:
        raise _no_folder(len(files), output)
    elif output is not None:
        write_output("--output", output, next(iter(files.values())), read.files)
    else:
        text = next(iter(files.values()))
        sys.stdout.write(
            "".join(f"{clean(line)}\n" for line in text.splitlines())
            if sys.stdout.isatty()
            else text
        )


def _no_folder(number: int, output: str | None) -> "UsageError":
    from zoo.model_index.errors import UsageError

    if output is None:
        return UsageError(
            f"{plural(number, 'file')} to write: name a folder for them with --output DIR"
        )
    why = (
        "is a file"
        if Path(output).is_file()
        else f"is a file by its suffix; as a folder it is {output}/"
    )
    return UsageError(f"{plural(number, 'file')} to write, and {output} {why}")


def _put_folder(
    files: Mapping[str, str], folder: Path, read: "Index", option: str = "--output"
) -> None:
    """Several files below a folder; none is written where one would replace a source.

    Raises:
        UsageError: where a source would be overwritten.
    """
    from zoo.model_index.io.outputs import refuse_sources, write_output

    for name in files:
        refuse_sources(option, folder / name, read.files)
    for name, text in files.items():
        write_output(option, folder / name, text)
    say(f"{plural(len(files), 'file')} written in {folder}", error=True)
