"""Rows of the table of models, which the page and its downloads share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zoo.reporting.pages.columns import Column, Raw
from zoo.reporting.views.catalogue import Check, Model


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, and the check of its claim, if it is a claim."""

    raw: Raw
    check: Check | None


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model with a cell for each column."""

    model: Model
    cells: tuple[Cell, ...]


def rows(models: Iterable[Model], listed: Sequence[Column]) -> list[ModelRow]:
    """Return a row for each model."""
    return [ModelRow(m, tuple(Cell(c.raw(m), c.check(m)) for c in listed)) for m in models]
