"""Make an index of one model of a library's registry: what timm and torchvision publish about it.

The index is text like any other, so that its claims have places.
"""

from collections.abc import Sequence

import yaml

from zoo.model_index.errors import UnknownModel, UsageError
from zoo.model_index.errors.suggestions import describe_unknown
from zoo.model_index.load import read_text
from zoo.model_index.records.records import Index
from zoo.models.libraries import LIBRARIES
from zoo.models.registries import REGISTRIES

GLOB = frozenset("*?[")


def find_library(name: str) -> tuple[str, str]:
    """Return the library that has a model of this bare name, timm first, and a line that says so
    and names the other that has one too.

    Raises:
        UsageError: neither has it; close names are suggested.
    """
    libraries = _libraries_of(name)
    if not libraries:
        names = _all_names()
        raise UsageError(describe_unknown("no model", name, names, "in timm or torchvision"))
    library, *others = libraries
    also = f"; {others[0]}:{name} is another model" if others else ""
    return library, f"{name}: {library}:{name}{also}"


def describe_missing_model(library: str, name: str, names: Sequence[str]) -> str:
    """Describe a model that a library does not have: close names first, and how many it has."""
    close = [f"{library}:{other}" for other in names]
    models = sum("." not in other for other in names)
    hint = f"{models:,} models in {library}"
    return describe_unknown("no model", f"{library}:{name}", close, hint)


def _libraries_of(name: str) -> list[str]:
    """Return the libraries that have a model of a bare name; the weights of one that names them."""
    libraries = [library for library in LIBRARIES if _has(library, name)]
    named = "." in name and "torchvision" in libraries
    return ["torchvision"] if named else libraries


def _all_names() -> list[str]:
    return sorted({name for library in LIBRARIES for name in _names(library)})


def _has(library: str, name: str) -> bool:
    try:
        return REGISTRIES[library].has(name)
    except ModuleNotFoundError:
        return False


def _names(library: str) -> Sequence[str]:
    try:
        return REGISTRIES[library].names()
    except ModuleNotFoundError:
        return ()


def add_entries(index: Index, names: Sequence[str]) -> tuple[Index, tuple[str, ...], list[str]]:
    """Add the models that are named and are in no entry: `timm:resnet50`, or the bare name of a
    model of timm or torchvision. Return the index, the names of its entries, and a line for each
    bare name that says where it was found.

    Raises:
        UsageError: a library has no such model, or neither the index nor a library has it.
    """
    known = {entry.name for entry in index.entries}
    notes: list[str] = []
    chosen: list[str] = []
    for name in names:
        library, _, model = name.partition(":")
        if library in LIBRARIES and model and name not in known:
            index = _add(index, library, model)
        elif name in known or GLOB.intersection(name) or not _is_missing(index, name):
            chosen.append(name)
            continue
        else:
            library, note = find_library(name)
            model = name
            notes.append(note)
            index = _add(index, library, model)
        chosen.append(f"{library}:{model}")
    return index, tuple(chosen), notes


def _is_missing(index: Index, name: str) -> bool:
    """Whether no entry has a name, and a registry may."""
    try:
        index.select([name])
    except UnknownModel as error:
        if _libraries_of(name):
            return True
        names = [f"{lib}:{n}" for lib in LIBRARIES for n in _names(lib)] if ":" in name else []
        raise UnknownModel(name, error.index, error.names, names or _all_names()) from None
    return False


def _add(index: Index, library: str, model: str) -> Index:
    if not _has(library, model):
        raise UsageError(describe_missing_model(library, model, _names(library)))
    return index.extend(read_registry(library, model))


def read_registry(library: str, model: str) -> Index:
    """Return the index of one model of a library's registry."""
    name = f"{library}:{model}"
    document = {
        "Library": {"Name": library},
        "Models": [{"Name": name, "Builder": name} | REGISTRIES[library].describe(model)],
    }
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    index, faults = read_text(name, text)
    if faults:
        raise UsageError(f"{name}: {faults[0]}")
    return index
