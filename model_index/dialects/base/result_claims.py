"""Read the metrics of one element of Results, with its task, data set and conditions."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from zoo.model_index.dialects.base.claim_context import ClaimContext, has_value, read_conditions
from zoo.model_index.quantities.metric_names import find_metric
from zoo.model_index.quantities.metric_words import MARKUP
from zoo.model_index.reading.reader import Items, Reader
from zoo.model_index.reading.yaml_nodes import Mapping, Scalar, is_empty, plain
from zoo.model_index.records.fields import fold_key, look_up
from zoo.model_index.records.records import Claim

GUESSES = ("top k", "topk", "k")  # which of a model's guesses count
# of a data set: what else tells one set of images from another
DATASET_PARTS = ("split", "config", "revision", "args")
# Beside the metrics of a result: what else tells one number from another.
CONDITIONS = (
    *("split", "subset", "revision", "shots", "num fewshot", "backbone", "hardware"),
    *("test scale", "flip", "tta", "resolution", "precision"),
)


@dataclass(frozen=True, slots=True)
class Result:
    """One element of Results, with its reader and path."""

    reader: Reader
    items: Items
    path: str


def read_result(context: ClaimContext, result: Result) -> Iterator[Claim]:
    """Yield the claims of one result; its own `source` publishes them where it names one."""
    reader, items = result.reader, result.items
    metrics = items.get("metrics")
    if metrics is None:
        return
    task, dataset = description_of(items, "task"), description_of(items, "dataset")
    tasks = tuple(dict.fromkeys((task, _typed(items, "task"))))
    source = _source(items)
    narrowed = ClaimContext(
        model=context.model,
        publisher=source[0] or context.publisher,
        source=source[1] if source[0] else context.source,
        input=context.input,
        dataset=dataset,
        task=task,
        conditions=(*_dataset_parts(items), *_beside(items)),
        refused=context.refused,
    )
    if isinstance(metrics.node, Mapping):
        yield from _labelled(narrowed, reader, reader.mapping(metrics.node, metrics.path), tasks)
        return
    for node, path in reader.sequence(metrics.node, metrics.path):
        metric_items = reader.mapping(node, path)
        if "value" not in metric_items:
            yield from _labelled(narrowed, reader, metric_items, tasks)
            continue
        name, kind = _scalar(metric_items, "name"), _scalar(metric_items, "type")
        if metric := find_metric(name, kind, tasks, _guesses(metric_items)):
            yield from narrowed.within(metric).metric(
                reader, metric_items, name or kind or "", (metric.row, metric.unit), path
            )


def _labelled(
    context: ClaimContext,
    reader: Reader,
    items: Items,
    tasks: tuple[str | None, ...],
    above: str = "",
) -> Iterator[Claim]:
    """Yield the claims of metrics that are keys: `Top 1 Accuracy: 80.1`.

    A mapping below a name that is no metric's names its metrics by both: `Vid4: {PSNR: 24.4}`.
    `above` is the key that a mapping stands under.
    """
    for item in items.values():
        label = _join_names(above, item.key) if above else item.key
        metric = find_metric(label, None, tasks)
        if metric is None:
            continue
        nested = isinstance(item.node, Mapping) and not has_value(item.node)
        if nested and metric.is_other and not above:
            inner = reader.mapping(item.node, item.path)
            yield from _labelled(context, reader, inner, tasks, item.key)
            continue
        for claim in context.within(metric).read(reader, item, (metric.row, metric.unit)):
            yield msgspec.structs.replace(claim, label=label) if above else claim


def _join_names(above: str, key: str) -> str:
    """Return the name of a metric by its key and the key that it stands under.

    A key above that names several metrics names this one, too: `PSNR/SSIM (RGB): {PSNR: 32.9}`
    holds `PSNR (RGB)`.
    """
    head, bracket, conditions = MARKUP.sub(" ", above).partition("(")
    if key in [part.strip() for part in head.split("/")]:
        return f"{key} {bracket}{conditions}".strip()
    return f"{above} {key}"


def _dataset_parts(items: Items) -> Iterator[tuple[str, str]]:
    """Yield split, configuration, revision and arguments of a result's data set."""
    value = plain(items["dataset"].node) if "dataset" in items else None
    if not isinstance(value, dict):
        return
    for key in DATASET_PARTS:
        part = look_up(value, key)
        if isinstance(part, dict):
            part = ", ".join(f"{name}: {text}" for name, text in part.items() if text is not None)
        if isinstance(part, str) and part.strip():
            yield key, part.strip()


def _beside(items: Items) -> Iterator[tuple[str, str]]:
    """Yield the conditions that stand beside the metrics: `Backbone: R50`."""
    for key in CONDITIONS:
        for _, text in read_conditions(key, items[key]) if key in items else ():
            yield key, text


def _guesses(items: Items) -> str | None:
    """Return the `top_k` of a metric, beside its value or among its arguments."""
    stated = [pair for key, item in items.items() for pair in read_conditions(key, item)]
    return next((text.strip() for name, text in stated if fold_key(name) in GUESSES), None)


def _typed(items: Items, key: str) -> str | None:
    value = plain(items[key].node) if key in items else None
    kind = look_up(value, "type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else None


def description_of(items: Items, key: str) -> str | None:
    """Return a task or data set: its name, or the Name (else the type) of a mapping that
    describes it."""
    value = plain(items[key].node) if key in items else None
    if isinstance(value, dict):
        value = look_up(value, "name") or look_up(value, "type")
    return value if isinstance(value, str) else None


def _source(items: Items) -> tuple[str | None, str | None]:
    """Return name and address of a result's own source, as model cards state one."""
    value = plain(items["source"].node) if "source" in items else None
    if not isinstance(value, dict):
        return None, None
    name, url = look_up(value, "name"), look_up(value, "url")
    return (name if isinstance(name, str) else None), (url if isinstance(url, str) else None)


def _scalar(items: Items, key: str) -> str | None:
    node = items[key].node if key in items else None
    return node.value if type(node) is Scalar and not is_empty(node) else None
