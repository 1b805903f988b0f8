"""The settings that `zoo init` writes: `zoo.toml`, or a table of an existing `pyproject.toml`."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from zoo.model_index.errors import ZooError
from zoo.model_index.load import load
from zoo.model_index.settings.read import PROJECT, SETTINGS

FOLDERS = (".", "src")  # where a repository keeps its package


def read_project(root: Path) -> dict[str, Any]:
    """Return what `pyproject.toml` says; nothing where there is none or it is no TOML."""
    import tomllib

    try:
        return tomllib.loads((root / PROJECT).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}


def settings_file(root: Path, index: Sequence[str]) -> dict[str, str]:
    """Return the text of the settings by the file that it is for; an existing `pyproject.toml` gets
    a table at its end, unless its text leaves no place for one."""
    text = "\n".join(_settings(root, index)) + "\n"
    table = f"\n[tool.zoo]\n{text}"
    if (root / SETTINGS).exists() or not (has_settings(root) or _fits(root, table)):
        return {SETTINGS: text}
    return {PROJECT: table}


def has_settings(root: Path) -> bool:
    """Return whether `pyproject.toml` has a table of settings."""
    tool = read_project(root).get("tool")
    return isinstance(tool, dict) and "zoo" in tool


def _fits(root: Path, table: str) -> bool:
    """Return whether there is a project's file that is TOML with the table at its end, too."""
    import tomllib

    try:
        tomllib.loads(f"{(root / PROJECT).read_text(encoding='utf-8')}\n{table}")
    except (OSError, ValueError, RecursionError):
        return False
    return True


def _settings(root: Path, index: Sequence[str]) -> Iterator[str]:
    own = list_own_packages(root, index)
    yield f"index = {json.dumps(list(index), ensure_ascii=False)}"
    if own:
        folders = sorted(set(own.values()))
        yield "# packages whose builders the index may call, and their folders: `zoo trust`"
        yield f"trust = {json.dumps(sorted(own))}"
        yield f"path = {json.dumps(folders)}"
    else:
        yield "# for builders of your own, `Builder: mypackage.module:callable` in the index:"
        yield '# trust = ["mypackage"] # `zoo trust` lets it run'
        yield '# path = ["."] # the folder that it lies in'


def list_own_packages(root: Path, index: Sequence[str]) -> dict[str, str]:
    """List the packages of the repository that its index calls, with the folders they lie in."""
    try:
        entries = load([root / path for path in index]).entries
    except (OSError, UnicodeDecodeError, ZooError):
        return {}
    names = {
        entry.builder.name.partition(":")[0].partition(".")[0]
        for entry in entries
        if entry.builder.kind == "callable"
    }
    return {
        name: folder
        for name in sorted(names)
        for folder in FOLDERS
        if (root / folder / name).is_dir() or (root / folder / f"{name}.py").is_file()
    }
