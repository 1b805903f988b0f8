"""Everything the site says about one model as JSON: a file for each model, and the JSON Schema of
all of them."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from zoo.model_index.ledger.store import Evidence
from zoo.model_index.quantities.value import Value
from zoo.reporting.pages.base import Site
from zoo.reporting.pages.model import preprocessing, recipe, subject
from zoo.reporting.snippets.snippets import snippets
from zoo.reporting.text.escape import one_line
from zoo.reporting.text.format import flat, plain
from zoo.reporting.views.benchmarks import records
from zoo.reporting.views.catalogue import Check, Model
from zoo.reporting.views.tolerance import tolerance

SCHEMA = 1
Number = int | float | str | list[int] | None


class ClaimOf(msgspec.Struct, omit_defaults=True):
    """One claim, its verdict, and what it rests on. Numbers are in `unit`; `place` is the file and
    line."""

    quantity: str
    publisher: str
    claimed: Number
    printed: str
    verdict: str
    standing: str
    reason: str
    anchor: str
    file: str
    line: int
    unit: str = ""
    source: str | None = None
    dataset: str | None = None
    task: str | None = None
    conditions: dict[str, str] = {}
    measured: Number = None
    difference: Number = None
    tolerance: Number = None
    cause: str | None = None
    prediction: Number = None
    residual: Number = None
    alternatives: list[str] = []
    mistake: bool = False
    evidence: list[str] = []


class Document(msgspec.Struct, omit_defaults=True):
    """One document of the ledger that bears on the model: what was measured, how, when, and by
    which command."""

    key: str
    kind: str
    outcome: str
    tool: str
    builder_version: str
    conditions: dict[str, Any] = {}
    environment: dict[str, Any] = {}
    command: str = ""
    started_at: str = ""
    error: str | None = None


class Speed(msgspec.Struct, omit_defaults=True):
    """One benchmark that was measured here: seconds of a call, its 95% interval between processes,
    images a second."""

    machine: str
    engine: str
    precision: str
    mode: str
    batch_size: int
    setup: dict[str, str]
    seconds: float | None = None
    interval: list[float] | None = None
    throughput: float | None = None
    failure: str | None = None


class Setting(msgspec.Struct, omit_defaults=True):
    """A setting of the preprocessing: what the index states, and what the pretrained configuration
    has."""

    name: str
    index: str | None = None
    configuration: str | None = None


class Code(msgspec.Struct):
    """A snippet under its heading."""

    heading: str
    intro: str
    code: str


class ModelOf(msgspec.Struct, omit_defaults=True):
    """A model of the zoo. `page` is its address below the site's root."""

    schema: int
    slug: str
    name: str
    family: str
    page: str
    builder: str
    arguments: dict[str, Any] = {}
    resolved: str | None = None
    multiply_adds: int | None = None
    parameters: int | None = None
    input_size: list[int] | None = None
    licence: str | None = None
    tasks: list[str] = []
    weights: list[str] = []
    code: str | None = None
    claims: list[ClaimOf] = []
    preprocessing: list[Setting] = []
    recipe: dict[str, str] = {}
    benchmarks: list[Speed] = []
    documents: list[Document] = []
    snippets: list[Code] = []
    citation: str | None = None


def files(site: Site) -> Iterator[tuple[str, bytes]]:
    """The schema, and a file for each model."""
    encoder = msgspec.json.Encoder(enc_hook=_other, order="deterministic")
    yield "downloads/model.schema.json", schema()
    for model in site.due:
        yield path(model), encoder.encode(model_of(site, model)) + b"\n"


def path(model: Model) -> str:
    """Where a model's file lies below the site's root."""
    return f"downloads/models/{model.slug}.json"


def schema() -> bytes:
    """The JSON Schema of a model's file."""
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **msgspec.json.schema(ModelOf),
    }
    return (json.dumps(made, indent=1, sort_keys=True) + "\n").encode()


def model_of(site: Site, model: Model) -> ModelOf:
    """The record of a model."""
    tasks = model.entry.metadata.get("Tasks")
    collection = site.catalogue.zoo.index.collection(model.entry.collection)
    return ModelOf(
        SCHEMA,
        model.slug,
        model.name,
        model.family,
        f"models/{model.slug}/",
        str(model.entry.builder),
        dict(model.entry.builder.arguments),
        model.values.get("resolved"),
        model.macs,
        model.parameters,
        list(model.input_size) if model.input_size else None,
        plain(model.configuration.get("license")) or None,
        [flat(task) for task in (tasks if isinstance(tasks, list) else [tasks] if tasks else [])],
        list(model.entry.weights),
        model.entry.text("code"),
        [claim_of(check) for check in model.checks],
        [_setting(*row) for row in preprocessing(model)],
        {name: flat(value) for name, value in recipe(model)},
        list(_speeds(model)),
        [_document(document) for document in model.documents],
        [Code(s.heading, s.intro, s.code) for s in snippets(subject(model))],
        collection.text("citation") if collection else None,
    )


def claim_of(check: Check) -> ClaimOf:
    """A claim with its finding."""
    claim, finding = check.claim, check.finding
    measured = finding.measured
    both = isinstance(claim.value, Decimal) and isinstance(measured, Decimal)
    return ClaimOf(
        claim.row.key,
        claim.publisher,
        number(claim.value),
        claim.printed,
        str(finding.verdict),
        check.standing.key,
        finding.reason,
        check.anchor,
        claim.place.file,
        claim.place.line,
        claim.row.unit,
        claim.source,
        claim.dataset,
        claim.task,
        dict(claim.conditions),
        number(measured),
        number(claim.number - measured) if both and isinstance(measured, Decimal) else None,
        number(tolerance(check)),
        finding.cause,
        number(finding.prediction),
        number(finding.residual),
        list(finding.alternatives),
        finding.mistake,
        list(finding.evidence),
    )


def number(value: Value | None) -> Number:
    """A value as JSON has it: whole numbers without a point, sizes as height and width."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return list(value) if isinstance(value, tuple) else value


def _setting(name: str, claim: Any, configured: object) -> Setting:
    told = (
        configured
        if configured is None or isinstance(configured, str)
        else json.dumps(configured, default=list, sort_keys=True)
    )
    return Setting(name, claim.printed if claim else None, told)


def _speeds(model: Model) -> Iterator[Speed]:
    for record in records(model):
        found = record.found
        told = Speed(
            record.machine,
            record.engine,
            record.precision,
            record.mode,
            record.batch,
            dict(record.setup),
        )
        if found is None:
            told.failure = one_line(record.document.values.get("failure") or "failed")
        else:
            told.seconds, told.throughput = (
                found.seconds,
                found.rate if found.mode != "cold" else None,
            )
            told.interval = list(found.interval) if found.interval else None
        yield told


def _document(document: Evidence) -> Document:
    cell = document.cell
    return Document(
        cell.key, cell.kind, document.outcome, cell.tool, cell.builder_version, cell.conditions, document.environment,
        document.command, document.started_at, document.error,
    )  # fmt: skip


def _other(value: object) -> object:
    return list(value) if isinstance(value, (set, frozenset)) else str(value)
