from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model_index.errors import UsageError
from zoo.evaluation.data import find

NAMES = "torchvision:..., synthetic:..., digits, photographs"
UNDERSTOOD = (
    "a data set that save_to_disk of Hugging Face's datasets wrote; parquet files with a column of images; "
    "tars of images, a folder or val-{000..063}.tar; folders of images, one a class"
)


def message(text: str, split: str | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        find(text, split)
    return str(caught.value)


def test_what_is_not_there(tmp_path: Path) -> None:
    assert message(f"{tmp_path}/none") == f"{tmp_path}/none: no such folder or file, and no name: {NAMES}"
    assert message("https://example.org/a.tar") == (
        f"https://example.org/a.tar: nothing is fetched; give a path on this machine or a name: {NAMES}"
    )
    assert message("pipe:cat x.tar").startswith("pipe:cat x.tar: nothing is fetched;")


def test_what_is_not_understood(tmp_path: Path) -> None:
    assert message(str(tmp_path)) == f"{tmp_path}: no images found; there are nothing; what is understood: {UNDERSTOOD}"
    (tmp_path / "a.npy").touch()
    (tmp_path / "b.npy").touch()
    (tmp_path / "inner").mkdir()
    assert message(str(tmp_path)).startswith(f"{tmp_path}: no images found; there are 2 *.npy, 1 folders; what is")
    one = tmp_path / "a.npy"
    assert message(str(one)) == f"{one}: a file that is no data set; what is understood: {UNDERSTOOD}"


def test_a_split_without_images_says_why(tmp_path: Path) -> None:
    (tmp_path / "train" / "a").mkdir(parents=True)
    Image.new("L", (8, 8)).save(tmp_path / "train" / "a" / "1.png")
    (tmp_path / "val" / "a").mkdir(parents=True)
    assert message(str(tmp_path)) == f"{tmp_path}: no image in it; passed over: a: a folder without images"


def test_a_stated_data_set_is_spelled_as_others_spell_it(tmp_path: Path) -> None:
    Image.new("L", (8, 8)).save(tmp_path / "1.png")
    assert find(str(tmp_path), dataset="ILSVRC 2012").dataset == "ImageNet-1k"
    assert find(str(tmp_path), dataset="our own").dataset == "our own"


def test_noise_is_the_same_at_every_call() -> None:
    images, again = find("synthetic:3"), find("synthetic:3")
    assert (images.dataset, len(images), list(images.names)) == ("synthetic", 3, ["0", "1", "2"])
    assert list(images.labels) == list(again.labels) and images.digest() == again.digest()
    first, other = images.open(0), images.open(1)
    assert (first.mode, first.size) == ("RGB", (256, 256))
    assert np.array_equal(np.asarray(first), np.asarray(again.open(0)))
    assert not np.array_equal(np.asarray(first), np.asarray(other))
    file, index = images[0]
    assert index == 0 and np.array_equal(np.asarray(Image.open(file)), np.asarray(first))


@pytest.mark.parametrize("text", ["0", "-1", "many", "", "²", "1" * 5000])
def test_noise_of_no_number(text: str) -> None:
    wanted = f"synthetic:{text}: expected synthetic:N with N from 1 to 10,000,000, got {text!r}"
    assert message(f"synthetic:{text}") == wanted


def test_noise_has_no_splits() -> None:
    assert message("synthetic:3", "val") == "synthetic:3: no split val; it has no splits"
