"""Join tables of results with an index: rows about a model of the index become claims of its entry,
other rows entries of their own."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from zoo.model_index.records.fields import look_up
from zoo.model_index.records.records import Entry, Index

TAG = "Pretrained Tag"  # of an architecture's default weights, in Metadata


def join_tables(index: Index, tables: Index) -> Index:
    """Return the index with the tables' claims. A row is about the entry that builds what it names,
    `dpn68` or `dpn68.mx_in1k`, where the entry's default weights have that tag."""
    rows = {entry.builder.name: entry for entry in tables.entries}
    taken: set[str] = set()
    entries = []
    for entry in index.entries:
        own_rows = [rows[name] for name in _names(entry) if name in rows]
        taken.update(row.builder.name for row in own_rows)
        entries.append(_with(entry, own_rows) if own_rows else entry)
    entries += [entry for name, entry in rows.items() if name not in taken]
    return replace(index, entries=tuple(entries), files=(*index.files, *tables.files))


def _names(entry: Entry) -> list[str]:
    """Return the names that a table may give to the model of an entry."""
    if entry.builder.kind != "timm":
        return []
    tag = look_up(entry.metadata, TAG.lower())
    return [entry.builder.name, *([f"{entry.builder.name}.{tag}"] if isinstance(tag, str) else [])]


def _with(entry: Entry, rows: Sequence[Entry]) -> Entry:
    claims = [
        msgspec.structs.replace(claim, model=entry.name) for row in rows for claim in row.claims
    ]
    return replace(entry, claims=(*entry.claims, *claims))
