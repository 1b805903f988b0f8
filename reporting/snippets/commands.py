"""What the command line does with a model, as commands that a reader can copy, and how its
publisher trains it."""

import re
import shlex
from pathlib import Path

from zoo.model_index.load import is_embedded
from zoo.model_index.records.fields import look_up
from zoo.model_index.records.records import Entry
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.snippets.snippets import Snippet
from zoo.reporting.text.escape import web_address
from zoo.reporting.text.format import flat

COMMANDS = (
    (
        N_("Check its claims"),
        N_("Counts the live model and judges every claim about it."),
        "zoo verify {name}{index}",
    ),
    (
        N_("Evaluate it on your images"),
        N_("Says how far its accuracy is what is claimed; `val/` has a folder a class."),
        "zoo eval {name} --data val{dataset}{download}{index}",
    ),
    (
        N_("Measure its speed"),
        N_("In fresh processes, until the median stands still."),
        "zoo bench {name}{index}",
    ),
    (
        N_("Export it with its output checked"),
        N_("Writes ONNX, runs it, and compares it with the live model."),
        "zoo export {name}{weights}{index}",
    ),
)
CONFIG = re.compile(r"[A-Za-z0-9_./+-]+\.py")
GPUS = re.compile(r"(\d+)x .*GPU")
PACKAGES = {  # of OpenMMLab, by the name of their zoo in addresses
    "mmclassification": "mmpretrain", "mmpretrain": "mmpretrain", "mmdetection": "mmdet", "mmsegmentation": "mmseg",
    "mmaction": "mmaction2", "mmpose": "mmpose", "mmocr": "mmocr", "mmselfsup": "mmpretrain",
}  # fmt: skip


def commands(entry: Entry) -> list[Snippet]:
    """The commands of this project, then OpenMMLab's for an entry that names a configuration of
    theirs."""
    claimed = next(
        (c.dataset for c in entry.all_claims() if c.quantity == "top1" and c.dataset), None
    )
    fetched = " --download" if _remote(entry) else ""
    values = {
        "name": shlex.quote(entry.name),
        "dataset": f" --dataset {shlex.quote(claimed)}" if claimed else "",
        "download": fetched,
        "weights": fetched or ("" if entry.weights else " --random"),
        "index": _index(entry),
    }
    found = [
        Snippet(_(head), _(intro), f"{text.format(**values)}\n", "console")
        for head, intro, text in COMMANDS
    ]
    return [*found, *_openmmlab(entry)]


def _remote(entry: Entry) -> bool:
    """Whether weights have to be fetched: those the index names, else those of timm."""
    if not entry.weights:
        return entry.builder.kind == "timm"
    return all(web_address(address) or address.startswith("hf:") for address in entry.weights)


def _index(entry: Entry) -> str:
    """The option that names the entry's file; none for one of the embedded index."""
    if is_embedded(entry.place):
        return ""
    file = Path(entry.place.file)
    near = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else Path(file.name)
    return f" --index {shlex.quote((near if file.is_absolute() else file).as_posix())}"


def _openmmlab(entry: Entry) -> list[Snippet]:
    """OpenMMLab's own command; mim finds a configuration in the package by the file's name."""
    config = look_up(entry.fields, "config")
    if not isinstance(config, str) or not CONFIG.fullmatch(config.strip()):
        return []
    gpus = GPUS.match(flat(look_up(entry.metadata, "training resources")))
    more = f" --gpus {gpus[1]} --launcher pytorch" if gpus and int(gpus[1]) > 1 else ""
    told = _("Needs OpenMMLab's mim and the package that the configuration is of.")
    code = f"mim train {_package(entry)} {config.strip()}{more}\n"
    return [Snippet(_("Train it as its publisher does"), told, code, "console")]


def _package(entry: Entry) -> str:
    """The package that the weights' address names; the one for classification where it names
    none."""
    named = " ".join(entry.weights)
    return next(
        (package for name, package in PACKAGES.items() if f"/{name}/" in named), "mmpretrain"
    )
