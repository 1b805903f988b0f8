"""The values that an option or argument takes: by its metavar, or by its name."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from zoo.cli.completion.models import list_libraries, list_models
from zoo.cli.help.text import long_name, metavar
from zoo.models.libraries import LIBRARIES

Typed = dict[str, list[str]]  # values that were typed, by parameter; arguments under ""
Word = tuple[str, str]  # a value and its help


@dataclass(frozen=True, slots=True)
class Values:
    """Words that may stand in a place, and which paths: `words` for none, `files`, `folders`."""

    words: list[Word] = field(default_factory=list)
    paths: str = "words"


# Option -> its values: words, or the table that has them.
WORDS: dict[str, str] = {
    "--engine": "zoo.bench.engines:ENGINES",
    "--mode": "zoo.bench.plan:MODES",
    "--compile-mode": "zoo.bench.plan:COMPILE_MODES",
    "--precision": "zoo.bench.plan:PRECISIONS",
    "--device": "zoo.models.devices:KINDS",
    "--fail-on": "zoo.bench.compare:Verdict",
    "--also": "zoo.reporting.gates:RENDERERS",
    "--dataset": "zoo.evaluation.dataset_catalogue:DATASETS",
    "--data": "zoo.evaluation.data_names:BUILTIN",
    "--as": "zoo.cli.completion.values:TOOLS",
    "--index": "zoo.cli.completion.values:INDEXES",
}
TOOLS = (  # `zoo.counting.tools` has them, and imports torch
    *("torch", "fvcore", "mmengine", "thop", "thop-0.1", "ptflops", "ptflops-0.7", "ptflops-aten"),
    *("torchinfo", "calflops", "calflops-macs", "deepspeed", "deepspeed-macs", "torchprofile"),
    *("mmcv", "openmmlab", "paddle"),
)
INDEXES = ("demo", *LIBRARIES)
PATHS = {"FILE": "files", "PATH": "files", "DIR": "folders", "TARGET": "files", "DATA": "files"}


def list_values(param: Any, current: str, typed: Typed) -> Values:
    """Return the values of a parameter; of a list, those that continue what is typed of it."""
    option = param.param_type_name == "option"
    kinds = metavar(param).strip("[].").split("|")
    paths = next((PATHS[kind] for kind in kinds if kind in PATHS), "words")
    names: Iterable[str] = [kind for kind in kinds if kind.islower()]
    if kinds == ["FORMAT=FILE"]:
        return Values([(f"{name}=", "") for name in _read(WORDS["--also"])])
    if option and long_name(param) == "--ignore":
        names = [check.rule for check in _read("zoo.model_index.checks.lint:CHECKS")]
    elif not names and option and long_name(param) in WORDS:
        names = _read(WORDS[long_name(param)])
    elif find := None if option and "NAME" in kinds else FIND.get(kinds[0]):
        names = find(current, typed)
    before = f"{current.rpartition(',')[0]}," if kinds[0] == "LIST" and "," in current else ""
    return Values([(before + name, "") for name in names], paths)


def _read(table: str) -> list[Any]:
    module, _, attribute = table.partition(":")
    return list(getattr(import_module(module), attribute))


def _find_models(current: str, typed: Typed) -> Sequence[str]:
    return list_models(typed.get("index", ()))


def _find_all_models(current: str, typed: Typed) -> Sequence[str]:
    """Models of the index, and those of a library once its name is typed."""
    return [*list_models(typed.get("index", ())), *list_libraries(current)]


def _find_quantities(current: str, typed: Typed) -> Sequence[str]:
    """Quantities that the model claims which is typed, else all."""
    from zoo.cli.completion.models import list_claimed
    from zoo.model_index.quantities.table import QUANTITIES

    keys = list_claimed(typed.get("index", ()), typed.get("", ()))
    return [row.key for row in QUANTITIES if not keys or row.key in keys]


FIND: dict[str, Callable[[str, Typed], Sequence[str]]] = {
    "MODEL": _find_all_models,
    "TARGET": _find_all_models,
    "NAME": _find_all_models,
    "QUANTITY": _find_quantities,
}
