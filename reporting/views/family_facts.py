"""Facts about a family for its page: papers, zoo, tasks, and how large and costly its models are.
They need no prose in the index."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from zoo.model_index.quantities.show import human
from zoo.model_index.records.fields import Plain, look_up
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.text.format import flat
from zoo.reporting.views.catalogue import Family, Model


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


def _file_size(model: Model) -> int | None:
    claim = model.claim("file_size")
    return int(claim.number) if claim else None


# Label, value of a model, what stands behind the number.
RANGES: tuple[tuple[str, Callable[[Model], int | None], str], ...] = (
    (N_("Parameters"), lambda model: model.parameters, ""),
    (N_("Multiply-adds"), lambda model: model.macs, ""),
    (N_("File size"), _file_size, "B"),
)


def ranges(family: Family) -> Iterator[tuple[str, str]]:
    """Yield label and range of each quantity that any of its models has."""
    for label, read, unit in RANGES:
        if values := [value for model in family.models if (value := read(model))]:
            yield _(label), _show_range(values, unit)


def _show_range(values: Iterable[int], unit: str) -> str:
    low, high = (f"{human(end(values))}{unit}" for end in (min, max))
    return low if low == high else _("%(low)s to %(high)s", low=low, high=high)


def tasks(family: Family) -> list[str]:
    """Return the tasks of its models, each once."""
    return list(dict.fromkeys(task for model in family.models for task in model.tasks))
