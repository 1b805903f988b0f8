"""Pictures in formats of data sets are read; no other is, and none starts a program."""

import io
import os
import struct
import tracemalloc
import zlib
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


def chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data).to_bytes(4, "big")
    return len(data).to_bytes(4, "big") + kind + data + check


def png(side: int, *more: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    parts = (chunk(b"IHDR", header), *more, data, chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


BOMBS = {
    "pixels": png(60_000),
    "text": png(8, chunk(b"zTXt", b"key\0\0" + zlib.compress(bytes(20_000_000)))),
    "torn": png(8)[:45],
    "ppm": b"P6 100000 100000 255\n" + bytes(100),
    "bmp": b"BM"
    + struct.pack("<IHHIIiiHHI", 54, 0, 0, 54, 40, 100_000, 100_000, 1, 24, 0)
    + bytes(20),
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_picture_that_would_fill_the_memory_is_named(tmp_path: Path, bomb: str) -> None:
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "a\x1b[31m.png").write_bytes(BOMBS[bomb])
    images = find(str(tmp_path))
    tracemalloc.start()
    try:
        error = read_error(images, 0, "RGB")
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
    assert ": " in error and "second one succeeded" not in error
