"""Read the settings of tables from a settings file, and the mapping file that they name."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zoo.model_index.dialects.page_tables.table_settings import (
    NO_SETTINGS,
    SettingProblem,
    TableSettings,
    find_problem,
    find_problems,
    settings_of,
)
from zoo.model_index.errors import Fault, IndexFaults, UsageError
from zoo.model_index.reading.files import display_path
from zoo.model_index.reading.limits import TooLarge, read_bytes
from zoo.model_index.reading.toml_text import find_line, parse_toml

TABLES = "tables"
PROJECT = "pyproject.toml"
PREFIX = ("tool", "zoo")  # of a project's file


def read_table_settings(file: str | Path) -> TableSettings:
    """Return the settings of tables of a settings file; none where it has none.

    Raises:
        UsageError: a file that cannot be read.
        IndexFaults: what is wrong with them, each with its line.
    """
    path = Path(file)
    text = _read(path)
    prefix = PREFIX if path.name == PROJECT else ()
    value: Any = parse_toml(display_path(path), text)
    for key in (*prefix, TABLES):
        value = value.get(key) if isinstance(value, dict) else None
    return NO_SETTINGS if value is None else check_tables(path, text, (*prefix, TABLES), value)


def check_tables(path: Path, text: str, prefix: tuple[str, ...], value: Any) -> TableSettings:
    """Return the settings of the value that stands under `prefix` in a file's text.

    Raises:
        UsageError, IndexFaults: as `read_table_settings`.
    """
    problems = find_problems(value)
    names: Mapping[str, str] = {}
    if not problems and "names" in value:
        names, problems = _read_names(path.parent, value["names"])
    problems += _find_leading_out(path.parent, value) if not problems else []
    if problems:
        raise IndexFaults([_fault(path, text, prefix, problem) for problem in problems])
    globs = tuple(os.path.relpath(path.parent / glob) for glob in _list_pages(value))
    return settings_of(value, globs, names)


def _list_pages(value: Mapping[str, Any]) -> tuple[str, ...]:
    pages = value.get("pages", ())
    return (pages,) if isinstance(pages, str) else tuple(pages)


def _find_leading_out(folder: Path, value: Mapping[str, Any]) -> list[SettingProblem]:
    """Return the pages that do not lie in the folder of the settings."""
    root = os.path.realpath(folder)
    return [
        SettingProblem(("pages",), "pages in the folder of the settings", repr(page))
        for page in _list_pages(value)
        if os.path.commonpath([root, os.path.realpath(folder / page)]) != root
    ]


def list_files(file: str | Path) -> list[str]:
    """Return a settings file and the mapping file that it names, as far as they can be read."""
    path = Path(file)
    try:
        document: Any = parse_toml(display_path(path), _read(path))
    except (IndexFaults, UsageError):
        return []
    for key in (*(PREFIX if path.name == PROJECT else ()), TABLES):
        document = document.get(key) if isinstance(document, dict) else None
    name = document.get("names") if isinstance(document, dict) else None
    mapping = path.parent / name if isinstance(name, str) else None
    return [str(path), *([str(mapping)] if mapping and mapping.is_file() else [])]


def _read_names(folder: Path, name: str) -> tuple[Mapping[str, str], list[SettingProblem]]:
    """Return the builders of a mapping file, and what is wrong with its name."""
    file = folder / name
    root = os.path.realpath(folder)
    if os.path.commonpath([root, os.path.realpath(file)]) != root:
        return {}, [SettingProblem(("names",), "a file in the folder of the settings", repr(name))]
    text = _read(file)
    document = parse_toml(display_path(file), text)
    faults = [
        _fault(file, text, (), SettingProblem((key,), expected, repr(value)[:60]))
        for key, value in document.items()
        if (expected := find_problem("builders", value))
    ]
    if faults:
        raise IndexFaults(faults)
    return document, []


def _fault(path: Path, text: str, prefix: tuple[str, ...], problem: SettingProblem) -> Fault:
    keys = (*prefix, *problem.path)
    return Fault(
        display_path(path), find_line(text, keys), ".".join(keys), problem.expected, problem.got
    )


def _read(path: Path) -> str:
    try:
        return read_bytes(path).decode("utf-8")
    except TooLarge as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"{display_path(path)}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{display_path(path)}: expected UTF-8 text") from error
