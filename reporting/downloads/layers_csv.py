"""Write a model layer by layer as CSV: one row for each module that did work or holds parameters,
in the order in which they ran.

There may be a thousand rows, so a page loads them only on demand.
"""

import csv
import io
from collections.abc import Iterator

from zoo.reporting.pages.base import File, Site
from zoo.reporting.text.csv import escape_cell
from zoo.reporting.views.catalogue import Model

COLUMNS = (
    "layer",
    "type",
    "calls",
    "multiply_adds",
    "share",
    "parameters",
    "elements_in",
    "elements_out",
)


def files(site: Site) -> Iterator[File]:
    """Yield a file for each due model that has a trace."""
    for model in site.due:
        if model.trace:
            yield File(path(model), layers_csv(model), owner=model.slug)


def path(model: Model) -> str:
    """Return the path of a model's file below the site's root."""
    return f"downloads/layers/{model.slug}.csv"


def layers_csv(model: Model) -> str:
    """Return the table of a model's layers.

    `share` is of all multiply-adds, in percent; elements are those that the layer's operators read
    and wrote.
    """
    trace = model.trace
    rows: dict[str, list[int]] = {}
    types: dict[str, str] = {}
    for row in trace.rows if trace else ():
        totals = rows.setdefault(row.module, [0, 0, 0, 0])
        types.setdefault(row.module, row.module_type.rpartition(".")[2])
        for column, number in enumerate((1, row.macs, row.inputs, row.outputs)):
            totals[column] += number
    parameters = {part.module: part.parameters for part in model.parts}
    for part in model.parts:
        rows.setdefault(part.module, [0, 0, 0, 0])
        types.setdefault(part.module, part.module_type.rpartition(".")[2])
    macs = (trace.macs if trace else 0) or 1
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name, (calls, work, read, wrote) in rows.items():
        share = f"{100 * work / macs:.3f}"
        writer.writerow(
            [
                escape_cell(name),
                types[name],
                calls,
                work,
                share,
                parameters.get(name, 0),
                read,
                wrote,
            ]
        )
    return out.getvalue()
