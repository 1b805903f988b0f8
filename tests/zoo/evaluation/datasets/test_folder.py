import os
import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from timm.data.readers.img_extensions import get_img_extensions
from timm.data.readers.reader_image_folder import find_images_and_targets
from torchvision.datasets.folder import IMG_EXTENSIONS

from zoo.evaluation.datasets import find, splits
from zoo.evaluation.datasets.base import Images, natural_key
from zoo.evaluation.datasets.folder import NO_IMAGE
from zoo.model_index.errors import UsageError


def draw(path: Path, value: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (value, 0, 0)).save(path)
    return path


def test_the_class_is_the_innermost_folder_as_in_timm(tmp_path: Path) -> None:
    for name in ("b/10.png", "b/9.jpg", "a/deep/1.JPEG", "a/2.png"):
        draw(tmp_path / "set" / name)
    images = find(str(tmp_path / "set"))
    assert list(images.names) == ["a/2.png", "a/deep/1.JPEG", "b/9.jpg", "b/10.png"]
    assert list(images.labels) == ["a", "deep", "b", "b"]
    assert (images.dataset, images.split, images.where) == ("set", None, str(tmp_path / "set"))
    theirs, classes = find_images_and_targets(str(tmp_path / "set"))
    ours = [str(tmp_path / "set" / name) for name in images.names]
    assert list(zip(ours, [classes[str(label)] for label in images.labels], strict=True)) == theirs


def test_an_image_is_opened_as_a_file_and_knows_its_index(tmp_path: Path) -> None:
    path = draw(tmp_path / "a" / "1.png", 7)
    draw(tmp_path / "a" / "2.png", 9)
    images = pickle.loads(pickle.dumps(find(str(tmp_path))))
    with images.open(0) as file:
        assert file.read() == path.read_bytes()
    file, index = images[1]
    with file:
        assert (Image.open(file).getpixel((0, 0)), index) == ((9, 0, 0), 1)
    assert images.sizes[0] == path.stat().st_size
    assert images.filenames(basename=True) == ["1.png", "2.png"]


def test_a_file_that_is_gone_cannot_be_had(tmp_path: Path) -> None:
    path = draw(tmp_path / "a" / "1.png")
    images = find(str(tmp_path))
    path.unlink()
    with pytest.raises(OSError, match=r"a/1\.png: the file is gone$"):
        images.open(0)


def test_what_is_passed_over_is_named(tmp_path: Path) -> None:
    draw(tmp_path / "a" / "1.png")
    draw(tmp_path / "a" / "._2.png")
    (tmp_path / "a" / "notes.txt").write_text("")
    (tmp_path / "empty").mkdir()
    (tmp_path / "a" / "gone.png").symlink_to("nowhere.png")
    os.mkfifo(tmp_path / "a" / "pipe.png")
    assert find(str(tmp_path)).skipped == (
        ("a/._2.png", "hidden"),
        ("a/gone.png", "cannot be inspected: No such file or directory"),
        ("a/notes.txt", NO_IMAGE),
        ("a/pipe.png", "not a file"),
        ("empty", "a folder without images"),
    )
    assert (
        NO_IMAGE == "no image by its name: none of .png .jpg .jpeg .ppm .bmp .pgm .tif .tiff .webp"
    )


def test_every_suffix_that_timm_or_torchvision_reads(tmp_path: Path) -> None:
    suffixes = sorted({*get_img_extensions(), *IMG_EXTENSIONS})
    for suffix in suffixes:
        path = tmp_path / "a" / f"1{suffix.upper()}"
        path.parent.mkdir(exist_ok=True)
        Image.new("L" if suffix == ".pgm" else "RGB", (8, 8), 200).save(path)
    images = find(str(tmp_path))
    assert (list(images.names), images.skipped) == (
        [f"a/1{suffix.upper()}" for suffix in suffixes],
        (),
    )
    for index in range(len(images)):
        with images.open(index) as file, Image.open(file) as image:
            assert image.convert("L").size == (8, 8)


def round_trip(path: Path, image: Image.Image, **options: object) -> Image.Image:
    """Write an image to a file, find it, open it and convert it as for a model."""
    path.parent.mkdir(exist_ok=True)
    image.save(path, **options)
    with (
        find(str(path.parent)).open(0) as file,
        Image.open(file) as opened,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter(
            "ignore", UserWarning
        )  # Pillow's about palettes with several transparent colours
        return opened.convert("RGB")


def pixels(image: Image.Image) -> list[tuple[int, int, int]]:
    return [image.getpixel((column, 0)) for column in range(image.width)]  # type: ignore[misc]


def test_kinds_of_pixels(tmp_path: Path) -> None:
    palette = Image.new("P", (2, 1))
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.putpixel((1, 0), 1)
    red, blue = (255, 0, 0), (0, 0, 255)
    assert pixels(round_trip(tmp_path / "a" / "1.png", palette, transparency=0)) == [red, blue]
    assert pixels(round_trip(tmp_path / "b" / "1.png", palette, transparency=b"\0\x80")) == [
        red,
        blue,
    ]
    assert pixels(
        round_trip(tmp_path / "c" / "1.png", Image.new("RGBA", (1, 1), (9, 8, 7, 0)))
    ) == [(9, 8, 7)]
    assert pixels(
        round_trip(tmp_path / "d" / "1.jpg", Image.new("CMYK", (1, 1), (0, 255, 255, 0)))
    ) == [red]
    bits = Image.new("1", (2, 1))
    bits.putpixel((1, 0), 1)
    assert pixels(round_trip(tmp_path / "e" / "1.png", bits)) == [(0, 0, 0), (255, 255, 255)]


def test_sixteen_bits_are_clipped(tmp_path: Path) -> None:
    levels = Image.fromarray(np.array([[0, 200, 256, 65535]], dtype=np.uint16))
    assert [red for red, _, _ in pixels(round_trip(tmp_path / "a" / "1.png", levels))] == [
        0,
        200,
        255,
        255,
    ]


@pytest.mark.parametrize(
    "name, size", [("1.jpg", (4, 2)), ("1.png", (4, 2)), ("1.webp", (4, 2)), ("1.tif", (2, 4))]
)
def test_only_in_tiff_is_the_orientation_applied(
    tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[0x112] = 6
    assert round_trip(tmp_path / "a" / name, Image.new("RGB", (4, 2)), exif=exif).size == size


@pytest.mark.parametrize("name", ["1.png", "1.webp", "1.tif"])
def test_the_first_picture_of_several(tmp_path: Path, name: str) -> None:
    first, second = (Image.new("RGB", (1, 1), colour) for colour in ("white", "black"))
    assert pixels(
        round_trip(tmp_path / "a" / name, first, save_all=True, append_images=[second])
    ) == [(255, 255, 255)]


def test_links_are_followed_but_not_in_a_circle(tmp_path: Path) -> None:
    draw(tmp_path / "elsewhere" / "1.png")
    root = tmp_path / "set"
    draw(root / "a" / "1.png")
    (root / "a" / "up").symlink_to(root)
    (root / "b").symlink_to(tmp_path / "elsewhere")
    images = find(str(root))
    assert list(images.names) == ["a/1.png", "b/1.png"]
    assert images.skipped == (("a/up", "a link to a folder that it lies in"),)


def test_a_folder_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(tmp_path / "a" / "1.png")
    draw(tmp_path / "b" / "1.png")
    scan = os.scandir

    def refusing(path: str | Path) -> object:
        if str(path).endswith("/b"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr("zoo.evaluation.datasets.folder.os.scandir", refusing)
    images = find(str(tmp_path))
    assert list(images.names) == ["a/1.png"]
    assert images.skipped == (("b", "a folder that cannot be read: Permission denied"),)


def test_names_that_are_no_text_or_hold_control_characters_stay_apart(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/a"
    os.mkdir(folder)
    content = draw(tmp_path / "x.png", 3).read_bytes()
    for name in (b"\xff.png", b"line\nbreak\x1b[31m.png"):
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(content)
    (tmp_path / "x.png").unlink()
    images = find(str(tmp_path))
    assert list(images.names) == ["a/line\nbreak\x1b[31m.png", "a/\\udcff.png"]
    for index in range(2):
        with images.open(index) as file:
            assert file.read() == content
    assert len(images.digest()) == 64


def test_a_flat_folder_is_unlabelled(tmp_path: Path) -> None:
    draw(tmp_path / "1.png")
    assert list(find(str(tmp_path)).labels) == [None]


def test_the_split_is_a_folder_in_any_spelling(tmp_path: Path) -> None:
    for split in ("train", "val"):
        draw(tmp_path / split / "a" / f"{split}.png")
    for wanted in (None, "val", "validation"):
        images = find(str(tmp_path), wanted)
        assert (list(images.names), images.split) == (["a/val.png"], "validation")
    assert list(find(str(tmp_path), "train").names) == ["a/train.png"]
    assert find(str(tmp_path / "val"), "validation").split == "validation"
    with pytest.raises(UsageError) as caught:
        find(str(tmp_path), "test")
    assert str(caught.value) == f"{tmp_path}: no split test; there are train, val"


def test_a_class_may_be_called_as_a_split(tmp_path: Path) -> None:
    for name in ("train", "bus"):
        draw(tmp_path / name / "1.png")
    images = find(str(tmp_path))
    assert (list(images.labels), images.split) == (["bus", "train"], None)
    draw(tmp_path / "val" / "bus" / "1.png")
    images = find(str(tmp_path))
    assert (list(images.labels), images.split) == (["bus"], "validation")


def test_the_user_says_which_split_a_folder_without_splits_is(tmp_path: Path) -> None:
    draw(tmp_path / "a" / "1.png")
    images = find(str(tmp_path), "val")
    assert (list(images.names), images.split) == (["a/1.png"], "validation")


def test_any_folder_may_be_called_a_split(tmp_path: Path) -> None:
    draw(tmp_path / "minival" / "a" / "1.png")
    draw(tmp_path / "b" / "a" / "2.png")
    assert list(find(str(tmp_path), "minival").names) == ["a/1.png"]
    with pytest.raises(UsageError) as caught:
        find(str(tmp_path), "holdout")
    assert str(caught.value) == f"{tmp_path}: no split holdout; it has no splits"


def test_several_splits_and_none_that_is_conventional(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        splits.choose(None, ["train", "extra"], "data")
    assert str(caught.value) == "data: choose one with --split; there are extra, train"


@pytest.mark.parametrize(
    "name, split",
    [
        ("data/validation-00000-of-00002.parquet", "validation"),
        ("imagenet1k-train-0001.tar", "train"),
        ("default/test/0000.parquet", "test"),
        ("train/part-val.tar", "validation"),
        ("contest.tar", None),
        ("train-val.tar", None),
    ],
)
def test_a_file_names_its_split(name: str, split: str | None) -> None:
    assert splits.split_of_file(name) == split


def test_the_digest_changes_with_names_labels_and_sizes_only(tmp_path: Path) -> None:
    def images(**changed: object) -> Images:
        fields = {"names": ["a", "b"], "labels": ["x", None], "sizes": [1, 2]} | changed
        return Images(
            dataset="set",
            split=None,
            where=str(changed),
            opener=lambda index: Image.new("L", (1, 1)),
            **fields,  # type: ignore[arg-type]
        )

    digests = [
        images().digest(),
        images(names=["a", "c"]).digest(),
        images(labels=["x", "y"]).digest(),
        images(labels=[("x",), None]).digest(),
        images(sizes=[1, 3]).digest(),
        images(sizes=[]).digest(),
        images(classes=("x",)).digest(),
    ]
    assert len(set(digests)) == 7
    assert images(skipped=(("n", "r"),)).digest() == digests[0]


def test_the_stamp_changes_where_a_file_was_written_again_and_the_digest_does_not(
    tmp_path: Path,
) -> None:
    first, second = draw(tmp_path / "a" / "1.png", 1), draw(tmp_path / "a" / "2.png", 1)
    for path in (first, second):
        os.utime(path, ns=(5, 1_700_000_000_000_000_000))
    images = find(str(tmp_path))
    assert list(images.times) == [1_700_000_000_000_000_000] * 2
    assert images.stamp() == "fc7a5c70db89256c"
    first.write_bytes(second.read_bytes()[::-1])
    os.utime(first, ns=(5, 1_700_000_000_000_000_001))
    again = find(str(tmp_path))
    assert again.digest() == images.digest() and again.stamp() != images.stamp()
    os.utime(first, ns=(6, 1_700_000_000_000_000_000))
    assert find(str(tmp_path)).stamp() == images.stamp()


def test_a_link_has_the_time_of_its_file(tmp_path: Path) -> None:
    path = draw(tmp_path / "files" / "1.png")
    os.utime(path, ns=(5, 7))
    (tmp_path / "set" / "a").mkdir(parents=True)
    (tmp_path / "set" / "a" / "1.png").symlink_to(path)
    assert list(find(str(tmp_path / "set")).times) == [7]


def test_lengths_have_to_agree() -> None:
    with pytest.raises(
        ValueError, match=r"^here: names, labels and sizes do not have the same length$"
    ):
        Images(
            dataset="set",
            split=None,
            where="here",
            names=["a"],
            labels=[],
            opener=lambda index: Image.new("L", (1, 1)),
        )


def test_the_natural_order_has_no_ties_and_takes_any_digits() -> None:
    names = ["A2", "a10", "a2", "a02", "²", "a" + "9" * 5000]
    assert sorted(names, key=natural_key) == ["A2", "a02", "a2", "a10", "a" + "9" * 5000, "²"]
