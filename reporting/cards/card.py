"""Write model cards for the Hugging Face Hub: front matter, and a text from the index and the
evidence.

A section without facts is left out. Every number has its publisher and the measured value beside
it.
"""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from zoo.model_index.dialects import openmmlab
from zoo.model_index.ledger.store import Evidence
from zoo.model_index.records.fields import Plain, fold_key, look_up
from zoo.model_index.records.records import NO_BUILDER, Entry
from zoo.reporting.cards.front_matter import (
    EVALUATED,
    field_texts,
    from_card,
    front_matter,
    pretrained_configuration,
    unlinked_base,
)
from zoo.reporting.cards.results import (
    UNNAMED,
    CountLoss,
    agrees_with_measurement,
    ignore_loss,
    tasks_of,
)
from zoo.reporting.snippets.snippets import Snippet
from zoo.reporting.text import markdown
from zoo.reporting.text.escape import paragraphs
from zoo.reporting.text.format import flat, format_with_unit, plain
from zoo.reporting.text.yaml_block import mapping
from zoo.reporting.views.catalogue import Catalogue, Check, Family, Model
from zoo.reporting.views.model_facts import code_snippets, preprocessing, recipe
from zoo.reporting.views.provenance import describe_setup, evidence_path
from zoo.reporting.views.results import Metric, beside, results, texts

TEMPLATES = Path(__file__).parents[1] / "templates"
SNIPPETS = 3  # use, features, fine-tune; training from scratch does not use these weights
STATED = {
    "Intended uses": ("intended uses", "intended use", "uses"),
    "Limitations": ("limitations", "limitations and bias", "bias, risks, and limitations", "bias"),
}
ELSEWHERE = frozenset(
    {
        "name",
        "in collection",
        "metadata",
        "results",
        "reported",
        "builder",
        "input",
        "publisher",
        "source",
        "weights",
        "code",
        "paper",
        "model-index",
        "license",
        "licence",
        "license name",
        "license link",
        "tags",
        "datasets",
        "library name",
        "pipeline tag",
        "model name",
        "base model",
        *(key for keys in STATED.values() for key in keys),
    }
)


def card(
    catalogue: Catalogue, model: Model, *, short: bool = False, count_loss: CountLoss = ignore_loss
) -> str:
    """Return the card of one model; a short one has no code, no environment and no measurements.

    `count_loss` gets what the index states and the front matter has no place for.
    """
    family = next(family for family in catalogue.families if model in family.models)
    front = "\n".join(mapping(front_matter(model, family, count_loss)))
    template = _environment().get_template("card.md.j2")
    body = template.render(context(catalogue, model, family, short=short))
    return f"---\n{front}\n---\n\n{body.strip()}\n"


def context(catalogue: Catalogue, model: Model, family: Family, *, short: bool) -> dict[str, Any]:
    """Return the template's variables; a part without facts is empty."""
    collection = family.collection
    evidence = None if short or model.another else model.evidence
    settings = [item for item in recipe(model) if fold_key(item[0]) != "training data"]
    stated = {heading: field_texts(model, family, *keys) for heading, keys in STATED.items()}
    return {
        "model": model,
        "description": _text([collection.text("description") or ""]) if collection else "",
        "facts": _facts(model, family),
        "intended": _text(stated["Intended uses"]),
        "uses": [] if stated["Intended uses"] else _uses(model),
        "limitations": _text(stated["Limitations"]),
        "uncounted": [] if short else model.uncounted,
        "snippets": [] if short else _code(model),
        "data": dict.fromkeys(texts(look_up(model.entry.metadata, "training data"))),
        "recipe": [(name, flat(value)) for name, value in settings],
        "preprocessing": _preprocessing(model),
        "results": _results(model, short),
        "numbers": [_number(check, short) for check in model.checks if not check.claim.row.metric],
        "short": short,
        "evidence": evidence,
        "path": evidence_path(catalogue, evidence) if evidence else "",
        "conditions": _conditions(evidence) if evidence else {},
        "citation": collection.text("citation") if collection else None,
    }


def _conditions(evidence: Evidence) -> dict[str, str]:
    return {name: ", ".join(values) for name, values in describe_setup(evidence).items() if values}


def _text(plain_texts: list[str]) -> Markup:
    """Return plain texts as paragraphs."""
    lines = (markdown.line(part) for text in plain_texts for part in paragraphs(text))
    return Markup("\n\n".join(lines))


def _facts(model: Model, family: Family) -> list[tuple[str, object]]:
    """Return name and value of every fact of one line; other fields of the index keep their
    spelling."""
    entry, collection = model.entry, family.collection
    shared = collection.fields if collection else {}
    paper = look_up(entry.fields, "paper") or (collection.paper if collection else {})
    code = look_up(entry.fields, "code") or look_up({**entry.inherited, **shared}, "code")
    publisher = markdown.link(entry.source, entry.publisher)
    facts: list[tuple[str, object]] = [
        ("Family", _family(family)),
        ("Published by", publisher if entry.publisher not in UNNAMED else ""),
        ("Architecture", flat(look_up(entry.metadata, "architecture"))),
        ("Paper", _paper(paper)),
        ("Code", _addresses(code)),
        ("Weights", _addresses(list(entry.weights))),
        ("Licence", ", ".join(field_texts(model, family, "license", "licence"))),
        ("Base model", ", ".join(unlinked_base(model, family))),
        (
            "Licence of the pretrained weights",
            plain(pretrained_configuration(model).get("license")),
        ),
        ("Built by", _builder(model)),
        ("Input", _input(model)),
    ]
    for key, value in entry.fields.items():
        if not _is_elsewhere(entry, fold_key(key)):
            facts.append((key, flat(value)))
    return [(name, value) for name, value in facts if value]


def _family(family: Family) -> str:
    if not family.collection:
        return ""
    full_name = family.collection.text("full name")
    return f"{family.name} ({full_name})" if full_name else family.name


def _is_elsewhere(entry: Entry, key: str) -> bool:
    """Whether a field is elsewhere in the card; the fields of a card that was read are its front
    matter."""
    return key in ELSEWHERE or (from_card(entry) and key != EVALUATED)


def _paper(paper: Plain) -> object:
    if not isinstance(paper, dict):
        return _addresses(paper)
    address = look_up(paper, "url")
    title = look_up(paper, "title") or address
    return markdown.link(address, flat(title)) if title else ""


def _addresses(value: Plain) -> object:
    """Return texts as links where they are addresses; a mapping as text."""
    if isinstance(value, dict):
        return flat(value)
    return Markup(", ".join(markdown.link(text, text) for text in texts(value)))


def _builder(model: Model) -> str:
    builder = model.entry.builder
    if builder.kind in (openmmlab.KIND, NO_BUILDER):
        return ""
    arguments = ", ".join(f"{key}={value!r}" for key, value in builder.arguments.items())
    return f"{builder} with {arguments}" if arguments else str(builder)


def _input(model: Model) -> str:
    """Return what the model takes; "" where nothing says it, and for an image that no Input
    states."""
    stated = model.entry.input
    spec = model.input or stated or model.entry.stated_input
    return "" if spec is None or (spec.is_image and not stated) else str(spec)


def _uses(model: Model) -> list[str]:
    """Return the publisher's tasks, with the number of classes of the pretrained model."""
    classes = pretrained_configuration(model).get("num_classes")
    return [
        f"{task}, {classes} classes" if classes and "classification" in task.lower() else task
        for task in tasks_of(model.entry)
    ]


def _preprocessing(model: Model) -> list[tuple[str, str, str]]:
    """Return setting, published value and configured value; rows without a value are left out."""
    has_configuration = bool(pretrained_configuration(model))
    rows = []
    for name, claim, configured in preprocessing(model):
        published = claim.printed if claim else ""
        value = plain(configured) if has_configuration and configured is not None else ""
        if claim or (has_configuration and configured is not None):
            rows.append((name, published, value))
    return rows


def _code(model: Model) -> list[Snippet]:
    """Return code for the published weights; none for OpenMMLab's, which the builder does not
    load."""
    entry = model.entry
    return [] if openmmlab.is_openmmlab_entry(entry) else code_snippets(model)[:SNIPPETS]


def _results(model: Model, short: bool) -> list[tuple[object, ...]]:
    """Return metric, data set, publisher and value of every result; in a long card also whether it
    was measured, and its verdict."""
    checks = {check.claim: check for check in model.checks}
    rows: list[tuple[object, ...]] = []
    for result in results(model.entry):
        publisher = markdown.link(result.source, result.publisher)
        dataset = beside(result.dataset.called or "", result.dataset.details | result.more)
        for metric in result.metrics:
            check = checks.get(metric.claim) if metric.claim else None
            verdict = () if short else _verdict(check)
            value = beside(_value(metric), metric.conditions)
            rows.append((metric.label, dataset, publisher, value, *verdict))
    return rows


def _value(metric: Metric) -> str:
    claim = metric.claim
    if claim and claim.row.check == "accuracy":
        return claim.row.show(claim.value)
    return claim.printed if claim else metric.raw


def _verdict(check: Check | None) -> tuple[str, str]:
    """Return whether the ledger has measured it, and its verdict."""
    if check is None:
        return "", ""
    measured = "yes" if agrees_with_measurement(check.finding) else "no"
    return measured, f"{check.verdict_badge.label}: {check.finding.reason}"


def _number(check: Check, short: bool) -> tuple[object, ...]:
    claim, finding = check.claim, check.finding
    label, publisher = claim.row.label, markdown.link(claim.source, claim.publisher)
    if short:
        return label, publisher, beside(claim.printed, claim.conditions)
    cause = f"{finding.cause}: {finding.reason}" if finding.cause else finding.reason
    claimed = beside(format_with_unit(finding, claim.value), claim.conditions)
    measured = format_with_unit(finding, finding.measured)
    return label, publisher, claimed, measured, check.verdict_badge.label, cause


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        finalize=markdown.line,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    environment.globals |= {"table": markdown.table, "fence_code": markdown.fence_code}
    return environment
