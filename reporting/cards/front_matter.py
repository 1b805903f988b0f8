"""Make the front matter of a Hugging Face model card, by which the Hub sorts, filters and ranks.

It holds only what the index or the evidence states; its results come from
`zoo.reporting.cards.results`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from zoo.model_index.dialects import openmmlab
from zoo.model_index.dialects.huggingface import PUBLISHER
from zoo.model_index.records.fields import fold_key, look_up
from zoo.model_index.records.records import Entry
from zoo.reporting.cards.results import (
    HUB_ID,
    NO_PLACE,
    TASKS,
    CountLoss,
    as_yaml_value,
    hub_id,
    ignore_loss,
    model_index,
    slug,
    tasks_of,
    without_none,
)
from zoo.reporting.text.escape import web_address
from zoo.reporting.text.yaml_block import Bare, Exact
from zoo.reporting.views.catalogue import Family, Model
from zoo.reporting.views.results import texts

# libraries of the Hub by the builder of their models
LIBRARIES = {"timm": "timm", "transformers": "transformers"}
PIPELINES = frozenset(
    {
        "image-classification",
        "object-detection",
        "image-segmentation",
        "depth-estimation",
        "image-feature-extraction",
        "zero-shot-image-classification",
        "image-to-image",
        "keypoint-detection",
        "video-classification",
        "text-to-image",
    }
)
LICENCES = frozenset(
    {
        "apache-2.0",
        "mit",
        "bsd",
        "bsd-2-clause",
        "bsd-3-clause",
        "bsd-3-clause-clear",
        "cc",
        "cc0-1.0",
        "cc-by-4.0",
        "cc-by-3.0",
        "cc-by-2.0",
        "cc-by-sa-4.0",
        "cc-by-sa-3.0",
        "cc-by-nc-4.0",
        "cc-by-nc-3.0",
        "cc-by-nc-2.0",
        "cc-by-nd-4.0",
        "cc-by-nc-nd-4.0",
        "cc-by-nc-nd-3.0",
        "cc-by-nc-sa-4.0",
        "cc-by-nc-sa-3.0",
        "cc-by-nc-sa-2.0",
        "gpl",
        "gpl-2.0",
        "gpl-3.0",
        "lgpl",
        "lgpl-2.1",
        "lgpl-3.0",
        "agpl-3.0",
        "mpl-2.0",
        "epl-2.0",
        "isc",
        "zlib",
        "unlicense",
        "wtfpl",
        "artistic-2.0",
        "afl-3.0",
        "ms-pl",
        "openrail",
        "openrail++",
        "creativeml-openrail-m",
        "bigscience-openrail-m",
        "bigscience-bloom-rail-1.0",
        "bigcode-openrail-m",
        "llama2",
        "gemma",
        "other",
        "unknown",
    }
)
LICENCE_KEYS = ("license_name", "license_link")
EVALUATED = "eval results"  # where the files of `.eval_results` stand among the fields of a card
# Keys that this module writes, or that hold the card's `model-index` and evaluation files.
WRITTEN = frozenset(
    {
        "license",
        "licence",
        "library name",
        "pipeline tag",
        "tags",
        "datasets",
        "base model",
        "model-index",
        EVALUATED,
        *map(fold_key, LICENCE_KEYS),
    }
)


def front_matter(
    model: Model, family: Family, count_loss: CountLoss = ignore_loss
) -> dict[str, object]:
    """Return the front matter by key, ready to be written as YAML; unknown keys are absent."""
    entry = model.entry
    tasks = list(dict.fromkeys(slug(task) for task in tasks_of(entry)))
    builder = None if openmmlab.is_openmmlab_entry(entry) else LIBRARIES.get(entry.builder.kind)
    results = model_index(model, count_loss)
    for _ in unlinked_base(model, family):
        count_loss("Base Model", f"{NO_PLACE} without an identifier of the Hub")
    tags = texts(look_up(entry.fields, "tags"))
    if not from_card(entry):
        tags = [*tags, *tasks, builder or ""]
    datasets = texts(look_up(entry.metadata, "training data"))
    bases = field_texts(model, family, "base model")
    data: dict[str, object] = {
        **_licence(model, family, count_loss),
        "library_name": next(iter(field_texts(model, family, "library name")), builder),
        "pipeline_tag": _pipeline(model, family, tasks),
        "tags": _unique([*tags, slug(family.name) if family.collection else ""]),
        "datasets": [
            *_unique(
                [*texts(look_up(entry.fields, "datasets")), *(hub_id(name) for name in datasets)]
            ),
            *_described(entry, "datasets"),
        ],
        "base_model": [
            *_unique(text for text in bases if HUB_ID.fullmatch(text)),
            *_described(entry, "base model"),
        ],
        **dict(_other_keys(entry)),
        **({"model-index": results} if results else {"model_name": model.entry.name}),
    }
    return {key: as_exact_text(value) for key, value in data.items() if value}


def _described(entry: Entry, key: str) -> list[object]:
    """Return the elements of a card's field that are mappings: `{name: ..., type: ...}`."""
    value = look_up(entry.fields, key)
    elements = value if isinstance(value, list) else [value]
    return [as_yaml_value(part) for part in elements if isinstance(part, dict)]


def _pipeline(model: Model, family: Family, tasks: list[str]) -> str | None:
    """Return the first pipeline of the Hub that the index names or a task has."""
    stated = texts(look_up(model.entry.fields, "pipeline tag"))
    of_tasks = [TASKS.get(task, task) for task in tasks]
    for pipeline in (*field_texts(model, family, "pipeline tag"), *of_tasks):
        if pipeline in PIPELINES or pipeline in stated:
            return pipeline
    return None


def from_card(entry: Entry) -> bool:
    """Whether the entry was read from a model card, whose keys are front matter already."""
    return entry.publisher == PUBLISHER and look_up(entry.fields, "name") is None


def _other_keys(entry: Entry) -> Iterator[tuple[str, object]]:
    """Yield the keys of a card that was read, without those that this module writes."""
    for key, value in entry.fields.items() if from_card(entry) else ():
        if fold_key(key) not in WRITTEN and value is not None:
            yield key, as_yaml_value(value)


def _licence(model: Model, family: Family, count_loss: CountLoss) -> dict[str, object]:
    """Return the licence of the index, else of the pretrained configuration; one without a name on
    the Hub is `other`, with its own name."""
    stated = field_texts(model, family, "license", "licence")
    for _ in stated[1:]:
        count_loss("License", "in the card's text; the front matter has the first of several")
    configured = pretrained_configuration(model).get("license")
    text = stated[0] if stated else configured if isinstance(configured, str) else None
    if not text:
        return {}
    short = re.sub(r"[\s_]+", "-", text.strip().lower())
    if short in LICENCES or (from_card(model.entry) and slug(short) == short):
        details: dict[str, str | None] = {}
        for key in LICENCE_KEYS:
            details[key] = next(iter(field_texts(model, family, fold_key(key))), None)
        return {"license": short, **without_none(details)}
    if address := web_address(text):
        return {"license": "other", "license_link": address}
    return {"license": "other", "license_name": text}


def pretrained_configuration(model: Model) -> dict[str, Any]:
    """Return the recorded pretrained configuration; none where the weights are OpenMMLab's and not
    the builder's."""
    return {} if openmmlab.is_openmmlab_entry(model.entry) else model.configuration


def field_texts(model: Model, family: Family, *keys: str) -> list[str]:
    """Return the texts of the first of these keys in the entry, its Metadata or its collections."""
    shared = family.collection.fields if family.collection else {}
    places = (model.entry.fields, model.entry.metadata, shared, model.entry.inherited)
    values = (texts(look_up(fields, key)) for fields in places for key in keys)
    return next(filter(None, values), [])


def unlinked_base(model: Model, family: Family) -> list[str]:
    """Return the base models that have no identifier of the Hub."""
    return [text for text in field_texts(model, family, "base model") if not HUB_ID.fullmatch(text)]


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))


def as_exact_text(value: object) -> object:
    """Return the value with every text marked as text, whatever YAML would take it for."""
    if isinstance(value, Mapping):
        return {key: as_exact_text(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_exact_text(part) for part in value]
    return Exact(value) if isinstance(value, str) and not isinstance(value, Bare) else value
