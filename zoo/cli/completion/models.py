"""Names of models: of the index in force, and of the registries of libraries, read as text."""

import importlib.util
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cli.settings import find_index_paths
from zoo.models.libraries import LIBRARIES

if TYPE_CHECKING:
    from zoo.model_index.records.records import Index

# A function that a library registers: its name is the model's, unless the decorator has another.
REGISTERED = re.compile(
    r"^@register_model(?:\((?:name=\"(\w+)\")?\))?\n(?:(?!def |class ).*\n)*?def (\w+)\(", re.M
)
# A class of published weights with its body, a member of it, and the class that a function names.
WEIGHTS_CLASS = re.compile(r"^class (\w+)\(WeightsEnum\):\n((?: {4}.*\n|\n)+)", re.M)
MEMBER = re.compile(r"^ {4}(\w+) = Weights\(", re.M)
FUNCTION = re.compile(r"^def (\w+)\([^)]*?\bweights: [\w\[]*\b(\w+Weights)\b", re.M)


def list_models(paths: Sequence[str]) -> list[str]:
    """Return the names of the models of an index; of these paths, or of the one in force."""
    paths = paths or find_index_paths()
    names = [name for path in paths if path in LIBRARIES for name in list_registry(path)]
    files = [path for path in paths if path not in LIBRARIES]
    if files or not paths:
        names += [entry.name for entry in _load(files).entries]
    return names


def list_claimed(paths: Sequence[str], names: Sequence[str]) -> set[str]:
    """Return the keys of the quantities that a model claims; none where no index has it."""
    index = _load(paths or find_index_paths())
    entries = [entry for entry in index.entries if entry.name in names[:1]]
    return {claim.quantity for entry in entries for claim in entry.all_claims()}


def list_libraries(current: str) -> list[str]:
    """Return the models of a library whose prefix is typed, their weights after a dot; else the
    prefixes."""
    library, colon, model = current.partition(":")
    if colon and library in LIBRARIES:
        read = list_registry if "." in model else read_registry
        return [f"{library}:{name}" for name in read(library)]
    return [f"{library}:" for library in LIBRARIES]


def list_registry(library: str) -> list[str]:
    """Return the names of the entries of a library's registry: torchvision's are weights."""
    return _read_weights(library) if library == "torchvision" else read_registry(library)


def read_registry(library: str) -> list[str]:
    """Return the models that a library registers, as its source says, without importing it."""
    names = (pair for source in _sources(library) for pair in REGISTERED.findall(source))
    return sorted({given or function for given, function in names})


def _read_weights(library: str) -> list[str]:
    """Return the published weights of a library's models, as its source says."""
    sources = list(_sources(library))
    members = {
        name: MEMBER.findall(body)
        for source in sources
        for name, body in WEIGHTS_CLASS.findall(source)
    }
    names: set[str] = set()
    for source in sources:
        weights = dict(FUNCTION.findall(source))
        for given, function in REGISTERED.findall(source):
            model, published = given or function, members.get(weights.get(function, ""), ())
            names.update(f"{model}.{member}" for member in published)
    return sorted(names)


def _sources(library: str) -> Iterator[str]:
    spec = importlib.util.find_spec(library)
    for location in (spec and spec.submodule_search_locations) or ():
        for file in Path(location, "models").rglob("*.py"):
            yield file.read_text(encoding="utf-8")


def _load(paths: Sequence[str]) -> "Index":
    from zoo.model_index.load import load

    return load([path for path in paths if path != "demo"])
