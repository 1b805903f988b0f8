"""Photographs in installed packages, with the classes of ImageNet-1k that a person would accept.

Labels are a matter of judgement, so the table has WordNet ids and describes what each picture
shows. It contains pictures whose subject, or a clearly visible part of it, has a class. An
astronaut, a dahlia and coins have none; textures, drawings and scientific images are left out.
"""

import importlib.util
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import BinaryIO

from zoo.evaluation.datasets.base import Images
from zoo.evaluation.labels.imagenet import LISTS, read_synsets
from zoo.model_index.errors import UsageError
from zoo.models.extras import MissingExtra, require

DISTRIBUTIONS = {"skimage": "scikit-image", "sklearn": "scikit-learn", "matplotlib": "matplotlib"}


@dataclass(frozen=True, slots=True)
class Photograph:
    """A file of an installed package, its right answers (WordNet id, name) and what it shows."""

    package: str
    path: str
    right: tuple[tuple[str, str], ...]
    shows: str


PHOTOGRAPHS = (
    Photograph(
        "skimage",
        "data/chelsea.png",
        (("n02123045", "tabby"), ("n02123159", "tiger cat")),
        "the face of a tawny cat with dark stripes; both classes are cats with such a coat",
    ),
    Photograph(
        "skimage",
        "data/coffee.png",
        (("n07920052", "espresso"), ("n07930864", "cup")),
        "an espresso in a cup on a saucer; WordNet's sense of this cup is a punch, "
        "the class's images are cups",
    ),
    Photograph(
        "skimage",
        "data/camera.png",
        (("n04485082", "tripod"),),
        "a man looks through a film camera on a tripod; his camera is no reflex camera, "
        "his coat no trench coat",
    ),
    Photograph(
        "skimage",
        "data/rocket.jpg",
        (("n03773504", "missile"), ("n04008634", "projectile")),
        "a rocket on its pad; these are the classes for rockets, though it carries no warhead",
    ),
    Photograph(
        "skimage",
        "data/motorcycle_left.png",
        (("n03208938", "disk brake"), ("n03785016", "moped")),
        "a motorcycle with a disk brake in front; a moped is the class next to a motorcycle, "
        "which has none",
    ),
    Photograph(
        "sklearn",
        "datasets/images/china.jpg",
        (("n03877845", "palace"), ("n04435653", "tile roof")),
        "a tower of the Summer Palace in Beijing, four tiled roofs above each other",
    ),
    Photograph(
        "matplotlib",
        "mpl-data/sample_data/grace_hopper.jpg",
        (("n03763968", "military uniform"),),
        "Grace Hopper in the uniform of the United States Navy",
    ),
)


@dataclass(frozen=True, slots=True)
class PhotographFiles:
    """Opens file `index`."""

    paths: tuple[Path, ...]

    def __call__(self, index: int) -> BinaryIO:
        return self.paths[index].open("rb")


def photographs(split: str | None = None) -> Images:
    """Read the installed photographs of the table, labelled with ImageNet-1k's class indexes.

    Raises:
        UsageError: there is a split, or scikit-image is not installed.
    """
    if split is not None:
        raise UsageError(f"photographs: no split {split}; it has no splits")
    try:
        require("photographs")
    except MissingExtra as error:
        raise UsageError(f"photographs: {error}") from None
    installed = {
        photograph: path
        for photograph in PHOTOGRAPHS
        if (folder := _folder(photograph.package)) and (path := folder / photograph.path).is_file()
    }
    wordnet = read_synsets(LISTS[1000])
    return Images(
        dataset="photographs",
        split=None,
        where=f"images within {_versions(list(installed))}",
        names=[_name(photograph) for photograph in installed],
        labels=[
            tuple(wordnet.index(identifier) for identifier, _ in photograph.right)
            for photograph in installed
        ],
        opener=PhotographFiles(tuple(installed.values())),
        classes=wordnet,
        skipped=tuple(
            (_name(photograph), f"not in the installed {DISTRIBUTIONS[photograph.package]}")
            for photograph in PHOTOGRAPHS
            if photograph not in installed
        ),
        sizes=[path.stat().st_size for path in installed.values()],
    )


def _name(photograph: Photograph) -> str:
    return f"{photograph.package}/{photograph.path.rpartition('/')[2]}"


def _versions(photographs: list[Photograph]) -> str:
    names = dict.fromkeys(DISTRIBUTIONS[photograph.package] for photograph in photographs)
    return ", ".join(f"{name} {metadata.version(name)}" for name in names)


def _folder(package: str) -> Path | None:
    """Find the folder of a package's files without importing it."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None
