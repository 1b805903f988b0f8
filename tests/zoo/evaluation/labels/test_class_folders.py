"""Of folders in folders the known names are the classes; where neither or both are known, the user
decides."""

from pathlib import Path

import pytest
from PIL import Image
from torchvision.datasets import ImageFolder

from zoo.evaluation.datasets import find
from zoo.evaluation.datasets.base import Images
from zoo.evaluation.labels.class_folders import settle_class_folders
from zoo.model_index.errors import UsageError


def draw(*paths: str) -> None:
    for path in map(Path, paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8)).save(path)


@pytest.fixture
def cameras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Images:
    """Two classes, each photographed by two cameras."""
    monkeypatch.chdir(tmp_path)
    draw(*(f"dusk/{kind}/{camera}/1.png" for kind in ("dark", "light") for camera in "01"))
    return find("dusk")


def classes(images: Images) -> set[object]:
    return set(images.labels)


def test_two_readings_that_fit_alike_are_refused(cameras: Images) -> None:
    with pytest.raises(UsageError) as caught:
        settle_class_folders(cameras, outputs=2)
    assert str(caught.value) == (
        "dusk: folders lie in folders, and either may be the classes: the outer ones (dark, light),"
        " as torchvision reads them or the inner ones (0, 1), as timm reads them; say which with "
        "--class-folder outer|inner"
    )


def test_the_user_decides(cameras: Images) -> None:
    outer = settle_class_folders(cameras, 2, "outer")
    assert classes(outer) == set(ImageFolder("dusk").classes)
    assert classes(settle_class_folders(cameras, 2, "inner")) == {"0", "1"}


def test_a_class_map_decides(cameras: Images) -> None:
    Path("map.txt").write_text("dark 0\nlight 1\n")
    assert classes(settle_class_folders(cameras, 2, class_map=Path("map.txt"))) == {"dark", "light"}


def test_names_that_are_known_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    draw("a/n01440764/day/1.png", "a/n01443537/night/1.png")
    draw("b/day/n01440764/1.png", "b/night/n01443537/1.png")
    for folder in ("a", "b"):
        found = settle_class_folders(find(folder), outputs=1000)
        assert classes(found) == {"n01440764", "n01443537"}, folder


def test_a_folder_around_all_classes_is_no_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    draw("data/images/cat/1.png", "data/images/dog/1.png")
    assert classes(settle_class_folders(find("data"), outputs=2)) == {"cat", "dog"}


def test_flat_folders_leave_no_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    draw("data/cat/1.png", "data/dog/1.png")
    images = find("data")
    assert images.outer_labels is None
    assert settle_class_folders(images, 2) is images
