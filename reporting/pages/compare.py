"""Plan the page that compares two to four models; a script fills it from the models' JSON."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from zoo.reporting.i18n.gettext import _
from zoo.reporting.pages.base import Page, Site
from zoo.reporting.pages.columns import LABELS
from zoo.reporting.pages.standing import WORDS
from zoo.reporting.pages.table_columns import columns
from zoo.reporting.text.script_json import script_json
from zoo.reporting.views.catalogue import Model

MOST = 4  # models side by side
# These have rows of their own.
LEFT_OUT = frozenset(
    "model family zoo wrong right unknown failing verdict publisher tasks licence".split()
)


def pages(site: Site) -> Iterator[Page]:
    """Plan the page."""
    rows = [
        {
            "key": c.key,
            "label": c.title,
            "unit": c.unit,
            "better": c.better,
            "kind": c.kind,
            "measured": c.measured,
            "metric": c.board is not None,
        }
        for c in columns(site)
        if c.key not in LEFT_OUT
    ]
    script_data = {
        "rows": rows,
        "verdicts": {key: _(label) for key, label in (LABELS | WORDS).items()},
        "words": words(),
    }
    yield Page(
        "compare/index.md",
        "compare.md.j2",
        {"script_data": Markup(script_json(script_data)), "catalogue": site.catalogue},
    )


def comparison_query(models: Sequence[Model], first: Model | None = None) -> str:
    """Return the query that compares a model with its neighbours, or the first of a family."""
    if first is not None:
        at = next(number for number, model in enumerate(models) if model is first)
        start = max(0, min(at - 1, len(models) - MOST))
        near = [model for model in models[start : start + MOST] if model is not first]
        models = [first, *near]
    return "?models=" + ",".join(model.slug for model in models[:MOST])


def words() -> dict[str, str]:
    """Return the texts of the script in the current language."""
    return {
        "add": _("Add a model"),
        "button": _("Add"),
        "remove": _("Remove %(model)s"),
        "unknown": _("No model is called %(name)s."),
        "full": _("Four models are the most."),
        "few": _("Choose two models at least."),
        "failed": _("%(name)s could not be loaded: %(reason)s"),
        "differences": _("Only what differs"),
        "quantity": _("Quantity"),
        "best": _("best"),
        "family": _("Family"),
        "licence": _("Licence of the weights"),
        "tasks": _("Tasks"),
        "publisher": _("Metrics claimed by"),
        "builder": _("Built by"),
        "preprocessing": _("Preprocessing"),
        "numbers": _("Quantities"),
        "about": _("About the models"),
        "speeds": _("Benchmarks measured here"),
        "nospeeds": _(
            "No two of these models were measured in the same set-up, so no speeds are put side by"
            " side."
        ),
        "setup": _("%(machine)s, %(engine)s, %(precision)s, %(mode)s, batch size %(batch)s"),
        "code": _("Code"),
        "dominated": _(
            "%(model)s is dominated by %(by)s: %(by)s is better in %(what)s, and worse in nothing"
            " that both have."
        ),
        "nobody": _("None of them is dominated: each is better than every other in something."),
        "unclear": _(
            "None of them is dominated in what they have in common; too little is stated to say"
            " more."
        ),
        "notstated": _("not stated"),
        "table": _("Comparison of %(models)s"),
    }
