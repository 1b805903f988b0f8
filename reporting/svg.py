"""Plots as inline SVG, coloured by the theme's variables so that they follow light and dark.

Points are links that the keyboard skips: the table beside the plot holds the same links and numbers.
"""

import math
from collections.abc import Callable, Iterator

from markupsafe import Markup

from reporting.labels import MARKER
from reporting.plots import BOTTOM, HEADING, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Layout, Placed, Plot, layout
from reporting.text import human, safe

COLOURS = 8


def _polygon(corners: int, turn: float, size: float = 1.15) -> str:
    angles = [turn + 2 * math.pi * n / corners for n in range(corners)]
    return "M" + "L".join(f"{MARKER * size * math.sin(a):.1f} {-MARKER * size * math.cos(a):.1f}" for a in angles) + "Z"


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
    """The plot as one `<svg>`; `href` turns a page's path into an address from where the plot stands."""
    made = layout(plot)
    parts = [
        f'<svg class="zoo-plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{safe(plot.title)}" '
        f'xmlns="http://www.w3.org/2000/svg">',
        *(_empty() if not plot.points else ()),
        *(part for part in (*_grid(made), *_frontier(made), *_legend(made), *_labels(made))),
        *(_point(placed, plot, href) for placed in made.placed),
        *(_names(plot) if plot.points else ()),
        "</svg>",
    ]
    return Markup("\n".join(parts))


def _empty() -> Iterator[str]:
    yield f'<text class="zoo-plot__empty" x="{WIDTH / 2}" y="{HEIGHT / 2}">No model has both values yet.</text>'


def _grid(made: Layout) -> Iterator[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for x, text in made.x_ticks:
        yield f'<path class="zoo-plot__grid" d="M{x:.1f} {TOP}V{bottom}"/>'
        yield f'<text class="zoo-plot__tick" x="{x:.1f}" y="{bottom + 18}">{safe(text)}</text>'
    for y, text in made.y_ticks:
        yield f'<path class="zoo-plot__grid" d="M{LEFT} {y:.1f}H{right}"/>'
        yield f'<text class="zoo-plot__tick zoo-plot__tick--y" x="{LEFT - 8}" y="{y + 4:.1f}">{safe(text)}</text>'


def _frontier(made: Layout) -> Iterator[str]:
    if len(made.frontier) > 1:
        corners = "L".join(f"{x:.1f} {y:.1f}" for x, y in made.frontier)
        yield f'<path class="zoo-plot__frontier" d="M{corners}"/>'


def _legend(made: Layout) -> Iterator[str]:
    """Above the plot: what the shapes are, and what ring and line mean."""
    if not made.placed:
        return
    x = LEFT + 8.0
    for number, name in made.plot.series:
        yield f'<g transform="translate({x:.1f} {HEADING})">{_marker(number)}</g>'
        yield f'<text class="zoo-plot__legend" x="{x + 12:.1f}" y="{HEADING + 4}">{safe(name)}</text>'
        x += 12 + len(name) * 7.2 + 26
    yield f'<path class="zoo-plot__frontier" d="M{x:.1f} {HEADING}h22"/>'
    yield f'<text class="zoo-plot__legend" x="{x + 28:.1f}" y="{HEADING + 4}">Pareto frontier, ringed</text>'


def _labels(made: Layout) -> Iterator[str]:
    drawn = [placed for placed in made.placed if placed.labelled]
    for placed in drawn:
        if placed.leader:
            yield (
                f'<path class="zoo-plot__leader" d="M{placed.x:.1f} {placed.y:.1f}'
                f'L{placed.label_x:.1f} {placed.label_y:.1f}"/>'
            )
    for placed in drawn:
        yield (
            f'<text class="zoo-plot__label" x="{placed.label_x:.1f}" y="{placed.label_y + 4:.1f}">'
            f"{safe(placed.text)}</text>"
        )


def _marker(series: int) -> str:
    return f'<path class="zoo-plot__marker zoo-c{series % COLOURS}" d="{MARKERS[series % len(MARKERS)]}"/>'


def _point(placed: Placed, plot: Plot, href: Callable[[str], str]) -> str:
    point = placed.point
    ring = f'<circle class="zoo-plot__ring" r="{MARKER + 4}"/>' if placed.best else ""
    note = f"{point.label}: {human(point.x)}, {point.y:g}%{', on the Pareto frontier' if placed.best else ''}"
    return (
        f'<a href="{safe(href(point.page))}" tabindex="-1" data-label="{safe(point.label)}">'
        f'<g transform="translate({placed.x:.1f} {placed.y:.1f})"><title>{safe(note)}</title>'
        f"{ring}{_marker(point.series)}</g></a>"
    )


def _names(plot: Plot) -> Iterator[str]:
    middle = (TOP + HEIGHT - BOTTOM) / 2
    yield f'<text class="zoo-plot__axis" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 12}">{safe(plot.x_label)}</text>'
    yield f'<text class="zoo-plot__axis" transform="translate(16 {middle}) rotate(-90)">{safe(plot.y_label)}</text>'
