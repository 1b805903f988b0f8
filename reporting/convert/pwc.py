"""To the Papers-with-Code model-index format, with this project's own keys `Builder` and
`Reported`.

Fields are written under the spelling and with the characters they were read with. A file names one
Library: a folder gets one file for each file that was read and a root that imports them; where
everything goes into one file, entries of different libraries say themselves who publishes them.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from zoo.model_index.dialects import openmmlab
from zoo.model_index.dialects.base.drafts import NOBODY
from zoo.model_index.records.fields import Plain, fold_key, look_up
from zoo.model_index.records.records import Collection, Entry
from zoo.reporting.cards.results import ACCURACY, metric_type, slug
from zoo.reporting.convert.losses import Converted, Losses
from zoo.reporting.convert.scattered_parts import Layout
from zoo.reporting.text.yaml_block import mapping
from zoo.reporting.views.catalogue import Catalogue, slugs
from zoo.reporting.views.results import Dataset, Metric, Result, own_results

ROOT = "model-index.yml"
ONE_LIBRARY = "one file names one Library, and this is of several; a folder keeps it"
ONE_NAME = "another collection of the file has this name; a folder keeps both"
FOREIGN = "model-index"  # the key of a model card that stands for Results


def convert(catalogue: Catalogue, folder: bool) -> Converted:
    """The whole index: one file, or with `folder` one for each that was read, below a root that
    imports them."""
    index, losses = catalogue.zoo.index, Losses()
    layout = Layout.of(index)
    places = [collection.place for collection in index.collections] + [
        entry.place for entry in index.entries
    ]
    sources = list(dict.fromkeys(place.file for place in places))
    if not folder or len(sources) < 2:
        return Converted({ROOT: _file(layout, index.collections, index.entries, losses)}, losses)
    names = slugs([PurePath(ROOT).stem, *(PurePath(source).stem for source in sources)])[1:]
    files = {ROOT: "\n".join(mapping({"Import": [f"{name}.yml" for name in names]})) + "\n"}
    for source, name in zip(sources, names, strict=True):
        collections = [part for part in index.collections if part.place.file == source]
        entries = [part for part in index.entries if part.place.file == source]
        files[f"{name}.yml"] = _file(layout, collections, entries, losses)
    return Converted(files, losses)


def _file(
    layout: Layout, collections: Sequence[Collection], entries: Sequence[Entry], losses: Losses
) -> str:
    library = shared_library(entries, losses)
    same_names(collections, losses)
    text: dict[str, object] = {"Type": "model-index"}
    if library:
        text["Library"] = library
    if collections:
        text["Collections"] = [
            layout.of_collection(collection, losses) for collection in collections
        ]
    text["Models"] = [
        {**entry_fields(layout, entry), **publisher(entry, library)} for entry in entries
    ]
    return (
        "\n".join(mapping({key: value for key, value in text.items() if value}, literal=True))
        + "\n"
    )


def shared_library(
    entries: Iterable[Entry], losses: Losses, why: str = ONE_LIBRARY
) -> dict[str, Plain]:
    """What the libraries of all entries have in common, if that is their name; the rest is counted
    as lost.

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


def same_names(collections: Iterable[Collection], losses: Losses, why: str = ONE_NAME) -> None:
    """Count the collections of one file that a reader cannot tell apart."""
    seen: set[str] = set()
    for collection in collections:
        if collection.name in seen:
            losses(f"Collection {collection.name}", why)
        seen.add(collection.name)


def publisher(entry: Entry, library: dict[str, Plain]) -> Mapping[str, object]:
    """The keys that say who publishes an entry, where the file it is written to does not."""
    name, docs = look_up(library, "name"), look_up(library, "docs")
    told = (name or NOBODY, docs)
    if told[0] == NOBODY and openmmlab.is_openmmlab_entry(entry):
        told = (openmmlab.PUBLISHER, None)
    if look_up(entry.fields, "publisher") or (entry.publisher, entry.source) == told:
        return {}
    return {"Publisher": entry.publisher} | ({"Source": entry.source} if entry.source else {})


def entry_fields(layout: Layout, entry: Entry) -> dict[str, object]:
    """The entry's fields, with those claims in Metadata and Results that a model card keeps under
    other keys."""
    written = {
        key: value for key, value in layout.of_entry(entry).items() if fold_key(key) != FOREIGN
    }
    keys = {fold_key(key): key for key in written}
    if "name" not in keys:
        written = {"Name": entry.name, **written}
    if "in collection" not in keys and entry.collection:
        written["In Collection"] = entry.collection
    absent = {
        c.label: c.raw for c in entry.claims if not c.row.metric and c.label not in entry.metadata
    }
    if absent:
        held = look_up(entry.fields, "metadata")
        stated = {label: entry.fields.get(label, raw) for label, raw in absent.items()}
        written[keys.get("metadata", "Metadata")] = (
            held if isinstance(held, dict) else {}
        ) | stated
    if look_up(entry.fields, FOREIGN) is not None:
        written[keys.get("results", "Results")] = [
            _of_card(result) for result in own_results(entry)
        ]
    return written


def _of_card(result: Result) -> object:
    """A result of a model card as this format usually has it, or as it stands where that would not
    hold all of it."""
    metrics = {metric.label: metric.raw for metric in result.metrics}
    usual = result.task and all(map(_usual, result.metrics)) and len(metrics) == len(result.metrics)
    named = (
        look_up(result.stated or {}, "source") is None
        and not result.more
        and not result.dataset.more
    )
    if result.stated and not (
        usual and named and result.kind in (None, result.task, slug(result.task or ""))
    ):
        return result.stated
    return {"Task": result.task, "Dataset": _dataset(result.dataset), "Metrics": metrics}


def _usual(metric: Metric) -> bool:
    """Whether a label and a value say all of a metric: its type is what a card would make of the
    label."""
    named = metric.claim is None or metric.claim.label == metric.label
    accuracy = metric.claim is not None and metric.claim.row.check == "accuracy"
    usual = ACCURACY if accuracy and metric.name else metric_type(metric.label)
    return named and not metric.more and metric.kind in (None, metric.label, usual)


def _dataset(dataset: Dataset) -> object:
    """The name, or a mapping where more is known."""
    about = {"Name": dataset.name, "Type": dataset.type, "Config": dataset.config, "Split": dataset.split,
             "Revision": dataset.revision, "Task ID": dataset.task_id}  # fmt: skip
    known = {key: value for key, value in about.items() if value}
    return dataset.name if set(known) <= {"Name"} else known
