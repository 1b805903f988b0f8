"""The columns of the table of models, which downloads, plots and comparisons use too.

A quantity whose row in `zoo.model_index.quantities.table` has a `column` is a column here; a
`MeasuredQuantity` stands before the claims of it. The other columns are listed by hand.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from zoo.model_index.findings import Standing
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.table import QUANTITIES
from zoo.model_index.records.fields import look_up
from zoo.reporting.i18n.gettext import N_
from zoo.reporting.i18n.vocabulary import tasks_of
from zoo.reporting.pages.settings import Settings
from zoo.reporting.text.format import flat, plain
from zoo.reporting.views.benchmarks import hyphenate
from zoo.reporting.views.catalogue import Check, Model
from zoo.reporting.views.claim_lines import ORDER, counts_of, usable_check
from zoo.reporting.views.measured_quantities import MEASURED, MeasuredQuantity

Raw = str | int | float | tuple[str, ...] | None
Interval = tuple[float, float] | None


def no_check(model: Model) -> Check | None:
    """Return the check of a column that no claim stands behind."""
    return None


def no_interval(model: Model) -> Interval:
    """Return the interval of a column whose numbers have none."""
    return None


def show_text(value: Raw) -> str:
    """Print a text, or several by commas."""
    return "" if value is None else ", ".join(value) if isinstance(value, tuple) else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the table of models.

    `raw` returns the value that sorts, filters and is downloaded; `show` prints a text. `better` is
    +1 where higher is better, -1 where lower is, 0 for neither. `facet` says how readers filter by
    it: by a `choice` of values, a `range` of numbers, or not at all. `axis` columns may be plotted;
    columns that are not `listed` are hidden at first. `check` returns the check whose verdict a
    cell carries. `measured` numbers link to the model's evidence. `board` is the slug of the
    leaderboard that a metric is of, "" for that of the table of all models, None for other columns.
    A note that is no message but a text of the index says so by `note_is_text`. `dataset` is what a
    metric is of; `images` counts its images, where the metric is a share of these. `setup` says in
    one line how a benchmark was run, and `interval` has the 95% interval of its numbers.
    """

    key: str
    label: str
    note: str = ""
    raw: Callable[[Model], Raw]
    show: Callable[[Raw], str] = show_text
    kind: str = "number"
    unit: str = ""
    better: int = 0
    facet: str = ""
    axis: bool = False
    listed: bool = True
    check: Callable[[Model], Check | None] = no_check
    measured: bool = False
    board: str | None = None
    note_is_text: bool = False
    dataset: str = ""
    images: int | None = None
    setup: str = ""
    interval: Callable[[Model], Interval] = no_interval


def _show_tasks(value: Raw) -> str:
    return tasks_of([*value]) if isinstance(value, tuple) else ""


def _check_of(quantity: str, model: Model) -> Check | None:
    """Return the check of a model's own claim of a quantity, or else of another publisher's; one
    that is wrong only where all are."""
    checks = [check for check in model.checks if check.claim.quantity == quantity]
    return usable_check(model, quantity) or next(iter(checks), None)


def _claimed_value(quantity: str, model: Model) -> Raw:
    return plain_number(_check_of(quantity, model))


def plain_number(check: Check | None) -> int | float | None:
    """Return the claimed number of a cell; None for a claim that is wrong."""
    value = check.usable if check else None
    if not isinstance(value, Decimal):
        return None
    large_integer = value == value.to_integral_value() and abs(value) >= 1000
    return int(value) if large_integer else float(value)


def _input_size(model: Model) -> Raw:
    return model.input.show() if model.input else None


def _licence(model: Model) -> Raw:
    stated = look_up(model.entry.metadata, "license") or look_up(model.entry.fields, "license")
    return plain(model.configuration.get("license") if stated is None else stated) or None


def _count_column(standing: Standing, label: str) -> Column:
    """Return how many of a model's claims have a standing."""
    place = ORDER.index(standing)
    return Column(
        key=str(standing),
        label=label,
        note=N_("claims"),
        raw=lambda model: counts_of(model)[place],
        listed=False,
    )


def _measured_column(quantity: MeasuredQuantity) -> Column:
    return Column(
        key=quantity.key,
        label=quantity.label,
        note=N_("measured"),
        raw=quantity.value,
        unit=quantity.unit,
        better=-1,
        facet="range",
        axis=True,
        measured=True,
    )


def _quantity_columns(quantities: Iterable[Quantity]) -> Iterator[Column]:
    """Return what was measured of each quantity, where it is, and what is claimed of it."""
    measured = {quantity.claimed_as: _measured_column(quantity) for quantity in MEASURED}
    taken = {column.key for column in measured.values()}
    for quantity in quantities:
        if quantity.key in measured:
            yield measured[quantity.key]
        if quantity.column:
            yield Column(
                key=f"{quantity.key}_claimed" if quantity.key in taken else quantity.key,
                label=quantity.column.heading,
                note=N_("claimed"),
                raw=partial(_claimed_value, quantity.key),
                unit=quantity.unit if quantity.better else "",
                better=quantity.better,
                facet=quantity.column.facet,
                axis=quantity.column.axis,
                listed=quantity.column.listed,
                check=partial(_check_of, quantity.key),
            )


# The order of columns: what a model costs, its file, its settings, its structure, its results.
COSTS = [row for row in QUANTITIES if row.counted]
FILES = [row for row in QUANTITIES if row.unit == "bytes"]
SETTINGS = [row for row in QUANTITIES if row.check == "configuration"]
RESULTS = [row for row in QUANTITIES if row.metric or row.check in ("unmeasured", "benchmark")]
STRUCTURE = [
    row for row in QUANTITIES if not any(row in rows for rows in (COSTS, FILES, SETTINGS, RESULTS))
]
COLUMNS = (
    Column(key="model", label=N_("Model"), raw=lambda model: model.name, kind="text"),
    Column(
        key="family",
        label=N_("Family"),
        raw=lambda model: model.family,
        kind="text",
        facet="choice",
    ),
    Column(
        key="tasks",
        label=N_("Tasks"),
        raw=lambda model: model.tasks or None,
        show=_show_tasks,
        kind="list",
        facet="choice",
    ),
    Column(
        key="zoo",
        label=N_("Zoo"),
        raw=lambda model: model.entry.zoo,
        kind="text",
        facet="choice",
    ),
    *_quantity_columns([*COSTS, *FILES]),
    Column(
        key="input",
        label=N_("Input"),
        note=N_("pixels"),
        raw=_input_size,
        kind="text",
        facet="choice",
    ),
    *_quantity_columns([*SETTINGS, *STRUCTURE]),
)
END = (
    Column(
        key="licence",
        label=N_("Licence"),
        note=N_("of the weights"),
        raw=_licence,
        kind="text",
        facet="choice",
        listed=False,
    ),
    _count_column(Standing.WRONG, N_("Wrong")),
    _count_column(Standing.RIGHT, N_("Right")),
    _count_column(Standing.UNKNOWN, N_("Unknown")),
)


def field_columns(settings: Settings) -> Iterator[Column]:
    """Return the fields of the index that the site's owner wants as columns, as text.

    Their keys differ from those of our columns, and from what an address says of the table.
    """
    keys: set[str] = set()
    for name in settings.columns:
        key = base = f"own-{hyphenate(name) or len(keys) + 1}"
        while key in keys:
            key = f"{base}-{len(keys) + 1}"
        keys.add(key)
        raw = partial(_field_value, name.lower())
        yield Column(key=key, label=name, raw=raw, kind="text", facet="choice")


def _field_value(name: str, model: Model) -> Raw:
    value = look_up(model.entry.metadata, name)
    value = look_up(model.entry.fields, name) if value is None else value
    return flat(value) or None if value is not None else None
