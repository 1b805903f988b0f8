"""Print changes of files as one diff, for `git apply` and for people."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from zoo.cli.output.console import clean
from zoo.cli.output.streams import write_document

if TYPE_CHECKING:
    from zoo.model_index.editing.splice import Change


def print_patch(changes: "Iterable[Change]") -> None:
    """Print the diff; a terminal gets no character that steers it."""
    from zoo.model_index.editing.diff import diff

    text = "".join(map(diff, changes))
    if sys.stdout.isatty():
        for line in text.split("\n")[:-1]:
            print("\t".join(map(clean, line.removesuffix("\r").split("\t"))))
    else:
        write_document(text)
