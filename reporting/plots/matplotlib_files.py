"""Draw plots as PNG and SVG files with matplotlib; the same data gives the same bytes.

matplotlib takes a second to import, so it is imported only when a figure has to be drawn; `digest`
tells whether it has.
"""

import hashlib
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.reporting.plots.axes import tick_text
from zoo.reporting.plots.canvas import WIDE
from zoo.reporting.plots.geometry import CAP, PlacedPoint
from zoo.reporting.plots.layout import PlotLayout, layout, legend_rows
from zoo.reporting.plots.marks import SERIES
from zoo.reporting.plots.point_names import BASELINE, Spot
from zoo.reporting.plots.scatter import Plot
from zoo.reporting.text.escape import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOOK = 4  # part of every digest: raise it when the same data is drawn differently
DPI = 100  # pixels of the layout to the inch
PNG_DPI = 150
COMPRESSION = 3  # of 9; more costs time and saves little
GAP = (math.nan, math.nan)
HEADROOM = 30  # above the layout, for the title
ROW = 18  # of the legend, between title and layout
# The site's colours of series in light, grey for the rest, and their shapes.
COLOURS = ("#2546c4", "#b85a00", "#00797c", "#8b3a9e", "#7a6400", "#b3296b", "#8a92a0")
MARKERS = ("o", "^", "s", "D", "v", "P", ".")
GREY = "#646c7a"
FORMATS = ("png", "svg")
# The code that decides what a figure looks like.
DRAWING = (
    "axes.py",
    "canvas.py",
    "layout.py",
    "marks.py",
    "matplotlib_files.py",
    "point_names.py",
    "scatter.py",
)


def digest(plot: Plot) -> str:
    """Hash everything that decides the bytes of a figure."""
    decides = f"{LOOK} {_matplotlib()} {_drawing()} {plot!r}"
    return hashlib.sha256(decides.encode("utf-8", "replace")).hexdigest()[:16]


@cache
def _drawing() -> str:
    """Hash the code that decides the layout of a figure."""
    files = (Path(__file__).with_name(name) for name in DRAWING)
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
        scene = layout(plot, WIDE) if plot.points else None
        rows = legend_rows(scene, "others") if scene else []
        above = HEADROOM + ROW * len(rows)
        size = (WIDE.width / DPI, (WIDE.height + above) / DPI)
        figure = Figure(figsize=size, dpi=PNG_DPI)
        paper = Paper(figure)
        paper.text(WIDE.left, HEADROOM / 2 - above, plot.title, fontsize=10.5, weight="bold")
        for number, row in enumerate(rows):
            _legend(paper, row, ROW * (number + 0.5 - len(rows)))
        if scene:
            _paint(paper, scene)
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

        pixels = Affine2D().scale(1 / DPI, -1 / DPI).translate(0, WIDE.height / DPI)
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
    plot, canvas = scene.plot, scene.canvas
    rows = [(scene.y.pixel(tick), tick) for tick in scene.y.ticks]
    lines = [((float(canvas.left), at), (float(canvas.rightmost), at)) for at, _ in rows]
    paper.lines(lines, color="#e6e2d9", linewidth=0.6, zorder=0)
    for tick in scene.x.ticks:
        paper.text(scene.x.pixel(tick), canvas.lowest + 12, tick_text(tick), ha="center")
    for at, tick in rows:
        paper.text(canvas.left - 6, at, tick_text(tick), ha="right")
    if scene.frontier:
        paper.line(scene.frontier, color=COLOURS[0], linewidth=1, zorder=1)
    for number, corners in scene.lines:
        paper.line(corners, color=COLOURS[number], linewidth=1.2, alpha=0.5, zorder=1)
    spans = [part for placed in scene.placed for part in _intervals(placed)]
    paper.lines(spans, color=GREY, linewidth=0.9, zorder=2)
    for number in sorted(set(map(scene.colour, scene.placed)), reverse=True):
        spots = [p.spot for p in scene.placed if scene.colour(p) == number]
        paper.line(spots, markersize=5, zorder=3 if number < SERIES else 2, **_look(number))
    for label in scene.labels:
        if label.is_far:
            end = (label.x, label.y - BASELINE)
            paper.line([label.spot, end], color="#cfc9bc", linewidth=0.6, zorder=1)
        ha = {"start": "left", "middle": "center", "end": "right"}[label.anchor]
        paper.text(label.x, label.y - BASELINE, label.text, ha=ha, zorder=4)
    paper.text(0, canvas.height - 8, plot.y_label, color=GREY)
    paper.text(canvas.rightmost, canvas.height - 8, plot.x_label, ha="right", color=GREY)


def _look(number: int) -> dict[str, Any]:
    """Return marker and colour of a series."""
    return {
        "marker": MARKERS[number],
        "color": COLOURS[number],
        "linestyle": "none",
    }


def _legend(paper: Paper, row: Sequence[tuple[int, str, float]], y: float) -> None:
    for number, name, x in row:
        paper.line([(x + 6, y)], markersize=5, **_look(number))
        paper.text(x + 16, y, name)


def _intervals(placed: PlacedPoint) -> Iterator[tuple[Spot, Spot]]:
    """Draw each interval with a stroke across each end."""
    for start, end in placed.spans:
        yield start, end
        across = (0.0, CAP) if start[1] == end[1] else (CAP, 0.0)
        for x, y in (start, end):
            yield (x - across[0], y - across[1]), (x + across[0], y + across[1])
