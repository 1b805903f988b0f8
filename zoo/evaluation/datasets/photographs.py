"""Photographs that installed packages carry, with the classes of ImageNet-1k that a person would
accept for them.

Who labels pictures decides what is right, so the table names WordNet ids and says what is to be
seen. A picture is in it where its subject, or a part of the subject that is plain to see, has a
class. An astronaut, a dahlia and coins have none; textures, drawings and scientific images are left
out.
"""

import importlib.util
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import BinaryIO

from timm.data import ImageNetInfo

from zoo.evaluation.datasets.base import Images
from zoo.model_index.errors import UsageError

EXTRA = "skimage"  # the package without which most of them are missing
DISTRIBUTIONS = {"skimage": "scikit-image", "sklearn": "scikit-learn", "matplotlib": "matplotlib"}


@dataclass(frozen=True, slots=True)
class Photograph:
    """A file of an installed package and what it shows: (WordNet id, name), all right answers
    alike."""

    package: str
    path: str
    right: tuple[tuple[str, str], ...]
    seen: str


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
        "an espresso in a cup on a saucer; WordNet's sense of this cup is a punch, the class's images are cups",
    ),
    Photograph(
        "skimage",
        "data/camera.png",
        (("n04485082", "tripod"),),
        "a man looks through a film camera on a tripod; his camera is no reflex camera, his coat no trench coat",
    ),
    Photograph(
        "skimage",
        "data/rocket.jpg",
        (("n03773504", "missile"), ("n04008634", "projectile")),
        "a rocket on its pad; these are the classes for rockets, though this one carries no warhead",
    ),
    Photograph(
        "skimage",
        "data/motorcycle_left.png",
        (("n03208938", "disk brake"), ("n03785016", "moped")),
        "a motorcycle with a disk brake in front; a moped is the class next to a motorcycle, which has none",
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
    """Opens images that are files."""

    paths: tuple[Path, ...]

    def __call__(self, index: int) -> BinaryIO:
        return self.paths[index].open("rb")


def photographs(split: str | None = None) -> Images:
    """The photographs of the table that are installed, as ImageNet-1k's class indexes; the others
    are passed over.

    Raises:
        UsageError: any split is asked for, or scikit-image is not installed.
    """
    if split is not None:
        raise UsageError(f"photographs: no split {split}; it has no splits")
    if _folder(EXTRA) is None:
        raise UsageError(
            "photographs needs scikit-image: pip install 'model-zoo-ledger[photographs]'"
        )
    paths = {
        one: folder / one.path
        for one in PHOTOGRAPHS
        if (folder := _folder(one.package)) is not None
    }
    there = [one for one in PHOTOGRAPHS if one in paths and paths[one].is_file()]
    wordnet = ImageNetInfo("imagenet-1k").label_names()
    return Images(
        dataset="photographs",
        split=None,
        where=f"images within {_versions(there)}",
        names=[_name(one) for one in there],
        labels=[tuple(wordnet.index(identifier) for identifier, _ in one.right) for one in there],
        opener=PhotographFiles(tuple(paths[one] for one in there)),
        classes=tuple(wordnet),
        skipped=tuple(
            (_name(one), f"not in the installed {DISTRIBUTIONS[one.package]}")
            for one in PHOTOGRAPHS
            if one not in there
        ),
        sizes=[paths[one].stat().st_size for one in there],
    )


def _name(one: Photograph) -> str:
    return f"{one.package}/{one.path.rpartition('/')[2]}"


def _versions(there: list[Photograph]) -> str:
    names = dict.fromkeys(DISTRIBUTIONS[one.package] for one in there)
    return ", ".join(f"{name} {metadata.version(name)}" for name in names)


def _folder(package: str) -> Path | None:
    """Where a package's files lie; nothing of it is imported."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None
