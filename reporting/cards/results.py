"""Make the `model-index` of a card's front matter: a model's results in the Hub's format.

`huggingface_hub` groups the results by task and data set and gives each group one source, so a
group here has the source of one publisher: the first that states it. Everything without a place is
counted as a loss.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from zoo.model_index.dialects.base.drafts import NOBODY
from zoo.model_index.dialects.huggingface import PUBLISHER
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.records.fields import Plain, fold_key, look_up
from zoo.model_index.records.records import Entry
from zoo.reporting.text.escape import web_address
from zoo.reporting.text.yaml_block import Bare, Exact
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.results import Metric, Result, percent, results, texts

TASKS = {
    "semantic-segmentation": "image-segmentation",
    "instance-segmentation": "image-segmentation",
}
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d*)?[eE][+-]?\d{1,2}")
# the Hub's one metric for the share of right answers; its name tells top-1 from top-5
ACCURACY = "accuracy"
NO_PLACE = "in the card's text; the front matter has no place for it"
# Keys that the Hub has, by their folded spelling.
OF_DATASET = {"args": "args"}
OF_METRIC = {
    "config": "config",
    "args": "args",
    "verified": "verified",
    "verifytoken": "verifyToken",
}
UNNAMED = (NOBODY, PUBLISHER)  # publishers that no text names

CountLoss = Callable[[str, str], None]  # gets the name of a loss, and why the format cannot hold it


def ignore_loss(name: str, why: str) -> None:
    """Count nothing."""


def model_index(model: Model, count_loss: CountLoss = ignore_loss) -> list[object]:
    """Return the `model-index`: one result for each task and data set; empty without results."""
    groups: dict[tuple[object, ...], tuple[Result, dict[str, object], list[object]]] = {}
    for result in results(model.entry):
        task = result.task or next(iter(tasks_of(model.entry)), None)
        identity = _identity(result, task)
        if identity is None:
            why = f"{NO_PLACE} without a task and a data set"
            _count_metrics(result, count_loss, why)
            continue
        first, _, metrics = groups.setdefault(_group_key(result, identity), (result, identity, []))
        if _stated_by(first) != _stated_by(result):
            why = "the front matter has the first publisher's for the data set"
            _count_metrics(result, count_loss, f"in the card's text; {why}")
            continue
        _count_details(result, count_loss)
        metrics.extend(_metric(m) for m in result.metrics if m.claim not in model.wrong_claims)
        for metric in result.metrics:
            if metric.claim in model.wrong_claims:
                count_loss(metric.label, "in the card's text; it is wrong")
    listed = [
        identity | {"metrics": metrics} | _source(result, count_loss)
        for result, identity, metrics in groups.values()
        if metrics
    ]
    return [{"name": model.entry.name, "results": listed}] if listed else []


def _identity(result: Result, task: str | None) -> dict[str, object] | None:
    """Return task and data set as the Hub identifies them; None where one of them is unknown."""
    dataset, name = result.dataset, result.dataset.called
    kind = result.kind or TASKS.get(slug(task or ""), slug(task or ""))
    identifier = dataset.type or hub_id(name or "")
    if not kind or not name or not identifier:
        return None
    fields = {
        "type": identifier,
        "name": name,
        "config": dataset.config,
        "split": dataset.split,
        "revision": dataset.revision,
    }
    task_name = None if task == result.kind else task
    return {
        "task": without_none({"type": kind, "name": task_name}),
        "dataset": without_none(fields) | _hub_keys(dataset.more, OF_DATASET),
    }


def _group_key(result: Result, identity: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what results of one group have in common; a card may tell them apart by the name of
    the task alone."""
    task, dataset = identity["task"], identity["dataset"]
    fields = (dataset.get(key) for key in ("type", "config", "split", "revision"))
    return (task["type"], result.kind and result.task, *fields)


def _stated_by(result: Result) -> tuple[object, ...]:
    arguments = _hub_keys(result.dataset.more, OF_DATASET)
    return (result.publisher, result.source, result.dataset.called, arguments)


def _count_metrics(result: Result, count_loss: CountLoss, why: str) -> None:
    for metric in result.metrics:
        count_loss(metric.label, why)


def _count_details(result: Result, count_loss: CountLoss) -> None:
    """Count the details of a result, its data set and its metrics that the Hub has no key for."""
    task = {"Task ID": result.dataset.task_id} if result.dataset.task_id else {}
    for key in _other_keys(result.dataset.more | task, OF_DATASET):
        count_loss(f"Dataset.{key}", NO_PLACE)
    for key in _other_keys(result.more):
        count_loss(f"Results.{key}", NO_PLACE)
    for metric in result.metrics:
        for key in _other_keys(metric.more, OF_METRIC):
            count_loss(f"{metric.label}.{key}", NO_PLACE)


def _hub_keys(more: Mapping[str, Plain], hub: Mapping[str, str]) -> dict[str, object]:
    """Return those of the keys that the Hub has, in its spelling."""
    return {
        hub[fold_key(key)]: as_yaml_value(value)
        for key, value in more.items()
        if fold_key(key) in hub and value
    }


def _other_keys(more: Mapping[str, Plain], hub: Iterable[str] = ()) -> list[str]:
    return [key for key, value in more.items() if fold_key(key) not in hub and value is not None]


def _metric(metric: Metric) -> dict[str, object]:
    """Return a metric. `verified` is what a card that was read says of its own: the Hub alone
    computes it, so no measurement here sets it."""
    accuracy = metric.claim and metric.claim.row.check == "accuracy"
    kind = metric.kind or (ACCURACY if accuracy else metric_type(metric.label))
    name = {"name": metric.label} if metric.name or not metric.kind else {}
    stated = _hub_keys(metric.more, OF_METRIC)
    return {"type": kind, **name, "value": metric_number(metric), **stated}


def metric_type(label: str) -> str:
    """Return the Hub's name of a metric with this label: `mean_iou`."""
    return slug(label).replace("-", "_")


def agrees_with_measurement(finding: Finding) -> bool:
    """Whether a measurement here equals the claim, to its printed digits."""
    equal = finding.verdict in (Verdict.EXACT, Verdict.ROUNDED)
    return equal and isinstance(finding.measured, Decimal) and bool(finding.evidence)


def metric_number(metric: Metric) -> str:
    """Return the value as a plain number, percentages of a hundred, else as text.

    A metric with a type has the form of the Hub already, and keeps its characters; so does one
    that is no accuracy.
    """
    text = metric.raw.strip()
    if metric.claim and not metric.kind and metric.claim.row.check == "accuracy":
        value = metric.claim.value
        if not isinstance(value, Decimal):
            return Exact(metric.claim.row.show(value))
        text = percent(metric.raw, value) if metric.claim.row.unit == "%" else f"{value:f}"
    return as_number(text) or Exact(text)


def as_number(text: str) -> Bare | None:
    """Return a text as a number that every reader of YAML takes for one; None for other text.

    YAML 1.1 wants a point and a sign in `1.0e-02`, so its digits are written out.
    """
    if NUMBER.fullmatch(text):
        return Bare(text)
    return Bare(f"{Decimal(text):f}") if SCIENTIFIC.fullmatch(text) else None


def _source(result: Result, count_loss: CountLoss) -> dict[str, object]:
    """Return publisher and address; `huggingface_hub` refuses a name without an address."""
    name = {} if result.publisher in UNNAMED else {"name": result.publisher}
    if address := web_address(result.source):
        return {"source": {**name, "url": address}}
    if name:
        count_loss("Publisher", "in the card's text; the source of a result needs an address")
    return {}


def as_yaml_value(value: Plain) -> object:
    """Type texts as YAML types their characters: a number stays a number, and so does `true`."""
    if isinstance(value, dict):
        return {key: as_yaml_value(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_yaml_value(part) for part in value]
    if value in ("true", "false"):
        return Bare(value)
    return value if value is None else as_number(value) or value


def tasks_of(entry: Entry) -> list[str]:
    """Return the tasks in the entry's Metadata and results, each once."""
    of_results = (result.task for result in results(entry) if result.task)
    return list(dict.fromkeys([*texts(look_up(entry.metadata, "tasks")), *of_results]))


def hub_id(name: str) -> str:
    """Return the name as an identifier of the Hub."""
    return name if HUB_ID.fullmatch(name) else slug(name)


def slug(text: str) -> str:
    """Return `image-classification` for `Image Classification`, as the Hub spells identifiers."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.")


def without_none(fields: Mapping[str, str | None]) -> dict[str, str]:
    """Return the fields that have a value."""
    return {key: value for key, value in fields.items() if value is not None}
