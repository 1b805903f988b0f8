"""Plan the page where readers draw their own plot: any quantity as axis, size or colour, within
budgets.

The first plot is drawn here and needs no script. The script reads `downloads/models.json` and draws
the others.
"""

from collections.abc import Iterator

from markupsafe import Markup

from zoo.reporting.i18n.gettext import _
from zoo.reporting.i18n.vocabulary import task_labels
from zoo.reporting.pages.base import Page, Site
from zoo.reporting.pages.columns import LABELS, Column
from zoo.reporting.pages.models.page import PAGE
from zoo.reporting.pages.standing import WORDS
from zoo.reporting.pages.table_columns import columns
from zoo.reporting.text.script_json import script_json
from zoo.reporting.views.measured_quantities import MEASURED

# Columns that may colour points, besides numbers.
COLOURS = ("family", "verdict", "publisher", "licence", "input")


def pages(site: Site) -> Iterator[Page]:
    """Plan the page."""
    listed = columns(site)
    budgets = {quantity.key for quantity in MEASURED}
    script_data = {
        "axes": [_describe(column) for column in listed if column.axis],
        "colours": [_describe(column) for column in listed if column.key in COLOURS],
        "budgets": [c.key for c in listed if c.key in budgets or c.key.startswith("latency-")],
        "tasks": task_labels(site.catalogue.tasks),
        "verdicts": {key: _(label) for key, label in (LABELS | WORDS).items()},
        "words": words(),
    }
    plot = next(iter(site.drawn[PAGE]), None)
    yield Page(
        "explore/index.md",
        "explore.md.j2",
        {"script_data": Markup(script_json(script_data)), "plot": plot},
    )


def _describe(column: Column) -> dict[str, object]:
    label = column.title
    metric = column.board is not None
    return {
        "key": column.key,
        "label": label,
        "unit": column.unit,
        "better": column.better,
        "metric": metric,
    }


def words() -> dict[str, str]:
    """Return the texts of the script in the current language."""
    return {
        "x": _("Across"),
        "y": _("Up"),
        "quantity": _("Quantity"),
        "size": _("Size of points"),
        "colour": _("Colour"),
        "equal": _("all alike"),
        "log": _("logarithmic"),
        "joined": _("Join the models of a family"),
        "frontier": _("Pareto frontier"),
        "names": _("Names on the frontier"),
        "budgets": _("Budgets"),
        "nolimit": _("no limit"),
        "limit": _("at most %(limit)s"),
        "best": _("Within %(budgets)s, the best %(goal)s is %(value)s: %(models)s."),
        "bestall": _("The best %(goal)s is %(value)s: %(models)s."),
        "none": _("No model is within %(budgets)s."),
        "unknown": _("Models without such a value are not within a budget."),
        "families": _("Families"),
        "task": _("Task"),
        "everytask": _("all tasks"),
        "every": _("All"),
        "drawn": _("%(shown)s of %(all)s models are drawn."),
        "missing": _("Without both values, or zero on a logarithmic axis: %(models)s"),
        "table": _("The numbers in this plot"),
        "more": _("Show all %(count)s"),
        "model": _("Model"),
        "onit": _("on the frontier"),
        "downloads": _("This picture as"),
        "embed": _("Embed this plot"),
        "embedhow": _("Put this into a page of yours:"),
        "back": _("Open in the zoo"),
        "help": _("Arrow keys go from point to point, Enter opens a model."),
        "failed": _("The numbers could not be loaded: %(reason)s"),
        "plot": _("Plot of %(y)s against %(x)s"),
        "notstated": _("not stated"),
        "better": _("Better is %(where)s."),
        "upleft": _("up and to the left"),
        "upright": _("up and to the right"),
        "downleft": _("down and to the left"),
        "downright": _("down and to the right"),
    }
