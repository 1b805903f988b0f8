"""The zoos that are verified: where each stands in a folder of corpora, and who publishes it."""

import zipfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

SETTINGS = Path(__file__).with_name("tables.toml")
RESULTS = "pytorch-image-models/tree/main/results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zoo:
    """A row: one zoo, which is verified as one index.

    `globs` are its files below the folder of corpora, `library` the registry of an installed
    library, which files may stand beside; `wheel` is the distribution whose wheel holds its
    metafiles. `idle` are collections that
    nothing here builds, though a model elsewhere in the page has the same name. `note` says what a
    reader has to know.
    """

    name: str
    title: str
    source: str
    globs: tuple[str, ...] = ()
    library: str = ""
    wheel: str = ""
    idle: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """A zoo as it is at hand: the paths of its index, the folder that its places are relative to,
    and its version."""

    paths: tuple[str, ...]
    folder: str
    version: str


GITHUB = "https://github.com"
TOOLBOXES = (
    "mmocr mmrotate mmyolo mmtrack mmdet3d mmagic mmaction2 mmpose mmsegmentation mmdet mmpretrain"
).split()
# Small ones first.
ZOOS = (
    Zoo(
        name="convnext",
        title="ConvNeXt, README",
        source=f"{GITHUB}/facebookresearch/ConvNeXt",
        globs=("tables/ConvNeXt_README.md",),
        idle=("*(isotropic)",),
        note="Built by timm. The isotropic nets are not built.",
    ),
    Zoo(
        name="detectron2",
        title="detectron2, MODEL_ZOO",
        source=f"{GITHUB}/facebookresearch/detectron2/blob/main/MODEL_ZOO.md",
        globs=("tables/detectron2_MODEL_ZOO.md",),
        note="Nothing here builds detectron2's models.",
    ),
    Zoo(
        name="open_clip",
        title="open_clip, profile of models",
        source=f"{GITHUB}/mlfoundations/open_clip/blob/main/docs/model_profile.csv",
        globs=("tables/open_clip_profile.csv",),
        note="Nothing here builds open_clip's models.",
    ),
    *(
        Zoo(
            name=name,
            title=f"OpenMMLab, {name}",
            source=f"{GITHUB}/open-mmlab/{name}",
            wheel=name,
            note="Models that timm has under another name are built by timm."
            if name in ("mmpretrain", "mmaction2")
            else "Nothing here builds these models.",
        )
        for name in TOOLBOXES
    ),
    Zoo(
        name="paddleclas",
        title="PaddleClas, list of models",
        source=f"{GITHUB}/PaddlePaddle/PaddleClas",
        globs=("tables/paddleclas_model_list.md",),
        note="Rows whose name timm has are built by timm. A difference accuses nobody there.",
    ),
    Zoo(
        name="torchvision",
        title="torchvision, published weights",
        source=f"{GITHUB}/pytorch/vision",
        library="torchvision",
    ),
    Zoo(
        name="timm-pages",
        title="timm, documentation pages",
        source=f"{GITHUB}/huggingface/pytorch-image-models",
        globs=("timm/*.yml",),
        note="Ten pages.",
    ),
    Zoo(
        name="timm-results",
        title="timm, tables of results",
        source=f"{GITHUB}/huggingface/{RESULTS}",
        globs=("timm-results/*.csv",),
        library="timm",
        note="Three tables, read beside the registry.",
    ),
    Zoo(
        name="timm",
        title="timm, registry",
        source=f"{GITHUB}/huggingface/pytorch-image-models",
        library="timm",
        note="Its claims are settings: input size, crop, interpolation, mean and deviation.",
    ),
)


def find_copy(zoo: Zoo, corpora: Path, wheels: Path, unpacked: Path) -> Copy | None:
    """Return a zoo as it is at hand; None where it is not. Metafiles of a wheel are written below
    `unpacked`."""
    if zoo.library and not zoo.globs:
        return Copy((zoo.library,), "", version(zoo.library))
    if zoo.wheel:
        files = sorted(wheels.glob(f"{zoo.wheel}-*.whl"))
        return _unpack(files[-1], unpacked) if files else None
    files = sorted(file for glob in zoo.globs for file in corpora.glob(glob))
    if not files:
        return None
    library = (zoo.library,) if zoo.library else ()
    return Copy((*library, *map(str, files), f"@{SETTINGS}"), str(files[0].parent), "")


def _unpack(wheel: Path, folder: Path) -> Copy:
    """Return the index in a wheel of OpenMMLab: `PACKAGE/.mim/model-index.yml`."""
    _, number, *_ = wheel.name.split("-")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if "/.mim/" in name]
        archive.extractall(folder, names)
    index = next(name for name in names if name.endswith("/.mim/model-index.yml"))
    path = folder / index
    return Copy((str(path),), str(path.parent), number)
