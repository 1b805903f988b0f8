import io
import os
import pickle
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import datasets
import pytest
from PIL import Image

from zoo.evaluation.datasets import find
from zoo.model_index.errors import UsageError


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A cache of its own, and no network."""

    def refused(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(socket.socket, "connect", refused)
    datasets.disable_progress_bars()
    yield
    datasets.enable_progress_bars()


def encoded(value: int = 0) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (value, 0, 0)).save(file, "PNG")
    return file.getvalue()


def rows(
    number: int = 3, *, label: str = "label", feature: object = None, path: str | None = None
) -> datasets.Dataset:
    feature = feature or datasets.ClassLabel(names=["cat", "dog"])
    return datasets.Dataset.from_dict(
        {
            "image": [
                {"bytes": encoded(index), "path": path and path % index} for index in range(number)
            ],
            label: [index % 2 for index in range(number)],
        },
        features=datasets.Features({"image": datasets.Image(), label: feature}),
    )


def test_what_save_to_disk_wrote(tmp_path: Path) -> None:
    rows().save_to_disk(str(tmp_path / "pets"))
    images = find(str(tmp_path / "pets"))
    assert (images.dataset, images.split, list(images.names)) == ("pets", None, ["0", "1", "2"])
    assert (list(images.labels), images.classes) == ([0, 1, 0], ("cat", "dog"))
    assert list(images.sizes) == [len(encoded(index)) for index in range(3)]
    for copy in (images, pickle.loads(pickle.dumps(images))):
        assert [copy.open(index).read() for index in range(3)] == [
            encoded(index) for index in range(3)
        ]


def test_a_split_of_several(tmp_path: Path) -> None:
    datasets.DatasetDict({"train": rows(2), "test": rows(3)}).save_to_disk(str(tmp_path / "pets"))
    assert (len(find(str(tmp_path / "pets"))), find(str(tmp_path / "pets")).split) == (3, "test")
    assert len(find(str(tmp_path / "pets"), "train")) == 2
    with pytest.raises(UsageError) as caught:
        find(str(tmp_path / "pets"), "val")
    assert str(caught.value) == f"{tmp_path}/pets: no split val; there are test, train"


def test_a_split_alone(tmp_path: Path) -> None:
    datasets.DatasetDict({"train": rows(2), "test": rows(3)}).save_to_disk(str(tmp_path / "pets"))
    alone = str(tmp_path / "pets" / "train")
    with pytest.raises(UsageError) as caught:
        find(alone, "test")
    assert str(caught.value) == f"{alone}: no split test; it has only one without a name"


def test_parquet_files_as_the_hub_has_them(tmp_path: Path) -> None:
    for part in range(2):
        (tmp_path / "pets" / "data").mkdir(parents=True, exist_ok=True)
        rows(2 + part, path="ILSVRC2012_val_%08d.JPEG").to_parquet(
            tmp_path / "pets" / "data" / f"validation-{part:05d}-of-00002.parquet"
        )
    rows(1).to_parquet(tmp_path / "pets" / "data" / "train-00000-of-00001.parquet")
    images = find(str(tmp_path / "pets"))
    assert (images.dataset, images.split, images.classes) == ("pets", "validation", ("cat", "dog"))
    assert list(images.names) == [
        f"{row}/ILSVRC2012_val_{number:08d}.JPEG" for row, number in enumerate([0, 1, 0, 1, 2])
    ]
    assert list(images.labels) == [0, 1, 0, 1, 0]
    assert [images.open(index).read() for index in range(5)] == [
        encoded(value) for value in (0, 1, 0, 1, 2)
    ]
    assert len(find(str(tmp_path / "pets"), "train")) == 1
    assert (
        find(str(tmp_path / "pets" / "data" / "train-00000-of-00001.parquet")).dataset
        == "train-00000-of-00001"
    )


def test_the_stamp_is_that_of_the_files_of_the_split(tmp_path: Path) -> None:
    datasets.DatasetDict({"train": rows(2), "test": rows(3)}).save_to_disk(str(tmp_path / "saved"))
    (tmp_path / "hub").mkdir()
    for split in ("train", "test"):
        rows(2).to_parquet(tmp_path / "hub" / f"{split}-00000-of-00001.parquet")
    for folder, pattern in (
        ("saved", "{}/data-00000-of-00001.arrow"),
        ("hub", "{}-00000-of-00001.parquet"),
    ):
        for split, time in (("train", 3), ("test", 4)):
            os.utime(tmp_path / folder / pattern.format(split), ns=(1, time))
        assert list(find(str(tmp_path / folder)).times) == [4]
        assert list(find(str(tmp_path / folder), "train").times) == [3]


def test_one_broken_image_fails_alone(tmp_path: Path) -> None:
    data = datasets.Dataset.from_dict(
        {
            "image": [{"bytes": encoded(), "path": None}, {"bytes": b"junk", "path": None}, None],
            "label": [0, 1, -1],
        },
        features=datasets.Features({"image": datasets.Image(), "label": datasets.Value("int64")}),
    )
    data.save_to_disk(str(tmp_path / "x"))
    images = find(str(tmp_path / "x"))
    assert images.open(0).read() == encoded() and images.open(1).read() == b"junk"
    assert list(images.labels) == [0, 1, None]
    with pytest.raises(OSError, match=r"^row 2 of image holds no bytes$"):
        images.open(2)


def test_a_path_or_address_in_a_row_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(encoded())
    places = [str(tmp_path / "secret.png"), "https://example.org/1.png"]
    plain = datasets.Dataset.from_dict(
        {"image": [{"bytes": None, "path": place} for place in places], "label": [0, 1]}
    )
    plain = plain.cast_column(
        "image", {"bytes": datasets.Value("binary"), "path": datasets.Value("string")}
    )
    plain.to_parquet(tmp_path / "x.parquet")
    images = find(str(tmp_path / "x.parquet"))
    assert list(images.names) == ["0/secret.png", "1/1.png"]
    for index in range(2):
        with pytest.raises(OSError, match=f"^row {index} of image holds no bytes$"):
            images.open(index)


def test_the_column_of_labels(tmp_path: Path) -> None:
    several = {"fine_label": [1], "coarse_label": [0], "img": [{"bytes": encoded(), "path": None}]}
    both = {name: datasets.ClassLabel(names=["a", "b"]) for name in ("fine_label", "coarse_label")}
    data = datasets.Dataset.from_dict(
        several, features=datasets.Features({**both, "img": datasets.Image()})
    )
    data.save_to_disk(str(tmp_path / "fine"))
    assert list(find(str(tmp_path / "fine")).labels) == [1]
    data.rename_column("fine_label", "other").save_to_disk(str(tmp_path / "unclear"))
    with pytest.raises(UsageError) as caught:
        find(str(tmp_path / "unclear"))
    assert (
        str(caught.value) == f"{tmp_path}/unclear: several columns of labels: other, coarse_label"
    )
    rows(2, label="kind").save_to_disk(str(tmp_path / "typed"))
    assert list(find(str(tmp_path / "typed")).labels) == [0, 1]
    rows(2, label="number", feature=datasets.Value("int64")).save_to_disk(str(tmp_path / "none"))
    assert list(find(str(tmp_path / "none")).labels) == [None, None]


@pytest.mark.parametrize(
    "values, labels", [(["tench", "crane"], ["tench", "crane"]), ([[1, 2], [0]], [(1, 2), (0,)])]
)
def test_labels_may_be_names_or_several(
    tmp_path: Path, values: list[object], labels: list[object]
) -> None:
    data = {"image": [{"bytes": encoded(), "path": None}] * 2, "label": values}
    datasets.Dataset.from_dict(data).cast_column("image", datasets.Image()).save_to_disk(
        str(tmp_path / "x")
    )
    assert list(find(str(tmp_path / "x")).labels) == labels


def test_labels_that_are_none(tmp_path: Path) -> None:
    data = {"image": [{"bytes": encoded(), "path": None}], "label": [0.5]}
    datasets.Dataset.from_dict(data).cast_column("image", datasets.Image()).save_to_disk(
        str(tmp_path / "x")
    )
    with pytest.raises(UsageError) as caught:
        find(str(tmp_path / "x"))
    assert str(caught.value) == f"{tmp_path}/x: column label holds no labels: 0.5"


def test_no_column_of_images(tmp_path: Path) -> None:
    datasets.Dataset.from_dict({"text": ["a"], "label": [0]}).save_to_disk(str(tmp_path / "x"))
    with pytest.raises(UsageError) as caught:
        find(str(tmp_path / "x"))
    assert (
        str(caught.value)
        == f"{tmp_path}/x: expected one column of images among text, label; there are 0"
    )


def test_torn_files(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1 junk")
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "state.json").write_text("{")
    with pytest.raises(UsageError) as caught:
        find(str(tmp_path / "x.parquet"))
    assert str(caught.value).startswith(
        f"{tmp_path}/x.parquet: not parquet files that datasets can read: "
    )
    with pytest.raises(UsageError) as caught:
        find(str(tmp_path / "saved"))
    assert str(caught.value).startswith(
        f"{tmp_path}/saved: not a data set that datasets can read: "
    )


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.parquet").touch()
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UsageError) as caught:
        find(str(tmp_path / "x.parquet"))
    wanted = (
        f"{tmp_path}/x.parquet: datasets is not installed: pip install 'model-zoo-ledger[eval-hf]'"
    )
    assert str(caught.value) == wanted
