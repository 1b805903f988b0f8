import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
import scipy.io
import torchvision.datasets
from PIL import Image

from zoo.evaluation.datasets import find
from zoo.model_index.errors import UsageError


def idx(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape) + values.tobytes()
    )


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    for name, number in (("train", 5), ("t10k", 3)):
        pictures = (
            np.arange(number * 28 * 28, dtype=np.uint32).astype(np.uint8).reshape(number, 28, 28)
        )
        idx(tmp_path / "MNIST" / "raw" / f"{name}-images-idx3-ubyte", pictures)
        idx(
            tmp_path / "MNIST" / "raw" / f"{name}-labels-idx1-ubyte",
            np.arange(number, dtype=np.uint8)[::-1].copy(),
        )
    return tmp_path


def message(text: str, split: str | None, root: Path) -> str:
    with pytest.raises(UsageError) as caught:
        find(text, split, root=root)
    return str(caught.value)


def test_mnist(mnist: Path) -> None:
    images = find("torchvision:MNIST", root=mnist)
    assert (images.dataset, images.split, images.where) == ("MNIST", "test", "torchvision:MNIST")
    assert (list(images.names), list(images.labels)) == (["0", "1", "2"], [2, 1, 0])
    assert images.classes is not None and images.classes[:2] == ("0 - zero", "1 - one")
    theirs = torchvision.datasets.MNIST(mnist, train=False)
    for copy in (images, pickle.loads(pickle.dumps(images))):
        opened = copy.open(1)
        assert isinstance(opened, Image.Image) and opened.tobytes() == theirs[1][0].tobytes()
    assert len(find("torchvision:MNIST", "train", root=mnist)) == 5


def test_the_stamp_is_that_of_the_data_sets_own_files(mnist: Path) -> None:
    before = find("torchvision:MNIST", root=mnist)
    (mnist / "other").mkdir()
    (mnist / "other" / "file").touch()
    (mnist / "file").touch()
    assert len(before.times) == 4 and before.stated
    assert find("torchvision:MNIST", root=mnist).stamp() == before.stamp()
    os.utime(mnist / "MNIST" / "raw" / "t10k-images-idx3-ubyte", ns=(1, 1))
    assert 1 in find("torchvision:MNIST", root=mnist).times


def test_a_data_set_without_a_folder_of_its_own_has_its_files_in_the_root(tmp_path: Path) -> None:
    content = {"X": np.zeros((32, 32, 3, 2), dtype=np.uint8), "y": np.array([[1], [10]])}
    scipy.io.savemat(tmp_path / "test_32x32.mat", content)
    os.utime(tmp_path / "test_32x32.mat", ns=(1, 6))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torchvision.datasets.SVHN, "_check_integrity", lambda self: True)
        images = find("torchvision:SVHN", root=tmp_path)
    assert (list(images.labels), list(images.times)) == ([1, 0], [6])


def test_a_split_that_the_class_does_not_have(mnist: Path) -> None:
    assert (
        message("torchvision:MNIST", "val", mnist)
        == "torchvision:MNIST: no split val; there are test, train"
    )
    wanted = "torchvision:SVHN: no split val: Unknown value 'val' for argument split."
    assert message("torchvision:SVHN", "val", mnist).startswith(wanted)


def test_the_current_folder_has_data(mnist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (mnist / "data").mkdir()
    (mnist / "MNIST").rename(mnist / "data" / "MNIST")
    monkeypatch.chdir(mnist)
    assert len(find("torchvision:MNIST")) == 3


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for name in ("MNIST", "CIFAR10", "Flowers102", "EuroSAT"):
        assert message(f"torchvision:{name}", None, tmp_path).startswith(
            f"torchvision:{name}: it cannot be read from {tmp_path}: Dataset not found"
        )
    assert list(tmp_path.iterdir()) == []


def test_names_that_are_no_classification_data(tmp_path: Path) -> None:
    assert message("torchvision:Nothing", None, tmp_path).startswith(
        "torchvision has no data set 'Nothing' ("
    )
    assert message("torchvision:utils", None, tmp_path).startswith(
        "torchvision has no data set 'utils' ("
    )
    assert message("torchvision:ImageNet", None, tmp_path) == (
        "torchvision:ImageNet: it unpacks archives where it finds them; "
        "give the folder of the split itself"
    )
    assert message("torchvision:EMNIST", None, tmp_path).endswith(
        "its splits are alphabets; it is not supported"
    )


class Numbers(torchvision.datasets.VisionDataset):
    """A data set with a split by name, without an attribute of labels that agrees with its
    items."""

    targets = (9, 9)

    def __init__(self, root: Path, split: str = "train"):
        super().__init__(root)
        if split not in ("train", "val"):
            raise ValueError(f"no split {split}")
        self.split = split

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> tuple[object, object]:
        return Image.new("L", (8, 8)) if index else "text", -index


class Boxes(Numbers):
    def __getitem__(self, index: int) -> tuple[object, object]:
        return Image.new("L", (8, 8)), {"boxes": []}


def test_labels_by_the_items_where_no_attribute_agrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torchvision.datasets, "Numbers", Numbers, raising=False)
    images = find("torchvision:Numbers", root=tmp_path)
    assert (images.dataset, images.split, list(images.labels)) == (
        "Numbers",
        "validation",
        [0, None],
    )
    with pytest.raises(ValueError, match=r"^item 0: expected a PIL image, got str$"):
        images.open(0)
    assert find("torchvision:Numbers", "training", root=tmp_path).split == "train"
    assert (
        message("torchvision:Numbers", "test", tmp_path)
        == "torchvision:Numbers: no split test: no split test"
    )


def test_data_that_is_not_for_classification(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torchvision.datasets, "Boxes", Boxes, raising=False)
    wanted = "torchvision:Boxes: no classification data: a label is {'boxes': []}"
    assert message("torchvision:Boxes", None, tmp_path) == wanted
