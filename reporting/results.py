"""Results of a model by task and data set, for the formats that arrange them so.

The records of an index hold a claim for every metric that is a quantity. Here each stands again beside the
metrics that are none, in the order of the file, with what the file says about the task and the data set.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from model_index.nodes import Plain, looked_up
from model_index.quantities import parse_number
from model_index.records import Claim, Entry


@dataclass(frozen=True, slots=True)
class Metric:
    """One number: its label and characters as published, and the claim where it is a quantity."""

    label: str
    raw: str
    claim: Claim | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """What is known of a data set; `type` is its identifier on the Hugging Face Hub, or one like it."""

    name: str | None = None
    type: str | None = None
    config: str | None = None
    split: str | None = None
    revision: str | None = None
    task_id: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The metrics one publisher states of one task and data set."""

    task: str | None
    dataset: Dataset
    publisher: str
    source: str | None
    metrics: tuple[Metric, ...] = field(default=())


def results(entry: Entry) -> list[Result]:
    """The entry's own results, then those of every other publisher."""
    found = list(_stated(entry.fields, entry.claims, entry.publisher, entry.source))
    for report in entry.reported:
        found += _stated(report.fields, report.claims, report.publisher, report.source)
    return found


def _stated(fields: dict[str, Plain], claims: Iterable[Claim], publisher: str, source: str | None) -> Iterator[Result]:
    left = [claim for claim in claims if claim.row.metric]
    for result in _listed(fields):
        task = looked_up(result, "task")
        name = task if isinstance(task, str) else _text(task, "name") or _text(task, "type")
        dataset = _dataset(looked_up(result, "dataset"))
        metrics = [
            Metric(label, raw, _taken(left, label, raw, dataset.name), kind)
            for label, raw, kind in _metrics(looked_up(result, "metrics"))
        ]
        if metrics:
            yield Result(name, dataset, publisher, source, tuple(metrics))
    grouped: dict[tuple[str | None, str | None], list[Metric]] = {}
    for claim in left:  # those that the entry has from elsewhere, such as its collection
        grouped.setdefault((claim.task, claim.dataset), []).append(Metric(claim.label, claim.raw, claim))
    for (task, name), metrics in grouped.items():
        yield Result(task, Dataset(name), publisher, source, tuple(metrics))


def _taken(left: list[Claim], label: str, raw: str, dataset: str | None) -> Claim | None:
    """The claim that stands for this metric, taken out of those that are left."""
    for number, claim in enumerate(left):
        if (claim.label, claim.raw, claim.dataset) == (label, raw, dataset):
            return left.pop(number)
    return None


def _listed(fields: dict[str, Plain]) -> Iterator[dict[str, Plain]]:
    """The mappings below `Results`, and below the `model-index` of a model card."""
    cards = looked_up(fields, "model-index")
    below = [looked_up(card, "results") for card in cards if isinstance(card, dict)] if isinstance(cards, list) else []
    for values in (looked_up(fields, "results"), *below):
        yield from (value for value in values if isinstance(value, dict)) if isinstance(values, list) else ()


def _dataset(value: Plain) -> Dataset:
    if not isinstance(value, dict):
        return Dataset(value if isinstance(value, str) else None)
    keys = ("name", "type", "config", "split", "revision", "task id")
    return Dataset(*(_text(value, key) for key in keys))


def _metrics(value: Plain) -> Iterator[tuple[str, str, str | None]]:
    """Label, characters and kind of each metric: a mapping of labels, or a list of mappings with name and value."""
    if isinstance(value, dict):
        yield from ((label, raw, None) for label, raw in value.items() if isinstance(raw, str))
    for metric in value if isinstance(value, list) else ():
        kind, raw = _text(metric, "type"), _text(metric, "value")
        label = _text(metric, "name") or kind
        if label and raw:
            yield label, raw, kind


def _text(fields: Plain, key: str) -> str | None:
    value = looked_up(fields, key) if isinstance(fields, dict) else None
    return value if isinstance(value, str) and value.strip() else None


def percent(raw: str, value: Decimal) -> str:
    """A percentage as a plain number, with the digits it was printed with.

    A bare 0.5 is a fraction to every reader, so a percentage of at most 1 keeps its sign.
    """
    fraction = parse_number(raw.strip().rstrip("%").rstrip()).value != value
    text = f"{value.normalize() if fraction else value:f}"
    return f"{text}%" if value and abs(value) <= 1 else text


def texts(value: Plain) -> list[str]:
    """A field that holds one text or a list of them."""
    values: Sequence[Plain] = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str) and text.strip()]
