"""Write everything the site says about a model as JSON: one file a model, and the JSON Schema of
these files."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from zoo.model_index.findings import Verdict
from zoo.model_index.ledger.store import Evidence
from zoo.model_index.quantities.value import Value
from zoo.model_index.records.records import Claim
from zoo.reporting.downloads.layers import layers_of, pack
from zoo.reporting.pages.base import File, Site
from zoo.reporting.text.escape import one_line
from zoo.reporting.text.format import flat, plain
from zoo.reporting.views.benchmarks import Record, records
from zoo.reporting.views.catalogue import Check, Model
from zoo.reporting.views.model_facts import preprocessing, recipe
from zoo.reporting.views.provenance import show_command
from zoo.reporting.views.tolerance import tolerance

# 4: `quantity` is the publisher's spelling, `key` the table's; 5: `file` is relative to the index,
# `another` is what is built in place of the model, whose measurements are left out; `layers` and
# `sources` are new, the code is on the page; 6: `layers` is compressed, a claim states its `file`
# where that is not the model's, and its `tolerance` where it was judged
SCHEMA = 6
Number = int | float | str | list[int] | None


class ClaimRecord(msgspec.Struct, omit_defaults=True, kw_only=True):
    """One claim, its verdict, and the evidence for it. Numbers are in `unit`; `quantity` is the
    publisher's spelling, `key` that of the table of quantities. `source` is stated where it is not
    that of `sources`, `file` where it is not the model's."""

    quantity: str
    key: str
    publisher: str
    claimed: Number
    printed: str
    verdict: str
    standing: str
    reason: str
    anchor: str
    line: int
    file: str | None = None
    unit: str = ""
    source: str | None = None
    dataset: str | None = None
    task: str | None = None
    conditions: dict[str, str] = {}
    measured: Number = None
    use: Number = None
    difference: Number = None
    tolerance: Number = None
    cause: str | None = None
    prediction: Number = None
    residual: Number = None
    alternatives: list[str] = []
    evidence: list[str] = []


class LedgerDocument(msgspec.Struct, omit_defaults=True, kw_only=True):
    """One document of the ledger about the model: the measured cell, environment, date and
    command."""

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


class BenchmarkRecord(msgspec.Struct, omit_defaults=True, kw_only=True):
    """One benchmark of the ledger: seconds of a call, their 95% interval between processes, images
    a second."""

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


class PreprocessingSetting(msgspec.Struct, omit_defaults=True):
    """A setting of the preprocessing: the index's value and the pretrained configuration's."""

    name: str
    index: str | None = None
    configuration: str | None = None


class ModelFile(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A model of the zoo. `page` is its address below the site's root, `sources` where each
    publisher states its claims; `another` is the model that its name builds in its place, which
    nothing here is measured of. `file` is the index file that its claims stand in, relative to the
    index. `layers` is base64 of zlib of JSON: `columns`, the different `rows`, and the `tree` of
    modules with depth, name and number of the row."""

    schema: int
    slug: str
    name: str
    family: str
    page: str
    builder: str
    file: str | None = None
    arguments: dict[str, Any] = {}
    resolved: str | None = None
    another: str | None = None
    multiply_adds: int | None = None
    parameters: int | None = None
    input: str | None = None
    licence: str | None = None
    tasks: list[str] = []
    weights: list[str] = []
    code: str | None = None
    sources: dict[str, str] = {}
    claims: list[ClaimRecord] = []
    preprocessing: list[PreprocessingSetting] = []
    recipe: dict[str, str] = {}
    benchmarks: list[BenchmarkRecord] = []
    documents: list[LedgerDocument] = []
    citation: str | None = None
    layers: str | None = None


def files(site: Site) -> Iterator[File]:
    """Yield the schema, and a file for each model that is due."""
    encoder = msgspec.json.Encoder(enc_hook=_as_json, order="deterministic")
    yield File("downloads/model.schema.json", schema())
    for model in site.due:
        data = encoder.encode(model_file(site, model))
        yield File(path(model), data + b"\n", owner=model.slug)


def path(model: Model) -> str:
    """Return the path of a model's file below the site's root."""
    return f"downloads/models/{model.slug}.json"


def schema() -> bytes:
    """Return the JSON Schema of a model's file."""
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **msgspec.json.schema(ModelFile),
    }
    return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()


def model_file(site: Site, model: Model) -> ModelFile:
    """Return the content of a model's file."""
    collection = site.catalogue.zoo.index.collection_of(model.entry)
    return ModelFile(
        schema=SCHEMA,
        slug=model.slug,
        name=model.entry.name,
        family=model.family,
        page=f"models/{model.slug}/",
        builder=str(model.entry.builder),
        arguments=dict(model.entry.builder.arguments),
        resolved=model.resolved,
        another=model.another or None,
        multiply_adds=model.macs,
        parameters=model.parameters,
        input=str(model.input) if model.input else None,
        licence=plain(model.configuration.get("license")) or None,
        tasks=list(model.tasks),
        weights=list(model.entry.weights),
        code=model.entry.text("code"),
        sources=(sources := _sources(model)),
        file=(file := _file(model)),
        claims=[_without_shared(claim_record(c), sources, file) for c in model.checks],
        preprocessing=[_setting(*row) for row in preprocessing(model)],
        recipe={name: flat(value) for name, value in recipe(model)},
        benchmarks=[_speed(record) for record in records(model)],
        documents=[_ledger_document(document) for document in model.documents],
        citation=collection.text("citation") if collection else None,
        layers=pack(layers_of(model)),
    )


def _sources(model: Model) -> dict[str, str]:
    """Return the first source of each publisher."""
    found: dict[str, str] = {}
    for check in model.checks:
        if check.claim.source:
            found.setdefault(check.claim.publisher, check.claim.source)
    return found


def _file(model: Model) -> str | None:
    """Return the file that the first claim stands in."""
    return next((_file_of(check) for check in model.checks), None)


def _file_of(check: Check) -> str:
    return check.file.rpartition(":")[0]


def _without_shared(record: ClaimRecord, sources: dict[str, str], file: str | None) -> ClaimRecord:
    """Leave out a source that is the publisher's first, and the model's file."""
    source = None if record.source == sources.get(record.publisher) else record.source
    own = None if record.file == file else record.file
    return msgspec.structs.replace(record, source=source, file=own)


def claim_record(check: Check) -> ClaimRecord:
    """Return the claim with its finding."""
    claim, finding = check.claim, check.finding
    measured, unjudged = finding.measured, finding.verdict is Verdict.UNCHECKED
    difference = None
    if isinstance(claim.value, Decimal) and isinstance(measured, Decimal):
        difference = claim.value - measured
    return ClaimRecord(
        quantity=claim.label,
        key=claim.quantity,
        publisher=claim.publisher,
        claimed=json_number(claim.value),
        printed=claim.printed,
        verdict=str(finding.verdict),
        standing=str(finding.standing),
        reason=finding.reason,
        anchor=check.anchor,
        file=_file_of(check),
        line=claim.place.line,
        unit=claim.row.unit,
        source=claim.source,
        dataset=claim.dataset,
        task=claim.task,
        conditions=dict(claim.conditions),
        measured=json_number(measured),
        use=json_number(finding.use),
        difference=json_number(difference),
        tolerance=None if unjudged else json_number(tolerance(check)),
        cause=finding.cause,
        prediction=json_number(finding.prediction),
        residual=json_number(finding.residual),
        alternatives=list(finding.alternatives),
        evidence=list(finding.evidence),
    )


def json_number(value: Value | None) -> Number:
    """Return a value as JSON: whole numbers without a point, sizes as height and width."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return list(value) if isinstance(value, tuple) else value


def _setting(name: str, claim: Claim | None, configured: object) -> PreprocessingSetting:
    if configured is not None and not isinstance(configured, str):
        configured = json.dumps(configured, default=list, sort_keys=True)
    return PreprocessingSetting(name, claim.printed if claim else None, configured)


def _speed(record: Record) -> BenchmarkRecord:
    speed = BenchmarkRecord(
        machine=record.machine,
        engine=record.engine,
        precision=record.precision,
        mode=record.mode,
        batch_size=record.batch,
        setup=dict(record.setup),
    )
    benchmark = record.benchmark
    if benchmark is None:
        speed.failure = one_line(record.document.values.get("failure") or "failed")
        return speed
    speed.seconds = benchmark.seconds
    speed.throughput = benchmark.rate if benchmark.mode != "cold" else None
    speed.interval = list(benchmark.interval) if benchmark.interval else None
    return speed


def _ledger_document(document: Evidence) -> LedgerDocument:
    cell = document.cell
    return LedgerDocument(
        key=cell.key,
        kind=cell.kind,
        outcome=document.outcome,
        tool=cell.tool,
        builder_version=cell.builder_version,
        conditions=cell.conditions,
        environment=document.environment,
        command=show_command(document.command),
        started_at=document.started_at,
        error=document.error,
    )


def _as_json(value: object) -> object:
    return list(value) if isinstance(value, (set, frozenset)) else str(value)
