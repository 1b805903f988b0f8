"""To model cards of the Hugging Face Hub: a folder with one short card a model."""

from collections.abc import Iterator

from model_index.quantities import find
from model_index.records import Entry
from reporting.card_data import NO_PLACE
from reporting.cards import card
from reporting.convert.outcome import Converted, Losses
from reporting.view import Catalogue, Family

README = "README.md"
NOWHERE = "a card has no place for it"
OF_COLLECTION = frozenset({"name", "full name", "description", "paper", "citation", "code", "license", "licence"})
AS_DATA = frozenset({
    "name", "training data", "tasks", "metadata", "results", "reported", "publisher", "source", "license", "licence",
    "base model", "base_model", "in collection", "model-index", "datasets", "tags", "library_name", "pipeline_tag",
})  # fmt: skip


def convert(catalogue: Catalogue, folder: bool) -> Converted:
    """One card a model, with the results as data and everything else that is known of the model as text."""
    losses = Losses()
    files = {}
    for model in catalogue.models:
        files[f"{model.slug}/{README}"] = card(catalogue, model, short=True, left=losses)
        for name in _text_only(model.entry):
            losses(name, NO_PLACE)
        for key in model.entry.library:
            if key.lower() not in ("name", "docs"):
                losses(f"Library.{key}", NOWHERE)
    for family in catalogue.families:
        _leave_collection(family, losses)
    return Converted(files, losses)


def _leave_collection(family: Family, losses: Losses) -> None:
    """Name what a collection states that is on none of its models' cards."""
    for key, value in family.collection.fields.items() if family.collection else ():
        if key.lower() == "metadata" and isinstance(value, dict):
            missing = [name for name in value if any(name not in model.entry.metadata for model in family.models)]
        else:
            missing = [] if key.lower() in OF_COLLECTION else [""]
        for name in missing:
            losses(f"Collection.{key}{f'.{name}' if name else ''}", NOWHERE)


def _text_only(entry: Entry) -> Iterator[str]:
    """What stands in the text of the card and not in its data."""
    yield from (claim.row.label for claim in entry.all_claims() if not claim.row.metric)
    yield from (f"Metadata.{key}" for key in entry.metadata if not find(key) and key.lower() not in AS_DATA)
    yield from (key for key, value in entry.fields.items() if key.lower() not in AS_DATA and value is not None)
