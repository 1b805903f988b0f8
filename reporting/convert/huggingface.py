"""To model cards of the Hugging Face Hub: a folder with one short card a model."""

from collections.abc import Iterator

from model_index.quantities import find
from model_index.records import Entry
from reporting.card_data import NO_PLACE
from reporting.cards import card
from reporting.convert.outcome import Converted, Losses
from reporting.view import Catalogue

README = "README.md"
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
                losses(f"Library.{key}", "a card has no place for it")
    return Converted(files, losses)


def _text_only(entry: Entry) -> Iterator[str]:
    """What stands in the text of the card and not in its data."""
    yield from (claim.row.label for claim in entry.all_claims() if not claim.row.metric)
    yield from (f"Metadata.{key}" for key in entry.metadata if not find(key) and key.lower() not in AS_DATA)
    yield from (key for key, value in entry.fields.items() if key.lower() not in AS_DATA and value is not None)
