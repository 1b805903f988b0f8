"""Draw plots as inline SVG, coloured by the theme's variables so that they follow light and dark.

Points are links that the keyboard skips: the table beside the plot holds the same links and
numbers.
"""

import math
from collections.abc import Callable, Iterator

from markupsafe import Markup

from zoo.reporting.i18n.gettext import _
from zoo.reporting.plots.label_placement import MARKER
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
from zoo.reporting.text.escape import safe

COLOURS = 8
CAP = 9  # pixels to either side of an interval's ends


def _polygon(corners: int, turn: float, size: float = 1.15) -> str:
    angles = [turn + 2 * math.pi * n / corners for n in range(corners)]
    return (
        "M"
        + "L".join(
            f"{MARKER * size * math.sin(a):.1f} {-MARKER * size * math.cos(a):.1f}" for a in angles
        )
        + "Z"
    )


def _star(points: int) -> str:
    spokes = []
    for n in range(points * 2):
        radius, angle = MARKER * (1.35 if n % 2 == 0 else 0.6), math.pi * n / points
        spokes.append(f"{radius * math.sin(angle):.1f} {-radius * math.cos(angle):.1f}")
    return "M" + "L".join(spokes) + "Z"


R = MARKER * 0.9
MARKERS = (
    f"M{-R} 0a{R} {R} 0 1 0 {2 * R} 0a{R} {R} 0 1 0 {-2 * R} 0Z",  # disc
    _polygon(4, math.pi / 4, 1.2),  # square
    _polygon(3, 0, 1.3),  # triangle
    _polygon(4, 0, 1.3),  # diamond
    _polygon(3, math.pi, 1.3),  # triangle, point down
    _star(5),
    _polygon(6, 0),
    _star(4),
)


def draw(plot: Plot, href: Callable[[str], str]) -> Markup:
    """Draw the plot as one `<svg>`; `href` turns a page's path into an address relative to the
    plot's page."""
    scene = layout(plot)
    parts = [
        f'<svg class="zoo-plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="group" '
        f'aria-label="{safe(plot.title)}" xmlns="http://www.w3.org/2000/svg">',
        *(_no_points() if not plot.points else ()),
        *_grid(scene),
        *_frontier(scene),
        *_lines(scene),
        *_legend(scene),
        *_labels(scene),
        *(_point(placed, plot, href) for placed in scene.placed),
        *(_names(plot) if plot.points else ()),
        "</svg>",
    ]
    return Markup("\n".join(parts))


def _no_points() -> Iterator[str]:
    text = safe(_("No model has both values yet."))
    yield f'<text class="zoo-plot__empty" x="{WIDTH / 2}" y="{HEIGHT / 2}">{text}</text>'


def _grid(scene: PlotLayout) -> Iterator[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for x, text in scene.x_ticks:
        yield f'<path class="zoo-plot__grid" d="M{x:.1f} {TOP}V{bottom}"/>'
        yield f'<text class="zoo-plot__tick" x="{x:.1f}" y="{bottom + 18}">{safe(text)}</text>'
    for y, text in scene.y_ticks:
        yield f'<path class="zoo-plot__grid" d="M{LEFT} {y:.1f}H{right}"/>'
        yield (
            f'<text class="zoo-plot__tick zoo-plot__tick--y" x="{LEFT - 8}" y="{y + 4:.1f}">'
            f"{safe(text)}</text>"
        )


def _frontier(scene: PlotLayout) -> Iterator[str]:
    if len(scene.frontier) > 1:
        corners = "L".join(f"{x:.1f} {y:.1f}" for x, y in scene.frontier)
        yield f'<path class="zoo-plot__frontier" d="M{corners}"/>'


def _lines(scene: PlotLayout) -> Iterator[str]:
    for series, spots in scene.lines:
        corners = "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
        colour = f"zoo-s{series % COLOURS}"
        yield f'<path class="zoo-plot__line {colour}" data-series="{series}" d="M{corners}"/>'


def _legend(scene: PlotLayout) -> Iterator[str]:
    """Draw the legend above the plot: the series of each shape, and the Pareto frontier."""
    if not scene.placed:
        return
    x = LEFT + 8.0
    for number, name in scene.plot.series if scene.plot.look.legend else ():
        yield (
            f'<g data-series="{number}"><g transform="translate({x:.1f} {HEADING})">'
            f"{_marker(number)}</g>"
        )
        yield (
            f'<text class="zoo-plot__legend" x="{x + 12:.1f}" y="{HEADING + 4}">'
            f"{safe(name)}</text></g>"
        )
        x += 12 + len(name) * 7.2 + 26
    if scene.plot.look.frontier:
        yield f'<path class="zoo-plot__frontier" d="M{x:.1f} {HEADING}h22"/>'
        text = safe(_("Pareto frontier, ringed"))
        yield f'<text class="zoo-plot__legend" x="{x + 28:.1f}" y="{HEADING + 4}">{text}</text>'


def _labels(scene: PlotLayout) -> Iterator[str]:
    drawn = [placed for placed in scene.placed if placed.labelled]
    for placed in drawn:
        if placed.leader:
            yield (
                f'<path class="zoo-plot__leader" d="M{placed.x:.1f} {placed.y:.1f}'
                f'L{placed.label_x:.1f} {placed.label_y:.1f}"/>'
            )
    for placed in drawn:
        yield (
            f'<text class="zoo-plot__label" data-series="{placed.point.series}" '
            f'x="{placed.label_x:.1f}" y="{placed.label_y + 4:.1f}">'
            f"{safe(placed.text)}</text>"
        )


def _marker(series: int) -> str:
    shape = MARKERS[series % len(MARKERS)]
    return f'<path class="zoo-plot__marker zoo-c{series % COLOURS}" d="{shape}"/>'


def _point(placed: PlacedPoint, plot: Plot, href: Callable[[str], str]) -> str:
    point = placed.point
    ring = f'<circle class="zoo-plot__ring" r="{MARKER + 4}"/>' if placed.best else ""
    return (
        f'<a href="{safe(href(point.page))}" tabindex="-1" data-label="{safe(point.label)}" '
        f'data-series="{point.series}">'
        f'<g transform="translate({placed.x:.1f} {placed.y:.1f})">'
        f"<title>{safe(note(placed, plot))}</title>"
        f"{_intervals(placed)}{ring}{_marker(point.series)}</g></a>"
    )


def note(placed: PlacedPoint, plot: Plot) -> str:
    """Describe a point in words, for its tooltip."""
    point, look = placed.point, plot.look
    y = f"{point.y:g}" if look.y_unit == "%" else look.show_y(point.y)
    spans = [
        f" ({show(span[0])} – {show(span[1])})" if span else ""
        for span, show in ((point.x_span, look.show_x), (point.y_span, look.show_y))
    ]
    best = f", {_('on the Pareto frontier')}" if placed.best else ""
    x = f"{look.show_x(point.x)}{look.x_unit}{spans[0]}"
    return f"{point.label}: {x}, {y}{look.y_unit}{spans[1]}{best}"


def _intervals(placed: PlacedPoint) -> str:
    """Draw intervals as lines with a stroke across each end, wider than the marker, so that short
    ones show too."""
    drawn = []
    for (x1, y1), (x2, y2) in placed.spans:
        x1, x2, y1, y2 = x1 - placed.x, x2 - placed.x, y1 - placed.y, y2 - placed.y
        caps = f"M{x1:.1f} {-CAP}v{2 * CAP}M{x2:.1f} {-CAP}v{2 * CAP}" if y1 == y2 else ""
        caps = caps or f"M{-CAP} {y1:.1f}h{2 * CAP}M{-CAP} {y2:.1f}h{2 * CAP}"
        drawn.append(
            f'<path class="zoo-plot__interval" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}{caps}"/>'
        )
    return "".join(drawn)


def _names(plot: Plot) -> Iterator[str]:
    middle = (TOP + HEIGHT - BOTTOM) / 2
    x = (LEFT + WIDTH - RIGHT) / 2
    turn = f"translate(16 {middle}) rotate(-90)"
    yield f'<text class="zoo-plot__axis" x="{x}" y="{HEIGHT - 12}">{safe(plot.x_label)}</text>'
    yield f'<text class="zoo-plot__axis" transform="{turn}">{safe(plot.y_label)}</text>'
