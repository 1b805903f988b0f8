"""Read the claims of one model: its metadata, and the metrics of its results, in every form of the
dialects.

FLOPs: 4.1 G                                          a scalar
inference time (ms/im): [{value: 57.1, mode: FP32}]   values, each with its conditions
Metrics: {Top 1 Accuracy: 80.1%}                      a mapping
metrics: [{type: accuracy, name: Top-1, value: 80.1}] a list of metrics, as in model cards
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from zoo.model_index.quantities.lookup import find_with_unit
from zoo.model_index.quantities.parse import parse_size
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.value import ParsedValue, Size
from zoo.model_index.reading.reader import Item, Items, Reader
from zoo.model_index.reading.yaml_nodes import Mapping, Node, Scalar, Sequence, is_empty, plain
from zoo.model_index.records.fields import Plain, look_up
from zoo.model_index.records.records import Claim

FoundItem = tuple[Reader, Item]
NAMING = ("name", "type", "value")  # of a metric; what else stands beside them are conditions
DIGITS = frozenset("0123456789.")
HIDDEN = frozenset({"verifytoken"})


@dataclass(frozen=True, slots=True)
class Origin:
    """The publisher of claims, and the page they come from."""

    publisher: str
    source: str | None
    library: dict[str, Plain]


@dataclass(frozen=True, slots=True)
class Result:
    """One element of Results, with its reader and path."""

    reader: Reader
    items: Items
    path: str


def claims(
    model: str, origin: Origin, metadata: Iterable[FoundItem], results: Iterable[Result]
) -> list[Claim]:
    """Return every claim of the metadata, then of the results, each with the input size stated
    beside it."""
    items = [
        (reader, item, match) for reader, item in metadata if (match := find_with_unit(item.key))
    ]
    size = next(
        (
            s
            for reader, item, (row, _) in items
            if row.key == "image_size" and (s := _size(item.node))
        ),
        None,
    )
    context = ClaimContext(model=model, publisher=origin.publisher, source=origin.source, size=size)
    read = [claim for reader, item, match in items for claim in context.read(reader, item, match)]
    for result in results:
        read += _result(context, result)
    return read


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimContext:
    """The publisher, source and size that all claims of one statement share."""

    model: str
    publisher: str
    source: str | None
    size: Size | None
    dataset: str | None = None
    task: str | None = None

    def read(self, reader: Reader, item: Item, match: tuple[Quantity, str]) -> Iterator[Claim]:
        """Yield the claims of one item: one of a scalar, one for each value of a list."""
        node = item.node
        if type(node) is Scalar:
            if not is_empty(node) and (
                claim := self._claim(reader, item, node, node.value, item.path, match)
            ):
                yield claim
        elif (
            type(node) is Sequence
            and match[0].several
            and all(type(child) is Scalar for child in node.items)
        ):
            raw = ", ".join(child.value for child in node.items if type(child) is Scalar)
            if raw and (claim := self._claim(reader, item, node, raw, item.path, match)):
                yield claim
        elif isinstance(node, (Mapping, Sequence)) and _valued(node):
            for value, path in reader.sequence(node, item.path, single_ok=True):
                items = reader.mapping(value, path)
                if "value" in items:
                    yield from self.metric(reader, items, item.key, match, path)
        else:
            reader.fault(node, item.path, "text")

    def metric(
        self, reader: Reader, items: Items, label: str, match: tuple[Quantity, str], path: str
    ) -> Iterator[Claim]:
        """Yield the claim of a mapping with a `value`; the other keys become its conditions.

        An `input size` among them goes before the one that is stated beside it.
        """
        item = items["value"]
        conditions = tuple(
            (sibling.key, sibling.node.value)
            for key, sibling in items.items()
            if key not in NAMING
            and key not in HIDDEN
            and type(sibling.node) is Scalar
            and not is_empty(sibling.node)
        )
        named = Item(label, item.key_node, item.node, path)
        if type(item.node) is not Scalar:
            reader.fault(item.node, item.path, "text")
        elif not is_empty(item.node):
            size = _size(items["input size"].node) if "input size" in items else None
            claim = self._claim(
                reader,
                named,
                item.node,
                item.node.value,
                item.path,
                match,
                conditions=conditions,
                size=size,
            )
            if claim:
                yield claim

    def _claim(
        self,
        reader: Reader,
        item: Item,
        node: Node,
        raw: str,
        path: str,
        match: tuple[Quantity, str],
        conditions: tuple[tuple[str, str], ...] = (),
        size: Size | None = None,
    ) -> Claim | None:
        row, unit = match
        try:
            # what the value says itself goes before its label
            unit = unit if raw[-1:] in DIGITS else ""
            parsed = _parsed(row.parse, raw + unit)
        except ValueError as error:
            reader.fault(node, path, str(error))
            return None
        return Claim(
            model=self.model,
            publisher=self.publisher,
            source=self.source,
            quantity=row.key,
            label=item.key,
            raw=raw,
            parsed=parsed,
            path=path,
            place=reader.place(node),
            dataset=self.dataset,
            task=self.task,
            size=size or self.size,
            conditions=conditions,
            unit=unit,
        )


@lru_cache(maxsize=1 << 15)  # pages repeat their settings, and accuracies have few digits
def _parsed(parse: Callable[[str], ParsedValue], text: str) -> ParsedValue:
    return parse(text)


def _valued(node: Mapping | Sequence) -> bool:
    """Return whether a node is a mapping with a `value`, or a list of such mappings."""
    elements = node.items if isinstance(node, Sequence) else [node]
    return bool(elements) and all(
        isinstance(element, Mapping)
        and any(isinstance(k, Scalar) and k.value.lower() == "value" for k, _ in element.pairs)
        for element in elements
    )


def _size(node: Node) -> Size | None:
    try:
        value = parse_size(node.value).value if type(node) is Scalar else None
    except ValueError:
        return None
    return value if isinstance(value, tuple) else None


def _result(context: ClaimContext, result: Result) -> Iterator[Claim]:
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
        size=context.size,
        dataset=dataset,
        task=task,
    )
    if isinstance(metrics.node, Mapping):
        for item in reader.mapping(metrics.node, metrics.path).values():
            if match := _metric(item.key, tasks):
                yield from narrowed.read(reader, item, match)
        return
    for node, path in reader.sequence(metrics.node, metrics.path):
        metric_items = reader.mapping(node, path)
        if "value" in metric_items:
            labels = [label for key in ("name", "type") if (label := _scalar(metric_items, key))]
            label, metric = next(
                ((text, m) for text in labels if (m := _metric(text, tasks))), ("", None)
            )
            if metric:
                yield from narrowed.metric(reader, metric_items, label, metric, path)
        else:
            for item in metric_items.values():
                if match := _metric(item.key, tasks):
                    yield from narrowed.read(reader, item, match)


def _metric(label: str, tasks: Iterable[str | None]) -> tuple[Quantity, str] | None:
    """Return the quantity of a metric; the task, by name or type, decides what a bare accuracy
    is."""
    return next((match for task in tasks if (match := find_with_unit(label, task))), None)


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
