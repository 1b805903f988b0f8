"""To the Papers-with-Code model-index format, with this project's own keys `Builder` and `Reported`.

Fields are written under the spelling and with the characters they were read with. A file names one Library:
a folder gets one file for each file that was read and a root that imports them; where everything goes into
one file, entries of different libraries say themselves who publishes them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath

from model_index.dialects import openmmlab
from model_index.dialects.drafts import NOBODY
from model_index.nodes import Plain, looked_up
from model_index.records import Claim, Collection, Entry, Index
from reporting.block import fields, mapping
from reporting.convert.outcome import Converted, Losses
from reporting.results import Dataset, Result, results
from reporting.view import Catalogue, slugs

ROOT = "model-index.yml"
ONE_LIBRARY = "one file names one Library, and this is of several; a folder keeps it"
ONE_NAME = "another collection of the file has this name; a folder keeps both"
FOREIGN = "model-index"  # the key of a model card that stands for Results


def convert(catalogue: Catalogue, folder: bool) -> Converted:
    """The whole index: one file, or with `folder` one for each that was read, below a root that imports them."""
    index, losses = catalogue.zoo.index, Losses()
    places = [collection.place for collection in index.collections] + [entry.place for entry in index.entries]
    sources = list(dict.fromkeys(place.file for place in places))
    if not folder or len(sources) < 2:
        return Converted({ROOT: _file(index, index.collections, index.entries, losses)}, losses)
    names = slugs([PurePath(ROOT).stem, *(PurePath(source).stem for source in sources)])[1:]
    files = {ROOT: "\n".join(mapping({"Import": [f"{name}.yml" for name in names]})) + "\n"}
    for source, name in zip(sources, names, strict=True):
        collections = [part for part in index.collections if part.place.file == source]
        entries = [part for part in index.entries if part.place.file == source]
        files[f"{name}.yml"] = _file(index, collections, entries, losses)
    return Converted(files, losses)


def _file(index: Index, collections: Sequence[Collection], entries: Sequence[Entry], losses: Losses) -> str:
    library = shared_library(entries, losses)
    same_names(collections, losses)
    text: dict[str, object] = {"Type": "model-index"}
    if library:
        text["Library"] = library
    if collections:
        text["Collections"] = [collection.fields for collection in collections]
    text["Models"] = [{**entry_fields(index, entry), **publisher(entry, library)} for entry in entries]
    return "\n".join(mapping({key: value for key, value in text.items() if value}, literal=True)) + "\n"


def shared_library(entries: Iterable[Entry], losses: Losses, why: str = ONE_LIBRARY) -> dict[str, Plain]:
    """What the libraries of all entries have in common, if that is their name; the rest is counted as lost.

    Name and Docs are not counted: they are the publisher and the source of each entry.
    """
    libraries = [entry.library for entry in entries]
    first = libraries[0] if libraries else {}
    common = {key: value for key, value in first.items() if all(key in x and x[key] == value for x in libraries)}
    if looked_up(common, "name") is None:
        common = {}
    distinct = [library for number, library in enumerate(libraries) if library not in libraries[:number]]
    for library in distinct:
        for key in library:
            if key not in common and key.lower() not in ("name", "docs"):
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
    name, docs = looked_up(library, "name"), looked_up(library, "docs")
    told = (name or NOBODY, docs)
    if told[0] == NOBODY and openmmlab.theirs(entry):
        told = (openmmlab.PUBLISHER, None)
    if looked_up(entry.fields, "publisher") or (entry.publisher, entry.source) == told:
        return {}
    return {"Publisher": entry.publisher} | ({"Source": entry.source} if entry.source else {})


def entry_fields(index: Index, entry: Entry) -> dict[str, object]:
    """The entry's fields, with those claims in Metadata and Results that another dialect keeps elsewhere."""
    collection = index.collection(entry.collection)
    known = [entry.fields, collection.fields] if collection else [entry.fields]
    stated = {pair for held in known for pair in _stated(held)}
    absent = [claim for claim in entry.claims if (claim.label, claim.raw) not in stated]
    written = {key: value for key, value in fields(entry).items() if key.lower() != FOREIGN}
    for key in [key for key, value in written.items() if key.lower() in PARTS and _elsewhere(value)]:
        written[key] = dict(entry.metadata) if key.lower() == "metadata" else []  # the claims of a file come below
    if not any(key.lower() == "name" for key in written):
        written = {"Name": entry.name, **written}
    if not any(key.lower() == "in collection" for key in written) and entry.collection:
        written["In Collection"] = entry.collection
    if metadata := {claim.label: claim.raw for claim in absent if not claim.row.metric}:
        _extend(written, "Metadata", metadata)
    if looked_up(entry.fields, FOREIGN) or any(claim.row.metric for claim in absent):
        below = [_result(result) for result in _own(entry, absent)]
        key = next((key for key in written if key.lower() == "results"), "Results")
        written[key] = [*_listed(written.get(key)), *below]
    return written


PARTS = ("metadata", "results")


def _elsewhere(value: object) -> bool:
    """Whether a part of an entry stands in files that it names, or is merged from several."""
    return isinstance(value, str) or (isinstance(value, list) and any(isinstance(each, str) for each in value))


def _own(entry: Entry, absent: Sequence[Claim]) -> Iterator[Result]:
    """The entry's own results that its fields do not hold under Results."""
    held = {id(claim) for claim in absent}
    for result in results(entry):
        kept = [metric for metric in result.metrics if metric.claim is None or id(metric.claim) in held]
        card = looked_up(entry.fields, FOREIGN) is not None
        if kept and result.publisher == entry.publisher and (card or any(metric.claim for metric in kept)):
            yield Result(result.task, result.dataset, result.publisher, result.source, tuple(kept))


def _extend(written: dict[str, object], key: str, more: dict[str, str]) -> None:
    name = next((own for own in written if own.lower() == key.lower()), key)
    held = written.get(name)
    written[name] = (held if isinstance(held, dict) else {}) | more


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _result(result: Result) -> dict[str, object]:
    dataset = result.dataset
    metrics = {metric.label: metric.raw for metric in result.metrics}
    return {"Task": result.task, "Dataset": _dataset(dataset), "Metrics": metrics}


def _dataset(dataset: Dataset) -> object:
    """The name, or a mapping where more is known."""
    about = {"Name": dataset.name, "Type": dataset.type, "Config": dataset.config, "Split": dataset.split,
             "Revision": dataset.revision, "Task ID": dataset.task_id}  # fmt: skip
    known = {key: value for key, value in about.items() if value}
    return dataset.name if set(known) <= {"Name"} else known


def _stated(fields_: dict[str, Plain]) -> Iterator[tuple[str, str]]:
    """Label and characters of everything that stands in Metadata and in Results."""
    listed = looked_up(fields_, "results")
    results = listed if isinstance(listed, list) else [listed]
    metrics = [looked_up(result, "metrics") for result in results if isinstance(result, dict)]
    for held in (looked_up(fields_, "metadata"), *(each for metric in metrics for each in _listed(metric) or [metric])):
        if isinstance(held, dict):
            yield from _valued(held)


def _valued(held: dict[str, Plain]) -> Iterator[tuple[str, str]]:
    """Label and characters of `label: value`, of `{name: label, value: ...}`, and of values with conditions."""
    if isinstance(value := looked_up(held, "value"), str):
        yield from ((label, value) for key in ("name", "type") if isinstance(label := looked_up(held, key), str))
    for key, below in held.items():
        for each in below if isinstance(below, list) else [below]:
            text = looked_up(each, "value") if isinstance(each, dict) else each
            if isinstance(text, str):
                yield key, text
