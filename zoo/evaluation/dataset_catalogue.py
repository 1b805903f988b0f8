"""Catalogue of the data sets of published accuracies: their names, and how to recognise them.

A data set is recognised by its number of images, its classes and the number of images of each, not
by a folder's name. Altered copies of the same images (corrupted, stylised) have the same shape and
are recognised as the original, so their name has to be stated. Data sets of the same shape, such as
the three samples of ImageNet-V2, are never recognised. The numbers are those of the data sets'
authors.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.evaluation.labels import imagenet

if TYPE_CHECKING:
    from zoo.evaluation.datasets.base import Images, Label


@dataclass(frozen=True, kw_only=True)
class DatasetInfo:
    """A data set, in the split of published accuracies.

    spellings  its names in indexes, without case, spaces and punctuation
    images     number of images; None: it depends on the installed packages
    classes    number of classes
    per_class  images of each class: one number for all, or one for each index; None: they differ
    naming     how its classes may be named: wordnet, index, names
    synsets    timm's list of the WordNet ids of its classes
    names      the names of its classes, if they are named by names
    unique     whether shape and labels distinguish it from other data sets
    """

    name: str
    spellings: tuple[str, ...]
    split: str | None
    images: int | None
    classes: int
    naming: tuple[str, ...]
    per_class: int | tuple[int, ...] | None = None
    synsets: str | None = None
    names: tuple[str, ...] = ()
    unique: bool = True


def _plain(spelling: str) -> str:
    return re.sub(r"[^a-z0-9]", "", spelling.lower())


IMAGENET = imagenet.LISTS[1000]

_CIFAR_100 = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly
camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile
cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp
lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree
orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum
rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider
squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train
trout tulip turtle wardrobe whale willow_tree wolf woman worm
"""

_ROWS = (
    DatasetInfo(
        name="ImageNet-1k",
        spellings=tuple(
            "imagenet imagenet1k imagenet1000 in1k ilsvrc ilsvrc12 ilsvrc2012 imagenet2012 "
            "imagenetilsvrc2012 imagenetval imagenet1kval imagenetvalidation "
            "imagenet1kvalidation".split()
        ),
        split="validation",
        images=50_000,
        classes=1000,
        naming=("wordnet", "index"),
        per_class=50,
        synsets=IMAGENET,
    ),
    DatasetInfo(
        name="ImageNet-ReaL",
        spellings=("imagenetreal", "imagenetreallabels", "imagenet1kreal", "reassessedimagenet"),
        split="validation",
        images=50_000,
        classes=1000,
        naming=("index",),
        synsets=IMAGENET,
        unique=False,
    ),
    DatasetInfo(
        name="ImageNet-V2",
        spellings=("imagenetv2", "imagenetv2matchedfrequency", "imagenetv2mf", "imagenet1kv2"),
        split="test",
        images=10_000,
        classes=1000,
        naming=("index",),
        per_class=10,
        synsets=IMAGENET,
        unique=False,
    ),
    DatasetInfo(
        name="ImageNet-V2 threshold 0.7",
        spellings=("imagenetv2threshold07", "imagenetv2thresholded"),
        split="test",
        images=10_000,
        classes=1000,
        naming=("index",),
        per_class=10,
        synsets=IMAGENET,
        unique=False,
    ),
    DatasetInfo(
        name="ImageNet-V2 top images",
        spellings=("imagenetv2topimages", "imagenetv2top"),
        split="test",
        images=10_000,
        classes=1000,
        naming=("index",),
        per_class=10,
        synsets=IMAGENET,
        unique=False,
    ),
    DatasetInfo(
        name="ImageNet-R",
        spellings=("imagenetr", "imagenetrendition"),
        split="test",
        images=30_000,
        classes=200,
        naming=("wordnet",),
        synsets=imagenet.SUBSETS["ImageNet-R"],
    ),
    DatasetInfo(
        name="ImageNet-A",
        spellings=("imageneta", "imagenetadversarial"),
        split="test",
        images=7_500,
        classes=200,
        naming=("wordnet",),
        synsets=imagenet.SUBSETS["ImageNet-A"],
    ),
    DatasetInfo(
        name="ImageNet-Sketch",
        spellings=("imagenetsketch",),
        split="test",
        images=50_889,
        classes=1000,
        naming=("wordnet",),
        synsets=IMAGENET,
    ),
    DatasetInfo(
        name="CIFAR-10",
        spellings=("cifar10",),
        split="test",
        images=10_000,
        classes=10,
        naming=("names",),
        per_class=1000,
        names=tuple("airplane automobile bird cat deer dog frog horse ship truck".split()),
    ),
    DatasetInfo(
        name="CIFAR-100",
        spellings=("cifar100", "cifar100fine"),
        split="test",
        images=10_000,
        classes=100,
        naming=("names",),
        per_class=100,
        names=tuple(_CIFAR_100.split()),
    ),
    DatasetInfo(
        name="MNIST",
        spellings=("mnist",),
        split="test",
        images=10_000,
        classes=10,
        naming=("index",),
        per_class=(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
    ),
    DatasetInfo(
        name="Fashion-MNIST",
        spellings=("fashionmnist", "fmnist"),
        split="test",
        images=10_000,
        classes=10,
        naming=("index", "names"),
        per_class=1000,
        unique=False,
    ),
    DatasetInfo(
        name="digits",
        spellings=("digits", "sklearndigits"),
        split="test",
        images=797,
        classes=10,
        naming=("index",),
        unique=False,
    ),
    DatasetInfo(
        name="photographs",
        spellings=("photographs",),
        split=None,
        images=None,
        classes=1000,
        naming=("index",),
        synsets=IMAGENET,
        unique=False,
    ),
)

DATASETS: dict[str, DatasetInfo] = {row.name: row for row in _ROWS}
"""Data sets by their canonical name."""

_SPELLED = {spelling: row.name for row in _ROWS for spelling in (_plain(row.name), *row.spellings)}
_VALIDATION = re.compile(r"ILSVRC2012_val_[0-9]{8}")


def canonical(spelling: str | None) -> str | None:
    """Return the name in `DATASETS` of an index's spelling, with or without an owner; None if it is
    unknown."""
    return None if spelling is None else _SPELLED.get(_plain(spelling.rpartition("/")[2]))


def same_dataset(stated: str | None, dataset: str) -> bool:
    """Tell whether a claim's data set is the one evaluated, by any of its spellings."""
    return stated is not None and (canonical(stated) or stated.casefold()) == (
        canonical(dataset) or dataset.casefold()
    )


def recognise(images: "Images") -> str | None:
    """Recognise a data set by its images and classes; None if none of `DATASETS` fits or several
    do."""
    names = [
        info.name
        for info in _ROWS
        if info.unique and info.images == len(images) and _fits(info, images)
    ]
    return names[0] if len(names) == 1 else None


def _fits(info: DatasetInfo, images: "Images") -> bool:
    if all(label is None for label in images.labels):
        return info.name == "ImageNet-1k" and len(_validation_numbers(images)) == info.images
    tally = Counter(images.labels)
    naming, names = _class_names(images, tally)
    if naming not in info.naming or len(tally) != info.classes or not _fits_counts(info, tally):
        return False
    if naming == "wordnet" and info.synsets:
        return set(names) == set(imagenet.read_synsets(info.synsets))
    return naming != "names" or not info.names or set(names) == set(info.names)


def _validation_numbers(images: "Images") -> set[str]:
    """ImageNet's numbers in the images' names, by which unlabelled images are recognised."""
    return {match[0] for name in images.names if (match := _VALIDATION.search(name))}


def _class_names(images: "Images", tally: "Counter[Label]") -> tuple[str, list[str]]:
    """How the classes are named (wordnet, index or names), and their names."""
    classes = images.classes or ()
    indexes = [label for label in tally if isinstance(label, int)]
    in_range = all(0 <= index < len(classes) for index in indexes)
    if classes and in_range and len(indexes) == len(tally):
        names = [classes[index] for index in indexes]
    else:
        names = [str(label) for label in tally]
    if all(map(imagenet.WORDNET.fullmatch, names)):
        return "wordnet", names
    if all(name.isascii() and name.isdigit() for name in names):
        return "index", names
    return "names", names


def _fits_counts(info: DatasetInfo, tally: "Counter[Label]") -> bool:
    """Whether each class has as many images as in the data set."""
    if isinstance(info.per_class, tuple):
        counts = {int(str(label)): number for label, number in tally.items()}
        return counts == dict(enumerate(info.per_class))
    return info.per_class is None or set(tally.values()) == {info.per_class}
