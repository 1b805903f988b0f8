"""Plan the page of each model: its claims, trace, settings, recipe, results and code."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from zoo.model_index.ledger.stages import stages
from zoo.model_index.ledger.trace_summary import by_class
from zoo.model_index.quantities.value import agrees
from zoo.model_index.records.leaderboards import Conditions, conditions_of
from zoo.reporting.i18n.fields import paragraphs_of
from zoo.reporting.i18n.gettext import _
from zoo.reporting.pages import json_ld
from zoo.reporting.pages.base import Page, Site, benchmark_context, shared_context
from zoo.reporting.snippets.commands import commands
from zoo.reporting.snippets.snippets import literal
from zoo.reporting.text.escape import one_line
from zoo.reporting.text.yaml_block import block
from zoo.reporting.views import benchmarks
from zoo.reporting.views.badges import badge_checks, badge_markdown
from zoo.reporting.views.catalogue import Catalogue, Check, Model
from zoo.reporting.views.checkpoints import checkpoints
from zoo.reporting.views.evaluations import dataset_evaluations
from zoo.reporting.views.hypotheses import whys
from zoo.reporting.views.model_facts import (
    INTRODUCED,
    code_snippets,
    preprocessing,
    recipe,
    subject,
)


def pages(site: Site) -> Iterator[Page]:
    """Plan a page for each model that is due."""
    shared = shared_context(site) | benchmark_context(site)
    families = {model.slug: family for family in site.catalogue.families for model in family.models}
    for model in site.due:
        context = {
            "family": families[model.slug],
            "model": model,
            "linked_data": json_ld.model_data(site, model),
            "badge_markdown": badge_markdown(site.settings.url, model),
            "badge_checks": badge_checks(model),
        }
        context |= benchmarks.context(model) | model_context(site.catalogue, model)
        yield Page(model.page, "model.md.j2", shared | context, owner=model.slug)


def model_context(catalogue: Catalogue, model: Model) -> dict[str, Any]:
    """Return the values that the template of a model's page needs besides the model."""
    trace, subject_ = model.trace, subject(model)
    collection = catalogue.zoo.index.collection_of(model.entry)
    text = block(catalogue.zoo.index, model.entry)
    return {
        "whys": whys(model),
        "documented": {document.cell.key for document in model.documents},
        "checkpoints": checkpoints(model),
        "evaluations": dataset_evaluations(model),
        "operators": by_class(trace) if trace else [],
        "stages": stages(trace, model.parts) if trace else [],
        "layer_words": json.dumps(_layer_words(), ensure_ascii=False) if trace else "",
        "held": _parameter_counts(model),
        "preprocessing": preprocessing(model),
        "recipe": recipe(model),
        "introduced": INTRODUCED,
        "results": _results(model),
        "snippets": code_snippets(model),
        "commands": commands(model.entry, model.input),
        "code_name": literal(subject_.name),
        "description": paragraphs_of(model.entry, collection, "How It Works"),
        "limitations": paragraphs_of(model.entry, collection, "Limitations"),
        "intended": paragraphs_of(model.entry, collection, "Intended Use"),
        "block": Markup(text),
        "block_text": text.removeprefix("<!--\n").removesuffix("\n-->"),
    }


def _parameter_counts(model: Model) -> dict[str, int]:
    """Count trainable parameters, buffers, and parameters of modules that do not run."""
    parts = model.parts
    return {
        "trainable": sum(part.trainable for part in parts),
        "buffers": sum(part.buffers for part in parts),
        "unused": sum(part.parameters for part in parts if not part.ran),
    }


def _layer_words() -> dict[str, object]:
    """Return the texts of the table of layers, which a script loads."""
    return {
        "label": _("Layer by layer"),
        "itself": _("the model itself"),
        "failed": _("The layers could not be loaded: %(reason)s"),
        "columns": [
            _("Layer"),
            _("Type"),
            _("Calls"),
            _("Multiply-adds"),
            _("Share in percent"),
            _("Parameters"),
            _("Elements read"),
            _("Elements written"),
        ],
    }


@dataclass(frozen=True, slots=True)
class PublisherRow:
    """The checks of a quantity on a data set, by publisher; `agree` is None for one publisher."""

    label: str
    dataset: str
    checks: dict[str, Check]
    agree: bool | None


def _results(model: Model) -> dict[str, Any] | None:
    """Return the table of metrics and of quantities that several publishers state: quantities in
    rows, publishers in columns. Numbers share a row where data set and conditions are the same."""
    rows: dict[tuple[str, str, Conditions], dict[str, Check]] = {}
    for check in model.checks:
        if check.claim.row.check not in ("benchmark", "builder", "checkpoint"):
            conditions = conditions_of(check.claim) if check.claim.row.metric else ()
            name = check.claim.quantity, check.claim.dataset or "", conditions
            rows.setdefault(name, {}).setdefault(check.claim.publisher, check)
    shown = {
        name: checks
        for name, checks in rows.items()
        if len(checks) > 1 or next(iter(checks.values())).claim.row.metric
    }
    publishers = {
        c.claim.publisher: c.claim.source for checks in shown.values() for c in checks.values()
    }
    table_rows = [
        PublisherRow(_label(checks, conditions), data, checks, _agree(checks))
        for (_key, data, conditions), checks in shown.items()
    ]
    return {"rows": table_rows, "publishers": publishers} if table_rows else None


def _label(checks: dict[str, Check], conditions: Conditions) -> str:
    """Name the quantity of a row, and what else is stated of its numbers."""
    label = _(next(iter(checks.values())).claim.row.label)
    return one_line(", ".join([label, *(f"{name} {value}" for name, value in conditions)]))


def _agree(checks: dict[str, Check]) -> bool | None:
    """Return whether all checks have one value, to the digits of the coarsest claim."""
    if len(checks) < 2:
        return None
    claims = sorted(
        (c.claim for c in checks.values()), key=lambda c: c.parsed.step or 0, reverse=True
    )
    return all(agrees(claims[0].parsed, claim.value) for claim in claims[1:])
