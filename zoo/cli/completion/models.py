"""Names of models: of the index in force, and of the registries of libraries, read as text."""

import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cli.settings import find_index_paths

if TYPE_CHECKING:
    from zoo.model_index.records.records import Index

# A function that a library registers: its name is the model's, unless the decorator has another.
REGISTERED = re.compile(
    r"^@register_model(?:\((?:name=\"(\w+)\")?\))?\n(?:(?!def |class ).*\n)*?def (\w+)\(", re.M
)
LIBRARIES = ("timm", "torchvision")
WHOLE = "timm"  # the index that is a registry


def list_models(paths: Sequence[str]) -> list[str]:
    """Return the names of the models of an index; of these paths, or of the one in force."""
    paths = paths or find_index_paths()
    names = [name for path in paths if path == WHOLE for name in read_registry(WHOLE)]
    files = [path for path in paths if path != WHOLE]
    if files or not paths:
        names += [entry.name for entry in _load(files).entries]
    return names


def list_claimed(paths: Sequence[str], names: Sequence[str]) -> set[str]:
    """Return the keys of the quantities that a model claims; none where no index has it."""
    index = _load(paths or find_index_paths())
    entries = [entry for entry in index.entries if entry.name in names[:1]]
    return {claim.quantity for entry in entries for claim in entry.all_claims()}


def list_libraries(current: str) -> list[str]:
    """Return the models of a library whose prefix is typed, else the prefixes."""
    library, colon, _ = current.partition(":")
    if colon and library in LIBRARIES:
        return [f"{library}:{name}" for name in read_registry(library)]
    return [f"{library}:" for library in LIBRARIES]


def read_registry(library: str) -> list[str]:
    """Return the models that a library registers, as its source says, without importing it."""
    spec = importlib.util.find_spec(library)
    if spec is None or not spec.submodule_search_locations:
        return []
    folder = Path(spec.submodule_search_locations[0], "models")
    names: set[str] = set()
    for file in folder.rglob("*.py"):
        for given, function in REGISTERED.findall(file.read_text(encoding="utf-8")):
            names.add(given or function)
    return sorted(names)


def _load(paths: Sequence[str]) -> "Index":
    from zoo.model_index.load import load

    return load([path for path in paths if path != "demo"])
