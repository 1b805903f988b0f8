"""Place the names of points: beside their point, on no other point, name or edge.

A greedy search: for each point, the places around it are tried from near to far, and the first that
is free wins. A point without a free place gets no name, unless it must have one. The same points
give the same places.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

CHARACTER, LINE = 6.7, 14  # units that a name takes, a character and a line
MARKER = 5.5  # half the width of a point
BASELINE = 4  # from the middle of a line down
RADII = (8, 13, 20, 29)
ANGLES = (0, 180, 90, 270, 45, 135, 315, 225)
UNIT = tuple((math.cos(math.radians(a)), -math.sin(math.radians(a))) for a in ANGLES)
# Directions, and whether a name stands right of its point (1), left (-1), or above or below (0).
WAYS = tuple((dx, dy, (dx > 0.1) - (dx < -0.1)) for dx, dy in UNIT)
FAR = RADII[1]  # names further away are joined to their point by a line

Spot = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom


class Label(NamedTuple):
    """The name of a point: the baseline of its `anchor` (`start`, `middle`, `end`), and whether a
    line joins it to the point."""

    spot: Spot
    text: str
    x: float
    y: float
    anchor: str = "middle"
    is_far: bool = False


class Wish(NamedTuple):
    """A name that a point should have; one that `must` be placed may cover others."""

    spot: Spot
    text: str
    must: bool = False


def place(wishes: Sequence[Wish], obstacles: Iterable[Box], bounds: Box) -> list[Label]:
    """Return the names that have a place, the first wishes first; `obstacles` are the boxes of
    points and lines, those without an area excepted, `bounds` is the area of the plot."""
    taken = list(obstacles)
    distinct = [box for box in dict.fromkeys(taken) if box[0] < box[2] and box[1] < box[3]]
    labels = []
    without: set[tuple[Spot, int]] = set()  # boxes only grow more: a second such name has no place
    for wish in wishes:
        alike = wish.spot, len(wish.text)
        if alike in without and not wish.must:
            continue
        if nearest := _least(wish, taken, bounds) if wish.must else _free(wish, distinct, bounds):
            label, box = nearest
            labels.append(label)
            taken.append(box)
            distinct.append(box)
        else:
            without.add(alike)
    return labels


def around(spot: Spot, half: float = MARKER) -> Box:
    """Return the box of a point."""
    return _box(*spot, half * 2, half * 2)


class Placement(NamedTuple):
    """A place of a name: its middle and its box, the direction and distance from the point."""

    x: float
    y: float
    box: Box
    side: int
    radius: int


def _free(wish: Wish, taken: Iterable[Box], bounds: Box) -> tuple[Label, Box] | None:
    """Return the nearest place that touches no other box; None without one."""
    near = _near(wish, taken)
    for placement in _placements(wish, bounds):
        left, top, right, bottom = placement.box
        for a, b, c, d in near:
            if a < right and left < c and b < bottom and top < d:
                break
        else:
            return _label(wish, placement, is_far=placement.radius > FAR), placement.box
    return None


def _least(wish: Wish, taken: Iterable[Box], bounds: Box) -> tuple[Label, Box] | None:
    """Return the nearest free place, else the least covered; None where all leave the bounds."""
    near = _near(wish, taken)
    least, best = math.inf, None
    for placement in _placements(wish, bounds):
        cost = _covered(placement.box, near, least)
        if cost < least:
            least, best = cost, placement
        if not cost:
            break
    return (_label(wish, best, is_far=False), best.box) if best else None


def _near(wish: Wish, taken: Iterable[Box]) -> list[Box]:
    """Return the boxes that the name may touch at any of its places."""
    width = _width(wish)
    left, top, right, bottom = _box(*wish.spot, 2 * (RADII[-1] + width), 2 * (RADII[-1] + LINE))
    return [t for t in taken if t[0] < right and t[2] > left and t[1] < bottom and t[3] > top]


def _placements(wish: Wish, bounds: Box) -> Iterator[Placement]:
    """Yield the places of a name inside the bounds, from near to far."""
    (left, top, right, bottom), (x0, y0) = bounds, wish.spot
    width = _width(wish)
    for radius in RADII:
        for dx, dy, side in WAYS:
            x = x0 + dx * (radius + width / 2 * abs(dx))
            y = y0 + dy * (radius + LINE / 2 * abs(dy))
            box = x - width / 2, y - LINE / 2, x + width / 2, y + LINE / 2
            if left <= box[0] and top <= box[1] and box[2] <= right and box[3] <= bottom:
                yield Placement(x, y, box, side, radius)


def _width(wish: Wish) -> float:
    return len(wish.text) * CHARACTER + 4


def _label(wish: Wish, place: Placement, *, is_far: bool) -> Label:
    """Return the label of a place by the edge that is next to the point."""
    anchor = {1: "start", 0: "middle", -1: "end"}[place.side]
    x = place.x - place.side * (_width(wish) / 2 - 2)
    return Label(wish.spot, wish.text, x, place.y + BASELINE, anchor, is_far)


def _covered(box: Box, others: Iterable[Box], most: float) -> float:
    """Return the area of a box that others cover, each by itself; where it is at least `most`, no
    more of it is summed."""
    left, top, right, bottom = box
    area = 0.0
    for other_left, other_top, other_right, other_bottom in others:
        if other_left < right and left < other_right and other_top < bottom and top < other_bottom:
            width = min(right, other_right) - max(left, other_left)
            area += width * (min(bottom, other_bottom) - max(top, other_top))
            if area >= most:
                break
    return area


def _box(x: float, y: float, width: float, height: float) -> Box:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2
