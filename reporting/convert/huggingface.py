"""Convert an index to model cards of the Hugging Face Hub: a folder with one short card a model."""

from collections.abc import Iterator, Sequence

from zoo.model_index.load import read_text
from zoo.model_index.quantities.lookup import find
from zoo.model_index.records.fields import Plain, fold_key, look_up
from zoo.model_index.records.records import Claim, Collection, Entry
from zoo.reporting.cards.card import STATED, card
from zoo.reporting.cards.front_matter import EVALUATED, from_card
from zoo.reporting.cards.results import NO_PLACE, as_number
from zoo.reporting.convert.losses import Conversion, Losses
from zoo.reporting.convert.scattered_parts import PartsLayout
from zoo.reporting.views.catalogue import Catalogue
from zoo.reporting.views.results import unclaimed_fields

README = "README.md"
NOWHERE = "a card has no place for it"
# Keys of a card whose values are checked as results, or stand in files beside it.
KEPT_OTHERWISE = frozenset({"model-index", "model name", EVALUATED})
INHERITED = frozenset(
    {
        "name",
        "input",
        "metadata",
        "results",
        "code",
        "weights",
        "license",
        "licence",
        "base model",
        "library name",
        "pipeline tag",
        "license name",
        "license link",
        *(key for keys in STATED.values() for key in keys),
    }
)
OF_COLLECTION = INHERITED | {"full name", "description", "paper", "citation"}
AS_DATA = frozenset(
    {
        "name",
        "training data",
        "tasks",
        "metadata",
        "results",
        "reported",
        "publisher",
        "source",
        "license",
        "licence",
        "license name",
        "license link",
        "base model",
        "in collection",
        "model-index",
        "datasets",
        "tags",
        "library name",
        "pipeline tag",
    }
)


def convert(catalogue: Catalogue, folder: bool) -> Conversion:
    """Write one card a model, with the results as data and everything else as text."""
    index, losses = catalogue.zoo.index, Losses()
    files = {}
    for model in catalogue.models:
        text = card(catalogue, model, short=True, count_loss=losses)
        files[f"{model.slug}/{README}"] = text
        count_unread(model.entry, text, losses)
        for name in _text_only(model.entry):
            losses(name, NO_PLACE)
        for report in model.entry.reported:
            for name in unclaimed_fields(report.fields):
                losses(f"Reported.{name}", NOWHERE)
        for key in model.entry.library:
            if fold_key(key) not in ("name", "docs"):
                losses(f"Library.{key}", NOWHERE)
    layout = PartsLayout.from_index(index)
    for collection in index.collections:
        heirs = layout.heirs(collection)
        models = [entry for entry in index.entries if entry.place in heirs]
        _count_collection(collection, models, losses)
    return Conversion(files, losses)


def count_unread(entry: Entry, text: str, losses: Losses) -> None:
    """Read a card back, and count what its entry has and the card has not.

    That is each text of a field of an entry that was a card itself, and each number of another.
    """
    read, _ = read_text(README, text)
    again = [other for other in read.entries if other.name == entry.name] or list(read.entries)
    counted = {fold_key(name) for name, _ in losses.counts}
    if from_card(entry):
        for key, value in entry.fields.items():
            there = {
                leaf for other in again for leaf in _leaves(look_up(other.fields, fold_key(key)))
            }
            if fold_key(key) not in counted | KEPT_OTHERWISE and set(_leaves(value)) - there:
                losses(key, NOWHERE)
        return
    found = {_number(claim) for other in again for claim in other.all_claims()}
    for claim in entry.all_claims():
        named = fold_key(claim.label) in counted or fold_key(claim.row.label) in counted
        if claim.row.metric and not named and _number(claim) not in found:
            losses(claim.label, NO_PLACE)


def _leaves(value: Plain) -> Iterator[str]:
    """Yield every text of a field: numbers by their value, however they are written."""
    if isinstance(value, dict):
        for part in value.values():
            yield from _leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(part)
    elif value is not None:
        yield as_number(value) or value


def _number(claim: Claim) -> tuple[str, object]:
    return claim.quantity, claim.value


def _count_collection(collection: Collection, heirs: Sequence[Entry], losses: Losses) -> None:
    """Count what a collection states and no card of its models has; a card describes the model's
    first collection."""
    first = any(entry.collection == collection.name for entry in heirs)
    written = OF_COLLECTION if first else INHERITED if heirs else frozenset[str]()
    for key, value in collection.fields.items():
        if fold_key(key) == "metadata" and isinstance(value, dict) and heirs:
            for name in value:
                if any(
                    _subject_of(name) not in map(_subject_of, entry.metadata) for entry in heirs
                ):
                    losses(f"Collection.{key}.{name}", NOWHERE)
        elif (
            fold_key(key) not in written
            and (heirs or fold_key(key) != "name")
            and value is not None
        ):
            losses(f"Collection.{key}", NOWHERE)


def _subject_of(key: str) -> str:
    """Return the quantity of a key, or the folded key."""
    quantity = find(key)
    return quantity.key if quantity else fold_key(key)


def _text_only(entry: Entry) -> Iterator[str]:
    """Yield what the text of the card has and its data has not."""
    if from_card(entry):
        yield from (key for key in entry.fields if fold_key(key) == EVALUATED)
        return
    yield from (claim.row.label for claim in entry.all_claims() if not claim.row.metric)
    yield from (
        f"Metadata.{key}"
        for key in entry.metadata
        if not find(key) and fold_key(key) not in AS_DATA
    )
    yield from (
        key
        for key, value in entry.fields.items()
        if fold_key(key) not in AS_DATA and value is not None
    )
