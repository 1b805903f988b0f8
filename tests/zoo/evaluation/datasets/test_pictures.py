"""Pictures in formats of data sets are read; no other is, and none starts a program."""

import io
import os
from pathlib import Path

import pytest
from PIL import EpsImagePlugin, Image
from torchvision.datasets import DatasetFolder
from torchvision.datasets.folder import default_loader

from zoo.evaluation.datasets import find
from zoo.evaluation.datasets.pictures import FORMATS, open_picture
from zoo.evaluation.datasets.torchvision import Items
from zoo.evaluation.inference import decode_image, read_error

EPS = "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n%%EOF\n"


@pytest.fixture
def ghostscript(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that exists once a `gs` of the PATH was started."""
    mark = tmp_path / "mark"
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "gs"
    program.write_text(f'#!/bin/sh\ntouch "{mark}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)
    return mark


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A class folder with an EPS file that is called PNG."""
    (tmp_path / "data" / "cat").mkdir(parents=True)
    (tmp_path / "data" / "cat" / "a.png").write_text(EPS)
    return tmp_path / "data"


def test_eps_is_refused_by_name_and_starts_nothing(folder: Path, ghostscript: Path) -> None:
    images = find(str(folder))
    with pytest.raises(OSError, match="no picture in BMP, GIF, JPEG"):
        decode_image(images, 0, "RGB")
    assert read_error(images, 0, "RGB").startswith("OSError: its bytes are no picture in BMP")
    assert not ghostscript.exists()
    with pytest.raises(OSError), Image.open(folder / "cat" / "a.png") as image:
        image.load()
    assert ghostscript.exists()  # what Pillow does by itself


def test_a_library_that_opens_pictures_itself_starts_nothing(
    folder: Path, ghostscript: Path
) -> None:
    items = Items(DatasetFolder(str(folder), default_loader, extensions=(".png",)))
    with pytest.raises(OSError, match="Ghostscript"):
        items(0)
    assert not ghostscript.exists()


@pytest.mark.parametrize("format", [*FORMATS, "MPO"])
def test_formats_of_data_sets_are_read(format: str) -> None:
    file = io.BytesIO()
    picture = Image.new("RGB", (8, 6), "red")
    pages = {"save_all": True, "append_images": [picture]} if format == "MPO" else {}
    picture.save(file, format, **pages)
    assert open_picture(file).convert("RGB").size == (8, 6)
