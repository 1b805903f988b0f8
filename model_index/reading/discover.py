"""Find the files that a path names: a file, the index files of a folder, or the matches of a
glob."""

import os
import re
from enum import Enum, auto
from pathlib import Path

from zoo.model_index.errors import UsageError
from zoo.model_index.reading import markdown
from zoo.model_index.reading.globs import TooMany, find_matches, is_glob, walk
from zoo.model_index.reading.limits import MAX_BYTES

DOCUMENTS = (".yml", ".yaml", ".json")
SUFFIXES = (*DOCUMENTS, *markdown.SUFFIXES)
ROOTS = ("model-index.yml", "model-index.yaml", "model-index.json")
# A folder may hold other YAML and Markdown. A part of an index has one of these keys at its top: in
# JSON, whose indents mean nothing, anywhere; in Markdown in a comment, or a model card's keys in
# front matter.
KEYS = r"(?:models|collections|import|library)"
YAML = re.compile(rf"""^\ufeff?["']?{KEYS}["']?[ \t]*:""", re.IGNORECASE | re.MULTILINE)
FLOW = re.compile(rf"""["']?\b{KEYS}["']?[ \t]*:""", re.IGNORECASE)
HUBS = re.compile(r'"(?:model_path|siblings)"\s*:')  # of manifests of hubs, which are JSON
FRONT = re.compile(r"^(?:model-index|[a-z_]+)[ \t]*:", re.IGNORECASE | re.MULTILINE)


def root_of(path: str) -> str:
    """Return the real folder that imports of a named path must not leave: itself, or the one it
    lies in."""
    location = Path(path)
    return os.path.realpath(
        location
        if location.is_dir()
        else location.parent
        if location.is_file()
        else static_folder(location)
    )


def static_folder(path: Path) -> Path:
    """Return the deepest folder of a glob without glob characters; of another path, its folder."""
    return next(folder for folder in path.parents if not is_glob(str(folder)))


def suffix(path: Path) -> str:
    """Return the path's suffix in lower case."""
    return path.suffix.lower()


class FileSource(Enum):
    """How a file was found: named itself, as a folder's root file or by a glob, or in a folder."""

    ITSELF = auto()
    WHERE = auto()
    FOLDER = auto()


def files_of(path: str) -> tuple[list[Path], FileSource]:
    """Return the files that a path names, and how they were found.

    Raises:
        UsageError: there is none.
    """
    location = Path(path)
    if location.is_file():
        return [location], FileSource.ITSELF
    if location.is_dir():
        root = next((location / name for name in ROOTS if (location / name).is_file()), None)
        files = [root] if root else [file for file in walk(location) if is_part(file)]
        if not files:
            raise UsageError(f"{path}: no index file ({', '.join(SUFFIXES)}) in this folder")
        return files, FileSource.FOLDER if root is None else FileSource.WHERE
    try:
        matches = find_matches(path)
    except TooMany:
        raise UsageError(f"{path}: too many files to look at") from None
    if not matches:
        raise UsageError(
            f"{path}: {'no file matches' if is_glob(path) else 'no such file or folder'}"
        )
    return matches, FileSource.WHERE


def is_part(path: Path) -> bool:
    """Return whether a file found below a folder may be a part of an index; reading it decides."""
    kind = suffix(path)
    if kind not in SUFFIXES or not path.is_file():
        return False
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            text = file.read(MAX_BYTES)
    except OSError:
        return True  # reading it reports why
    if kind in DOCUMENTS:
        flow = kind == ".json" or text.lstrip("\ufeff \t\r\n").startswith("{")
        hub = kind == ".json" and HUBS.search(text)
        return bool(hub or (FLOW if flow else YAML).search(text))
    front = markdown.front_matter(text)
    return any(markdown.comments(text)) or bool(front and FRONT.search(front.text))
