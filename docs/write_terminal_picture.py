"""Write images/terminal.svg: what a command prints on a terminal of 80 columns.

The command runs in a pseudo-terminal, and the picture holds its characters and colours: the
results, and of the notes on standard error the last one, which counts them. A test compares the
two; `python docs/write_terminal_picture.py` writes the picture again.
"""

import contextlib
import runpy
import tempfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

ROOT = Path(__file__).parent.parent
PICTURE = Path(__file__).parent / "images" / "terminal.svg"
COMMAND = ("zoo", "verify", "dpn98")
COLUMNS = 80
CELL, LINE, MARGIN = 8.4, 19, 16  # pixels of a character, of a line, around all of them
CONSOLE = Console(width=1000, color_system="standard", force_terminal=True)
COLOURS = (
    "dim",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "",
)  # of a terminal, by number
STYLE = """
rect { fill: #ffffff; stroke: #d0d7de }
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
       fill: #1f2328; white-space: pre }
.bold { font-weight: 700 } .dim { fill: #59636e }
.red { fill: #b3151c } .green { fill: #116329 } .yellow { fill: #7d4e00 } .cyan { fill: #0a5c6b }
.blue { fill: #0550ae } .magenta { fill: #8250df }
@media (prefers-color-scheme: dark) {
  rect { fill: #0d1117; stroke: #3d444d } text { fill: #e6edf3 } .dim { fill: #9198a1 }
  .red { fill: #ff8d86 } .green { fill: #56d364 } .yellow { fill: #e3b341 } .cyan { fill: #56d4dd }
  .blue { fill: #79c0ff } .magenta { fill: #d2a8ff }
}
"""


def write_picture(printed: Sequence[str], command: Sequence[str] = COMMAND) -> str:
    """Return an SVG file of the command and the lines that it printed."""
    lines = [f"\x1b[1m$ {' '.join(command)}\x1b[0m", *printed]
    width, height = round(COLUMNS * CELL + 2 * MARGIN), len(lines) * LINE + 2 * MARGIN
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width} {height}",
            "width": str(width),
            "height": str(height),
            "role": "img",
        },
    )
    ElementTree.SubElement(root, "title").text = f"What `{' '.join(command)}` prints"
    ElementTree.SubElement(root, "style").text = STYLE
    frame = {"x": "0.5", "y": "0.5", "width": str(width - 1), "height": str(height - 1), "rx": "8"}
    ElementTree.SubElement(root, "rect", frame)
    for number, line in enumerate(lines):
        place = {"y": str(MARGIN + LINE * number + 14), "xml:space": "preserve"}
        element = ElementTree.SubElement(root, "text", place)
        column = 0
        for words, classes in _segments(line):
            attributes = {"x": f"{MARGIN + column * CELL:g}", "class": classes}
            if words.strip():
                attributes["textLength"] = f"{cell_len(words) * CELL:g}"
            used = {name: value for name, value in attributes.items() if value}
            ElementTree.SubElement(element, "tspan", used).text = words
            column += cell_len(words)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def show(screen: Any) -> list[str]:
    """Return the lines of a `tests.terminal.Screen` that the picture shows."""
    return [*screen.lines, *screen.errors[-1:]]


def read_picture(picture: str) -> list[str]:
    """Return the lines of a picture, without the command and spaces at their ends."""
    root = ElementTree.fromstring(picture)
    lines = root.iter("{http://www.w3.org/2000/svg}text")
    return ["".join(line.itertext()) for line in lines][1:]


def _segments(line: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a line that look alike, with the classes of their look."""
    segments = Text.from_ansi(line.rstrip()).render(CONSOLE)
    for classes, group in groupby(segments, key=lambda segment: _classes(segment.style)):
        yield "".join(segment.text for segment in group).rstrip("\n"), classes


def _classes(style: Style | None) -> str:
    """Return the classes of a style: bold, dim and the name of its colour."""
    if style is None:
        return ""
    number = style.color.number if style.color else None
    colour = COLOURS[number % 8] if number is not None and number < 16 else ""
    names = ("bold" if style.bold else "", "dim" if style.dim else "", colour)
    return " ".join(name for name in names if name)


def main() -> None:
    """Run the command on an empty ledger and write the picture."""
    run = runpy.run_path(str(ROOT / "tests" / "terminal.py"))["run_in_terminal"]
    with tempfile.TemporaryDirectory() as ledger, contextlib.chdir(ROOT):
        screen = run(*COMMAND[1:], "--ledger", ledger, columns=COLUMNS, color=True)
    PICTURE.write_text(write_picture(show(screen)), encoding="utf-8")


if __name__ == "__main__":
    main()
