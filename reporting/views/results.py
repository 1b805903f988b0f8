"""Arrange results of a model by task and data set, for formats that need this order.

The records of an index hold a claim for every metric that is a quantity. Here each stands again
beside the metrics that are none, in the order of the file, with what the file says about the task
and the data set.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from zoo.model_index.dialects.base.claim_context import HIDDEN, NAMING
from zoo.model_index.quantities.lookup import find
from zoo.model_index.quantities.parse import parse_number
from zoo.model_index.records.fields import Plain, fold_key, look_up
from zoo.model_index.records.records import Claim, Entry
from zoo.reporting.text.format import flat

# Keys of an entry, or of what another publisher states of it, that hold or belong to claims.
CLAIMING = frozenset(
    {
        "name",
        "in collection",
        "metadata",
        "results",
        "model-index",
        "reported",
        "publisher",
        "source",
    }
)

NAN = frozenset({".nan", "nan"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A number: its label and characters as published, and the claim where it is a quantity.

    `name` is None where only a type names it; `more` is what else is stated of it, such as `args`
    or `verified`.
    """

    label: str
    raw: str
    claim: Claim | None = None
    kind: str | None = None
    name: str | None = None
    more: dict[str, Plain] = field(default_factory=dict)

    @property
    def conditions(self) -> dict[str, Plain]:
        """Return the conditions for readers: all but the signature of the verification."""
        return {
            key: value
            for key, value in self.more.items()
            if fold_key(key) not in HIDDEN and value is not None
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """The name and identifiers of a data set; `type` is its identifier on the Hugging Face Hub, or
    a similar one."""

    name: str | None = None
    type: str | None = None
    config: str | None = None
    split: str | None = None
    revision: str | None = None
    task_id: str | None = None
    more: dict[str, Plain] = field(default_factory=dict)

    @property
    def called(self) -> str | None:
        return self.name or self.type

    @property
    def details(self) -> dict[str, Plain]:
        """Return what distinguishes the data set from another one of its name."""
        fields = {
            "config": self.config,
            "split": self.split,
            "revision": self.revision,
            "task": self.task_id,
        }
        return {key: value for key, value in (fields | self.more).items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The metrics that a publisher states for one task and data set.

    `stated` is the element of the file, None for claims that no element was found for; `more` is
    what it has beside task, data set, metrics and source.
    """

    task: str | None
    dataset: Dataset
    publisher: str
    source: str | None
    metrics: tuple[Metric, ...] = field(default=())
    kind: str | None = None
    stated: dict[str, Plain] | None = None
    more: dict[str, Plain] = field(default_factory=dict)


def results(entry: Entry) -> list[Result]:
    """Return the entry's own results, then those of every other publisher."""
    stated = own_results(entry)
    for report in entry.reported:
        stated += _arrange_results(
            _result_mappings(report.fields), report.claims, report.publisher, report.source
        )
    return stated


def own_results(entry: Entry) -> list[Result]:
    """Return the results that an entry states or inherits; a result may have a source of its
    own."""
    listed = entry.gathered or _result_mappings(entry.fields)
    return list(_arrange_results(listed, entry.claims, entry.publisher, entry.source))


def other_metrics(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield the metrics of an entry that are no claim, with their values: no quantity is known of
    them, or they are stated as not a number."""
    for result in results(entry):
        for metric in result.metrics:
            if metric.claim is None and metric.raw:
                label = " on ".join(filter(None, (metric.label, result.dataset.called)))
                yield label, beside(_show_number(metric.raw), metric.conditions)


def _show_number(raw: str) -> str:
    """Show `.nan`, as YAML writes it, in words."""
    return "not a number" if raw.lower() in NAN else raw


def unclaimed_fields(fields: dict[str, Plain]) -> Iterator[str]:
    """Yield the names of fields of an entry or report that are neither a claim nor about one."""
    stated = look_up(fields, "metadata")
    metadata = stated if isinstance(stated, dict) else {}
    yield from (
        f"Metadata.{key}" for key, value in metadata.items() if not find(key) and value is not None
    )
    yield from (
        key for key, value in fields.items() if fold_key(key) not in CLAIMING and value is not None
    )


def _arrange_results(
    listed: Iterable[dict[str, Plain]], claims: Iterable[Claim], publisher: str, source: str | None
) -> Iterator[Result]:
    left = [claim for claim in claims if claim.row.metric]
    for result in listed:
        task = look_up(result, "task")
        dataset = _dataset(look_up(result, "dataset"))
        metrics = tuple(
            replace(metric, claim=_take_claim(left, metric, dataset)) for metric in _metrics(result)
        )
        if metrics:
            source_fields = look_up(result, "source")
            yield Result(
                task=task if isinstance(task, str) else _text(task, "name") or _text(task, "type"),
                dataset=dataset,
                publisher=_text(source_fields, "name") or publisher,
                source=_text(source_fields, "url")
                or (None if _text(source_fields, "name") else source),
                metrics=metrics,
                kind=_text(task, "type"),
                stated=result,
                more=_others(
                    result,
                    (
                        "task",
                        "dataset",
                        "metrics",
                        *(("source",) if isinstance(source_fields, dict) else ()),
                    ),
                ),
            )
    grouped: dict[tuple[str | None, ...], list[Metric]] = {}
    for claim in left:  # those that no element was found for
        metric = Metric(
            label=claim.label,
            raw=claim.raw,
            claim=claim,
            name=claim.label,
            more=dict(claim.conditions),
        )
        grouped.setdefault((claim.task, claim.dataset, claim.publisher, claim.source), []).append(
            metric
        )
    for (task, name, by, at), metrics_ in grouped.items():
        yield Result(
            task=task,
            dataset=Dataset(name=name),
            publisher=by or publisher,
            source=at,
            metrics=tuple(metrics_),
        )


def _take_claim(left: list[Claim], metric: Metric, dataset: Dataset) -> Claim | None:
    """Remove the claim of a metric from the remaining claims and return it."""
    for number, claim in enumerate(left):
        named = claim.label in (metric.name, metric.kind)
        if named and (claim.raw, claim.dataset) == (metric.raw, dataset.called):
            return left.pop(number)
    return None


def _result_mappings(fields: dict[str, Plain]) -> Iterator[dict[str, Plain]]:
    """Yield the mappings below `Results`, and below the `model-index` of a model card."""
    cards = look_up(fields, "model-index")
    below = (
        [look_up(card, "results") for card in cards if isinstance(card, dict)]
        if isinstance(cards, list)
        else []
    )
    for values in (look_up(fields, "results"), *below):
        items = values if isinstance(values, list) else [values]
        yield from (value for value in items if isinstance(value, dict))


def _dataset(value: Plain) -> Dataset:
    if not isinstance(value, dict):
        return Dataset(name=value if isinstance(value, str) else None)
    keys = ("name", "type", "config", "split", "revision", "task id")
    name, kind, config, split, revision, task = (_text(value, key) for key in keys)
    return Dataset(
        name=name,
        type=kind,
        config=config,
        split=split,
        revision=revision,
        task_id=task,
        more=_others(value, keys),
    )


def _metrics(result: dict[str, Plain]) -> Iterator[Metric]:
    """Yield each metric of a mapping of labels, or of a list of mappings with name, type and value
    or with labels."""
    value = look_up(result, "metrics")
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, dict):
            continue
        if look_up(item, "value") is None:
            for label, item_value in item.items():
                yield from _format_values(label, item_value)
            continue
        name, kind = _text(item, "name"), _text(item, "type")
        if called := name or kind:
            yield Metric(
                label=called,
                raw=_raw(look_up(item, "value")),
                claim=None,
                kind=kind,
                name=name,
                more=_others(item, NAMING),
            )


def _format_values(label: str, value: Plain) -> Iterator[Metric]:
    """Yield label and value, or values with the conditions of each; other content as one line of
    text."""
    values = value if isinstance(value, list) else [value]
    if all(isinstance(item, dict) and look_up(item, "value") is not None for item in values):
        for item in values:
            if isinstance(item, dict):
                raw = _raw(look_up(item, "value"))
                yield Metric(label=label, raw=raw, name=label, more=_others(item, ("value",)))
    elif text := _raw(value):
        yield Metric(label=label, raw=text, name=label)


def _raw(value: Plain) -> str:
    return value if isinstance(value, str) else flat(value)


def _others(fields: dict[str, Plain], omitted: Iterable[str]) -> dict[str, Plain]:
    return {key: value for key, value in fields.items() if fold_key(key) not in omitted}


def _text(fields: Plain, key: str) -> str | None:
    value = look_up(fields, key) if isinstance(fields, dict) else None
    return value if isinstance(value, str) and value.strip() else None


def beside(text: str, more: Mapping[str, Plain] | Iterable[tuple[str, str]]) -> str:
    """Append conditions to a text: `57.1 ms (hardware: V100; mode: FP32)`."""
    details = flat(dict(more))
    return f"{text} ({details})" if details else text


def percent(raw: str, value: Decimal) -> str:
    """Format a percentage as a plain number, with the digits it was printed with.

    A bare 0.5 is a fraction to every reader, so a percentage of at most 1 keeps its sign.
    """
    fraction = parse_number(raw.strip().rstrip("%").rstrip()).value != value
    text = f"{value.normalize() if fraction else value:f}"
    return f"{text}%" if value and abs(value) <= 1 else text


def texts(value: Plain) -> list[str]:
    """Return the texts of a field that holds one text or a list of them."""
    values: Sequence[Plain] = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str) and text.strip()]
