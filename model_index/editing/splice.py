"""Change single values of an index file, and not one byte more.

A claim remembers the characters it was read from, so a correction replaces exactly these: comments,
quotes, line ends, a byte order mark and everything else stay as they are. `applied` makes the new
texts and writes nothing; `zoo.model_index.editing.verify_edit` reads them once more and compares;
`write` writes.
"""

import os
import re
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from zoo.model_index.errors import EditError
from zoo.model_index.ledger.store import write_atomically
from zoo.model_index.reading.encodings import UTF8, FileText, decode_file
from zoo.model_index.reading.yaml_nodes import Scalar, Unreadable, compose, is_empty
from zoo.model_index.records.place import Place

# What may be put in: no quote, no escape, no line end, nothing that YAML or HTML gives a meaning in
# a scalar.
HARMLESS = re.compile(r"[ \t]*[\w.,+%/-]+(?:[ \t]+[\w.,+%/-]+)*[ \t]*")
MARKUP = re.compile(r"<!--.*?-->|</?[a-zA-Z][^>]*>|[*`\\]")  # of a table's cell
BLOCKS, QUOTES = ("|", ">"), ("'", '"')


@dataclass(frozen=True, slots=True)
class Edit:
    """One splice: the scalar at `place`, read as `was`, becomes `text`; quotes are kept, not
    given."""

    place: Place
    was: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """The text of a file before and after, in its encoding. `file` is the name that places
    have."""

    file: str
    before: str
    after: str
    encoding: str = UTF8

    @property
    def data(self) -> bytes:
        """The bytes of the file after the change."""
        return FileText(self.before, self.encoding).encode(self.after)


def apply_edits(edits: Iterable[Edit]) -> list[Change]:
    """Return the changed files with their new texts; each file is read as it is now.

    Raises: EditError: where a place no longer holds what was read, or cannot hold the value, or two
        overlap.
    """
    by_file: dict[str, list[Edit]] = {}
    for edit in edits:
        by_file.setdefault(edit.place.file, []).append(edit)
    changes = []
    for file, of_file in by_file.items():
        text, encoding, _ = _read(file)
        changes.append(Change(file, text, splice(text, of_file), encoding))
    return changes


def splice(text: str, edits: Sequence[Edit]) -> str:
    """Replace each edit's characters; all other characters stay.

    Raises:
        EditError: as `applied`.
    """
    pieces, end = [], 0
    for edit in sorted(edits, key=lambda edit: edit.place.start):
        if edit.place.start < end:
            raise EditError(f"{edit.place}: two changes of the same characters")
        pieces += [
            text[end : edit.place.start],
            scalar(edit, text[edit.place.start : edit.place.end]),
        ]
        end = edit.place.end
    return "".join((*pieces, text[end:]))


def scalar(edit: Edit, old: str) -> str:
    """Write the new value in the style of the characters `old` at its place.

    Raises: EditError: where `old` is not what was read, is more than one line of plain or quoted
        text, or the value would be read otherwise there.
    """
    if old.startswith(BLOCKS):
        raise EditError(f"{edit.place}: a block of text, which is not changed")
    quote = old[:1] if old[:1] in QUOTES and len(old) > 1 else ""
    if old != f"{quote}{edit.was}{quote}":
        if _says(old, edit.was):
            raise EditError(
                f"{edit.place}: a value with escapes or over several lines, which is not changed"
            )
        if MARKUP.sub("", unescape(old)) == edit.was:
            raise EditError(
                f"{edit.place}: a value written with markup or entities, which is not changed"
            )
        raise EditError(f"{edit.place}: the file has changed since it was read")
    new = f"{quote}{edit.text}{quote}"
    if not HARMLESS.fullmatch(edit.text) or "--" in edit.text or not _says(new, edit.text):
        raise EditError(f"{edit.place}: {edit.text!r} would be read otherwise there")
    return new


def write(changes: Iterable[Change]) -> None:
    """Write each file in one piece, with its mode; a symbolic link stays and its target is written.

    Raises: EditError: where a file may not be written, or is not what it was; the files before it
        are written.
    """
    changes = list(changes)
    for change in changes:
        if not os.access(change.file, os.W_OK):
            raise EditError(f"{change.file}: may not be written")
    for change in changes:
        if _read(change.file).text != change.before:
            raise EditError(f"{change.file}: the file has changed since it was read")
        path = Path(os.path.realpath(change.file))
        try:
            write_atomically(path, change.data, path.stat().st_mode & 0o7777)
        except OSError as error:
            raise EditError(
                f"{change.file}: cannot be written: {error.strerror or error}"
            ) from error


def is_installed_file(file: str) -> bool:
    """Return whether a file is part of an installed package: the next installation would undo a
    change."""
    real = os.path.realpath(file)
    folders = {os.path.realpath(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
    return any(os.path.commonpath([real, folder]) == folder for folder in folders)


def comment(change: Change, edit: Edit) -> str | None:
    """Return a comment with a number behind the value, which the change does not touch; None
    where there is none."""
    tail = change.before[edit.place.end :].partition("\n")[0].rstrip("\r")
    match = re.fullmatch(r"[ \t,}\]]*[ \t](#.*\d.*)", tail)
    return match[1].rstrip() if match else None


def _read(file: str) -> FileText:
    try:
        return decode_file(file, Path(file).read_bytes())
    except UnicodeDecodeError as error:
        raise EditError(f"{file}: the file has changed since it was read") from error
    except OSError as error:
        raise EditError(f"{file}: cannot be read: {error.strerror or error}") from error


def _says(characters: str, value: str) -> bool:
    """Return whether YAML reads these characters as a scalar of this value."""
    try:
        node = compose(characters)
    except Unreadable:
        return False
    return isinstance(node, Scalar) and node.value == value and not is_empty(node)
