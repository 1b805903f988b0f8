"""Plan the page that compares two to four models; a script fills it from `models.json` and the
models' JSON. Before anybody chooses, and without a script, it has a family as a table and leads to
the others."""

from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup

from zoo.reporting.i18n.gettext import _, current
from zoo.reporting.pages.base import Page, Site
from zoo.reporting.pages.compare_words import WORDS
from zoo.reporting.pages.standing import WORDS as STANDINGS
from zoo.reporting.pages.table_columns import columns
from zoo.reporting.text.script_json import script_json
from zoo.reporting.views.catalogue import Catalogue, Family, Model
from zoo.reporting.views.claim_lines import quantity_label
from zoo.reporting.views.members import members_of
from zoo.reporting.views.model_facts import PREPROCESSING

MOST = 4  # models side by side
FAMILIES = 12  # that the page leads to


def pages(site: Site) -> Iterator[Page]:
    """Plan the page."""
    families = _several(site.catalogue)
    example = families[0] if families else None
    context = {
        "script_data": Markup(script_json(_script_data(site))),
        "families": families[:FAMILIES],
        "example": example,
        "members": members_of(example.models[:MOST]) if example else None,
        "catalogue": site.catalogue,
    }
    yield Page("compare/index.md", "compare.md.j2", context)


def _several(catalogue: Catalogue) -> list[Family]:
    """Return the families with two models or more, the largest first."""
    several = [family for family in catalogue.families if len(family.models) > 1]
    return sorted(several, key=lambda family: -len(family.models))


def comparison_query(models: Sequence[Model], first: Model | None = None) -> str:
    """Return the query that compares a model with its neighbours, or the first of a family."""
    if first is not None:
        at = next(number for number, model in enumerate(models) if model is first)
        start = max(0, min(at - 1, len(models) - MOST))
        near = [model for model in models[start : start + MOST] if model is not first]
        models = [first, *near]
    return "?models=" + ",".join(model.slug for model in models[:MOST])


def _script_data(site: Site) -> dict[str, Any]:
    """Return what the script says in the language of the page: the labels of columns, of claimed
    quantities and of settings, and its texts."""
    claimed = {check.claim.quantity: check.claim.row for _model, check in site.catalogue.checks}
    texts = {**WORDS, **STANDINGS}
    return {
        "language": current(),
        "columns": {column.key: {"label": _(column.label)} for column in columns(site)},
        "labels": {key: quantity_label(row) for key, row in claimed.items()},
        "settings": {_fold(label): _(label) for label, _quantity, _key in PREPROCESSING},
        "words": {key: _(text) for key, text in texts.items()} | {"comma": _(", ")},
    }


def _fold(label: str) -> str:
    """Return the name of a setting as a key: `crop_fraction`."""
    return label.lower().replace(" ", "_")
