"""Plan the page of each model: its head, and a tab each for its claims, evidence, architecture,
benchmarks, code, training and citation."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from markupsafe import Markup

from zoo.model_index.ledger.stages import Stage, stages
from zoo.model_index.ledger.trace_summary import by_class
from zoo.reporting.i18n.fields import paragraphs_of
from zoo.reporting.i18n.gettext import N_, _, current, in_template, n_
from zoo.reporting.pages import json_ld
from zoo.reporting.pages.base import Page, Site, benchmark_context, shared_context
from zoo.reporting.pages.code import code_block
from zoo.reporting.pages.html import outside
from zoo.reporting.snippets.commands import card_command, commands
from zoo.reporting.snippets.snippets import literal
from zoo.reporting.text.escape import TITLE, printable, safe
from zoo.reporting.text.yaml_block import block, collection_lines
from zoo.reporting.views.badges import badge_checks, badge_markdown
from zoo.reporting.views.benchmarks import benchmark_row, records
from zoo.reporting.views.catalogue import Catalogue, Family, Model
from zoo.reporting.views.checkpoints import checkpoints
from zoo.reporting.views.evaluations import dataset_evaluations
from zoo.reporting.views.hypotheses import whys
from zoo.reporting.views.model_facts import (
    INTRODUCED,
    code_snippets,
    first_snippet,
    recipe,
    subject,
)
from zoo.reporting.views.model_page.citation import record_citation
from zoo.reporting.views.model_page.evidence import explanations
from zoo.reporting.views.model_page.identity import identity
from zoo.reporting.views.model_page.numbers import Numbers, numbers
from zoo.reporting.views.model_page.preprocessing import preprocessing_line
from zoo.reporting.views.model_page.speeds import largest_disagreement, reported_speeds
from zoo.reporting.views.model_page.tiles import Tile, tiles

Context = dict[str, Any]


def pages(site: Site) -> Iterator[Page]:
    """Plan a page for each model that is due."""
    shared = shared_context(site) | benchmark_context(site)
    families = {model.slug: family for family in site.catalogue.families for model in family.models}
    written: dict[int, list[str]] = {}  # lines of collections, which their models share
    for model in site.due:
        family = families[model.slug]
        context = model_context(site.catalogue, family, model)
        context |= {
            "plot": site.neighbourhood.plot(model),
            "linked_data": json_ld.model_data(site, family, model),
            "badge_markdown": badge_markdown(site.settings.url, model),
            "badge_checks": badge_checks(model),
            "record_citation": record_citation(site.settings.name, model),
            "block": _block(site.catalogue, model, written),
        }
        context["tabs"] = _tabs(context)
        yield Page(model.page, "model.md.j2", shared | context, owner=model.slug)


def _block(catalogue: Catalogue, model: Model, written: dict[int, list[str]]) -> Markup:
    collection = catalogue.zoo.index.collection_of(model.entry)
    if id(collection) not in written:
        written[id(collection)] = collection_lines(collection)
    return Markup(block(model.entry, written[id(collection)]))


def model_context(catalogue: Catalogue, family: Family, model: Model) -> Context:
    """Return the values of a model's page that depend on its family and itself alone."""
    return {
        "family": family,
        "model": model,
        **_head(family, model),
        **_evidence(model),
        **_architecture(catalogue, model),
        **_speeds(model),
        **_code(model),
        "recipe": recipe(model),
        "citation": _citation(family, model),
    }


def _head(family: Family, model: Model) -> Context:
    shown, all_numbers = tiles(model), numbers(model)
    title = _title(model, shown, all_numbers)
    return {
        "line": list(_line(family, model)),
        "tiles": shown,
        "numbers": all_numbers,
        "front_matter": Markup(
            f"title: {_in_yaml(title)}\n"
            f"description: {_in_yaml(_description(model, title, all_numbers))}"
        ),
    }


def _line(family: Family, model: Model) -> Iterator[Markup]:
    """Yield family, builder, licence and weights of a model, each with its link."""
    known = identity(family, model)
    if known.family:
        yield outside(known.paper, known.family)
    if known.built_as:
        name = Markup("<code>{}</code>").format(safe(known.built_as))
        if known.built_by:
            yield in_template(
                N_("built by %(library)s as %(name)s"), library=known.built_by, name=name
            )
        else:
            yield in_template(N_("built by %(name)s"), name=name)
    elif not model.another:
        yield in_template(N_("nothing here builds it"))
    if known.licence:
        yield outside(known.licence.address, known.licence.text)
    if known.weights:
        size = known.weights.text
        text = _("weights, %(size)s", size=size) if size else _("weights")
        yield outside(known.weights.address, text)


def _title(model: Model, shown: Sequence[Tile], all_numbers: Numbers) -> str:
    """Return the name and what a reader of a list of results wants to know: cost and faults."""
    costs = {_("Multiply-adds"): "%(number)s", _("Parameters"): _("%(number)s parameters")}
    facts = [
        costs[tile.label] % {"number": f"{tile.number} {tile.unit}"}
        for tile in shown
        if tile.label in costs and tile.unit
    ]
    text = f"{model.name}: {', '.join(facts)}" if facts else model.name
    if all_numbers.counts.wrong:
        wrong = n_(
            "%(count)s of %(total)s published numbers is wrong",
            "%(count)s of %(total)s published numbers are wrong",
            all_numbers.counts.wrong,
            total=all_numbers.total,
        )
        text = f"{text}; {wrong}"
    return text


def _description(model: Model, title: str, all_numbers: Numbers) -> str:
    """Return the first correction in words, else the title and how many numbers are right."""
    for line in all_numbers.corrections:
        if line.use:
            return _(
                "%(quantity)s of %(model)s: %(publisher)s says %(published)s, use %(use)s."
                " %(why)s.",
                quantity=line.quantity,
                model=model.name,
                publisher=line.publisher,
                published=line.published,
                use=line.use,
                why=line.words,
            )
    counts = all_numbers.counts
    standings = n_(
        "%(count)s published number, %(right)s right, %(unknown)s unknown.",
        "%(count)s published numbers, %(right)s right, %(unknown)s unknown.",
        counts.total,
        right=counts.right,
        unknown=counts.unknown,
    )
    return f"{title}. {standings}"


def _in_yaml(text: str) -> str:
    """Write a text as a value of the page's front matter, without any markup."""
    return json.dumps(printable(text).translate(TITLE), ensure_ascii=False)


def _evidence(model: Model) -> Context:
    return {
        "whys": {why.anchor for why in whys(model).values()},
        "explanations": explanations(model),
        "checkpoints": checkpoints(model),
        "evaluations": dataset_evaluations(model),
    }


def _architecture(catalogue: Catalogue, model: Model) -> Context:
    collection = catalogue.zoo.index.collection_of(model.entry)
    trace = model.trace
    cut = stages(trace, model.parts) if trace else []
    introduced = ((key, model.entry.metadata.get(key)) for key in INTRODUCED)
    return {
        "operators": by_class(trace) if trace else [],
        "stages": cut,
        "stage_title": _stage_title(cut),
        "layer_words": _layer_words(current()) if trace else "",
        "held": _parameter_counts(model),
        "architecture_facts": [(key, value) for key, value in introduced if value],
        "description": [
            *paragraphs_of(model.entry, collection, "Description")[:1],
            *paragraphs_of(model.entry, collection, "How It Works"),
        ],
        "limitations": paragraphs_of(model.entry, collection, "Limitations"),
        "intended": paragraphs_of(model.entry, collection, "Intended Use"),
    }


def _stage_title(cut: Sequence[Stage]) -> str:
    """Say which stage does most of the work."""
    most = max(cut, key=lambda stage: stage.share, default=None)
    if most is None or not most.macs:
        return _("Stages in the order they run")
    name = most.name or _("the model itself")
    return _("%(stage)s does %(percent)s %% of the work", stage=name, percent=f"{most.share:.0f}")


def _parameter_counts(model: Model) -> dict[str, int]:
    """Count trainable parameters, buffers, and parameters of modules that do not run."""
    parts = model.parts
    return {
        "trainable": sum(part.trainable for part in parts),
        "buffers": sum(part.buffers for part in parts),
        "unused": sum(part.parameters for part in parts if not part.ran),
    }


@cache
def _layer_words(language: str) -> Markup:
    """Return the texts of the table of layers, which a script loads, as JSON for an attribute in
    single quotes; `language` is the current one."""
    words = {
        "label": _("Layer by layer"),
        "itself": _("the model itself"),
        "failed": _("The layers could not be loaded: %(reason)s"),
        "csv": _("All layers as CSV"),
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
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    return Markup(str(safe(text)).replace("&#34;", '"'))


def _speeds(model: Model) -> Context:
    return {
        "measured": [benchmark_row(record) for record in records(model)],
        "speeds": reported_speeds(model),
        "disagreement": largest_disagreement(model),
    }


def _code(model: Model) -> Context:
    return {
        "first_code": first_snippet(model),
        "preprocessing_line": preprocessing_line(model),
        "snippets": code_snippets(model),
        "commands": commands(model.entry, model.input),
        "card_command": card_command(model.entry),
        "code_name": literal(subject(model).name),
        "code_block": code_block,
    }


def _citation(family: Family, model: Model) -> str:
    own = model.entry.text("citation")
    return own or (family.collection.text("citation") if family.collection else None) or ""


def _tabs(context: Context) -> list[tuple[str, str]]:
    """Return anchor and label of the parts that have content."""
    model = context["model"]
    held = {
        "numbers": (_("Numbers"), model.checks),
        "evidence": (_("Evidence"), model.documents or context["explanations"]),
        "architecture": (
            _("Architecture"),
            any(context[key] for key in ARCHITECTURE),
        ),
        "benchmarks": (_("Benchmarks"), context["measured"] or context["speeds"]),
        "code": (_("Code"), context["snippets"] or context["commands"]),
        "training": (_("Training"), context["recipe"]),
        "cite": (_("Cite"), True),
    }
    return [(key, label) for key, (label, content) in held.items() if content]


ARCHITECTURE = ("stages", "architecture_facts", "description", "limitations", "intended")
