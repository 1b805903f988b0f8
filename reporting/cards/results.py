"""A model's results as the Hugging Face Hub has them: the `model-index` of a card's front matter.

`huggingface_hub` groups the results by task and data set and gives each group one source, so a
group here has the source of one publisher: the first that states it. What has no place is told and
not dropped.
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

Left = Callable[[str, str], None]  # told what has no place in the front matter, and why


def model_index(model: Model, left: Left = lambda what, why: None) -> list[object]:
    """The `model-index` with one result for each task and data set; empty where there is none."""
    groups: dict[tuple[object, ...], tuple[Result, dict[str, object], list[object]]] = {}
    for result in results(model.entry):
        task = result.task or next(iter(tasks_of(model.entry)), None)
        about = _about(result, task)
        if about is None:
            _leave(result, left, f"{NO_PLACE} without a task and a data set")
            continue
        group = groups.setdefault(_same(result, about), (result, about, []))
        if _stated_by(group[0]) != _stated_by(result):
            _leave(
                result,
                left,
                "in the card's text; the front matter has the first publisher's for the data set",
            )
            continue
        _leave_rest(result, left)
        group[2].extend(_metric(metric, model) for metric in result.metrics)
    listed = [
        about | {"metrics": metrics} | _source(result, left)
        for result, about, metrics in groups.values()
    ]
    return [{"name": model.name, "results": listed}] if listed else []


def _about(result: Result, task: str | None) -> dict[str, object] | None:
    """Task and data set as the Hub identifies them; None where one of them is not known."""
    dataset, name = result.dataset, result.dataset.called
    kind = result.kind or TASKS.get(slug(task or ""), slug(task or ""))
    identifier = dataset.type or hub_id(name or "")
    if not kind or not name or not identifier:
        return None
    named = {"type": identifier, "name": name, "config": dataset.config, "split": dataset.split,
             "revision": dataset.revision}  # fmt: skip
    return {"task": known({"type": kind, "name": None if task == result.kind else task}),
            "dataset": known(named) | _hubs(dataset.more, OF_DATASET)}  # fmt: skip


def _same(result: Result, about: Mapping[str, Any]) -> tuple[object, ...]:
    """What results of one group have in common; a card may tell them by the name of the task
    alone."""
    task, dataset = about["task"], about["dataset"]
    return (
        task["type"],
        result.kind and result.task,
        *(dataset.get(k) for k in ("type", "config", "split", "revision")),
    )


def _stated_by(result: Result) -> tuple[object, ...]:
    return (
        result.publisher,
        result.source,
        result.dataset.called,
        _hubs(result.dataset.more, OF_DATASET),
    )


def _leave(result: Result, left: Left, why: str) -> None:
    for metric in result.metrics:
        left(metric.label, why)


def _leave_rest(result: Result, left: Left) -> None:
    """Name what is stated of a result, its data set and its metrics that the Hub has no key for."""
    task = {"Task ID": result.dataset.task_id} if result.dataset.task_id else {}
    for key in _others(result.dataset.more | task, OF_DATASET):
        left(f"Dataset.{key}", NO_PLACE)
    for key in _others(result.more):
        left(f"Results.{key}", NO_PLACE)
    for metric in result.metrics:
        for key in _others(metric.more, OF_METRIC):
            left(f"{metric.label}.{key}", NO_PLACE)


def _hubs(more: Mapping[str, Plain], known: Mapping[str, str]) -> dict[str, object]:
    """Those of the keys that the Hub has, in its spelling."""
    return {
        known[fold_key(key)]: as_read(value)
        for key, value in more.items()
        if fold_key(key) in known and value
    }


def _others(more: Mapping[str, Plain], known: Iterable[str] = ()) -> list[str]:
    return [key for key, value in more.items() if fold_key(key) not in known and value is not None]


def _metric(metric: Metric, model: Model) -> dict[str, object]:
    """A metric; `verified` where the ledger has measured the same number, or the card that was read
    says so."""
    accuracy = metric.claim and metric.claim.row.check == "accuracy"
    found = next((check.finding for check in model.checks if check.claim == metric.claim), None)
    kind = metric.kind or (ACCURACY if accuracy else metric_type(metric.label))
    stated = _hubs(metric.more, OF_METRIC)
    measured = {"verified": True} if found and verified(found) else {}
    name = {"name": metric.label} if metric.name or not metric.kind else {}
    return {"type": kind, **name, "value": number(metric), **stated, **measured}


def metric_type(label: str) -> str:
    """What the Hub calls a metric of this label, where nothing states it: `mean_iou`."""
    return slug(label).replace("-", "_")


def verified(finding: Finding) -> bool:
    """Whether the claim was measured here and came out the same, to its printed digits."""
    agrees = finding.verdict in (Verdict.EXACT, Verdict.ROUNDED)
    return agrees and isinstance(finding.measured, Decimal) and bool(finding.evidence)


def number(metric: Metric) -> str:
    """The value as a plain number, percentages of a hundred; as text where no number says the same.

    A metric with a type has the form of the Hub already, and keeps its characters.
    """
    text = metric.raw.strip()
    if metric.claim and not metric.kind:
        value = metric.claim.value
        if not isinstance(value, Decimal):
            return Exact(metric.claim.row.show(value))
        text = percent(metric.raw, value) if metric.claim.row.unit == "%" else f"{value:f}"
    return Bare(text) if NUMBER.fullmatch(text) else Exact(text)


def _source(result: Result, left: Left) -> dict[str, object]:
    """Who says so, and where; `huggingface_hub` refuses a name without an address."""
    named = {} if result.publisher in UNNAMED else {"name": result.publisher}
    if address := web_address(result.source):
        return {"source": {**named, "url": address}}
    if named:
        left("Publisher", "in the card's text; the source of a result needs an address")
    return {}


def as_read(value: Plain) -> object:
    """A value whose texts are typed as YAML types their characters: a number stays one, and so does
    `true`."""
    if isinstance(value, dict):
        return {key: as_read(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_read(part) for part in value]
    return (
        Bare(value)
        if value is not None and (NUMBER.fullmatch(value) or value in ("true", "false"))
        else value
    )


def tasks_of(entry: Entry) -> list[str]:
    """What the model is for, by its Metadata and its results."""
    stated = texts(look_up(entry.metadata, "tasks")) + [
        result.task for result in results(entry) if result.task
    ]
    return list(dict.fromkeys(stated))


def hub_id(name: str) -> str:
    return name if HUB_ID.fullmatch(name) else slug(name)


def slug(text: str) -> str:
    """`Image Classification` as `image-classification`, the way identifiers of the Hub are
    spelled."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.")


def known(fields: Mapping[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in fields.items() if value is not None}
