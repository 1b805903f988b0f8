"""Choose the scale and the ticks of an axis from the values that are drawn alone."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zoo.model_index.quantities.show import human

LOGARITHMIC = 12  # from this ratio of largest to smallest on, an axis may be logarithmic
TICK = 54  # units that a tick of an axis takes, beside each other
LINE = 34  # and above each other


@dataclass(frozen=True, slots=True)
class Axis:
    """The function from a value to its pixel, and the values that have a tick."""

    pixel: Callable[[float], float]
    ticks: tuple[float, ...]


def logarithmic_axis(values: Sequence[float], start: float, end: float) -> Axis:
    """Return an axis of positive values; it is linear where they are near each other."""
    low, high = min(values), max(values)
    if low <= 0 or high / low < LOGARITHMIC / 4:
        return linear_axis(values, start, end)
    low, high = low / 1.15, high * 1.15
    return Axis(_logarithms(low, high, start, end), tuple(_powers(low, high, abs(end - start))))


def linear_axis(values: Sequence[float], start: float, end: float, *, zero: bool = False) -> Axis:
    """Return an axis of round numbers around the values; from zero on where `zero` asks for it."""
    low, high = (0.0 if zero else min(values)), max(values)
    ticks = _steps(low, high, abs(end - start) / (LINE if end < start else TICK))
    room = ((high - low) or abs(high) or 1.0) * 0.08
    low, high = (0.0 if zero else low - room), high + room
    return Axis(_line(low, high, start, end), tuple(t for t in ticks if low <= t <= high))


def value_axis(values: Sequence[float], start: float, end: float) -> Axis:
    """Return a logarithmic axis whose only ticks are the values: batch sizes."""
    low, high = min(values) / 1.2, max(values) * 1.3
    return Axis(_logarithms(low, high, start, end), tuple(values))


def tick_text(value: float) -> str:
    """Format the number of a tick without padding: `500 M`, `2.5 G`, `0.02`."""
    if abs(value) < 1000:
        return f"{value:g}"
    number, _, letter = human(value).partition(" ")
    return f"{number.rstrip('0').rstrip('.') if letter else number} {letter}".strip()


def _powers(low: float, high: float, length: float) -> list[float]:
    """Return round numbers between two values, as many as have room, two at least if there are."""
    choices = [
        [m * 10.0**e for e in range(-6, 31) for m in multiples if low <= m * 10.0**e <= high]
        for multiples in ((1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,))
    ]
    fitting = [ticks for ticks in choices if 2 <= len(ticks) <= max(3.0, length / TICK)]
    return max(fitting, key=len, default=choices[1])


def _steps(low: float, high: float, most: float) -> list[float]:
    """Return round numbers from below the lowest value to above the highest."""
    span = (high - low) or abs(high) or 1.0
    rough = span / max(2.0, min(6.0, most))
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough)
    first, last = math.floor(low / step) - 1, math.ceil(high / step) + 1
    return [round(n * step, 10) for n in range(first, last + 1)]


def _logarithms(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    scale = _line(math.log(low), math.log(high), start, end)
    return lambda value: scale(math.log(value))


def _line(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    return lambda value: start + (value - low) / ((high - low) or 1) * (end - start)
