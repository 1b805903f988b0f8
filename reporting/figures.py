"""Plots as files for papers and slides: PNG and SVG by matplotlib, the same bytes for the same data.

matplotlib takes a second to import, so it is imported only when a figure has to be drawn; `digest` tells
whether it has.
"""

import hashlib
import io
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from reporting.labels import CHARACTER
from reporting.plots import BOTTOM, HEADING, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Layout, Plot, layout

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOOK = 2  # part of every digest: raise it when the same data is drawn differently
DPI = 100  # pixels of the layout to the inch
PNG_DPI = 150
HEADROOM = 26  # above the layout, for the title that the page has in its caption
COLOURS = ("#3f51b5", "#c2410c", "#0f766e", "#a21caf", "#4d7c0f", "#b91c1c", "#0369a1", "#57534e")
MARKERS = ("o", "s", "^", "D", "v", "*", "h", "P")
FORMATS = ("png", "svg")


def digest(plot: Plot) -> str:
    """A hash of all that decides the bytes of a figure."""
    decides = f"{LOOK} {_matplotlib()} {(WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM)} {layout(plot)!r}"
    return hashlib.sha256(decides.encode("utf-8", "replace")).hexdigest()[:16]


@cache
def _matplotlib() -> str:
    return version("matplotlib")


def draw(plot: Plot) -> dict[str, bytes]:
    """The plot's files by format."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    style: dict[Any, Any] = {"svg.hashsalt": "zoo", "svg.fonttype": "none", "font.size": 8.5, "text.parse_math": False}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(WIDTH / DPI, (HEIGHT + HEADROOM) / DPI), dpi=DPI)
        # Axes in pixels from the top left, so that what `layout` placed stands where it put it.
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(HEIGHT, -HEADROOM))
        axes.axis("off")
        _paint(axes, layout(plot))
        files = {}
        png: dict[str, Any] = {"dpi": PNG_DPI, "metadata": {"Software": None}, "pil_kwargs": {"compress_level": 3}}
        for name, canvas, options in (
            ("png", FigureCanvasAgg, png),
            ("svg", FigureCanvasSVG, {"dpi": 72, "metadata": {"Date": None, "Creator": None}}),
        ):
            out = io.BytesIO()
            canvas(figure).print_figure(out, format=name, **options)
            files[name] = out.getvalue()
    return files


def _paint(axes: "Axes", made: Layout) -> None:
    plot, bottom, right = made.plot, HEIGHT - BOTTOM, WIDTH - RIGHT
    axes.text(WIDTH / 2, -HEADROOM / 2, plot.title, ha="center", va="center", fontsize=10)
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
    for number, _ in plot.series:
        _series(axes, made, number)
    _legend(axes, plot)
    _labels(axes, made)
    axes.text((LEFT + right) / 2, HEIGHT - 16, plot.x_label, ha="center", va="center")
    axes.text(16, (TOP + bottom) / 2, plot.y_label, rotation=90, ha="center", va="center")


def _look(number: int) -> dict[str, Any]:
    """Marker and colour of a series."""
    return {"marker": MARKERS[number % len(MARKERS)], "color": COLOURS[number % len(COLOURS)], "linestyle": "none"}


def _series(axes: "Axes", made: Layout, number: int) -> None:
    points = [p for p in made.placed if p.point.series == number]
    axes.plot([p.x for p in points], [p.y for p in points], markersize=6, zorder=3, **_look(number))
    best = [p for p in points if p.best]
    ring: dict[str, Any] = {"marker": "o", "linestyle": "none", "markerfacecolor": "none", "markeredgecolor": "#555555"}
    axes.plot([p.x for p in best], [p.y for p in best], markersize=11, zorder=2, **ring)


def _legend(axes: "Axes", plot: Plot) -> None:
    x = LEFT + 8.0
    for number, name in plot.series:
        axes.plot(x, HEADING, markersize=6, **_look(number))
        axes.text(x + 10, HEADING, name, va="center")
        x += 32 + len(name) * CHARACTER
    axes.plot((x, x + 22), (HEADING, HEADING), color="#555555", linestyle="--", linewidth=1)
    axes.text(x + 28, HEADING, "Pareto frontier, ringed", va="center")


def _labels(axes: "Axes", made: Layout) -> None:
    for placed in (p for p in made.placed if p.labelled):
        if placed.leader:
            line = (placed.x, placed.label_x), (placed.y, placed.label_y)
            axes.plot(*line, color="#999999", linewidth=0.6, zorder=1)
        axes.text(placed.label_x, placed.label_y, placed.text, ha="center", va="center", zorder=4)
