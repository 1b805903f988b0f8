"""Write the files of a command: one to standard output or a file, several below a folder."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cli.output.console import clean, plural, say
from zoo.cli.output.streams import write_document

if TYPE_CHECKING:
    from zoo.model_index.errors import UsageError
    from zoo.model_index.records.records import Index


def is_folder(output: str) -> bool:
    """Whether a name is a folder: it exists, ends with `/`, or has no suffix and is not a file."""
    path = Path(output)
    return output.endswith(("/", os.sep)) or path.is_dir() or not (path.suffix or path.exists())


def write_or_print(files: Mapping[str, str], output: str | None, read: "Index") -> None:
    """Write one file to standard output or `output`, several below a folder.

    Raises:
        UsageError: several files and no folder, or a source would be overwritten.
    """
    from zoo.model_index.io.outputs import write_output

    if output is not None and is_folder(output):
        write_files(files, Path(output), read)
    elif len(files) != 1:
        raise _no_folder(len(files), output)
    elif output is not None:
        write_output("--output", output, next(iter(files.values())), read.files)
    else:
        text = next(iter(files.values()))
        if sys.stdout.isatty():
            text = "".join(f"{clean(line)}\n" for line in text.splitlines())
        write_document(text)


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


def write_files(
    files: Mapping[str, str], folder: Path, read: "Index", option: str = "--output"
) -> None:
    """Write files below a folder, or none where one would replace a source.

    Raises:
        UsageError: a source would be overwritten.
    """
    from zoo.model_index.io.outputs import refuse_sources, write_output

    for name in files:
        refuse_sources(option, folder / name, read.files)
    for name, text in files.items():
        write_output(option, folder / name, text)
    say(f"{plural(len(files), 'file')} written in {folder}", error=True)
