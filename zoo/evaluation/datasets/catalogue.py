"""The data sets that published accuracies are about: how they are called, and how to tell that a
folder holds one.

A data set is recognised by what it is: how many images, in which classes, how many each. The name
of a folder says nothing. Altered copies of the same images (corrupted, stylised) have the same
shape and are taken for the original, so whoever evaluates these has to say so. Data sets that
cannot be told from each other, such as the three samples of ImageNet-V2, are never recognised. The
numbers are those the authors of the data sets state.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.evaluation.labels import imagenet

if TYPE_CHECKING:
    from zoo.evaluation.datasets.base import Images, Label


@dataclass(frozen=True)
class DatasetInfo:
    """A data set, in the split that accuracies are published for.

    spellings  what indexes call it, without case, spaces and punctuation
    images     how many; None: it depends on what is installed
    each       images of each class: one number for all, or one a class index; None: they differ
    naming     what its classes are named by: wordnet, index, names
    synsets    timm's list of the WordNet ids of its classes
    names      the names of its classes, where naming is by names
    alone      whether shape and labels tell it from other data sets
    """

    name: str
    spellings: tuple[str, ...]
    split: str | None
    images: int | None
    classes: int
    naming: tuple[str, ...]
    each: int | tuple[int, ...] | None = None
    synsets: str | None = None
    names: tuple[str, ...] = ()
    alone: bool = True


def _plain(spelling: str) -> str:
    return re.sub(r"[^a-z0-9]", "", spelling.lower())


IMAGENET = imagenet.LISTS[1000]

_HUNDRED = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle
caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish
forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle
mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine
possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale
willow_tree wolf woman worm
"""

_ROWS = (
    DatasetInfo(
        "ImageNet-1k",
        tuple(
            "imagenet imagenet1k imagenet1000 in1k ilsvrc ilsvrc12 ilsvrc2012 imagenet2012 imagenetilsvrc2012 "
            "imagenetval imagenet1kval imagenetvalidation imagenet1kvalidation".split()
        ),
        "validation", 50_000, 1000, ("wordnet", "index"), each=50, synsets=IMAGENET,
    ),
    DatasetInfo(
        "ImageNet-ReaL",
        ("imagenetreal", "imagenetreallabels", "imagenet1kreal", "reassessedimagenet"),
        "validation", 50_000, 1000, ("index",), synsets=IMAGENET, alone=False,
    ),
    DatasetInfo(
        "ImageNet-V2",
        ("imagenetv2", "imagenetv2matchedfrequency", "imagenetv2mf", "imagenet1kv2"),
        "test", 10_000, 1000, ("index",), each=10, synsets=IMAGENET, alone=False,
    ),
    DatasetInfo(
        "ImageNet-V2 threshold 0.7",
        ("imagenetv2threshold07", "imagenetv2thresholded"),
        "test", 10_000, 1000, ("index",), each=10, synsets=IMAGENET, alone=False,
    ),
    DatasetInfo(
        "ImageNet-V2 top images",
        ("imagenetv2topimages", "imagenetv2top"),
        "test", 10_000, 1000, ("index",), each=10, synsets=IMAGENET, alone=False,
    ),
    DatasetInfo(
        "ImageNet-R", ("imagenetr", "imagenetrendition"),
        "test", 30_000, 200, ("wordnet",), synsets=imagenet.SUBSETS["ImageNet-R"],
    ),
    DatasetInfo(
        "ImageNet-A", ("imageneta", "imagenetadversarial"),
        "test", 7_500, 200, ("wordnet",), synsets=imagenet.SUBSETS["ImageNet-A"],
    ),
    DatasetInfo("ImageNet-Sketch", ("imagenetsketch",), "test", 50_889, 1000, ("wordnet",), synsets=IMAGENET),
    DatasetInfo(
        "CIFAR-10", ("cifar10",), "test", 10_000, 10, ("names",), each=1000,
        names=tuple("airplane automobile bird cat deer dog frog horse ship truck".split()),
    ),
    DatasetInfo(
        "CIFAR-100", ("cifar100", "cifar100fine"), "test", 10_000, 100, ("names",), each=100,
        names=tuple(_HUNDRED.split()),
    ),
    DatasetInfo(
        "MNIST", ("mnist",), "test", 10_000, 10, ("index",),
        each=(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
    ),
    DatasetInfo("Fashion-MNIST", ("fashionmnist", "fmnist"), "test", 10_000, 10, ("index", "names"), each=1000, alone=False),
    DatasetInfo("digits", ("digits", "sklearndigits"), "test", 797, 10, ("index",), alone=False),
    DatasetInfo("photographs", ("photographs",), None, None, 1000, ("index",), synsets=IMAGENET, alone=False),
)  # fmt: skip

DATASETS: dict[str, DatasetInfo] = {row.name: row for row in _ROWS}
"""By canonical name."""

_SPELLED = {spelling: row.name for row in _ROWS for spelling in (_plain(row.name), *row.spellings)}
_VALIDATION = re.compile(r"ILSVRC2012_val_[0-9]{8}")


def canonical(spelling: str | None) -> str | None:
    """The name in `DATASETS` of what an index calls a data set, with or without an owner. None: it is
    not known."""
    return None if spelling is None else _SPELLED.get(_plain(spelling.rpartition("/")[2]))


def same_dataset(stated: str | None, dataset: str) -> bool:
    """Tell whether a claim's data set is the one evaluated, by any of its spellings."""
    return stated is not None and (canonical(stated) or stated.casefold()) == (
        canonical(dataset) or dataset.casefold()
    )


def recognise(images: "Images") -> str | None:
    """Which of `DATASETS` the images are, by their number and their classes. None: none of them, or
    several fit."""
    found = [
        row.name for row in _ROWS if row.alone and row.images == len(images) and _fits(row, images)
    ]
    return found[0] if len(found) == 1 else None


def _fits(row: DatasetInfo, images: "Images") -> bool:
    if all(label is None for label in images.labels):
        return row.name == "ImageNet-1k" and len(_numbered(images)) == row.images
    tally = Counter(images.labels)
    naming, names = _naming(images, tally)
    if naming not in row.naming or len(tally) != row.classes or not _spread(row, tally):
        return False
    expected = {
        "wordnet": row.synsets and imagenet.read_synsets(row.synsets),
        "names": row.names,
    }.get(naming)
    return not expected or set(names) == set(expected)


def _numbered(images: "Images") -> set[str]:
    """The numbers that ImageNet's validation images have in their names; without labels there is
    nothing else."""
    return {match[0] for name in images.names if (match := _VALIDATION.search(name))}


def _naming(images: "Images", tally: "Counter[Label]") -> tuple[str, list[str]]:
    """What the classes are named by, and their names."""
    numbers = [label for label in tally if isinstance(label, int)]
    classes = images.classes or ()
    if (
        len(numbers) == len(tally)
        and classes
        and all(0 <= number < len(classes) for number in numbers)
    ):
        names = [classes[number] for number in numbers]
    else:
        names = [str(label) for label in tally]
    if all(map(imagenet.WORDNET.fullmatch, names)):
        return "wordnet", names
    if all(name.isascii() and name.isdigit() for name in names):
        return "index", names
    return "names", names


def _spread(row: DatasetInfo, tally: "Counter[Label]") -> bool:
    """Whether each class has as many images as it should."""
    if isinstance(row.each, tuple):
        return Counter({int(str(label)): number for label, number in tally.items()}) == Counter(
            dict(enumerate(row.each))
        )
    return row.each is None or set(tally.values()) == {row.each}
