"""What publishers report about the speed of a model: a row for each machine and precision, a column
for each batch size."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from zoo.model_index.records.records import Claim
from zoo.reporting.i18n.gettext import _
from zoo.reporting.text.escape import one_line
from zoo.reporting.views.benchmarks import (
    BENCHMARK,
    CORRECTED,
    USUAL,
    Source,
    reported_table,
    significant,
    source_of,
)
from zoo.reporting.views.catalogue import Check, Model
from zoo.reporting.views.claim_words import CONDITIONS

BATCH = "batch size"
MACHINE = ("hardware", "precision")


@dataclass(frozen=True, slots=True)
class SpeedCell:
    """A reported number and the anchor of its claim."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class ReportedRow:
    """The numbers of one page for one machine; `cells` by batch size, "" where none is stated."""

    machine: str
    others: str
    source: Source
    cells: dict[str, list[SpeedCell]]
    note: str


@dataclass(frozen=True, slots=True)
class ReportedSpeeds:
    """Reported numbers of one quantity and unit; `batches` are the columns."""

    label: str
    unit: str
    batches: tuple[str, ...]
    rows: tuple[ReportedRow, ...]


def reported_speeds(model: Model) -> list[ReportedSpeeds]:
    """Return a table for each quantity that publishers report about the speed of a model."""
    tables: dict[str, list[Check]] = {}
    for check in model.checks:
        if check.claim.row.check == BENCHMARK:
            tables.setdefault(check.claim.quantity, []).append(check)
    return [_table(checks) for checks in tables.values()]


def largest_disagreement(model: Model) -> Decimal | None:
    """Return by how many times two pages of one publisher differ about what each calls the same;
    None where none do."""
    table = reported_table(model)
    ratios = []
    for line in table.lines if table else ():
        numbers = [cell.check.claim.number for cells in line.cells.values() for cell in cells]
        if line.disagree and min(numbers) > 0:
            ratios.append(max(numbers) / min(numbers))
    return max(ratios, default=None)


def _table(checks: list[Check]) -> ReportedSpeeds:
    row = checks[0].claim.row
    rows: dict[tuple[str, ...], ReportedRow] = {}
    for check in checks:
        conditions = dict(check.claim.conditions)
        machine = ", ".join(conditions[key] for key in MACHINE if key in conditions)
        others = ", ".join(_others(conditions))
        source, note = source_of(check.claim), conditions.get(CORRECTED, "")
        key = one_line(machine), one_line(others), source.publisher, str(source.address), note
        place = rows.setdefault(key, ReportedRow(key[0], key[1], source, {}, one_line(note)))
        cell = SpeedCell(_number(check.claim), check.anchor)
        place.cells.setdefault(one_line(conditions.get(BATCH, "")), []).append(cell)
    batches = {batch for place in rows.values() for batch in place.cells}
    order = sorted(batches, key=lambda batch: (not batch.isdecimal(), int(_digits(batch)), batch))
    return ReportedSpeeds(_(row.label), row.unit, tuple(order), tuple(rows.values()))


def _digits(batch: str) -> str:
    return batch if batch.isdecimal() else "0"


def _number(claim: Claim) -> str:
    value = claim.value
    return significant(float(value)) if isinstance(value, Decimal) else one_line(claim.printed)


def _others(conditions: dict[str, str]) -> Iterator[str]:
    """Yield the conditions that are neither machine nor batch size: the engine by its name."""
    for key, value in conditions.items():
        if key not in (*MACHINE, BATCH, CORRECTED) and USUAL.get(key) != value:
            yield value if key == "engine" else _condition(key, value)


def _condition(key: str, value: str) -> str:
    """Say a condition in the language of the page."""
    return _(CONDITIONS[key], value=value) if key in CONDITIONS else f"{_(key)} {value}"
