"""Make the row of a metric that is published and that nothing here measures."""

from collections.abc import Callable
from decimal import Decimal

from zoo.model_index.quantities.parse import parse_percent
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.show import show_number, show_percent
from zoo.model_index.quantities.value import ParsedValue, Value

CHECK = "unmeasured"
LOWER = -1
HUNDRED = Decimal(100)
PERCENT = "In percent; a bare number up to 1 is a fraction."


def percent_metric(
    key: str,
    label: str,
    task: str,
    spellings: tuple[str, ...],
    *,
    better: int = 1,
    threshold: bool = False,
    at_most: str = "",
    most: Decimal | None = HUNDRED,
) -> Quantity:
    """Return the row of a share, which pages print as 78.1, 78.1% or 0.781."""
    return Quantity(
        key=key,
        label=label,
        unit="%",
        parse=parse_percent,
        show=show_percent,
        check=CHECK,
        spellings=spellings,
        metric=True,
        description=PERCENT,
        task=task,
        better=better,
        threshold=threshold,
        at_most=at_most,
        most=most,
    )


def number_metric(
    key: str,
    label: str,
    task: str,
    spellings: tuple[str, ...],
    *,
    parse: Callable[[str], ParsedValue],
    better: int = 1,
    unit: str = "",
    show: Callable[[Value], str] = show_number,
    description: str = "",
    most: Decimal | None = None,
) -> Quantity:
    """Return the row of a number that is no share: a distance, decibels, a perplexity."""
    return Quantity(
        key=key,
        label=label,
        unit=unit,
        parse=parse,
        show=show,
        check=CHECK,
        spellings=spellings,
        metric=True,
        description=description or f"{label}, as published.",
        task=task,
        better=better,
        most=most,
    )
