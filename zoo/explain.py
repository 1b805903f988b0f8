"""Why a published count differs: the one named cause that reproduces it, or honestly none.

A hypothesis is a counting convention (`zoo.conventions`) at an input size. It explains a claim only by
giving its value to the last digit, or to the digits the claim was printed with; being near is nothing,
because among many sizes some size is always near. Sizes that nobody stated anywhere are tried only for
claims of at least `SCAN_DIGITS` digits, where a chance hit is unlikely.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from model_index.quantities import Size
from model_index.records import Claim
from model_index.trace import Trace
from zoo.conventions import CONVENTIONS, Convention, Terms, written

Traces = Callable[[Size], Trace | None]

SCAN_DIGITS = 5
SCAN_BAND = 0.05  # a size is traced only if scaling by area brings some convention this near the claim
# 224x285 is what `Resize(224)` makes of a photograph of 1213x1546 pixels, the usual example image.
NON_SQUARE: tuple[Size, ...] = ((224, 285),)
SQUARES: tuple[Size, ...] = tuple((s, s) for s in sorted({*range(96, 641, 8), 225, 227, 229, 299, 331, 475}))


@dataclass(frozen=True, slots=True)
class Input:
    """An input size to try; `stated` where the index or the pretrained configuration names it."""

    size: Size
    label: str
    rank: int
    stated: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """A cause that reproduces a claim. `prediction` is what it gives; `reason` says so in a sentence."""

    cause: str
    prediction: int
    reason: str
    size: Size
    alternatives: tuple[str, ...] = ()


def reproduces(claim: Claim, value: int | Decimal) -> bool:
    """Whether `value` is the claim once rounded to the claim's printed digits."""
    difference = abs(Decimal(value) - claim.number)
    return difference == 0 or (claim.parsed.step is not None and difference <= claim.parsed.step / 2)


def inputs(primary: Size, configuration: Mapping[str, Any]) -> Iterator[Input]:
    """The sizes to try, simplest first: the one counted, the configured ones, then sizes in common use."""
    yield Input(primary, "", 0, True)
    seen = {primary}
    stated = [("input_size", "the configured"), ("test_input_size", "the test-time")]
    for key, label in stated:
        if (size := configured_size(configuration, key)) and size not in seen:
            seen.add(size)
            yield Input(size, label, 1, True)
    for size in (*NON_SQUARE, *SQUARES):
        if size not in seen:
            yield Input(size, "a", 2, False)


def configured_size(configuration: Mapping[str, Any], key: str = "input_size") -> Size | None:
    """(height, width) of a pretrained configuration's (channels, height, width)."""
    value = configuration.get(key)
    return (int(value[-2]), int(value[-1])) if value else None


def explain_count(claim: Claim, primary: Size, configuration: Mapping[str, Any], traces: Traces) -> Explanation | None:
    """The simplest cause that reproduces a claimed number of operations, or None.

    Inputs are tried in order and the first that has a matching convention decides; among its
    conventions the lowest rank wins and the others of that rank are named as alternatives.
    """
    base = traces(primary)
    if base is None:
        return None
    totals = [total for convention in CONVENTIONS if (total := convention.total(base))]
    for candidate in inputs(primary, configuration):
        if not candidate.stated and not _worth_tracing(claim, totals, _area(candidate.size) / _area(primary)):
            continue
        trace = base if candidate.size == primary else traces(candidate.size)
        if trace is not None and not trace.uncounted and (found := _matching(claim, trace, candidate)):
            return found
    return None


def _worth_tracing(claim: Claim, totals: list[int], area: float) -> bool:
    """Convolutions cost what their area costs, so most sizes are ruled out without a trace."""
    if (claim.parsed.digits or 0) < SCAN_DIGITS:
        return False
    value = float(claim.number)
    return any(abs(value / (total * area) - 1) < SCAN_BAND for total in totals)


def _area(size: Size) -> int:
    return size[0] * size[1]


def _matching(claim: Claim, trace: Trace, candidate: Input) -> Explanation | None:
    fits: list[tuple[Convention, int, Terms]] = []
    for convention in CONVENTIONS:
        if convention.name == "macs" and candidate.rank == 0:
            continue  # that is no difference to explain
        if (terms := convention.terms(trace)) is None:
            continue
        total = sum(terms.values())
        if reproduces(claim, total) and all(total != other for _, other, _ in fits):
            fits.append((convention, total, terms))
    if not fits:
        return None
    convention, total, terms = min(fits, key=lambda fit: fit[0].rank)
    others = tuple(c.label for c, _, _ in fits if c is not convention and c.rank == convention.rank)
    where = f" on {candidate.label} {_x(candidate.size)} input" if candidate.label else f" at {_x(candidate.size)}"
    exact = "to the last digit" if total == claim.value else f"to its {claim.parsed.digits} printed digits ({total:,})"
    reason = f"{convention.label}{where} gives the claim {exact}: {written(terms)}"
    cause = convention.name + (f" at {_x(candidate.size)}" if candidate.rank else "")
    return Explanation(cause, total, reason, candidate.size, others)


def _x(size: Size) -> str:
    return f"{size[0]}x{size[1]}"


def nearest(claim: Claim, trace: Trace) -> tuple[Convention, int]:
    """The convention whose count comes nearest the claim; for the reason of a mismatch, never a verdict."""
    totals = [(c, total) for c in CONVENTIONS if (total := c.total(trace)) is not None]
    return min(totals, key=lambda pair: abs(claim.number - pair[1]))
