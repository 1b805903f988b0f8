"""Facts about a family for its page: papers and tasks. They need no prose in the index."""

from dataclasses import dataclass

from zoo.model_index.records.fields import Plain, look_up
from zoo.reporting.text.format import flat
from zoo.reporting.views.catalogue import Family


@dataclass(frozen=True, slots=True)
class FamilyPaper:
    """A paper of a family; without a title it is shown by its address."""

    title: str
    address: str


def papers(family: Family) -> list[FamilyPaper]:
    """Return the paper of the collection, else those of its models, each once."""
    stated = [_paper(family.collection.paper)] if family.collection else []
    of_models = (_paper(look_up(model.entry.fields, "paper")) for model in family.models)
    return list(dict.fromkeys(filter(None, stated))) or list(dict.fromkeys(filter(None, of_models)))


def _paper(value: Plain) -> FamilyPaper | None:
    fields: dict[str, Plain] = value if isinstance(value, dict) else {"URL": value}
    title, address = flat(look_up(fields, "title")), flat(look_up(fields, "url"))
    return FamilyPaper(title or address, address) if title or address else None


def tasks(family: Family) -> list[str]:
    """Return the tasks of its models, each once."""
    return list(dict.fromkeys(task for model in family.models for task in model.tasks))
