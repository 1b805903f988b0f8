"""The shapes of points: each series of a plot has a colour and a shape of its own.

The colours are the site's tokens `--c1` to `--c6`; points of no series are grey dots.
"""

from collections.abc import Iterable

from zoo.reporting.plots.point_names import Spot

SERIES = 6
OTHERS = SERIES  # the series of points that no colour is left for, or that stand for comparison
COLOURS = (*(f"var(--c{number})" for number in range(1, SERIES + 1)), "var(--dot)")
# From the middle of a point: disc, triangle, square, diamond, triangle that points down, cross.
SHAPES = (
    "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "m0-5l5 9h-10z",
    "m-4-4h8v8h-8z",
    "m0-5.5l5 5.5-5 5.5-5-5.5z",
    "m0 5l5-9h-10z",
    "m-1.7-5h3.4v3.3h3.3v3.4h-3.3v3.3h-3.4v-3.3h-3.3v-3.4h3.3z",
)
DOT = f'stroke="{COLOURS[OTHERS]}" stroke-width="5" stroke-linecap="round"'


def mark(series: int, places: Iterable[str], *, title: str = "") -> str:
    """Draw the points of a series, whose places come from `where`, as one path; those of no series
    as dots of few bytes."""
    shape = "h0" if series == OTHERS else SHAPES[series]
    style = DOT if series == OTHERS else f'fill="{COLOURS[series]}"'
    path = f'<path {style} d="M{f"{shape}M".join(places)}{shape}"'
    return f"{path}>{title}</path>" if title else f"{path}/>"


def where(spot: Spot) -> str:
    """Print a spot as paths have it: `48 12.5`."""
    return f"{short(spot[0])} {short(spot[1])}"


def short(number: float) -> str:
    """Print a pixel with one decimal at most: `48`, `48.5`."""
    return f"{number:.1f}".removesuffix(".0")
