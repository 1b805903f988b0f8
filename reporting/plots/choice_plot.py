"""Draw scores against cost for a choice: every candidate small, the frontier as a line, the limit,
and the models that the answer names.

`home.js` draws the same picture for other limits, in the frame that is computed here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from zoo.reporting.text.escape import safe

WIDTH, HEIGHT = 560, 300
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 12, 40
FEW = 100  # candidates: all of so few lie in the frame
LOWEST = 0.02  # the share of more that may lie below it
ROOM = 1.3  # times the dearest candidate
STEPS = (1, 2, 5, 10, 20, 25, 50)
MOST_TICKS = 6
MOST_POWERS = 7
RADIUS = 6
BESIDE = 11  # pixels from a ring to its name
ROOM_LEFT = 0.4  # from this share on there is room for a name on the left
ABOVE = 16  # pixels from a ring to the line of its name
FLIP = 0.62  # from this share of the width on, a name stands left of its ring


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The axes: GMACs from `x0` to `x1` on a logarithmic scale, scores from `y0` to `y1`."""

    x0: float
    x1: float
    y0: float
    y1: float
    x_ticks: tuple[float, ...]
    y_ticks: tuple[float, ...]

    def x(self, value: float) -> float:
        """Return the pixel of a cost."""
        share = math.log(value / self.x0) / math.log(self.x1 / self.x0)
        return LEFT + (WIDTH - LEFT - RIGHT) * share

    def y(self, value: float) -> float:
        """Return the pixel of a score."""
        share = (self.y1 - value) / (self.y1 - self.y0)
        return TOP + (HEIGHT - TOP - BOTTOM) * share


@dataclass(frozen=True, slots=True)
class Ring:
    """A candidate that the answer names; the `strong` one is its subject."""

    name: str
    x: float
    y: float
    strong: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceTexts:
    """The texts of a picture: what it shows, its axes, and the limit."""

    label: str
    x: str
    y: str
    limit: str


Spots = Sequence[tuple[float, float]]


def frame_of(spots: Spots) -> Frame:
    """Return the frame of candidates, each a cost and a score; few outliers lie below it."""
    costs, scores = sorted(x for x, _ in spots), sorted(y for _, y in spots)
    x0, x1 = costs[0] / ROOM, costs[-1] * ROOM
    low = scores[int(len(scores) * LOWEST) if len(scores) > FEW else 0]
    step = next((s for s in STEPS if (scores[-1] - low) / s <= MOST_TICKS - 1), STEPS[-1])
    y0 = math.floor((low - step * 0.1) / step) * step
    y1 = scores[-1] + (scores[-1] - y0) * 0.06
    y_ticks = tuple(float(y0 + step * n) for n in range(int((y1 - y0) / step) + 1))
    return Frame(x0=x0, x1=x1, y0=float(y0), y1=y1, x_ticks=_powers(x0, x1), y_ticks=y_ticks)


def _powers(low: float, high: float) -> tuple[float, ...]:
    """Return round costs for the ticks: powers of ten, in between where there are few."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1,), (1, 3), (1, 2, 5)):
        ticks = [float(f"{m}e{e}") for e in exponents for m in factors]
        inside = tuple(tick for tick in ticks if low <= tick <= high)
        if len(inside) >= 3:
            break
    return inside[:: math.ceil(len(inside) / MOST_POWERS) or 1]


def draw_choice(
    spots: Spots, frame: Frame, limit: float, rings: Sequence[Ring], texts: ChoiceTexts
) -> Markup:
    """Draw the picture; `limit` is the most GMACs, 0 for none."""
    shown = [(x, y) for x, y in spots if y >= frame.y0]
    subject = next((ring for ring in rings if ring.strong), None)
    return Markup(
        "".join(
            (
                f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
                f'aria-label="{safe(texts.label)}">',
                _axes(frame, texts),
                _limit(frame, limit, texts.limit),
                _dots(frame, shown),
                _frontier(frame, shown),
                *(
                    _ring(frame, ring, _drop(frame, ring, subject))
                    for ring in rings
                    if ring.y >= frame.y0
                ),
                "</svg>",
            )
        )
    )


def _axes(frame: Frame, texts: ChoiceTexts) -> str:
    bottom = HEIGHT - BOTTOM
    rows = [
        f'<path class="grid" d="M{LEFT} {frame.y(tick):.1f}H{WIDTH - RIGHT}"/>'
        f'<text class="faint" x="{LEFT - 8}" y="{frame.y(tick) + 4:.1f}" text-anchor="end">'
        f"{tick:g}</text>"
        for tick in frame.y_ticks
    ]
    columns = [
        f'<text class="faint" x="{frame.x(tick):.1f}" y="{bottom + 18}" text-anchor="middle">'
        f"{tick:g}</text>"
        for tick in frame.x_ticks
    ]
    names = (
        f'<text class="faint" x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" text-anchor="end">'
        f'{safe(texts.x)}</text><text class="faint" x="0" y="{HEIGHT - 4}">{safe(texts.y)}</text>'
    )
    return "".join((*rows, *columns, names))


def _limit(frame: Frame, limit: float, text: str) -> str:
    """Draw the limit, and shade what is over it."""
    if not frame.x0 < limit < frame.x1:
        return ""
    x, bottom = frame.x(limit), HEIGHT - BOTTOM
    left = x > WIDTH * FLIP
    anchor = ' text-anchor="end"' if left else ""
    return (
        f'<rect class="over" x="{x:.1f}" y="{TOP}" width="{WIDTH - RIGHT - x:.1f}" '
        f'height="{bottom - TOP}"/><path class="limit" d="M{x:.1f} {TOP}V{bottom}"/>'
        f'<text class="halo" x="{x + (-6 if left else 6):.1f}" y="{bottom - 8}"{anchor}>'
        f"{safe(text)}</text>"
    )


def _dots(frame: Frame, spots: Spots) -> str:
    dots = dict.fromkeys(f"M{frame.x(x):.1f} {frame.y(y):.1f}h0" for x, y in spots)
    name = "dots" if len(spots) > FEW else "dots few"
    return f'<path class="{name}" d="{"".join(dots)}"/>'


def _frontier(frame: Frame, spots: Spots) -> str:
    """Draw the best score that each cost buys."""
    corners, top = "", -math.inf
    for x, y in sorted(spots, key=lambda spot: (spot[0], -spot[1])):
        if y > top:
            top = y
            lead = f"H{frame.x(x):.1f}V" if corners else f"M{frame.x(x):.1f} "
            corners += f"{lead}{frame.y(y):.1f}"
    return f'<path class="front" d="{corners}"/>'


def _drop(frame: Frame, ring: Ring, subject: Ring | None) -> int:
    """Return how far below its ring a name stands: that of the subject below, others above where
    the name of the subject is not."""
    meets = subject and abs(frame.y(ring.y) - frame.y(subject.y) - 2 * ABOVE) < ABOVE
    return ABOVE if ring.strong or meets else -ABOVE


def _ring(frame: Frame, ring: Ring, below: int) -> str:
    x, y = frame.x(ring.x), frame.y(ring.y)
    left = x > WIDTH * (FLIP if ring.strong else ROOM_LEFT)
    anchor, shift = ("end", -BESIDE) if left else ("start", BESIDE)
    name = "halo strong" if ring.strong else "halo"
    return (
        f'<circle class="ring" cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS}"/>'
        f'<text class="{name}" x="{x + shift:.1f}" '
        f'y="{y + below:.1f}" text-anchor="{anchor}">{safe(ring.name)}</text>'
    )
