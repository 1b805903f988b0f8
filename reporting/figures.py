"""Plots as files for papers and slides: PNG and SVG by matplotlib, the same bytes for the same data.

matplotlib takes a second to import, so it is imported only when a figure has to be drawn; `digest` tells
whether it has.
"""

import hashlib
import io
from importlib.metadata import version
from typing import TYPE_CHECKING

from reporting.plots import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Layout, Plot, layout

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOOK = 1  # part of every digest: raise it when the same data is drawn differently
DPI = 100  # pixels of the layout to the inch
PNG_DPI = 200
COLOURS = ("#3f51b5", "#c2410c", "#0f766e", "#a21caf", "#4d7c0f", "#b91c1c", "#0369a1", "#57534e")
MARKERS = ("o", "s", "^", "D", "v", "*", "h", "P")
FORMATS = ("png", "svg")


def digest(plot: Plot) -> str:
    """A hash of all that decides the bytes of a figure."""
    return hashlib.sha256(f"{LOOK} {version('matplotlib')} {plot!r}".encode("utf-8", "replace")).hexdigest()[:16]


def draw(plot: Plot) -> dict[str, bytes]:
    """The plot's files by format."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    style = {"svg.hashsalt": "zoo", "svg.fonttype": "none", "font.size": 8.5, "text.parse_math": False}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI)
        # Axes in pixels from the top left, so that what `layout` placed stands where it put it.
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        axes.axis("off")
        _paint(axes, layout(plot))
        files = {}
        for name, canvas in (("png", FigureCanvasAgg), ("svg", FigureCanvasSVG)):
            out = io.BytesIO()
            kept = {"Date": None, "Creator": None} if name == "svg" else {"Software": None}
            canvas(figure).print_figure(out, format=name, dpi=PNG_DPI if name == "png" else 72, metadata=kept)
            files[name] = out.getvalue()
    return files


def _paint(axes: "Axes", made: Layout) -> None:
    plot, bottom, right = made.plot, HEIGHT - BOTTOM, WIDTH - RIGHT
    axes.text(WIDTH / 2, 14, plot.title, ha="center", va="center", fontsize=10)
    if not plot.points:
        axes.text(WIDTH / 2, HEIGHT / 2, "No model has both values yet.", ha="center")
        return
    for x, text in made.x_ticks:
        axes.plot((x, x), (TOP, bottom), color="#dddddd", linewidth=0.6, zorder=0)
        axes.text(x, bottom + 15, text, ha="center", va="center")
    for y, text in made.y_ticks:
        axes.plot((LEFT, right), (y, y), color="#dddddd", linewidth=0.6, zorder=0)
        axes.text(LEFT - 8, y, text, ha="right", va="center")
    axes.plot(*zip(*made.frontier, strict=True), color="#555555", linestyle="--", linewidth=1, zorder=1)
    for number in dict.fromkeys(p.point.series for p in made.placed):
        _series(axes, made, number)
    _labels(axes, made)
    axes.text((LEFT + right) / 2, HEIGHT - 16, plot.x_label, ha="center", va="center")
    axes.text(16, (TOP + bottom) / 2, plot.y_label, rotation=90, ha="center", va="center")


def _series(axes: "Axes", made: Layout, number: int) -> None:
    points = [p for p in made.placed if p.point.series == number]
    look = {"marker": MARKERS[number % len(MARKERS)], "color": COLOURS[number % len(COLOURS)], "linestyle": "none"}
    axes.plot([p.x for p in points], [p.y for p in points], markersize=6, zorder=3, **look)
    best = [p for p in points if p.best]
    ring = {"marker": "o", "linestyle": "none", "markerfacecolor": "none", "markeredgecolor": "#555555"}
    axes.plot([p.x for p in best], [p.y for p in best], markersize=11, zorder=2, **ring)


def _labels(axes: "Axes", made: Layout) -> None:
    for placed in made.placed:
        if placed.leader:
            line = (placed.x, placed.label_x), (placed.y, placed.label_y)
            axes.plot(*line, color="#999999", linewidth=0.6, zorder=1)
        halo = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.4}
        axes.text(placed.label_x, placed.label_y, placed.text, ha="center", va="center", zorder=4, bbox=halo)
