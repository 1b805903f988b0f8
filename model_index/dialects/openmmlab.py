"""Parse OpenMMLab's model names: the timm architecture that a name stands for, and its input size.

Entries of OpenMMLab's indexes name a configuration file (`Config:
configs/resnet/resnet50_8xb32_in1k.py`) and no builder. Their names follow one rule, which
mmpretrain's guide "Learn about Configs" writes down:

    {architecture}_{what it was trained with}_{data set}

with dashes inside a part: `vit-base-p16_in21k-pre_3rdparty_in1k-384px` is a ViT-B/16 with the
classes of ImageNet-1k on 384x384 pixels. A model for pre-training starts with the name of its
algorithm instead and has a decoder or a head of its own, so no row of the table fits it.

What no row fits gets a builder of the kind `openmmlab`, which is not available: its claims stay
unchecked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from zoo.model_index.dialects.tables.openmmlab_rows import ROWS, ArchitectureRow, DataSet
from zoo.model_index.quantities.value import Size
from zoo.model_index.reading.reader import Items
from zoo.model_index.reading.yaml_nodes import Scalar
from zoo.model_index.records.fields import look_up
from zoo.model_index.records.records import Builder, Entry

KIND = "openmmlab"
DEFAULT_SIDE = 224  # "in1k: default to use the input image size of 224x224", says the guide
TIMM_CLASSES = 1000

# CIFAR is missing on purpose: its ResNets have a stem for 32x32 pixels that timm's do not have. CUB
# is read at 448 pixels; what was pre-trained on 30 million images of EVA, or ends without a data
# set, has no classifier.
DATA_SETS = {
    "in1k": DataSet(1000),
    "in21k": DataSet(21841),
    "cub": DataSet(200, 448),
    "30m": DataSet(0),
    "3rdparty": DataSet(0),
}
SIDE = re.compile(r"(?:^|[-_])([1-9]\d{1,3})px(?=[-_]|$)")  # `-384px` or `_384px`
BARE_SIDE = re.compile(r"-([1-9]\d{2,3})$")  # `in1k-384`, after the data set only

PUBLISHER = "OpenMMLab"


@dataclass(frozen=True, slots=True)
class Variant:
    """One architecture: its row, its spelling in timm, and the side of its input where no name
    states one."""

    row: ArchitectureRow
    spelled: str
    side: int


def variants(rows: tuple[ArchitectureRow, ...] = ROWS) -> Iterator[tuple[str, Variant]]:
    """Return the variant of every architecture of the table by its OpenMMLab name."""
    for row in rows:
        for value in row.values.split():
            named, _, side = value.partition("@")
            ours, _, timms = named.partition("=")
            yield row.name.format(ours), Variant(row, timms or ours, int(side or DEFAULT_SIDE))


VARIANTS = dict(variants())


def applies(items: Items) -> bool:
    """Return whether an entry's fields are OpenMMLab's: they name a Python configuration, and no
    builder."""
    config, name = (items[key].node if key in items else None for key in ("config", "name"))
    return (
        isinstance(config, Scalar)
        and _is_configuration(config.value, name.value if isinstance(name, Scalar) else "")
        and "builder" not in items
    )


def _is_configuration(config: str, name: str) -> bool:
    """Tell whether a path is that of a Python configuration; some metafiles leave `.py` out."""
    path = config.strip()
    return path.endswith(".py") or (
        path.startswith("configs/") and path.endswith(f"/{name.strip()}")
    )


def is_openmmlab_entry(entry: Entry) -> bool:
    """Return whether an entry was read by these rules: its builder makes the architecture,
    without its weights."""
    config = look_up(entry.fields, "config")
    configured = isinstance(config, str) and _is_configuration(config, entry.name)
    return configured and look_up(entry.fields, "builder") is None and entry.claim("id") is None


def parse_name(name: str) -> tuple[Builder, Size | None]:
    """Return the builder of the model with this OpenMMLab name, and the input size (height, width)
    that the name states.

    `vit-base-p16_in21k-pre_3rdparty_in1k-384px` is `timm:vit_base_patch16_384` on 384x384.
    """
    stated = _stated(name)
    parts = name.split("_")
    variant = _variant(parts)
    data = _data_set(parts, variant.row) if variant else None
    if variant is None or data is None:
        return Builder(KIND, name, named=False), (stated, stated) if stated else None
    side = stated or data.side or variant.side
    timms, arguments = _sized(variant, side)
    classes = data.classes if variant.row.classes is None else variant.row.classes
    if classes != TIMM_CLASSES or variant.row.explicit:
        arguments["num_classes"] = classes
    arguments = dict(variant.row.arguments) | arguments
    return Builder("timm", timms, arguments, named=False), (side, side)


def _variant(parts: list[str]) -> Variant | None:
    """Find the variant by architecture and pre-training (`vit-base-p32_clip`), else by the
    architecture alone."""
    architecture, training = parts[0], parts[1] if len(parts) > 1 else ""
    keys = (f"{architecture}_{training}", f"{architecture}_{training.split('-')[0]}", architecture)
    return next((VARIANTS[key] for key in keys if key in VARIANTS), None)


def _stated(name: str) -> int | None:
    """Return the side that a name states: the last, as the pre-training before it has its own."""
    *_, match = [None, *SIDE.finditer(name)]
    match = match or BARE_SIDE.search(name.rpartition("_")[2])
    return int(match[1]) if match else None


def _data_set(parts: list[str], row: ArchitectureRow) -> DataSet | None:
    """Return the data set at the end of a name; None for one whose models timm does not have."""
    texts = [BARE_SIDE.sub("", SIDE.sub("", part)) for part in parts[1:]]
    last = next((text for text in reversed(texts) if text), "").split("-")[-1]
    return row.in21k if last == "in21k" and row.in21k else DATA_SETS.get(last)


def _sized(variant: Variant, side: int) -> tuple[str, dict[str, Any]]:
    """Return timm's name for the side; where timm has none, the name of the first side and the
    argument `img_size`."""
    row = variant.row
    if not row.sides:
        return row.timm.format(variant.spelled), {}
    names = dict((text.partition("=")[0], text.rpartition("=")[2]) for text in row.sides.split())
    first = next(iter(names.values()))
    arguments = {} if str(side) in names else {"img_size": side}
    return row.timm.format(variant.spelled, side=names.get(str(side), first)), arguments
