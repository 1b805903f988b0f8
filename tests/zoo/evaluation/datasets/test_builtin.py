"""The data that is at hand: the digits are scikit-learn's, the photographs those of installed
packages."""

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from timm.data import ImageNetInfo

from zoo.evaluation.datasets import photographs as module
from zoo.evaluation.datasets.builtin import BUILTIN, digits
from zoo.evaluation.datasets.photographs import PHOTOGRAPHS, Photograph, photographs
from zoo.model_index.errors import UsageError


@pytest.mark.parametrize(
    ("split", "name", "first", "number"),
    [
        (None, "test", 1000, 797),
        ("test", "test", 1000, 797),
        ("train", "train", 0, 1000),
        ("all", "all", 0, 1797),
    ],
)
def test_the_splits_of_the_digits_go_by_position(
    split: str | None, name: str, first: int, number: int
) -> None:
    images, source = digits(split), load_digits()
    assert (images.dataset, images.split, len(images)) == ("digits", name, number)
    assert (images.names[0], images.names[-1]) == (f"{first:04d}", f"{first + number - 1:04d}")
    assert list(images.labels) == source.target[first : first + number].tolist()
    assert images.classes == tuple("0123456789")
    assert images.skipped == ()


def test_a_digit_is_a_grey_image_of_all_levels() -> None:
    images, source = digits("all"), load_digits()
    levels = {}
    for index in range(0, len(images), 100):
        image = images.open(index)
        assert isinstance(image, Image.Image)
        assert (image.mode, image.size) == ("L", (8, 8))
        source_levels = source.images[index].ravel().astype(int).tolist()
        levels |= zip(source_levels, np.asarray(image).ravel().tolist(), strict=True)
    assert levels == {level: round(level * 255 / 16) for level in range(17)}


def test_a_split_that_is_not_there() -> None:
    with pytest.raises(UsageError, match=r"^digits: no split 'val' \(train, test, all\)$"):
        digits("val")
    with pytest.raises(UsageError, match=r"^photographs: no split test; it has no splits$"):
        photographs("test")


@pytest.mark.parametrize("name", BUILTIN)
def test_images_reach_a_loaders_workers(name: str) -> None:
    images = BUILTIN[name](None)
    again = pickle.loads(pickle.dumps(images))
    assert again.digest() == images.digest()
    (file, index), (same, _) = images[1], again[1]
    with file, same:
        assert (same.read(), index) == (file.read(), 1)


def test_every_photograph_is_there_and_is_a_picture() -> None:
    pytest.importorskip("skimage")
    images = photographs()
    assert (images.dataset, images.split, images.skipped) == ("photographs", None, ())
    assert list(images.names) == [
        "skimage/chelsea.png",
        "skimage/coffee.png",
        "skimage/camera.png",
        "skimage/rocket.jpg",
        "skimage/motorcycle_left.png",
        "sklearn/china.jpg",
        "matplotlib/grace_hopper.jpg",
    ]
    for index in range(len(images)):
        with images.open(index) as file, Image.open(file) as image:
            assert min(image.size) >= 300
    assert images.where.startswith("images within scikit-image ")


def test_labels_are_classes_of_imagenet_by_id_and_name() -> None:
    """timm's synset file has the class of an id, its lemmas the name."""
    info = ImageNetInfo("imagenet-1k")
    named = [pair for photograph in PHOTOGRAPHS for pair in photograph.right]
    assert len(named) == len(set(named)) == 12
    for identifier, name in named:
        assert identifier in info.label_names()
        assert info.label_name_to_description(identifier).split(", ")[0] == name


def test_labels_are_class_indexes() -> None:
    pytest.importorskip("skimage")
    images = photographs()
    assert list(images.labels) == [
        (281, 282),
        (967, 968),
        (872,),
        (657, 744),
        (535, 665),
        (698, 858),
        (652,),
    ]
    assert images.classes is not None
    assert len(images.classes) == 1000
    for photograph, label in zip(PHOTOGRAPHS, images.labels, strict=True):
        assert isinstance(label, tuple)
        assert [images.classes[index] for index in label] == [
            identifier for identifier, _ in photograph.right
        ]


def test_photographs_that_are_not_there_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("skimage", "matplotlib"):
        (tmp_path / package / "data").mkdir(parents=True)
        (tmp_path / package / "__init__.py").touch()
    Image.new("RGB", (4, 4)).save(tmp_path / "skimage" / "data" / "coffee.png")
    folders = {"skimage": tmp_path / "skimage", "matplotlib": tmp_path / "matplotlib"}
    monkeypatch.setattr(module, "_folder", folders.get)
    images = photographs()
    assert list(images.names) == ["skimage/coffee.png"]
    assert list(images.labels) == [(967, 968)]
    assert len(images.skipped) == len(PHOTOGRAPHS) - 1
    assert images.skipped[0] == ("skimage/chelsea.png", "not in the installed scikit-image")
    assert ("sklearn/china.jpg", "not in the installed scikit-learn") in images.skipped


def test_photographs_need_scikit_image(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage", None)
    message = (
        r"^photographs: skimage is not installed: pip install 'model-zoo-ledger\[photographs\]'$"
    )
    with pytest.raises(UsageError, match=message):
        photographs()


def test_every_photograph_is_described() -> None:
    for photograph in PHOTOGRAPHS:
        assert isinstance(photograph, Photograph) and photograph.right
        assert len(photograph.shows) > 20
    assert len({photograph.path for photograph in PHOTOGRAPHS}) == len(PHOTOGRAPHS)
