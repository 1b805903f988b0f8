"""The front matter of a Hugging Face model card: what the Hub sorts, filters and ranks by.

Only what the index or the evidence states goes in. `huggingface_hub` groups the results by task and data set
and gives each group one source, so a group here has the source of one publisher: the first that states it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from model_index.dialects import openmmlab
from model_index.dialects.drafts import NOBODY
from model_index.findings import Finding, Verdict
from model_index.nodes import looked_up
from model_index.records import Entry
from reporting.block import Bare, Exact
from reporting.results import Metric, Result, percent, results, texts
from reporting.text import web_address
from reporting.view import Family, Model

LIBRARIES = {"timm": "timm", "transformers": "transformers"}  # libraries of the Hub that builders belong to
PIPELINES = frozenset({
    "image-classification", "object-detection", "image-segmentation", "depth-estimation", "image-feature-extraction",
    "zero-shot-image-classification", "image-to-image", "keypoint-detection", "video-classification", "text-to-image",
})  # fmt: skip
TASKS = {"semantic-segmentation": "image-segmentation", "instance-segmentation": "image-segmentation"}
LICENCES = frozenset({
    "apache-2.0", "mit", "bsd", "bsd-2-clause", "bsd-3-clause", "bsd-3-clause-clear", "cc", "cc0-1.0", "cc-by-4.0",
    "cc-by-3.0", "cc-by-2.0", "cc-by-sa-4.0", "cc-by-sa-3.0", "cc-by-nc-4.0", "cc-by-nc-3.0", "cc-by-nc-2.0",
    "cc-by-nd-4.0", "cc-by-nc-nd-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-sa-4.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-2.0",
    "gpl", "gpl-2.0", "gpl-3.0", "lgpl", "lgpl-2.1", "lgpl-3.0", "agpl-3.0", "mpl-2.0", "epl-2.0", "isc", "zlib",
    "unlicense", "wtfpl", "artistic-2.0", "afl-3.0", "ms-pl", "openrail", "openrail++", "creativeml-openrail-m",
    "bigscience-openrail-m", "bigscience-bloom-rail-1.0", "bigcode-openrail-m", "llama2", "gemma", "other", "unknown",
})  # fmt: skip
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
ACCURACY = "accuracy"  # the Hub's one metric for the share of right answers; its name tells top-1 from top-5

Left = Callable[[str, str], None]  # told what has no place in the front matter, and why
NO_PLACE = "in the card's text; the front matter has no place for it"


def front_matter(model: Model, family: Family, left: Left = lambda what, why: None) -> dict[str, object]:
    """The front matter by key, ready to be written as YAML; keys that nothing is known for are absent."""
    entry = model.entry
    tasks = list(dict.fromkeys(map(slug, tasks_of(entry))))
    library = None if openmmlab.theirs(entry) else LIBRARIES.get(entry.builder.kind)
    pipelines = [TASKS.get(task, task) for task in tasks]
    found = model_index(model, left)
    data: dict[str, object] = {
        **_licence(model, family),
        "library_name": library,
        "pipeline_tag": next((task for task in pipelines if task in PIPELINES), None),
        "tags": _unique([*tasks, library or "", slug(family.name) if family.collection else ""]),
        "datasets": _unique(map(_hub_id, texts(looked_up(entry.metadata, "training data")))),
        "base_model": _unique(text for text in field_texts(model, family, "base model", "base_model")
                              if HUB_ID.fullmatch(text)),
        **({"model-index": found} if found else {"model_name": model.name}),
    }  # fmt: skip
    return {key: exact(value) for key, value in data.items() if value}


def model_index(model: Model, left: Left = lambda what, why: None) -> list[object]:
    """The `model-index` with one result for each task and data set; empty where there is none."""
    groups: dict[tuple[str, ...], tuple[Result, dict[str, object], list[object]]] = {}
    for result in results(model.entry):
        task, dataset = result.task or next(iter(tasks_of(model.entry)), None), result.dataset
        kind = TASKS.get(slug(task or ""), slug(task or ""))
        if not kind or not dataset.name or not _hub_id(dataset.name):
            _leave(result, left, f"{NO_PLACE} without a task and a data set")
            continue
        about = {"type": dataset.type or _hub_id(dataset.name), "name": dataset.name, "config": dataset.config,
                 "split": dataset.split, "revision": dataset.revision}  # fmt: skip
        key = kind, *(str(about[part]) for part in ("type", "config", "split", "revision"))
        group = groups.setdefault(key, (result, {"task": {"type": kind, "name": task}, "dataset": _known(about)}, []))
        if _stated_by(group[0]) != _stated_by(result):
            _leave(result, left, "in the card's text; the front matter has the first publisher's for the data set")
            continue
        group[2].extend(_metric(metric, model) for metric in result.metrics)
    listed = [about | {"metrics": metrics} | _source(result, left) for result, about, metrics in groups.values()]
    return [{"name": model.name, "results": listed}] if listed else []


def _stated_by(result: Result) -> tuple[str | None, ...]:
    return result.publisher, result.source, result.dataset.name


def _leave(result: Result, left: Left, why: str) -> None:
    for metric in result.metrics:
        left(metric.label, why)


def _metric(metric: Metric, model: Model) -> dict[str, object]:
    """A metric; `verified` where the ledger has measured the same number, and absent otherwise."""
    accuracy = metric.claim and metric.claim.row.check == "accuracy"
    found = next((check.finding for check in model.checks if check.claim == metric.claim), None)
    kind = metric.kind or (ACCURACY if accuracy else slug(metric.label).replace("-", "_"))
    measured = {"verified": True} if found and verified(found) else {}
    return {"type": kind, "name": metric.label, "value": number(metric), **measured}


def verified(finding: Finding) -> bool:
    """Whether the claim was measured here and came out the same, to its printed digits."""
    agrees = finding.verdict in (Verdict.EXACT, Verdict.ROUNDED)
    return agrees and isinstance(finding.measured, Decimal) and bool(finding.evidence)


def number(metric: Metric) -> str:
    """The value as a plain number, percentages of a hundred; as text where no number says the same."""
    text = metric.raw
    if metric.claim:
        value = metric.claim.value
        if not isinstance(value, Decimal):
            return Exact(metric.claim.row.show(value))
        text = percent(metric.raw, value) if metric.claim.row.unit == "%" else f"{value:f}"
    return Bare(text) if NUMBER.fullmatch(text) else Exact(text)


def _source(result: Result, left: Left) -> dict[str, object]:
    """Who says so, and where; `huggingface_hub` refuses a name without an address."""
    if address := web_address(result.source):
        return {"source": {"name": result.publisher, "url": address}}
    if result.publisher != NOBODY:
        left("Publisher", "in the card's text; the source of a result needs an address")
    return {}


def _licence(model: Model, family: Family) -> dict[str, object]:
    """What the index says of the licence, else the pretrained configuration; one that the Hub has no name for is
    `other`, with its own name."""
    stated = next(iter(field_texts(model, family, "license", "licence")), None)
    configured = pretrained(model).get("license")
    text = stated or (configured if isinstance(configured, str) else None)
    if not text:
        return {}
    known = re.sub(r"[\s_]+", "-", text.strip().lower())
    if known in LICENCES:
        return {"license": known}
    address = web_address(text)
    return {"license": "other", "license_link": address} if address else {"license": "other", "license_name": text}


def pretrained(model: Model) -> dict[str, Any]:
    """The pretrained configuration that was recorded; none where the weights are OpenMMLab's and not the builder's."""
    return {} if openmmlab.theirs(model.entry) else model.configuration


def field_texts(model: Model, family: Family, *keys: str) -> list[str]:
    """The texts of the first of these keys that the entry, its Metadata or its collection has."""
    places = (model.entry.fields, model.entry.metadata, family.collection.fields if family.collection else {})
    return next((found for fields in places for key in keys if (found := texts(looked_up(fields, key)))), [])


def tasks_of(entry: Entry) -> list[str]:
    """What the model is for, by its Metadata and its results."""
    stated = texts(looked_up(entry.metadata, "tasks")) + [result.task for result in results(entry) if result.task]
    return list(dict.fromkeys(stated))


def _hub_id(name: str) -> str:
    return name if HUB_ID.fullmatch(name) else slug(name)


def slug(text: str) -> str:
    """`Image Classification` as `image-classification`, the way identifiers of the Hub are spelled."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.")


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))


def _known(fields: Mapping[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in fields.items() if value is not None}


def exact(value: object) -> object:
    """The value with every text as one that YAML must not take for anything else."""
    if isinstance(value, Mapping):
        return {key: exact(part) for key, part in value.items()}
    if isinstance(value, list):
        return [exact(part) for part in value]
    return Exact(value) if isinstance(value, str) and not isinstance(value, Bare) else value
