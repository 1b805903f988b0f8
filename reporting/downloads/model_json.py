"""Write everything the site says about a model as JSON: one file a model, and the JSON Schema of
these files."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from zoo.model_index.ledger.store import Evidence
from zoo.model_index.records.records import Claim
from zoo.reporting.downloads.claim_columns import ClaimColumns, Commons, Pool, claim_columns
from zoo.reporting.downloads.layers import layers_of, pack
from zoo.reporting.pages.base import File, Site
from zoo.reporting.text.escape import one_line
from zoo.reporting.text.format import flat, plain
from zoo.reporting.views.benchmarks import Record, records
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.model_facts import preprocessing, recipe
from zoo.reporting.views.provenance import show_command

# 4: `quantity` is the publisher's spelling, `key` the table's; 5: `file` is relative to the index,
# `another` is what is built in place of the model, whose measurements are left out; `layers` and
# `sources` are new, the code is on the page; 6: `layers` is compressed, a claim states its `file`
# where that is not the model's, and its `tolerance` where it was judged; 7: `claims` are columns,
# `shared` holds what several claims or documents have, `sources` is part of it; 8: `use_text` and
# `words` of claims are new
SCHEMA = 8


class LedgerDocument(msgspec.Struct, omit_defaults=True, kw_only=True):
    """One document of the ledger about the model: the measured cell, date, command, and the number
    of its environment in `shared`."""

    key: str
    kind: str
    outcome: str
    tool: str
    builder_version: str
    conditions: dict[str, Any] = {}
    environment: int | None = None
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
    """A model of the zoo. `page` is its address below the site's root; `another` is the model that
    its name builds in its place, which nothing here is measured of. `claims` are columns, claim by
    claim in each; a column that `shared` has, too, holds numbers of rows in it. `layers` is base64
    of zlib of JSON: `columns`, the different `rows`, and the `tree` of modules with depth, name and
    number of the row."""

    schema: int
    slug: str
    name: str
    family: str
    page: str
    builder: str
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
    claims: ClaimColumns | None = None
    shared: Commons = msgspec.field(default_factory=Commons)
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
    pool = Pool()
    record = ModelFile(
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
        claims=claim_columns(model, pool),
        preprocessing=[_setting(*row) for row in preprocessing(model)],
        recipe={name: flat(value) for name, value in recipe(model)},
        benchmarks=[_speed(record) for record in records(model)],
        documents=[_ledger_document(document, pool) for document in model.documents],
        citation=collection.text("citation") if collection else None,
        layers=pack(layers_of(model)),
    )
    return msgspec.structs.replace(record, shared=pool.shared())


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


def _ledger_document(document: Evidence, pool: Pool) -> LedgerDocument:
    cell = document.cell
    return LedgerDocument(
        key=cell.key,
        kind=cell.kind,
        outcome=document.outcome,
        tool=cell.tool,
        builder_version=cell.builder_version,
        conditions=cell.conditions,
        environment=pool.number("environment", document.environment),
        command=show_command(document.command),
        started_at=document.started_at,
        error=document.error,
    )


def _as_json(value: object) -> object:
    return list(value) if isinstance(value, (set, frozenset)) else str(value)
