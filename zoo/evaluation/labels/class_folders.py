"""Decide which folder is the class where images lie in folders below folders.

torchvision's `ImageFolder` takes the outermost folder for the class, timm's reader the innermost
one. Where the two give other classes, the names that the model, the data or the user's class map
know decide; where these know neither or both, the user does.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from zoo.evaluation.datasets.base import Images
from zoo.evaluation.labels import class_maps, files
from zoo.evaluation.labels.class_maps import LabelSet
from zoo.model_index.errors import UsageError

OUTER, INNER = "outer", "inner"
CHOICES = (OUTER, INNER)
READERS = {OUTER: "as torchvision reads them", INNER: "as timm reads them"}
EXAMPLES = 3


def settle_class_folders(
    images: Images, outputs: int, wanted: str | None = None, class_map: Path | None = None
) -> Images:
    """Return the images labelled by the folder that names their class.

    wanted     `outer` or `inner`, as the user says; None: it is decided here
    class_map  the user's file of class names and outputs

    Raises:
        UsageError: both folders may be the class.
    """
    if images.outer_labels is None:
        return images
    by_folder = {
        OUTER: replace(images, labels=images.outer_labels, outer_labels=None),
        INNER: replace(images, outer_labels=None),
    }
    if wanted:
        return by_folder[wanted]
    ranks = {
        folder: _rank(candidate, outputs, class_map) for folder, candidate in by_folder.items()
    }
    best = max(ranks.values())
    likely = [folder for folder, rank in ranks.items() if rank == best]
    if len(likely) > 1:
        raise UsageError(_ask(by_folder, images.where))
    return by_folder[likely[0]]


def _rank(images: Images, outputs: int, class_map: Path | None) -> int:
    """Return 2 where the classes are known by name, 1 where only their number or order fits, 0
    where no rule maps them to outputs."""
    labels = LabelSet(tuple(dict.fromkeys(filter(None, images.labels))), outputs, images)  # type: ignore[arg-type]
    if class_map is not None:
        known = files.read_class_map(class_map)
        return 2 if all(str(label) in known for label in labels.labels) else 0
    if any(rule(labels) for rule in class_maps.NAMED_RULES):
        return 2
    try:
        class_maps.choose_class_map(labels)
    except UsageError:
        return 0
    return 1


def _ask(by_folder: Mapping[str, Images], where: str) -> str:
    shown = " or ".join(
        f"the {folder} ones ({_list_classes(images)}), {READERS[folder]}"
        for folder, images in by_folder.items()
    )
    return (
        f"{where}: folders lie in folders, and either may be the classes: {shown}; say which with "
        f"--class-folder {'|'.join(CHOICES)}"
    )


def _list_classes(images: Images) -> str:
    names = sorted(set(map(str, filter(None, images.labels))))
    return ", ".join(names[:EXAMPLES]) + ", ..." * (len(names) > EXAMPLES)
