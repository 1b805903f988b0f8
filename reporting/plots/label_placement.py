"""Place the labels of a plot's points: near their point, on nothing else, and away from other
points.

A greedy search: for each point, the places around it are tried from near to far, and the one that
covers least wins. It is quick, always ends, and gives the same places for the same points.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

CHARACTER, LINE = 6.9, 15  # pixels a label takes, a character and a line
MARKER = 6  # half the width of a marker
CLEARANCE = 30  # pixels around a marker that other points' labels should leave free
RADII = (14, 22, 34, 48, 64, 82)
ANGLES = (0, 180, 90, 270, 45, 135, 225, 315, 20, 160, 200, 340)
WAYS = tuple(
    (rank, math.cos(math.radians(a)), -math.sin(math.radians(a))) for rank, a in enumerate(ANGLES)
)

Spot = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom


def place(
    spots: Sequence[Spot], texts: Sequence[str], corners: Sequence[Spot], bounds: Box
) -> list[tuple[float, float, bool]]:
    """Return for each point the centre of its label and whether it needs a line; crowded points
    choose first.

    A label must not cover a marker or another label, and should keep off the frontier and away from
    markers that it could be taken to name. `corners` are the frontier's, `bounds` the plot's area.
    """
    markers = [_box(x, y, MARKER * 2 + 2, MARKER * 2 + 2) for x, y in spots]
    lines = [_line(a, b) for a, b in pairwise(corners)]
    near = [_box(x, y, CLEARANCE, CLEARANCE) for x, y in spots]
    order = sorted(
        range(len(spots)), key=lambda i: -sum(math.dist(spots[i], spot_) < 50 for spot_ in spots)
    )
    taken: list[Box] = []
    result: dict[int, tuple[float, float, bool]] = {}
    for i in order:
        width = len(texts[i]) * CHARACTER + 4
        left, top, right, bottom = _box(*spots[i], 2 * (RADII[-1] + width), 2 * (RADII[-1] + LINE))
        hard, soft = (
            [
                (a, b, c, d)
                for a, b, c, d in boxes
                if a < right and c > left and b < bottom and d > top
            ]
            for boxes in ((*markers, *taken), (*lines, *near[:i], *near[i + 1 :]))
        )
        spot, box = _cheapest(spots[i], width, hard, soft, bounds)
        taken.append(box)
        result[i] = spot
    return [result[i] for i in range(len(spots))]


def _cheapest(
    spot: Spot, width: float, hard: Sequence[Box], soft: Sequence[Box], bounds: Box
) -> tuple[tuple[float, float, bool], Box]:
    """Return the best place around a point, by covered area, then closeness, then distance."""
    least, best = math.inf, ((*spot, False), _box(*spot, width, LINE))
    for radius in RADII:
        if least <= radius * 10:  # nothing further out can cost less
            break
        for rank, dx, dy in WAYS:
            start = radius * 10 + rank
            if start >= least:
                break
            x = spot[0] + dx * (radius + width / 2 * abs(dx))
            y = spot[1] + dy * (radius + LINE / 2 * abs(dy))
            box = _box(x, y, width, LINE)
            cost = _cost(box, hard, soft, _outside(box, bounds) * 1000 + start, least)
            if cost < least:
                least, best = cost, ((x, y, radius > RADII[1]), box)
    return best


def _cost(box: Box, hard: Sequence[Box], soft: Sequence[Box], start: float, least: float) -> float:
    """Return the cost of a place; the sum stops once it reaches the lowest cost."""
    left, top, right, bottom = box
    cost = start
    if cost >= least:
        return cost
    for others, price in ((hard, 1000), (soft, 5)):
        for a, b, c, d in others:
            if a < right and c > left and b < bottom and d > top:
                cost += (min(right, c) - max(left, a)) * (min(bottom, d) - max(top, b)) * price
                if cost >= least:
                    return cost
    return cost


def _line(a: Spot, b: Spot) -> Box:
    return min(a[0], b[0]) - 1, min(a[1], b[1]) - 1, max(a[0], b[0]) + 1, max(a[1], b[1]) + 1


def _box(x: float, y: float, width: float, height: float) -> Box:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _outside(box: Box, bounds: Box) -> float:
    left, top, right, bottom = box
    if left >= bounds[0] and top >= bounds[1] and right <= bounds[2] and bottom <= bounds[3]:
        return 0.0
    over = (bounds[0] - left, bounds[1] - top, right - bounds[2], bottom - bounds[3])
    return sum(max(0, part) for part in over) * LINE
