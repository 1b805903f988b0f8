"""The filters of the page of models: typed limits with their unit, and choices of values."""

from collections.abc import Sequence
from dataclasses import dataclass

from zoo.model_index.quantities.table import QUANTITIES
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.i18n.vocabulary import tasks_of
from zoo.reporting.pages.columns import Column, Raw
from zoo.reporting.pages.models.notation import full_title, lower_title, unit_of
from zoo.reporting.pages.models.selection import Selection
from zoo.reporting.pages.speed_columns import CPU_LATENCY, GPU_LATENCY
from zoo.reporting.views.catalogue import Model

FEWEST, MOST_SHARE = 2, 0.8  # values of a choice: at least, and of the number of models
UNKNOWN = "~"  # the choice of models that state nothing
STANDINGS = {
    "wrong": N_("With wrong numbers"),
    "none": N_("Without wrong numbers"),
    "unchecked": N_("Nothing checked yet"),
}
EVERY = {"family": N_("Every family"), "licence": N_("Every licence")}
DEVICES = {CPU_LATENCY: "CPU", GPU_LATENCY: "GPU"}
METRICS = frozenset(row.key for row in QUANTITIES if row.metric)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A filter: `name` in the address, the `key` of its column, `kind` (`min`, `max`, `choice`).

    `before` and `after` stand around the field of a limit, `label` says the whole for those who
    hear it, `chip` is the filter with its value. `missing` says how many models lack the number.
    `options` are pairs of value and text; `shown` filters have a field at first.
    """

    name: str
    key: str
    kind: str
    before: str = ""
    after: str = ""
    label: str
    chip: str = "%(value)s"
    missing: str = ""
    miss: str = ""
    options: tuple[tuple[str, str], ...] = ()
    shown: bool = True


def list_filters(selection: Selection, models: Sequence[Model]) -> list[Filter]:
    """Return the filters of a page: limits first, then choices, then those that a reader may
    add."""
    by_key = {column.key: column for column in selection.columns}
    first = [key for key in (selection.primary, *selection.costs, selection.latency) if key]
    others = [c.key for c in selection.columns if c.facet == "range" and c.key not in first]
    listed = [_limit(by_key[key]) for key in first]
    choices = [c for c in selection.columns if c.facet == "choice"]
    listed += [f for c in choices if c.key in EVERY and (f := _choice(c, models))]
    listed.append(_standing())
    listed += [_limit(by_key[key], shown=False) for key in others]
    listed += [f for c in choices if c.key not in EVERY and (f := _choice(c, models))]
    return listed


def _limit(column: Column, *, shown: bool = True) -> Filter:
    sign = "≥" if column.better > 0 else "≤"
    unit = unit_of(column).sign
    name, after = _names(column, unit)
    before = f"{name} {sign}" if name else sign
    at = _("at least") if column.better > 0 else _("at most")
    value = f"%(value)s {after}".replace("%", "%%").replace("%%(value)s", "%(value)s").strip()
    return Filter(
        name=f"{column.key}.{'min' if column.better > 0 else 'max'}",
        key=column.key,
        kind="min" if column.better > 0 else "max",
        before=before,
        after=after,
        label=f"{full_title(column)}, {at}",
        chip=f"{before} {value}",
        missing=_("%(count)s have no %(quantity)s", count="%(count)s", quantity=_missing(column)),
        miss=_("points") if unit == "%" else unit or after,
        shown=shown,
    )


def _missing(column: Column) -> str:
    """Return what a model has none of: `top-1`, `CPU latency`."""
    return lower_title(column) if column.board is not None else _(column.label)


def _names(column: Column, unit: str) -> tuple[str, str]:
    """Return what stands before and behind the field of a limit: `top-1`, `%`; `GMACs` alone says
    what is limited."""
    if column.key in ("macs", "flops"):
        return "", unit
    if column.key in ("parameters", "parameters_claimed"):
        return "", _("M parameters")
    if column.label in DEVICES:
        device = ", ".join(filter(None, (DEVICES[column.label], column.note)))
        return "", _("ms on %(device)s", device=device)
    return lower_title(column), unit


def _choice(column: Column, models: Sequence[Model]) -> Filter | None:
    """Return the choice of a value; None where all models have the same, or nearly each its own."""
    values: dict[str, None] = {}
    some_unknown = False
    for model in models:
        raw = column.raw(model)
        some_unknown |= raw is None
        values.update(dict.fromkeys(_texts(raw)))
    count = len(values) + some_unknown
    if not FEWEST <= count <= max(FEWEST, MOST_SHARE * len(models)):
        return None
    options = [(value, _shown(column, value)) for value in sorted(values, key=str.casefold)]
    if some_unknown:
        options.append((UNKNOWN, _("not stated")))
    label = _(column.label)
    every = EVERY.get(column.key)
    return Filter(
        name=column.key,
        key=column.key,
        kind="choice",
        label=label,
        chip="%(value)s" if every else f"{label.replace('%', '%%')}: %(value)s",
        options=(("", _(every) if every else _("%(label)s: any", label=label)), *options),
        shown=every is not None,
    )


def _standing() -> Filter:
    options = (("", _("Every standing")), *((key, _(text)) for key, text in STANDINGS.items()))
    return Filter(
        name="standing", key="standing", kind="choice", label=_("Standing"), options=options
    )


def _texts(raw: Raw) -> tuple[str, ...]:
    return () if raw is None else raw if isinstance(raw, tuple) else (str(raw),)


def _shown(column: Column, value: str) -> str:
    if column.key == "tasks":
        return tasks_of(value)
    return value.replace("x", "×") if column.key == "input" else value
