"""Find slips of the decimal point by comparing a model with its family.

FLOPs per parameter hardly vary within a family, so a number that is ten times too small or two
numbers that changed places stand out. One is reported only where undoing exactly such a slip brings
the model back to the family's median: an unusual model is no error.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import log10, prod
from statistics import median

from zoo.model_index.quantities.value import Size
from zoo.model_index.records.records import Claim

FAMILY = 3  # with fewer models nothing says which of them is off
SPREAD = 0.25  # decades: an undone slip must land this near to the family's median
ALIKE = 0.5  # decades: half of the other models must lie this near to their median
TIMES = {1: "ten", 2: "a hundred", 3: "a thousand", 6: "a million", 9: "a billion"}


@dataclass(frozen=True, slots=True)
class Rate:
    """FLOPs per parameter and per pixel of one model, both as log10."""

    flops: Claim
    parameters: Claim
    value: float
    pixels: float | None


def rate_of(flops: Claim | None, parameters: Claim | None, size: Size | None) -> Rate | None:
    """Return the rate of one model on images of this size; None where a number it needs is absent
    or not positive."""
    if flops is None or parameters is None or flops.number <= 0 or parameters.number <= 0:
        return None
    pixels = log10(prod(size)) if size else None
    return Rate(flops, parameters, log10(flops.number / parameters.number), pixels)


def print_claim(claim: Claim) -> str:
    """Print a claim as messages show it: `FLOPs 15,003,675,112`."""
    return f"{claim.row.label} {claim.row.show(claim.value)}"


def find_slips(rates: list[Rate]) -> Iterator[tuple[Claim, str]]:
    """Yield the claims of one family and publisher that a slip explains, each with a message."""
    if len(rates) < FAMILY:
        return
    usual = median(rate.value for rate in rates)
    pixels = median([rate.pixels for rate in rates if rate.pixels is not None] or [0.0])
    for rate in rates:
        larger = 0.0 if rate.pixels is None else rate.pixels - pixels
        off = rate.value - usual
        if abs(off) < 1 - SPREAD or abs(off - larger) < 0.5:  # the larger image explains the second
            continue
        if not _are_alike([other.value for other in rates if other is not rate]):
            continue
        per = f"(FLOPs per parameter {_short(rate.value)}, family median {_short(usual)})"
        if hit := _slip(rate, rates, usual):
            yield hit[0], f"{hit[1]} {per}"


def _are_alike(values: list[float]) -> bool:
    """Tell whether a family's rates are alike: detectors with one name and several backbones are
    not."""
    usual = median(values)
    return median(abs(value - usual) for value in values) <= ALIKE


def _slip(rate: Rate, rates: list[Rate], usual: float) -> tuple[Claim, str] | None:
    # Either the numbers changed places, or their digits did while the units, G and M, stayed.
    swapped = min(abs(-rate.value - usual), abs(6 - rate.value - usual))
    off = rate.value - usual
    power = round(off)
    if swapped <= SPREAD and swapped < abs(off - power):
        return (
            rate.flops,
            f"{print_claim(rate.flops)} and {print_claim(rate.parameters)}: swapped, "
            "as its siblings suggest",
        )
    if power and abs(off - power) <= SPREAD:
        claim, direction = _culprit(rate, rates, power)
        times = TIMES.get(abs(power), f"10^{abs(power)}")
        return claim, f"{print_claim(claim)}: {times} times {direction} what its siblings suggest"
    if rate.value < 0 < usual:
        return (
            rate.flops,
            f"{print_claim(rate.flops)}: fewer than {print_claim(rate.parameters)}, "
            "unlike its siblings",
        )
    return None


def _culprit(rate: Rate, rates: list[Rate], power: int) -> tuple[Claim, str]:
    """Return which of the two numbers is off, and in which direction: the one farther from its
    siblings."""
    sign = 1 if power > 0 else -1
    flops = sign * (log10(rate.flops.number) - median(log10(r.flops.number) for r in rates))
    parameters = sign * (
        median(log10(r.parameters.number) for r in rates) - log10(rate.parameters.number)
    )
    claim = rate.flops if flops > parameters else rate.parameters
    return claim, "above" if (claim is rate.flops) == (power > 0) else "below"


def _short(rate: float) -> str:
    """Print a power of ten with three digits: `1,690`, `161`, `0.12`."""
    number = float(f"{10**rate:.3g}")
    return f"{number:,.0f}" if number >= 100 else f"{number:g}"
