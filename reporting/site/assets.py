"""Styles, scripts and pictures of the pages, as files below `assets/generated/`.

`zoo.css`, the style of every page, is joined from the parts in `css/`; the style of a kind of page
is a file of its own. Comments and blanks for those who read the sources stay behind.
"""

import re
from collections.abc import Iterator
from pathlib import Path

ASSETS = Path(__file__).parents[1] / "assets"
CSS = re.compile(r"""("[^"]*"|'[^']*'|url\([^)]*\))|/\*.*?\*/|\s+""", re.DOTALL)
AROUND = re.compile(r"""("[^"]*"|'[^']*'|url\([^)]*\))| *([{};,]) *|(:) +| +""")
COMMENT = re.compile(r"(?m)^[ \t]*//.*\n")  # only whole lines: elsewhere `//` may be in a text
INDENT = re.compile(r"(?m)^[ \t]+")
PARTS = ("tokens", "shell", "components")  # of zoo.css, in the order of the cascade


def assets() -> Iterator[tuple[str, bytes]]:
    """Yield the path below the documentation folder and the bytes of every asset."""
    yield "assets/generated/zoo.css", compact_css(zoo_css())
    for file in sorted(path for path in ASSETS.rglob("*") if path.is_file()):
        if file.parent.name != "css":
            made = COMPACT.get(file.suffix) if file.parent == ASSETS else None
            data = file.read_bytes()
            name = file.relative_to(ASSETS).as_posix()
            yield f"assets/generated/{name}", made(data) if made else data


def zoo_css() -> bytes:
    """Return the style of every page: its parts, one after the other."""
    return b"\n".join((ASSETS / "css" / f"{part}.css").read_bytes() for part in PARTS)


def compact_css(data: bytes) -> bytes:
    """Leave comments and needless blanks of a style out; strings and addresses stay."""
    text = CSS.sub(lambda match: match[1] or " ", data.decode())
    text = AROUND.sub(lambda match: match[1] or match[2] or match[3] or " ", text)
    return text.replace(";}", "}").strip().encode() + b"\n"


def compact_js(data: bytes) -> bytes:
    """Leave lines of comment and the indentation of a script out; no text of ours spans lines."""
    return INDENT.sub("", COMMENT.sub("", data.decode())).encode()


COMPACT = {".css": compact_css, ".js": compact_js}
