"""The rows of the table of models as HTML: what a reader has before, or without, the script."""

from collections.abc import Sequence

from markupsafe import Markup

from zoo.model_index.findings import Standing
from zoo.reporting.i18n.gettext import _
from zoo.reporting.pages.columns import Column
from zoo.reporting.pages.models.notation import show_value
from zoo.reporting.pages.models.selection import CLAIMS
from zoo.reporting.pages.standing import WORDS, standing
from zoo.reporting.text.escape import one_line, safe
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.claim_lines import ORDER, counts_of


def body(listed: Sequence[Column], models: Sequence[Model], base: str = "") -> Markup:
    """Return the rows; `base` leads to the folder of the models.

    Each cell is closed: the parser of Material's search takes quadratic time where the end of a
    cell is left out.
    """
    rows = (_row(number, listed, model, base) for number, model in enumerate(models, 2))
    return Markup("\n".join(rows))


def _row(number: int, listed: Sequence[Column], model: Model, base: str) -> str:
    page = base + model.slug
    cells = "".join(_cell(column, model, page) for column in listed)
    return f'<tr aria-rowindex="{number}">{cells}</tr>'


def _cell(column: Column, model: Model, page: str) -> str:
    if column.key == "model":
        name = safe(one_line(model.name))
        return f'<th scope="row" class="c-name"><a href="{page}/" title="{name}">{name}</a></th>'
    if column.key == CLAIMS:
        return f'<td class="c-claims">{_counts(model)}</td>'
    kind = ' class="num"' if column.kind == "number" or column.key == "input" else ""
    raw = column.raw(model)
    if raw is None and (check := column.check(model)) and check.usable is None:
        link = f'<a href="{page}/#{check.anchor}">{standing(Standing.WRONG)}</a>'
        return f"<td{kind}>{link}</td>"
    return f"<td{kind}>{safe(one_line(show_value(column, raw)))}</td>"


def _counts(model: Model) -> str:
    """Return the signs of a model's claims with their counts, the wrong ones first."""
    counts = zip(ORDER, counts_of(model), strict=True)
    return "".join(
        f'<span class="st st--{kind}">{count:,}<span class="vh"> {safe(_(WORDS[kind]))}</span>'
        "</span>"
        for kind, count in counts
        if count
    )
