"""The front matter of a Hugging Face model card: what the Hub sorts, filters and ranks by.

Only what the index or the evidence states goes in; its results are `zoo.reporting.cards.results`.
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
    Left,
    as_read,
    hub_id,
    known,
    model_index,
    slug,
    tasks_of,
)
from zoo.reporting.text.escape import web_address
from zoo.reporting.text.yaml_block import Bare, Exact
from zoo.reporting.views.catalogue import Family, Model
from zoo.reporting.views.results import texts

LIBRARIES = {
    "timm": "timm",
    "transformers": "transformers",
}  # libraries of the Hub that builders belong to
PIPELINES = frozenset({
    "image-classification", "object-detection", "image-segmentation", "depth-estimation", "image-feature-extraction",
    "zero-shot-image-classification", "image-to-image", "keypoint-detection", "video-classification", "text-to-image",
})  # fmt: skip
LICENCES = frozenset({
    "apache-2.0", "mit", "bsd", "bsd-2-clause", "bsd-3-clause", "bsd-3-clause-clear", "cc", "cc0-1.0", "cc-by-4.0",
    "cc-by-3.0", "cc-by-2.0", "cc-by-sa-4.0", "cc-by-sa-3.0", "cc-by-nc-4.0", "cc-by-nc-3.0", "cc-by-nc-2.0",
    "cc-by-nd-4.0", "cc-by-nc-nd-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-sa-4.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-2.0",
    "gpl", "gpl-2.0", "gpl-3.0", "lgpl", "lgpl-2.1", "lgpl-3.0", "agpl-3.0", "mpl-2.0", "epl-2.0", "isc", "zlib",
    "unlicense", "wtfpl", "artistic-2.0", "afl-3.0", "ms-pl", "openrail", "openrail++", "creativeml-openrail-m",
    "bigscience-openrail-m", "bigscience-bloom-rail-1.0", "bigcode-openrail-m", "llama2", "gemma", "other", "unknown",
})  # fmt: skip
LICENCE_KEYS = ("license_name", "license_link")
EVALUATED = "eval results"  # where the files of `.eval_results` stand among the fields of a card
# Keys that are made here, or that hold what the card's `model-index` and evaluation files say.
MADE = frozenset({
    "license", "licence", "library name", "pipeline tag", "tags", "datasets", "base model", "model-index",
    EVALUATED, *map(fold_key, LICENCE_KEYS),
})  # fmt: skip


def front_matter(
    model: Model, family: Family, left: Left = lambda what, why: None
) -> dict[str, object]:
    """The front matter by key, ready to be written as YAML; keys that nothing is known for are
    absent."""
    entry = model.entry
    tasks = list(dict.fromkeys(slug(task) for task in tasks_of(entry)))
    built = None if openmmlab.is_openmmlab_entry(entry) else LIBRARIES.get(entry.builder.kind)
    library = next(iter(field_texts(model, family, "library name")), built)
    pipelines = [
        *field_texts(model, family, "pipeline tag"),
        *(TASKS.get(task, task) for task in tasks),
    ]
    stated = texts(look_up(entry.fields, "pipeline tag"))
    found = model_index(model, left)
    for _ in unlinked_base(model, family):
        left("Base Model", f"{NO_PLACE} without an identifier of the Hub")
    data: dict[str, object] = {
        **_licence(model, family, left),
        "library_name": library,
        "pipeline_tag": next((task for task in pipelines if task in PIPELINES or task in stated), None),
        "tags": _unique([*texts(look_up(entry.fields, "tags")),
                         *([] if from_card(entry) else [*tasks, built or ""]),
                         slug(family.name) if family.collection else ""]),
        "datasets": _unique([*texts(look_up(entry.fields, "datasets")),
                             *map(hub_id, texts(look_up(entry.metadata, "training data")))]),
        "base_model": _unique(text for text in field_texts(model, family, "base model") if HUB_ID.fullmatch(text)),
        **dict(_carried(entry)),
        **({"model-index": found} if found else {"model_name": model.name}),
    }  # fmt: skip
    return {key: exact(value) for key, value in data.items() if value}


def from_card(entry: Entry) -> bool:
    """Whether the entry was read from a model card, whose own keys are front matter already."""
    return entry.publisher == PUBLISHER and look_up(entry.fields, "name") is None


def _carried(entry: Entry) -> Iterator[tuple[str, object]]:
    """What a card that was read has in its front matter beside the keys that are made here."""
    for key, value in entry.fields.items() if from_card(entry) else ():
        if fold_key(key) not in MADE and value is not None:
            yield key, as_read(value)


def _licence(model: Model, family: Family, left: Left) -> dict[str, object]:
    """What the index says of the licence, else the pretrained configuration; one that the Hub has
    no name for is `other`, with its own name."""
    stated = field_texts(model, family, "license", "licence")
    for _ in stated[1:]:
        left("License", "in the card's text; the front matter has the first of several")
    configured = pretrained(model).get("license")
    text = stated[0] if stated else configured if isinstance(configured, str) else None
    if not text:
        return {}
    short = re.sub(r"[\s_]+", "-", text.strip().lower())
    if short in LICENCES or (from_card(model.entry) and slug(short) == short):
        also = {
            key: next(iter(field_texts(model, family, fold_key(key))), None) for key in LICENCE_KEYS
        }
        return {"license": short, **known(also)}
    address = web_address(text)
    return (
        {"license": "other", "license_link": address}
        if address
        else {"license": "other", "license_name": text}
    )


def pretrained(model: Model) -> dict[str, Any]:
    """The pretrained configuration that was recorded; none where the weights are OpenMMLab's and
    not the builder's."""
    return {} if openmmlab.is_openmmlab_entry(model.entry) else model.configuration


def field_texts(model: Model, family: Family, *keys: str) -> list[str]:
    """The texts of the first of these keys that the entry, its Metadata or a collection of it
    has."""
    shared = family.collection.fields if family.collection else {}
    places = (model.entry.fields, model.entry.metadata, shared, model.entry.inherited)
    return next(
        (found for fields in places for key in keys if (found := texts(look_up(fields, key)))), []
    )


def unlinked_base(model: Model, family: Family) -> list[str]:
    """Models it was made from that have no identifier of the Hub."""
    return [text for text in field_texts(model, family, "base model") if not HUB_ID.fullmatch(text)]


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))


def exact(value: object) -> object:
    """The value with every text as one that YAML must not take for anything else."""
    if isinstance(value, Mapping):
        return {key: exact(part) for key, part in value.items()}
    if isinstance(value, list):
        return [exact(part) for part in value]
    return Exact(value) if isinstance(value, str) and not isinstance(value, Bare) else value
