"""The quantities of a model as columns: of the table of all models, of its downloads, of plots and
of comparisons.

One row of `columns` is one column of all of them. Adding a quantity to the site is adding a row
here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from zoo.model_index.records.fields import look_up
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.pages.base import Site
from zoo.reporting.pages.settings import Settings
from zoo.reporting.text.format import flat, human, plain
from zoo.reporting.views.benchmarks import Record, hyphened, memory
from zoo.reporting.views.catalogue import Check, Model
from zoo.reporting.views.verdicts import STANDINGS

Raw = str | int | float | tuple[str, ...] | None
WORST = tuple(
    reversed(
        ("exact", "rounded", "consistent", "explained", "unchecked", "mistake", "mismatch", "error")
    )
)


def nobody(model: Model) -> Check | None:
    """Of a column that no claim stands behind."""
    return None


@dataclass(frozen=True, slots=True)
class Column:
    """`raw` gives the value that sorts, filters and is downloaded, `show` how a person sees it.

    `better` is +1 where higher is better, -1 where lower is, 0 for neither. `facet` says how
    readers choose by it: `choice` of values, `range` of numbers, or not at all. `axis` columns may
    be plotted, `listed` ones are in the table unless the reader decides otherwise. `about` is the
    check whose verdict a cell carries. `measured` numbers lead to the model's evidence.
    """

    key: str
    label: str
    note: str
    raw: Callable[[Model], Raw]
    show: Callable[[Raw], str]
    kind: str = "number"
    unit: str = ""
    better: int = 0
    facet: str = ""
    axis: bool = False
    listed: bool = True
    about: Callable[[Model], Check | None] = nobody
    measured: bool = False

    @property
    def title(self) -> str:
        """Label and note in the current language, where both are messages."""
        return f"{_(self.label)}, {_(self.note)}" if self.note else _(self.label)


def columns(site: Site) -> tuple[Column, ...]:
    """All columns of a site: those of every model, three for each set-up of a benchmark, the
    owner's own."""
    return (*COLUMNS, *_speeds(site.records), *_owned(site.settings))


def _plain(value: Raw) -> str:
    return "" if value is None else ", ".join(value) if isinstance(value, tuple) else str(value)


def _count(value: Raw) -> str:
    return human(value) if isinstance(value, (int, float)) else ""


def _bytes(value: Raw) -> str:
    return f"{human(value)}B" if isinstance(value, (int, float)) else ""


def _percent(value: Raw) -> str:
    return f"{value:.2f}%" if isinstance(value, (int, float)) else ""


def _four(value: Raw) -> str:
    return f"{value:,.4g}" if isinstance(value, (int, float)) else ""


def _check(quantity: str) -> Callable[[Model], Check | None]:
    """The check of a model's own claim of a quantity, or of another publisher's where it has
    none."""

    def about(model: Model) -> Check | None:
        found = [check for check in model.checks if check.claim.quantity == quantity]
        return next(
            (check for check in found if check.claim.publisher == model.entry.publisher), None
        ) or next(iter(found), None)

    return about


def _claimed(quantity: str) -> Callable[[Model], Raw]:
    check = _check(quantity)

    def raw(model: Model) -> Raw:
        found = check(model)
        value = found.claim.value if found else None
        if not isinstance(value, Decimal):
            return None
        return (
            int(value)
            if value == value.to_integral_value() and abs(value) >= 1000
            else float(value)
        )

    return raw


def _size(model: Model) -> Raw:
    return "x".join(map(str, model.input_size)) if model.input_size else None


def _listed(key: str) -> Callable[[Model], Raw]:
    """A field of the entry's metadata as texts."""

    def raw(model: Model) -> Raw:
        value = model.entry.metadata.get(key) or look_up(model.entry.metadata, key.lower())
        return (
            tuple(map(flat, value))
            if isinstance(value, list)
            else (flat(value),)
            if value
            else None
        )

    return raw


def _licence(model: Model) -> Raw:
    told = look_up(model.entry.metadata, "license") or look_up(model.entry.fields, "license")
    return plain(model.configuration.get("license") if told is None else told) or None


def _accuracy(attribute: str) -> Callable[[Model], Raw]:
    top1, top5 = _check("top1"), _check("top5")

    def raw(model: Model) -> Raw:
        found = top1(model) or top5(model)
        return getattr(found.claim, attribute) if found else None

    return raw


def _failing(model: Model) -> Raw:
    return sum(check.finding.fails() for check in model.checks)


def _worst(model: Model) -> Raw:
    """The standing that needs most attention among the model's own claims; `unchecked` only where
    all are."""
    found = {
        check.standing.key
        for check in model.checks
        if check.claim.publisher == model.entry.publisher
    }
    told = found - {"unchecked"} or found
    return next((key for key in WORST if key in told), None)


LABELS = {standing.key: standing.label for standing in STANDINGS}
COLUMNS = (
    Column("model", N_("Model"), "", lambda m: m.name, _plain, "text"),
    Column("family", N_("Family"), "", lambda m: m.family, _plain, "text", facet="choice"),
    Column("macs", N_("Multiply-adds"), N_("measured"), lambda m: m.macs, _count, unit="operations", better=-1,
           facet="range", axis=True, measured=True),
    Column("flops", N_("FLOPs"), N_("claimed"), _claimed("flops"), _count, unit="operations", better=-1,
           axis=True, about=_check("flops")),
    Column("parameters", N_("Parameters"), N_("measured"), lambda m: m.parameters, _count, unit="parameters", better=-1,
           facet="range", axis=True, measured=True),
    Column("parameters_claimed", N_("Parameters"), N_("claimed"), _claimed("parameters"), _count, unit="parameters",
           better=-1, listed=False, about=_check("parameters")),
    Column("file_size", N_("File size"), N_("claimed"), _claimed("file_size"), _bytes,
           unit="bytes", better=-1, facet="range", axis=True, listed=False, about=_check("file_size")),
    Column("input", N_("Input"), N_("pixels"), _size, _plain, "text", facet="choice"),
    Column("crop_pct", N_("Crop fraction"), N_("claimed"), _claimed("crop_pct"), _four, listed=False,
           about=_check("crop_pct")),
    Column("layers", N_("Layers"), N_("claimed"), _claimed("layers"), _plain, listed=False, axis=True,
           about=_check("layers")),
    Column("top1", N_("Top-1"), N_("claimed"), _claimed("top1"), _percent, unit="%", better=1, facet="range", axis=True,
           about=_check("top1")),
    Column("top5", N_("Top-5"), N_("claimed"), _claimed("top5"), _percent, unit="%", better=1, axis=True,
           about=_check("top5")),
    Column("dataset", N_("Data set"), N_("of the accuracy"), _accuracy("dataset"), _plain, "text", facet="choice",
           listed=False),
    Column("publisher", N_("Claimed by"), N_("accuracy"), _accuracy("publisher"), _plain, "text", facet="choice"),
    Column("tasks", N_("Tasks"), "", _listed("Tasks"), _plain, "list", facet="choice", listed=False),
    Column("licence", N_("Licence"), N_("of the weights"), _licence, _plain, "text", facet="choice", listed=False),
    Column("failing", N_("Findings"), N_("mismatches, mistakes and errors"), _failing, _plain),
    Column("verdict", N_("Verdict"), N_("the worst of its publisher's claims"), _worst,
           lambda v: _(LABELS[v]) if isinstance(v, str) else "", "text", facet="choice"),
)  # fmt: skip


def _speeds(records: Iterable[Record]) -> Iterator[Column]:
    """Latency, throughput and memory of single images by set-up; of one model's records the
    newest."""
    setups: dict[tuple[tuple[str, str], ...], dict[str, Record]] = {}
    for record in records:
        if record.found and record.mode == "latency" and record.batch == 1:
            known = setups.setdefault(record.setup, {})
            old = known.get(record.model.slug)
            if old is None or old.document.recency <= record.document.recency:
                known[record.model.slug] = record
    taken: set[str] = set()
    for by_slug in setups.values():
        first = next(iter(by_slug.values()))
        where = f"{first.machine}, {first.engine}, {first.precision}, batch size 1"
        base = key = hyphened(f"{first.machine} {first.engine} {first.precision}")
        while key in taken:
            key = f"{base}-{len(taken)}"
        taken.add(key)
        yield from _of_setup(key, where, by_slug)


def _of_setup(key: str, where: str, by_slug: dict[str, Record]) -> Iterator[Column]:
    def of(value: Callable[[Any], Raw]) -> Callable[[Model], Raw]:
        def raw(model: Model) -> Raw:
            record = by_slug.get(model.slug)
            return value(record.found) if record else None

        return raw

    latency = of(lambda found: float(f"{found.seconds * 1000:.6g}"))
    rate = of(lambda found: float(f"{found.rate:.6g}"))
    yield Column(f"latency-{key}", N_("Latency"), where, latency, _four, unit="ms", better=-1, facet="range",
                 axis=True, measured=True)  # fmt: skip
    yield Column(f"throughput-{key}", N_("Throughput"), where, rate, _four, unit="images/s", better=1, axis=True,
                 listed=False, measured=True)  # fmt: skip
    used = of(lambda found: memory(found)[0])
    yield Column(f"memory-{key}", N_("Memory"), where, used, _bytes, unit="bytes",
                 better=-1, axis=True, listed=False, measured=True)  # fmt: skip


def _owned(settings: Settings) -> Iterator[Column]:
    """The fields of the index that the site's owner wants as columns; numbers are not guessed.

    No key is one of ours: not of a column, not of what an address says of the table.
    """
    keys: set[str] = set()
    for name in settings.columns:
        key = base = f"own-{hyphened(name) or len(keys) + 1}"
        while key in keys:
            key = f"{base}-{len(keys) + 1}"
        keys.add(key)

        def raw(model: Model, name: str = name) -> Raw:
            value = look_up(model.entry.metadata, name.lower())
            value = look_up(model.entry.fields, name.lower()) if value is None else value
            return flat(value) or None if value is not None else None

        yield Column(key, name, "", raw, _plain, "text", facet="choice")
