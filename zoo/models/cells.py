"""Cells: the keys in the ledger of what is measured of an entry's model."""

from collections.abc import Callable
from typing import Any, NamedTuple

from zoo.model_index.ledger.store import Cell
from zoo.model_index.quantities.value import Size
from zoo.model_index.records.input_spec import PROPOSED, InputSpec
from zoo.model_index.records.input_text import parse_input
from zoo.model_index.records.records import Builder, Claim, Entry
from zoo.models import builders

COUNTER = "zoo-count/6"
WEIGHTS = "zoo-weights/3"


class Variant(NamedTuple):
    """What of an entry to count.

    `input` is what the index states of the input, None for what the builder proposes; `form` the
    form of the model (see `zoo.models.builders.build`); `builder` another builder than the entry's
    own.
    """

    input: InputSpec | None = None
    form: str = ""
    builder: Builder | None = None

    @property
    def size(self) -> Size | None:
        """Height and width that are stated."""
        return self.input.image_size if self.input else None


def count_cell(
    entry: Entry,
    variant: Variant,
    *,
    counter: str = COUNTER,
    version: Callable[[Builder], str] = builders.version,
) -> Cell:
    """Return the cell of counting a variant of `entry`; `version` names the version of its
    builder."""
    builder = variant.builder or entry.builder
    conditions: dict[str, Any] = {"input": str(variant.input) if variant.input else PROPOSED}
    if variant.form:
        conditions["form"] = variant.form
    return Cell(
        kind="count",
        model=entry.name,
        builder=str(builder),
        arguments=builder.arguments,
        builder_version=version(builder),
        conditions=conditions,
        tool=counter,
    )


def stated_input(cell: Cell) -> InputSpec | None:
    """Return the input that a count was asked for, None for what the builder proposes or what
    cannot be read."""
    text = cell.conditions.get("input", PROPOSED)
    try:
        return None if text == PROPOSED else parse_input(str(text))
    except ValueError:
        return None


def weights_cell(entry: Entry, link: Claim, version: str = "") -> Cell:
    """Return the cell of inspecting the weights at `link` and comparing them with the entry's
    model, of the installed version of its builder if no other is named."""
    return Cell(
        kind="weights",
        model=entry.name,
        builder=str(entry.builder),
        arguments=entry.builder.arguments,
        builder_version=version or builders.version(entry.builder),
        conditions={"address": link.raw.strip()},
        tool=WEIGHTS,
    )
