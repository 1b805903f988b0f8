"""Read an index from standard input: YAML, JSON, Markdown or a table of results, by its content."""

import re
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from zoo.model_index.errors import IndexFaults, UsageError
from zoo.model_index.load import join_tables, read_text
from zoo.model_index.reading.limits import MAX_BYTES
from zoo.model_index.reading.repository import publisher_of
from zoo.model_index.records.records import Index

NAME = "-"  # of standard input among the paths of an index
STEM = "stdin"
KEY = re.compile(r"""[\w"'][^:]*:(\s|$)|- """)
FENCE = re.compile(r"^---\s*$", re.MULTILINE)


def add_standard_input(index: Index) -> Index:
    """Return an index with the entries that standard input states.

    Raises:
        UsageError: it holds no index, or is no text.
        IndexFaults: every fault, where no model could be read.
    """
    text = _read()
    suffix = find_suffix(text)
    if suffix == ".csv":
        return _join_table(index, text)
    folder = Path.cwd()
    read, faults = read_text(STEM + suffix, text, publisher_of(folder, folder))
    if faults and not read.entries:
        raise IndexFaults(faults, read.files)
    if not read.entries and not read.collections:
        raise UsageError("standard input: no index in here")
    name = index.name if index.entries else "standard input"
    return replace(index.extend(replace(read, faults=tuple(faults))), name=name)


@cache  # it can be read once
def _read() -> str:
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UsageError(f"standard input: more than {MAX_BYTES:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"standard input: no UTF-8 at byte {error.start:,}") from None


def find_suffix(text: str) -> str:
    """Return the suffix of a file with this content: `.json`, `.csv`, `.md` or `.yml`."""
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    first, second = [*lines, "", ""][:2]
    if first.lstrip().startswith(("{", "[")):
        return ".json"
    if "," in first and ":" not in first and first.count(",") == second.count(","):
        return ".csv"
    if text.lstrip().startswith("---") and len(FENCE.findall(text)) > 1:  # front matter of a card
        return ".md"
    content = [line for line in lines if not line.startswith(("#", "---", "%"))]
    return ".yml" if content and KEY.match(content[0]) else ".md"


def _join_table(index: Index, text: str) -> Index:
    with tempfile.TemporaryDirectory(prefix="zoo-stdin-") as folder:
        path = Path(folder, f"{STEM}.csv")
        path.write_text(text, encoding="utf-8", newline="")
        return join_tables(index, [str(path)])
