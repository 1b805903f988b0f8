"""Draw plots as PNG and SVG files with matplotlib; the same data gives the same bytes.

matplotlib takes a second to import, so it is imported only when a figure has to be drawn; `digest`
tells whether it has.
"""

import hashlib
import io
import math
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.reporting.plots.label_placement import CHARACTER, Spot
from zoo.reporting.plots.scatter import (
    BOTTOM,
    HEADING,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    PlacedPoint,
    Plot,
    PlotLayout,
    layout,
)
from zoo.reporting.text.escape import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOOK = 3  # part of every digest: raise it when the same data is drawn differently
DPI = 100  # pixels of the layout to the inch
PNG_DPI = 150
COMPRESSION = 3  # of 9; more costs time and saves little
GAP = (math.nan, math.nan)
HEADROOM = 26  # above the layout, for the title that the page has in its caption
COLOURS = ("#3f51b5", "#c2410c", "#0f766e", "#a21caf", "#4d7c0f", "#b91c1c", "#0369a1", "#57534e")
MARKERS = ("o", "s", "^", "D", "v", "*", "h", "P")
FORMATS = ("png", "svg")
CAP = 7  # pixels to either side of an interval's ends


def digest(plot: Plot) -> str:
    """Hash everything that decides the bytes of a figure."""
    decides = f"{LOOK} {_matplotlib()} {_drawing()} {plot!r}"
    return hashlib.sha256(decides.encode("utf-8", "replace")).hexdigest()[:16]


@cache
def _drawing() -> str:
    """Hash the code that decides the layout of a figure."""
    files = (
        Path(__file__).with_name(name)
        for name in ("label_placement.py", "scatter.py", "matplotlib_files.py")
    )
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


@cache
def _matplotlib() -> str:
    return version("matplotlib")


def draw(plot: Plot) -> dict[str, bytes]:
    """Draw the plot's files, by format."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure
    from PIL import Image

    style: dict[Any, Any] = {
        "svg.hashsalt": "zoo",
        "svg.fonttype": "none",
        "font.size": 8.5,
        "text.parse_math": False,
    }
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # a `matplotlibrc` of the working folder may ask for LaTeX
        matplotlib.rcParams.update(style)
        figure = Figure(figsize=(WIDTH / DPI, (HEIGHT + HEADROOM) / DPI), dpi=PNG_DPI)
        _paint(Paper(figure), layout(plot))
        png, svg = io.BytesIO(), io.BytesIO()
        agg = FigureCanvasAgg(figure)
        agg.draw()
        picture = Image.frombuffer("RGBA", agg.get_width_height(), agg.buffer_rgba()).convert("RGB")
        picture.save(png, "PNG", compress_level=COMPRESSION, dpi=(PNG_DPI, PNG_DPI))
        FigureCanvasSVG(figure).print_figure(
            svg, format="svg", dpi=72, metadata={"Date": None, "Creator": None}
        )
    return {"png": png.getvalue(), "svg": svg.getvalue()}


class Paper:
    """A figure to draw on in the layout's pixels, from the top left; without axes, which are
    slow."""

    def __init__(self, figure: "Figure"):
        from matplotlib.transforms import Affine2D

        pixels = Affine2D().scale(1 / DPI, -1 / DPI).translate(0, HEIGHT / DPI)
        self.figure, self.transform = figure, pixels + figure.dpi_scale_trans

    def line(self, spots: Iterable[Spot], **look: Any) -> None:
        """Draw straight lines from point to point, or markers on the points."""
        from matplotlib.lines import Line2D

        xs, ys = zip(*spots, strict=True)
        self.figure.add_artist(Line2D(xs, ys, transform=self.transform, **look))

    def lines(self, pairs: Iterable[tuple[Spot, Spot]], **look: Any) -> None:
        """Draw separate lines, as one path with gaps."""
        if spots := [spot for pair in pairs for spot in (*pair, GAP)]:
            self.line(spots, **look)

    def text(self, x: float, y: float, text: str, **look: Any) -> None:
        self.figure.text(
            x, y, printable(text), transform=self.transform, **{"va": "center", **look}
        )


def _paint(paper: Paper, scene: PlotLayout) -> None:
    plot, bottom, right = scene.plot, HEIGHT - BOTTOM, WIDTH - RIGHT
    paper.text(WIDTH / 2, -HEADROOM / 2, plot.title, ha="center", fontsize=10)
    if not plot.points:
        paper.text(WIDTH / 2, HEIGHT / 2, "No model has both values yet.", ha="center")
        return
    grid = [((x, TOP), (x, bottom)) for x, _ in scene.x_ticks] + [
        ((LEFT, y), (right, y)) for y, _ in scene.y_ticks
    ]
    paper.lines(grid, color="#dddddd", linewidth=0.6, zorder=0)
    for x, text in scene.x_ticks:
        paper.text(x, bottom + 15, text, ha="center")
    for y, text in scene.y_ticks:
        paper.text(LEFT - 8, y, text, ha="right")
    if scene.frontier:
        paper.line(scene.frontier, color="#555555", linestyle="--", linewidth=1, zorder=1)
    for number, corners in scene.lines:
        paper.line(
            corners, color=COLOURS[number % len(COLOURS)], linewidth=1.2, alpha=0.7, zorder=1
        )
    paper.lines(
        [part for placed in scene.placed for part in _intervals(placed)],
        color="#555555",
        linewidth=0.9,
        zorder=2,
    )
    ring = {
        "marker": "o",
        "linestyle": "none",
        "markerfacecolor": "none",
        "markeredgecolor": "#555555",
    }
    if scene.frontier:
        paper.line([(p.x, p.y) for p in scene.placed if p.best], markersize=11, zorder=2, **ring)
    for number in dict.fromkeys(p.point.series for p in scene.placed):
        if spots := [(p.x, p.y) for p in scene.placed if p.point.series == number]:
            paper.line(spots, markersize=6, zorder=3, **_look(number))
    _legend(paper, plot)
    _labels(paper, scene)
    paper.text((LEFT + right) / 2, HEIGHT - 16, plot.x_label, ha="center")
    paper.text(16, (TOP + bottom) / 2, plot.y_label, rotation=90, ha="center")


def _look(number: int) -> dict[str, Any]:
    """Return marker and colour of a series."""
    return {
        "marker": MARKERS[number % len(MARKERS)],
        "color": COLOURS[number % len(COLOURS)],
        "linestyle": "none",
    }


def _legend(paper: Paper, plot: Plot) -> None:
    x = LEFT + 8.0
    for number, name in plot.series if plot.look.legend else ():
        paper.line([(x, HEADING)], markersize=6, **_look(number))
        paper.text(x + 10, HEADING, name)
        x += 32 + len(name) * CHARACTER
    if plot.look.frontier:
        paper.line([(x, HEADING), (x + 22, HEADING)], color="#555555", linestyle="--", linewidth=1)
        paper.text(x + 28, HEADING, "Pareto frontier, ringed")


def _intervals(placed: PlacedPoint) -> Iterator[tuple[Spot, Spot]]:
    """Draw each interval with a stroke across each end."""
    for start, end in placed.spans:
        yield start, end
        across = (0.0, CAP) if start[1] == end[1] else (CAP, 0.0)
        for x, y in (start, end):
            yield (x - across[0], y - across[1]), (x + across[0], y + across[1])


def _labels(paper: Paper, scene: PlotLayout) -> None:
    labelled = [p for p in scene.placed if p.labelled]
    leaders = [((p.x, p.y), (p.label_x, p.label_y)) for p in labelled if p.leader]
    paper.lines(leaders, color="#999999", linewidth=0.6, zorder=1)
    for placed in labelled:
        paper.text(placed.label_x, placed.label_y, placed.text, ha="center", zorder=4)
