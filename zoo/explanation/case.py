"""What is known about one claim of a count: the claim, the model's counts, and a way to more of
them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from zoo.counting.counts import Counts
from zoo.explanation.other_models import NONE, Others
from zoo.model_index.quantities.value import Size
from zoo.model_index.records.records import Claim, Entry
from zoo.models.cells import Variant

UNIT = re.compile(r"flops?|macs?\b|mult\w*[\s_-]*adds?", re.IGNORECASE)


def reproduces(claim: Claim, value: int | Decimal) -> bool:
    """Whether `value` is the claim once rounded to the claim's printed digits."""
    difference = abs(Decimal(value) - claim.number)
    return difference == 0 or (
        claim.parsed.step is not None and difference <= claim.parsed.step / 2
    )


def in_multiply_adds(claim: Claim) -> str | None:
    """The text of a claim that says it counts multiply-adds, as the label `GMACs` does; the
    number's own goes first.

    `FLOPs` says nothing: half of the world means multiply-adds by it.
    """
    said = next((text for text in (claim.raw, claim.label) if UNIT.search(text)), "")
    return said if claim.quantity == "flops" and said and "flop" not in said.lower() else None


@dataclass(frozen=True)
class Case:
    """A claim and what is known about it; pure data but for `count`, which gets more counts when
    asked.

    `size` is the input the claim is about, `counts` the model's own there. `others` are the same
    quantity of other models. `count` answers None for what cannot or may not be counted. `vouched`
    is the number of FLOPs that the cause of the model's siblings gives here.
    """

    claim: Claim
    entry: Entry
    size: Size
    counts: Counts
    configuration: dict[str, Any] = field(default_factory=dict)
    mergeable: bool = False
    others: Others = NONE
    vouched: Decimal | None = None
    count: Callable[[Variant], Counts | None] = lambda variant: None


def configured_size(configuration: dict[str, Any], key: str = "input_size") -> Size | None:
    """(height, width) of a pretrained configuration's (channels, height, width); None for anything
    else."""
    value = configuration.get(key)
    if (
        not isinstance(value, (list, tuple))
        or len(value) < 2
        or not all(isinstance(side, int) for side in value)
    ):
        return None
    return value[-2], value[-1]
