"""The quantities that counting a model measures, as values of `Model`."""

from collections.abc import Callable
from dataclasses import dataclass

from zoo.reporting.i18n.gettext import N_
from zoo.reporting.views.catalogue import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredQuantity:
    """A quantity with a measured value for every model that could be counted.

    `claimed_as` is the key of the quantity that index files claim.
    """

    key: str
    claimed_as: str
    label: str
    unit: str
    value: Callable[[Model], int | None]


MEASURED = (
    MeasuredQuantity(
        key="macs",
        claimed_as="flops",
        label=N_("Multiply-adds"),
        unit="operations",
        value=lambda model: model.macs,
    ),
    MeasuredQuantity(
        key="parameters",
        claimed_as="parameters",
        label=N_("Parameters"),
        unit="parameters",
        value=lambda model: model.parameters,
    ),
)
