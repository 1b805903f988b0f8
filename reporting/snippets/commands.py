"""Write the commands of `zoo` for a model, and its publisher's training command."""

import os
import re
import shlex
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from zoo.model_index.io.user_cache import registry_of
from zoo.model_index.load import is_embedded
from zoo.model_index.records.fields import look_up
from zoo.model_index.records.input_spec import InputSpec
from zoo.model_index.records.records import Entry
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.snippets.snippets import Snippet
from zoo.reporting.text.escape import web_address
from zoo.reporting.text.format import flat

CLASSIFICATION = "image classification"


def classifies_images(entry: Entry, given: InputSpec | None = None) -> bool:
    """Return whether a model takes one image and names its class, as far as its entry says: by a
    task or a top-1 accuracy, or it says nothing. `given` is what it was given to be counted."""
    spec, tasks = given or entry.stated_input, entry.tasks
    named = any(CLASSIFICATION in task.casefold() for task in tasks) or entry.claim("top1")
    return (spec is None or spec.is_image) and bool(named or not tasks)


def _is_built(entry: Entry, given: InputSpec | None) -> bool:
    return entry.builder.makes_models


def _is_evaluated(entry: Entry, given: InputSpec | None) -> bool:
    return _is_built(entry, given) and classifies_images(entry, given)


def _is_exported(entry: Entry, given: InputSpec | None) -> bool:
    """Return whether a trace of the model exists: not of one that takes a list of images, or whose
    input nothing states."""
    spec = given or entry.stated_input
    if spec is None:
        return _is_built(entry, given) and classifies_images(entry)
    return _is_built(entry, given) and not spec.listed


def _always(entry: Entry, given: InputSpec | None) -> bool:
    return True


# Heading, sentence, command, and which models it is for.
COMMANDS: tuple[tuple[str, str, str, Callable[[Entry, InputSpec | None], bool]], ...] = (
    (
        N_("Check its claims"),
        N_("Counts the live model and judges every claim about it."),
        "zoo verify {name}{index}",
        _always,
    ),
    (
        N_("Evaluate it on your images"),
        N_("Says how far its accuracy is what is claimed; `val/` has a folder a class."),
        "zoo eval {name} --data val{dataset}{download}{index}",
        _is_evaluated,
    ),
    (
        N_("Measure its speed"),
        N_("In fresh processes, until the median stands still."),
        "zoo bench {name}{index}",
        _is_built,
    ),
    (
        N_("Export it with its output checked"),
        N_("Writes ONNX, runs it, and compares it with the live model."),
        "zoo export {name}{weights}{index}",
        _is_exported,
    ),
)
CONFIG = re.compile(r"[A-Za-z0-9_./+-]+\.py")
GPUS = re.compile(r"(\d+)x .*GPU")
# packages of OpenMMLab, by the name of their zoo in addresses
PACKAGES = {
    "mmclassification": "mmpretrain",
    "mmpretrain": "mmpretrain",
    "mmdetection": "mmdet",
    "mmsegmentation": "mmseg",
    "mmaction": "mmaction2",
    "mmpose": "mmpose",
    "mmocr": "mmocr",
    "mmselfsup": "mmpretrain",
}


def commands(entry: Entry, given: InputSpec | None = None) -> list[Snippet]:
    """Return this project's commands that work for an entry, then OpenMMLab's where it has one of
    its configurations. `given` is what the model was given to be counted."""
    claims = (claim for claim in entry.all_claims() if claim.quantity == "top1")
    dataset = next(filter(None, (claim.dataset for claim in claims)), None)
    download = " --download" if _is_remote(entry) else ""
    values = {
        "name": shlex.quote(entry.name),
        "dataset": f" --dataset {shlex.quote(dataset)}" if dataset else "",
        "download": download,
        "weights": download or ("" if entry.weights else " --random"),
        "index": _index(entry),
    }
    project_commands = [
        Snippet(_(head), _(intro), f"{text.format(**values)}\n", "console")
        for head, intro, text, is_for in COMMANDS
        if is_for(entry, given)
    ]
    return [*project_commands, *_openmmlab(entry)]


def card_command(entry: Entry) -> str:
    """Return the command that writes the model's card."""
    return f"zoo card {shlex.quote(entry.name)}{_index(entry)}"


def _is_remote(entry: Entry) -> bool:
    """Whether weights must be downloaded: those of the index, else those of timm."""
    if not entry.weights:
        return entry.builder.kind == "timm"
    return all(web_address(address) or address.startswith("hf:") for address in entry.weights)


def _index(entry: Entry) -> str:
    """Return the option with the entry's file; none for the embedded index."""
    return "" if is_embedded(entry.place) else _index_option(entry.place.file, os.getcwd())


@lru_cache(maxsize=4096)
def _index_option(name: str, folder: str) -> str:
    """Return the option with a file; one below the current folder is named as seen from there."""
    if library := registry_of(name):
        return f" --index {library}"
    file = Path(name)
    near = file.relative_to(folder) if file.is_relative_to(folder) else Path(file.name)
    return f" --index {shlex.quote((near if file.is_absolute() else file).as_posix())}"


def _openmmlab(entry: Entry) -> list[Snippet]:
    """Return OpenMMLab's command; mim finds a configuration in the package by the file's name."""
    config = look_up(entry.fields, "config")
    if not isinstance(config, str) or not CONFIG.fullmatch(config.strip()):
        return []
    gpus = GPUS.match(flat(look_up(entry.metadata, "training resources")))
    more = f" --gpus {gpus[1]} --launcher pytorch" if gpus and int(gpus[1]) > 1 else ""
    intro = _("Needs OpenMMLab's mim and the package that the configuration is of.")
    code = f"mim train {_package(entry)} {config.strip()}{more}\n"
    return [Snippet(_("Train it as its publisher does"), intro, code, "console")]


def _package(entry: Entry) -> str:
    """Return the package in the weights' address; that for classification where there is none."""
    addresses = " ".join(entry.weights)
    packages = (package for name, package in PACKAGES.items() if f"/{name}/" in addresses)
    return next(packages, "mmpretrain")
