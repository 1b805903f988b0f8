import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from timm.data.dataset import ImageDataset
from torch.utils.data import DataLoader

from zoo.evaluation.datasets import find
from zoo.evaluation.labels import imagenet
from zoo.model_index.errors import UsageError

NAMES = "torchvision:..., synthetic:..., digits, photographs"
SUPPORTED = (
    "a data set that save_to_disk of Hugging Face's datasets wrote; "
    "parquet files with a column of images; tars of images, a folder or val-{000..063}.tar; "
    "folders of images, one a class"
)


def message(text: str, split: str | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        find(text, split)
    return str(caught.value)


def test_what_is_not_there(tmp_path: Path) -> None:
    assert (
        message(f"{tmp_path}/none")
        == f"no data '{tmp_path}/none' (a folder or file, or one of {NAMES})"
    )
    assert message("https://example.org/a.tar") == (
        f"https://example.org/a.tar: data is not downloaded; give a local path or a name: {NAMES}"
    )
    assert message("pipe:cat x.tar").startswith("pipe:cat x.tar: data is not downloaded;")


def test_an_empty_text_is_not_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("L", (8, 8)).save(tmp_path / "1.png")
    monkeypatch.chdir(tmp_path)
    assert message("") == f"--data is empty; give a path or a name: {NAMES}"
    assert len(find(".")) == 1


def test_what_is_not_understood(tmp_path: Path) -> None:
    assert (
        message(str(tmp_path)) == f"{tmp_path}: no images; it holds nothing; supported: {SUPPORTED}"
    )
    (tmp_path / "a.npy").touch()
    (tmp_path / "b.npy").touch()
    (tmp_path / "inner").mkdir()
    assert message(str(tmp_path)).startswith(
        f"{tmp_path}: no images; it holds 2 *.npy, 1 folders; supported: "
    )
    file = tmp_path / "a.npy"
    assert message(str(file)) == f"{file}: a file that is no data set; supported: {SUPPORTED}"


def test_a_split_without_images_says_why(tmp_path: Path) -> None:
    (tmp_path / "train" / "a").mkdir(parents=True)
    Image.new("L", (8, 8)).save(tmp_path / "train" / "a" / "1.png")
    (tmp_path / "val" / "a").mkdir(parents=True)
    assert (
        message(str(tmp_path)) == f"{tmp_path}: it has no image; skipped a: a folder without images"
    )


def test_the_name_of_a_folder_is_no_statement(tmp_path: Path) -> None:
    (tmp_path / "imagenet").mkdir()
    Image.new("L", (8, 8)).save(tmp_path / "imagenet" / "1.png")
    images = find(str(tmp_path / "imagenet"))
    assert (images.dataset, images.stated) == ("imagenet", False)
    stated = find(str(tmp_path / "imagenet"), dataset="imagenet")
    assert (stated.dataset, stated.stated) == ("ImageNet-1k", True)
    assert find(str(tmp_path / "imagenet"), dataset="our own").stated
    for name in ("digits", "photographs", "synthetic:1"):
        built_in = find(name)
        assert (built_in.stated, built_in.stamp()) == (True, "")


def test_a_stated_data_set_is_spelled_as_others_spell_it(tmp_path: Path) -> None:
    Image.new("L", (8, 8)).save(tmp_path / "1.png")
    assert find(str(tmp_path), dataset="ILSVRC 2012").dataset == "ImageNet-1k"
    assert find(str(tmp_path), dataset="our own").dataset == "our own"


def test_a_data_set_that_is_recognised_is_the_split_it_is(tmp_path: Path) -> None:
    for place, name in enumerate(imagenet.read_synsets(imagenet.SUBSETS["ImageNet-A"])):
        (tmp_path / name).mkdir()
        for index in range(37 + place % 2):
            (tmp_path / name / f"{index}.jpg").touch()
    images = find(str(tmp_path))
    assert (len(images), images.dataset, images.split) == (7500, "ImageNet-A", "test")
    assert images.stated
    assert find(str(tmp_path), dataset="imagenet-a").split == "test"
    renditions = find(str(tmp_path), dataset="ImageNet-R")
    assert (renditions.dataset, renditions.split) == ("ImageNet-R", None)


def test_noise_is_the_same_at_every_call() -> None:
    images, again = find("synthetic:3"), find("synthetic:3")
    assert (images.dataset, len(images), list(images.names)) == ("synthetic", 3, ["0", "1", "2"])
    assert list(images.labels) == list(again.labels) and images.digest() == again.digest()
    first, second = images.open(0), images.open(1)
    assert (first.mode, first.size) == ("RGB", (256, 256))
    assert np.array_equal(np.asarray(first), np.asarray(again.open(0)))
    assert not np.array_equal(np.asarray(first), np.asarray(second))
    file, index = images[0]
    assert index == 0 and np.array_equal(np.asarray(Image.open(file)), np.asarray(first))


@pytest.mark.parametrize("text", ["0", "-1", "many", "", "²", "1" * 5000])
def test_noise_of_no_number(text: str) -> None:
    wanted = f"synthetic:{text}: expected synthetic:N with N from 1 to 10,000,000, got {text!r}"
    assert message(f"synthetic:{text}") == wanted


def test_noise_has_no_splits() -> None:
    assert message("synthetic:3", "val") == "synthetic:3: no split val; it has no splits"


def test_timms_loader_reads_it_in_processes_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for value in range(4):
        Image.new("RGB", (8, 8), (value, 0, 0)).save(tmp_path / "a" / f"{value}.png")
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.add(tmp_path / "a", "a")
    folder, shard = find(str(tmp_path / "a")), find(str(tmp_path / "x.tar"))
    assert shard.open(0).read() == folder.open(0).read()  # type: ignore[union-attr]
    for images in (folder, shard, find("synthetic:4")):
        data = ImageDataset(None, reader=images, transform=_first)
        loader = DataLoader(data, batch_size=2, num_workers=2, multiprocessing_context="fork")
        rows = [
            (value, index)
            for values, indexes in loader
            for value, index in zip(values, indexes, strict=True)
        ]
        expected = [np.asarray(Image.open(images[index][0]))[0, 0, 0] for index in range(4)]
        assert [(int(value), int(index)) for value, index in rows] == list(
            zip(expected, range(4), strict=True)
        )


def _first(image: Image.Image) -> int:
    return int(np.asarray(image)[0, 0, 0])
