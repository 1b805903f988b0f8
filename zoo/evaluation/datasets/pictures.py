"""Open pictures in the formats that data sets have, and in no other.

Pillow chooses the reader by a file's bytes, whatever its name, and one of its forty readers starts
a program (Ghostscript, for EPS).
"""

from typing import BinaryIO

from PIL import EpsImagePlugin, Image, UnidentifiedImageError

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")


def open_picture(file: BinaryIO) -> Image.Image:
    """Open a picture.

    Raises:
        OSError: it is in another format, or broken.
    """
    try:
        return Image.open(file, formats=FORMATS)
    except UnidentifiedImageError:
        raise OSError(f"its bytes are no picture in {', '.join(FORMATS)}") from None


def forbid_programs() -> None:
    """Let Pillow start no program in this process: for libraries that open pictures themselves."""
    EpsImagePlugin.gs_binary = False
