"""Propose settings of tables for pages that were read without any."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from glob import escape
from pathlib import Path
from typing import Any, NamedTuple

from zoo.model_index.errors import UsageError
from zoo.model_index.load import load
from zoo.model_index.reading.toml_text import parse_toml
from zoo.model_index.records.page_tables import PageTable
from zoo.model_index.records.records import Entry
from zoo.model_index.settings.read import PROJECT, SETTINGS
from zoo.model_index.settings.record import TABLES

OWN_NUMBER = "a number of its own"
COLUMNS = (
    '# Columns that no quantity knows are numbers of their own name. Say what they are: "text",\n'
)
COLUMNS_END = '# "ignore", or a quantity with its unit, such as "Inference Time (ms)".'
BUILDERS = (
    "# What builds the model of a row, by its name or a pattern. A difference from a builder that\n"
    "# stands here is a wrong number; one from a name that happens to be timm's proves nothing."
)


class ProposedBuilder(NamedTuple):
    """The builder of a row, and how it is known; one that is not `sure` is only shown."""

    builder: str
    why: str
    sure: bool


class TableProposal(NamedTuple):
    """The settings of tables for a file: what it gets, and why it is left alone otherwise."""

    file: Path
    text: str
    left: str = ""


def read_pages(pages: Sequence[str]) -> tuple[list[Entry], list[PageTable]]:
    """Return the rows and the tables of pages.

    Raises:
        UsageError: there is no table of models, or no such file.
        IndexFaults: as `zoo.model_index.load`.
    """
    index = load(pages)
    if not index.tables:
        raise UsageError(f"{', '.join(pages)}: no table of models in here")
    return [entry for entry in index.entries if entry.row_name], list(index.tables)


def propose(
    folder: Path,
    pages: Sequence[str],
    tables: Sequence[PageTable],
    builders: Mapping[str, ProposedBuilder],
) -> TableProposal:
    """Return the settings for pages, as text for the settings file of a folder."""
    names = [Path(os.path.relpath(page, folder)).as_posix() for page in pages]
    file, document = _settings_of(folder)
    prefix = "tool.zoo.tables" if file.name == PROJECT else TABLES
    lines = [f"[{prefix}]", f"pages = {_list(names)}", *_columns(prefix, tables)]
    text = "\n".join([*lines, *_builders(prefix, builders)]) + "\n"
    if document is None:
        return TableProposal(file, f"index = {_list(names)}\n\n{text}")
    left = f"it has [{prefix}]" if TABLES in document else ""
    return TableProposal(file, f"\n{text}", left)


def _settings_of(folder: Path) -> tuple[Path, dict[str, Any] | None]:
    """Return the settings file of a folder and what it says; None where it is to be made."""
    file = folder / SETTINGS
    if file.exists():
        return file, parse_toml(str(file), file.read_text(encoding="utf-8"))
    project = folder / PROJECT
    if project.exists():
        document = parse_toml(str(project), project.read_text(encoding="utf-8"))
        tool = document.get("tool")
        if isinstance(tool, dict) and isinstance(tool.get("zoo"), dict):
            return project, tool["zoo"]
    return file, None


def _columns(prefix: str, tables: Sequence[PageTable]) -> Iterator[str]:
    own = [
        column.header
        for table in tables
        for column in table.columns
        if column.meaning == OWN_NUMBER
    ]
    if own:
        yield f"\n{COLUMNS}{COLUMNS_END}\n[{prefix}.columns]"
        yield from (f'# {_text(escape(header))} = "number"' for header in dict.fromkeys(own))


def _builders(prefix: str, builders: Mapping[str, ProposedBuilder]) -> Iterator[str]:
    if builders:
        yield f"\n{BUILDERS}\n[{prefix}.builders]"
        for name, (builder, why, sure) in builders.items():
            yield f"{'' if sure else '# '}{_text(escape(name))} = {_text(builder)} # {why}"


def _list(texts: Sequence[str]) -> str:
    return json.dumps(list(texts), ensure_ascii=False)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
