from collections.abc import Sequence

import pytest
from PIL import Image

from zoo.evaluation.dataset_catalogue import DATASETS, canonical, recognise
from zoo.evaluation.datasets.base import Images, Label
from zoo.evaluation.labels import imagenet

WORDNET = imagenet.read_synsets(imagenet.LISTS[1000])
TEN = DATASETS["CIFAR-10"].names
MNIST_TEST = (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)


def images(
    labels: Sequence[Label], classes: tuple[str, ...] | None = None, name: str = "{}"
) -> Images:
    names = [name.format(index) for index in range(len(labels))]
    return Images(
        dataset="folder",
        split=None,
        where="folder",
        names=names,
        labels=labels,
        opener=lambda index: Image.new("L", (1, 1)),
        classes=classes,
    )


def times(names: Sequence[Label], count: int) -> list[Label]:
    return [name for name in names for _ in range(count)]


@pytest.mark.parametrize(
    "spelling, name",
    [
        ("ImageNet", "ImageNet-1k"),
        ("imagenet-1k", "ImageNet-1k"),
        ("ImageNet-1K", "ImageNet-1k"),
        ("ILSVRC/imagenet-1k", "ImageNet-1k"),
        ("ILSVRC 2012", "ImageNet-1k"),
        ("ImageNet ReaL", "ImageNet-ReaL"),
        ("imagenet-real", "ImageNet-ReaL"),
        ("ImageNet V2", "ImageNet-V2"),
        ("ImageNet-V2 (matched frequency)", "ImageNet-V2"),
        ("ImageNet-V2 top-images", "ImageNet-V2 top images"),
        ("imagenet_v2_threshold_0.7", "ImageNet-V2 threshold 0.7"),
        ("ImageNet-Rendition", "ImageNet-R"),
        ("ImageNet-A", "ImageNet-A"),
        ("ImageNet-Sketch", "ImageNet-Sketch"),
        ("uoft-cs/cifar10", "CIFAR-10"),
        ("CIFAR 100", "CIFAR-100"),
        ("mnist", "MNIST"),
        ("digits", "digits"),
        ("photographs", "photographs"),
        ("ImageNet-21k", None),
        ("ImageNet-C", None),
        ("", None),
        (None, None),
    ],
)
def test_what_indexes_call_it(spelling: str | None, name: str | None) -> None:
    assert canonical(spelling) == name


def test_no_spelling_is_of_two() -> None:
    assert all(canonical(name) == name for name in DATASETS)
    spellings = [spelling for row in DATASETS.values() for spelling in row.spellings]
    assert len(spellings) == len(set(spellings))
    assert all(
        canonical(spelling) == row.name for row in DATASETS.values() for spelling in row.spellings
    )


def test_the_numbers_fit_each_other() -> None:
    for row in DATASETS.values():
        if isinstance(row.per_class, int):
            assert row.images == row.per_class * row.classes, row.name
        if isinstance(row.per_class, tuple):
            assert (row.images, row.classes) == (sum(row.per_class), len(row.per_class)), row.name
        if row.synsets:
            assert len(imagenet.read_synsets(row.synsets)) == row.classes, row.name
        if row.names:
            assert len(set(row.names)) == row.classes, row.name


def test_imagenet_by_its_folders() -> None:
    assert recognise(images(times(WORDNET, 50))) == "ImageNet-1k"
    assert recognise(images(times(range(1000), 50))) == "ImageNet-1k"
    assert recognise(images(times(range(1000), 50), WORDNET)) == "ImageNet-1k"
    assert recognise(images(times(WORDNET, 50)[1:])) is None
    assert recognise(images([*times(WORDNET, 50)[1:], WORDNET[5]])) is None
    assert recognise(images(times(["n00000000", *WORDNET[1:]], 50))) is None


def test_imagenet_without_labels_by_the_numbers_of_its_images() -> None:
    assert recognise(images([None] * 50_000, name="ILSVRC2012_val_{:08d}.JPEG")) == "ImageNet-1k"
    assert recognise(images([None] * 50_000, name="{:08d}.JPEG")) is None


def test_subsets_by_their_classes() -> None:
    rendition, adversarial = (
        imagenet.read_synsets(imagenet.SUBSETS[name]) for name in ("ImageNet-R", "ImageNet-A")
    )
    assert recognise(images(times(rendition, 150))) == "ImageNet-R"
    assert (
        recognise(images([*times(adversarial[1:], 37), *[adversarial[0]] * (7500 - 199 * 37)]))
        == "ImageNet-A"
    )
    assert recognise(images(times(adversarial, 150))) is None
    assert recognise(images([*times(WORDNET[1:], 50), *[WORDNET[0]] * 939])) == "ImageNet-Sketch"


def test_three_variants_that_look_alike_are_not_told_apart() -> None:
    assert recognise(images(times([str(index) for index in range(1000)], 10))) is None


def test_small_data_sets_by_names_or_counts() -> None:
    assert recognise(images(times(TEN, 1000))) == "CIFAR-10"
    assert recognise(images(times(range(10), 1000), TEN)) == "CIFAR-10"
    assert recognise(images(times(range(10), 1000))) is None
    assert recognise(images(times(DATASETS["CIFAR-100"].names, 100))) == "CIFAR-100"
    digits: list[Label] = [digit for digit, number in enumerate(MNIST_TEST) for _ in range(number)]
    assert recognise(images(digits)) == "MNIST"
    assert recognise(images([str(digit) for digit in digits])) == "MNIST"
    assert recognise(images([9 - int(str(digit)) for digit in digits])) is None


def test_a_name_of_a_folder_says_nothing() -> None:
    assert recognise(images(["a", "b"])) is None
    assert recognise(images([(1, 2)] * 10_000)) is None
