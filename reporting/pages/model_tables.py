"""Make the rows of a model's stages, operators, records and reported speeds.

Functions, as in `zoo.reporting.pages.html`: a page has dozens of rows.
"""

from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup

from zoo.model_index.ledger.stages import Stage
from zoo.model_index.ledger.store import Evidence
from zoo.model_index.ledger.trace_summary import Operators
from zoo.model_index.quantities.show import human
from zoo.reporting.i18n.gettext import _ as translate
from zoo.reporting.i18n.gettext import in_template as _
from zoo.reporting.pages.html import outside
from zoo.reporting.pages.standing import standing
from zoo.reporting.text.escape import line
from zoo.reporting.text.format import plain
from zoo.reporting.views.catalogue import Catalogue
from zoo.reporting.views.model_page.speeds import ReportedRow, ReportedSpeeds
from zoo.reporting.views.provenance import evidence_path

LEAST = 0.1  # percent, below which a share is no number
LABELLED = 5  # percent, from which on a box of the diagram has its share in it
DRAWN = 0.05


def stage_boxes(stages: Iterable[Stage]) -> Markup:
    """Return the diagram: a box for each stage, as wide as its share of the work."""
    return Markup("".join(_box(stage.share) for stage in stages if stage.share >= DRAWN))


def _box(share: float) -> str:
    label = f"<b>{share:.0f} %</b>" if share >= LABELLED else ""
    return f'<i style="flex-grow:{share:.1f};--p:{round(15 + share * 1.2)}%">{label}</i>'


def stage_rows(stages: Iterable[Stage]) -> Markup:
    """Return a row for each stage: name, contents, multiply-adds and parameters with shares."""
    return Markup("".join(map(_stage, stages)))


def _stage(stage: Stage) -> str:
    repeats = f"{stage.repeats} × " if stage.repeats > 1 else ""
    name = line(stage.name) or _("the model itself")
    return (
        f'<tr><th scope="row">{name}</th>'
        f"<td>{repeats}{line(stage.contents)}</td>{_amount(stage.macs, stage.share)}"
        f"{_amount(stage.parameters, stage.parameter_share)}</tr>"
    )


def _amount(amount: int, share: float) -> str:
    """Return the cells of an amount and of its share, as a bar and in percent."""
    if not amount:
        return "<td></td><td></td>"
    text = f"{share:.1f}" if share >= LEAST else "&lt;0.1"
    return f'<td>{human(amount)}</td><td><i style="width:{share:.1f}%"></i>{text} %</td>'


def operator_rows(operators: Iterable[Operators]) -> Markup:
    """Return a row for each class of operators: calls, multiply-adds, parameters, elements."""
    return Markup("".join(map(_operators, operators)))


def _operators(row: Operators) -> str:
    numbers = (
        str(row.calls),
        human(row.macs) if row.macs else "",
        human(row.parameters) if row.parameters else "",
        human(row.inputs),
        human(row.outputs),
    )
    cells = "".join(f"<td>{number}</td>" for number in numbers)
    return f'<tr><th scope="row">{_(row.kind)}</th>{cells}</tr>'


def record_rows(catalogue: Catalogue, documents: Iterable[Evidence]) -> Markup:
    """Return a row for each document of the ledger: key, conditions, outcome and day."""
    return Markup("".join(_record(catalogue, document) for document in documents))


def _record(catalogue: Catalogue, document: Evidence) -> str:
    cell = document.cell
    conditions = "".join(f", {text}" for text in _conditions(document))
    error = f": {line(document.error)}" if document.error else ""
    return (
        f'<tr id="doc-{cell.key}"><td><code title="{line(evidence_path(catalogue, document))}">'
        f"{cell.key}</code></td><td>{_word(cell.kind)}{conditions}</td>"
        f"<td>{_word(document.outcome)}{error}</td><td>{line(document.started_at[:10])}</td></tr>"
    )


def _conditions(document: Evidence) -> Iterator[str]:
    conditions = document.cell.conditions
    for key in sorted(conditions, key=str.lower):
        if key != "address":
            value = conditions[key]
            yield _word(value) if isinstance(value, str) else line(plain(value))


def _word(text: str) -> str:
    """Return a word in the language of the page; one that is no message as it stands."""
    return line(translate(text))


def reported_rows(table: ReportedSpeeds) -> Markup:
    """Return a row for each machine of a publisher's page, a cell for each batch size."""
    labels = [_("batch %(size)s:", size=batch) if batch else "" for batch in table.batches]
    return Markup("".join(_reported(row, table.batches, labels) for row in table.rows))


def _reported(row: ReportedRow, batches: Sequence[str], labels: Sequence[str]) -> str:
    cells = "".join(
        f'<td data-label="{label}">{_speeds(row, batch)}</td>'
        for batch, label in zip(batches, labels, strict=True)
    )
    note = f"; {line(row.note)}" if row.note else ""
    source = outside(row.source.address, row.source.name or row.source.publisher)
    return (
        f'<tr><td>{standing("unknown")}</td><th scope="row">{line(row.machine)} '
        f"<small>{line(row.others)}</small></th>{cells}<td>{source}{note}</td></tr>"
    )


def _speeds(row: ReportedRow, batch: str) -> str:
    cells = row.cells.get(batch, [])
    return " ".join(f'<span id="{line(c.anchor)}">{line(c.text)}</span>' for c in cells)


TABLE = {
    "operator_rows": operator_rows,
    "record_rows": record_rows,
    "reported_rows": reported_rows,
    "stage_boxes": stage_boxes,
    "stage_rows": stage_rows,
}
