"""Convert an index to the Papers-with-Code model-index format, with this project's keys `Builder`
and `Reported`.

Fields keep the spelling and the characters they were read with. A file names one Library: a folder
gets one file for each file that was read and a root that imports them; in a single file, entries of
different libraries name their publishers themselves.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import PurePath

from zoo.model_index.dialects import openmmlab
from zoo.model_index.dialects.base.drafts import NOBODY
from zoo.model_index.quantities.parse import is_bare
from zoo.model_index.records.fields import Plain, fold_key, look_up
from zoo.model_index.records.records import Collection, Entry
from zoo.reporting.cards.results import ACCURACY, metric_type, slug
from zoo.reporting.convert.losses import Conversion, Losses
from zoo.reporting.convert.scattered_parts import PartsLayout
from zoo.reporting.text.yaml_block import mapping
from zoo.reporting.views.catalogue import Catalogue
from zoo.reporting.views.names import slugs
from zoo.reporting.views.results import Dataset, Metric, Result, own_results

ROOT = "model-index.yml"
ONE_LIBRARY = "one file names one Library, and this is of several; a folder keeps it"
ONE_NAME = "another collection of the file has this name; a folder keeps both"
FOREIGN = "model-index"  # the key of a model card that stands for Results


def convert(catalogue: Catalogue, folder: bool) -> Conversion:
    """Write the index as one file, or with `folder` as one for each that was read and a root that
    imports them."""
    index, losses = catalogue.zoo.index, Losses()
    layout = PartsLayout.from_index(index)
    records: list[Collection | Entry] = [*index.collections, *index.entries]
    sources = list(dict.fromkeys(record.place.file for record in records))
    if not folder or len(sources) < 2:
        return Conversion({ROOT: _file(layout, index.collections, index.entries, losses)}, losses)
    names = slugs([PurePath(ROOT).stem, *(PurePath(source).stem for source in sources)])[1:]
    files = {ROOT: "\n".join(mapping({"Import": [f"{name}.yml" for name in names]})) + "\n"}
    for source, name in zip(sources, names, strict=True):
        collections = [part for part in index.collections if part.place.file == source]
        entries = [part for part in index.entries if part.place.file == source]
        files[f"{name}.yml"] = _file(layout, collections, entries, losses)
    return Conversion(files, losses)


def _file(
    layout: PartsLayout, collections: Sequence[Collection], entries: Sequence[Entry], losses: Losses
) -> str:
    library = shared_library(entries, losses)
    count_same_names(collections, losses)
    text: dict[str, object] = {"Type": "model-index"}
    if library:
        text["Library"] = library
    if collections:
        text["Collections"] = [layout.of_collection(part, losses) for part in collections]
    text["Models"] = [
        {**entry_fields(layout, entry), **publisher(entry, library)} for entry in entries
    ]
    lines = mapping({key: value for key, value in text.items() if value}, literal=True)
    return "\n".join(lines) + "\n"


def shared_library(
    entries: Iterable[Entry], losses: Losses, why: str = ONE_LIBRARY
) -> dict[str, Plain]:
    """Return the common fields of all entries' libraries, if the name is one of them; count the
    other fields as losses.

    Name and Docs are not counted: they are the publisher and the source of each entry.
    """
    libraries = [entry.library for entry in entries]
    first = libraries[0] if libraries else {}
    common = {
        key: value
        for key, value in first.items()
        if all(key in x and x[key] == value for x in libraries)
    }
    if look_up(common, "name") is None:
        common = {}
    distinct = [
        library for number, library in enumerate(libraries) if library not in libraries[:number]
    ]
    for library in distinct:
        for key in library:
            if key not in common and fold_key(key) not in ("name", "docs"):
                losses(f"Library.{key}", why)
    return common


def count_same_names(
    collections: Iterable[Collection], losses: Losses, why: str = ONE_NAME
) -> None:
    """Count the collections of one file with the name of another one."""
    names: set[str] = set()
    for collection in collections:
        if collection.name in names:
            losses(f"Collection {collection.name}", why)
        names.add(collection.name)


def publisher(entry: Entry, library: dict[str, Plain]) -> Mapping[str, object]:
    """Return the keys with an entry's publisher, where the Library of its file does not name it."""
    name, docs = look_up(library, "name"), look_up(library, "docs")
    implied = (name or NOBODY, docs)
    if implied[0] == NOBODY and openmmlab.is_openmmlab_entry(entry):
        implied = (openmmlab.PUBLISHER, None)
    if look_up(entry.fields, "publisher") or (entry.publisher, entry.source) == implied:
        return {}
    return {"Publisher": entry.publisher} | ({"Source": entry.source} if entry.source else {})


def _fractions_as_percentages(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield the characters of each accuracy that its table prints as a fraction, and the
    percentage: in an index, tables of a page that print both stand together."""
    for claim in entry.claims:
        value, step = claim.value, claim.parsed.step
        if claim.row.unit != "%" or not is_bare(claim.raw):
            continue
        fraction = claim.row.parse(f"{claim.raw}%").value != value
        if fraction and isinstance(value, Decimal) and step:
            yield claim.raw, f"{value.quantize(step.normalize()):f}%"


def _replace_texts(value: object, texts: Mapping[str, str]) -> object:
    if isinstance(value, dict):
        return {key: _replace_texts(below, texts) for key, below in value.items()}
    if isinstance(value, list):
        return [_replace_texts(below, texts) for below in value]
    return texts.get(value, value) if isinstance(value, str) else value


def entry_fields(layout: PartsLayout, entry: Entry) -> dict[str, object]:
    """Return the entry's fields, with the claims in Metadata and Results that a model card has
    under other keys."""
    written = {
        key: value for key, value in layout.of_entry(entry).items() if fold_key(key) != FOREIGN
    }
    keys = {fold_key(key): key for key in written}
    if "name" not in keys:
        written = {"Name": entry.name, **written}
    if "in collection" not in keys and entry.collection:
        written["In Collection"] = entry.collection
    if entry.row_name and "results" in keys:
        fractions = dict(_fractions_as_percentages(entry))
        written[keys["results"]] = _replace_texts(written[keys["results"]], fractions)
    # What a row of a table states stands in its Metadata under the labels of an index.
    absent = {
        c.label: c.raw
        for c in (() if entry.row_name else entry.claims)
        if not c.row.metric and c.label not in entry.metadata
    }
    if absent:
        metadata = look_up(entry.fields, "metadata")
        stated = {label: entry.fields.get(label, raw) for label, raw in absent.items()}
        present = metadata if isinstance(metadata, dict) else {}
        written[keys.get("metadata", "Metadata")] = present | stated
    if look_up(entry.fields, FOREIGN) is not None:
        written[keys.get("results", "Results")] = [
            _of_card(result) for result in own_results(entry)
        ]
    return written


def _of_card(result: Result) -> object:
    """Return a result of a model card in this format's usual form, or unchanged where that form
    would lose a part of it."""
    metrics = {metric.label: metric.raw for metric in result.metrics}
    labels_suffice = all(map(_label_suffices, result.metrics)) and len(metrics) == len(
        result.metrics
    )
    sourced = look_up(result.stated or {}, "source") is not None
    details = sourced or result.more or result.dataset.more
    kinds = (None, result.task, slug(result.task or ""))
    usual = result.task and labels_suffice and not details and result.kind in kinds
    if result.stated and not usual:
        return result.stated
    return {"Task": result.task, "Dataset": _dataset(result.dataset), "Metrics": metrics}


def _label_suffices(metric: Metric) -> bool:
    """Whether label and value are all of a metric: a card would derive its type from the label."""
    same_label = metric.claim is None or metric.claim.label == metric.label
    accuracy = metric.claim is not None and metric.claim.row.check == "accuracy"
    usual = ACCURACY if accuracy and metric.name else metric_type(metric.label)
    return same_label and not metric.more and metric.kind in (None, metric.label, usual)


def _dataset(dataset: Dataset) -> object:
    """Return the data set's name, or a mapping where it has more fields."""
    fields = {
        "Name": dataset.name,
        "Type": dataset.type,
        "Config": dataset.config,
        "Split": dataset.split,
        "Revision": dataset.revision,
        "Task ID": dataset.task_id,
    }
    stated = {key: value for key, value in fields.items() if value}
    return dataset.name if set(stated) <= {"Name"} else stated
