"""Styles, scripts and pictures of the pages, as files below `assets/generated/`.

`zoo.css`, the style of every page, is joined from the parts in `css/`; the style of a kind of page
is a file of its own.
"""

from collections.abc import Iterator
from pathlib import Path

ASSETS = Path(__file__).parents[1] / "assets"
PARTS = ("tokens", "shell", "components")  # of zoo.css, in the order of the cascade


def assets() -> Iterator[tuple[str, bytes]]:
    """Yield the path below the documentation folder and the bytes of every asset."""
    yield "assets/generated/zoo.css", zoo_css()
    for file in sorted(path for path in ASSETS.rglob("*") if path.is_file()):
        if file.parent.name != "css":
            yield f"assets/generated/{file.relative_to(ASSETS).as_posix()}", file.read_bytes()


def zoo_css() -> bytes:
    """Return the style of every page: its parts, one after the other."""
    return b"\n".join((ASSETS / "css" / f"{part}.css").read_bytes() for part in PARTS)
