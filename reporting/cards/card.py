"""Model cards as the Hugging Face Hub reads them: front matter, and a text made of what is known.

A section nobody has facts for is not there. Every number stands with who published it and what
measuring it gave; nothing is written that neither the index nor the evidence says.
"""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from zoo.model_index.dialects import openmmlab
from zoo.model_index.quantities.table import BY_KEY
from zoo.model_index.records.fields import Plain, fold_key, look_up
from zoo.model_index.records.records import Entry
from zoo.reporting.cards.front_matter import (
    EVALUATED,
    field_texts,
    from_card,
    front_matter,
    pretrained,
    unlinked_base,
)
from zoo.reporting.cards.results import UNNAMED, Left, tasks_of, verified
from zoo.reporting.snippets.snippets import Snippet, snippets
from zoo.reporting.text import markdown
from zoo.reporting.text.escape import paragraphs
from zoo.reporting.text.format import flat, format_with_unit, plain
from zoo.reporting.text.yaml_block import mapping
from zoo.reporting.views.catalogue import Catalogue, Check, Family, Model
from zoo.reporting.views.model_facts import preprocessing, recipe, subject
from zoo.reporting.views.provenance import evidence_path, measured_on
from zoo.reporting.views.results import Metric, beside, results, texts

TEMPLATES = Path(__file__).parents[1] / "templates"
SNIPPETS = 3  # use, features, fine-tune; training anew is no use of these weights
STATED = {
    "Intended uses": ("intended uses", "intended use", "uses"),
    "Limitations": ("limitations", "limitations and bias", "bias, risks, and limitations", "bias"),
}
ELSEWHERE = frozenset({
    "name", "in collection", "metadata", "results", "reported", "builder", "publisher", "source", "weights", "code",
    "paper", "model-index", "license", "licence", "license name", "license link", "tags", "datasets", "library name",
    "pipeline tag", "model name", "base model", *(key for keys in STATED.values() for key in keys),
})  # fmt: skip


def card(
    catalogue: Catalogue, model: Model, *, short: bool = False, left: Left = lambda what, why: None
) -> str:
    """The card of one model; a short one has no code, no environment and nothing of how it was
    measured.

    `left` is told what the index states that the front matter has no place for.
    """
    family = next(family for family in catalogue.families if model in family.models)
    front = "\n".join(mapping(front_matter(model, family, left)))
    body = (
        _environment()
        .get_template("card.md.j2")
        .render(context(catalogue, model, family, short=short))
    )
    return f"---\n{front}\n---\n\n{body.strip()}\n"


def context(catalogue: Catalogue, model: Model, family: Family, *, short: bool) -> dict[str, Any]:
    """What the template needs: each part is empty where nothing is known."""
    collection = family.collection
    evidence = None if short else model.evidence
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
        "recipe": [
            (name, flat(value))
            for name, value in recipe(model)
            if fold_key(name) != "training data"
        ],
        "preprocessing": _preprocessing(model),
        "results": _results(model, short),
        "numbers": [_number(check, short) for check in model.checks if not check.claim.row.metric],
        "short": short,
        "evidence": evidence,
        "path": evidence_path(catalogue, evidence) if evidence else "",
        "conditions": {k: ", ".join(v) for k, v in measured_on(evidence).items() if v}
        if evidence
        else {},
        "citation": collection.text("citation") if collection else None,
    }


def _text(texts_: list[str]) -> Markup:
    """Plain text as paragraphs."""
    return Markup("\n\n".join(markdown.line(part) for text in texts_ for part in paragraphs(text)))


def _facts(model: Model, family: Family) -> list[tuple[str, object]]:
    """Name and value of what can be said in a line, fields of the index under their own
    spelling."""
    entry, collection = model.entry, family.collection
    shared = collection.fields if collection else {}
    full_name = collection.text("full name") if collection else None
    facts: list[tuple[str, object]] = [
        (
            "Family",
            f"{family.name} ({full_name})" if full_name else family.name if collection else "",
        ),
        (
            "Published by",
            markdown.link(entry.source, entry.publisher) if entry.publisher not in UNNAMED else "",
        ),
        ("Architecture", flat(look_up(entry.metadata, "architecture"))),
        (
            "Paper",
            _paper(look_up(entry.fields, "paper") or (collection.paper if collection else {})),
        ),
        (
            "Code",
            _addresses(
                look_up(entry.fields, "code") or look_up({**entry.inherited, **shared}, "code")
            ),
        ),
        ("Weights", _addresses(list(entry.weights))),
        ("Licence", ", ".join(field_texts(model, family, "license", "licence"))),
        ("Base model", ", ".join(unlinked_base(model, family))),
        ("Licence of the pretrained weights", plain(pretrained(model).get("license"))),
        ("Built by", _built(model)),
    ]
    facts += [
        (key, flat(value)) for key, value in entry.fields.items() if not _said(entry, fold_key(key))
    ]
    return [(name, value) for name, value in facts if value]


def _said(entry: Entry, key: str) -> bool:
    """Whether a field is elsewhere in the card: those of a card that was read are its front
    matter."""
    return key in ELSEWHERE or (from_card(entry) and key != EVALUATED)


def _paper(paper: Plain) -> object:
    if not isinstance(paper, dict):
        return _addresses(paper)
    address = look_up(paper, "url")
    title = look_up(paper, "title") or address
    return markdown.link(address, flat(title)) if title else ""


def _addresses(value: Plain) -> object:
    """Texts as links where they are addresses; a mapping in words."""
    if isinstance(value, dict):
        return flat(value)
    return Markup(", ".join(markdown.link(text, text) for text in texts(value)))


def _built(model: Model) -> str:
    builder = model.entry.builder
    if builder.kind == openmmlab.KIND:
        return ""
    arguments = ", ".join(f"{key}={value!r}" for key, value in builder.arguments.items())
    return f"{builder} with {arguments}" if arguments else str(builder)


def _uses(model: Model) -> list[str]:
    """The tasks that the publisher names, with the classes that the pretrained model tells
    apart."""
    classes = pretrained(model).get("num_classes")
    return [
        f"{task}, {classes} classes" if classes and "classification" in task.lower() else task
        for task in tasks_of(model.entry)
    ]


def _preprocessing(model: Model) -> list[tuple[str, str, str]]:
    """Setting, as published and as configured; rows that say nothing of these weights are left
    out."""
    own = bool(pretrained(model))
    rows = [
        (name, claim, configured if own else None)
        for name, claim, configured in preprocessing(model)
    ]
    return [
        (name, claim.printed if claim else "", "" if configured is None else plain(configured))
        for name, claim, configured in rows
        if claim or configured is not None
    ]


def _code(model: Model) -> list[Snippet]:
    """Code for the published weights: none where they are OpenMMLab's, which the builder does not
    load."""
    entry = model.entry
    return [] if openmmlab.is_openmmlab_entry(entry) else snippets(subject(model))[:SNIPPETS]


def _results(model: Model, short: bool) -> list[tuple[object, ...]]:
    """Metric, data set, publisher and value of every result, then whether it was measured and how
    it stands."""
    found = {check.claim: check for check in model.checks}
    rows: list[tuple[object, ...]] = []
    for result in results(model.entry):
        for metric in result.metrics:
            check = found.get(metric.claim) if metric.claim else None
            publisher = markdown.link(result.source, result.publisher)
            judged = () if short else _verdict(check)
            dataset = beside(result.dataset.called or "", result.dataset.details | result.more)
            rows.append(
                (
                    metric.label,
                    dataset,
                    publisher,
                    beside(_value(metric), metric.conditions),
                    *judged,
                )
            )
    return rows


def _value(metric: Metric) -> str:
    return metric.claim.row.show(metric.claim.value) if metric.claim else metric.raw


def _verdict(check: Check | None) -> tuple[str, str]:
    """Whether the ledger has measured it, and how it stands."""
    if check is None:
        return "", ""
    return (
        "yes" if verified(check.finding) else "no"
    ), f"{check.standing.label}: {check.finding.reason}"


def _number(check: Check, short: bool) -> tuple[object, ...]:
    claim, finding = check.claim, check.finding
    what = (BY_KEY[claim.quantity].label, markdown.link(claim.source, claim.publisher))
    if short:
        return (*what, beside(claim.printed, claim.conditions))
    cause = f"{finding.cause}: {finding.reason}" if finding.cause else finding.reason
    claimed = beside(format_with_unit(finding, claim.value), claim.conditions)
    return (
        *what,
        claimed,
        format_with_unit(finding, finding.measured),
        check.standing.label,
        cause,
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, finalize=markdown.line,
        trim_blocks=True, lstrip_blocks=True, autoescape=False,
    )  # fmt: skip
    environment.globals |= {"table": markdown.table, "fenced": markdown.fenced}
    return environment
