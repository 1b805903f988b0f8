"""A claim about a count together with the counts of its model and a way to more of them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from zoo.counting.counts import Counts
from zoo.explanation.other_models import NO_MODELS, OtherModels
from zoo.model_index.quantities.value import Size
from zoo.model_index.records.input_spec import InputSpec
from zoo.model_index.records.records import Claim, Entry
from zoo.models.cells import Variant

UNIT = re.compile(r"flops?|macs?\b|mult\w*[\s_-]*adds?", re.IGNORECASE)


def reproduces(claim: Claim, value: int | Decimal) -> bool:
    """Tell whether `value` is the claim once rounded to the claim's printed digits."""
    difference = abs(Decimal(value) - claim.number)
    return difference == 0 or (
        claim.parsed.step is not None and difference <= claim.parsed.step / 2
    )


def cuts_off(claim: Claim, value: int | Decimal) -> bool:
    """Tell whether the claim's printed digits are those of `value` with the following ones cut off,
    where rounding would give others: `25.5M` of 25,557,032."""
    step, beyond = claim.parsed.step, abs(Decimal(value)) - abs(claim.number)
    return step is not None and step / 2 < beyond < step and (value > 0) == (claim.number > 0)


def multiply_add_label(claim: Claim) -> str | None:
    """Return the text in which a claim says that it counts multiply-adds, as the label `GMACs`
    does.

    A unit in the number goes before the label. `FLOPs` decides nothing: half of the world means
    multiply-adds by it.
    """
    text = next((text for text in (claim.raw, claim.label) if UNIT.search(text)), "")
    return text if claim.quantity == "flops" and text and "flop" not in text.lower() else None


def count_nothing(variant: Variant) -> Counts | None:
    """Give no counts: for a case whose model cannot be counted again."""
    return None


@dataclass(frozen=True, kw_only=True)
class Case:
    """A claim and the facts about its model: pure data but for `count`, which counts variants.

    input: what the model is given for the claim, and `counts` the model's own counts at it.
    input_problem: why the claim may be about another input; empty where it is not.
    published_sizes: the inputs of all pretrained weights of the architecture.
    other_models: the same quantity of other models.
    vouched: by quantity, the count that the cause of the model's siblings gives here.
    count: counts a variant; None where it cannot or may not be counted.
    """

    claim: Claim
    entry: Entry
    input: InputSpec
    counts: Counts
    input_problem: str = ""
    published_sizes: tuple[Size, ...] = ()
    configuration: dict[str, Any] = field(default_factory=dict)
    mergeable: bool = False
    other_models: OtherModels = NO_MODELS
    vouched: Mapping[str, Decimal] = field(default_factory=dict)
    count: Callable[[Variant], Counts | None] = count_nothing

    @property
    def size(self) -> Size | None:
        """Height and width of the input, where all work may grow with its area."""
        return None if self.input.length else self.input.image_size


def configured_size(configuration: dict[str, Any], key: str = "input_size") -> Size | None:
    """Return (height, width) of a pretrained configuration's (channels, height, width); None for
    anything else."""
    value = configuration.get(key)
    if (
        not isinstance(value, (list, tuple))
        or len(value) < 2
        or not all(isinstance(side, int) for side in value)
    ):
        return None
    return value[-2], value[-1]
