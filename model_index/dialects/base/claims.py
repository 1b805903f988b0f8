"""Read the claims of one model: its metadata, and the metrics of its results, in every form of the
dialects.

FLOPs: 4.1 G                                          a scalar
inference time (ms/im): [{value: 57.1, mode: FP32}]   values, each with its conditions
Metrics: {Top 1 Accuracy: 80.1%}                      a mapping
metrics: [{type: accuracy, name: Top-1, value: 80.1}] a list of metrics, as in model cards
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

import msgspec

from zoo.model_index.dialects.base.input_field import KEY as INPUT
from zoo.model_index.dialects.base.input_field import read_condition
from zoo.model_index.quantities.lookup import find_with_unit
from zoo.model_index.quantities.metric_names import Metric, find_metric
from zoo.model_index.quantities.metric_words import MARKUP
from zoo.model_index.quantities.parse import is_bare, parse_size, states_nothing
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.table import BY_KEY, QUANTITIES
from zoo.model_index.quantities.value import ParsedValue
from zoo.model_index.reading.reader import Item, Items, Reader
from zoo.model_index.reading.yaml_nodes import Mapping, Node, Scalar, Sequence, is_empty, plain
from zoo.model_index.records.fields import Plain, fold_key, look_up
from zoo.model_index.records.input_spec import InputSpec, image_input
from zoo.model_index.records.input_text import EXPECTED
from zoo.model_index.records.records import Claim

FoundItem = tuple[Reader, Item]
NAMING = ("name", "type", "value")  # of a metric; what else stands beside them are conditions
ARGUMENTS = ("args", "config")  # of a metric: settings that belong to this one number
GUESSES = ("top k", "topk", "k")  # which of a model's guesses count
# of a data set: what else tells one set of images from another
DATASET_PARTS = ("split", "config", "revision", "args")
PREPROCESSING = tuple(row.key for row in QUANTITIES if row.check == "configuration")
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
    model: str,
    origin: Origin,
    metadata: Iterable[FoundItem],
    results: Iterable[Result],
    stated: InputSpec | None = None,
    refused: Iterable[str] = (),
) -> list[Claim]:
    """Return every claim of the metadata, then of the results, each with the input stated beside
    it: next to the number, else as `stated`, else the image size of the metadata.

    A claim that depends on a setting which cannot be read is unclear; `refused` are such settings
    of the entry.
    """
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
    context = ClaimContext(
        model=model,
        publisher=origin.publisher,
        source=origin.source,
        input=stated or size,
        refused=set(refused),
    )
    read = [claim for reader, item, match in items for claim in context.read(reader, item, match)]
    for result in results:
        read += _result(context, result)
    if context.refused.isdisjoint((*PREPROCESSING, INPUT)):
        return read
    return [
        msgspec.structs.replace(claim, unclear=_obscured(claim.row, context.refused))
        for claim in read
    ]


def _obscured(row: Quantity, refused: set[str]) -> str:
    """Say which cell that could not be read a quantity depends on; empty where none."""
    needed = PREPROCESSING if row.evaluated else ("image_size", INPUT) if row.needs_input else ()
    labels = {INPUT: "Input"}
    missing = [labels.get(key) or BY_KEY[key].label for key in needed if key in refused]
    return f"its {' and '.join(missing)} cannot be read" if missing else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimContext:
    """The publisher, source and input that all claims of one statement share."""

    model: str
    publisher: str
    source: str | None
    input: InputSpec | None
    dataset: str | None = None
    task: str | None = None
    conditions: tuple[tuple[str, str], ...] = ()
    refused: set[str] = field(default_factory=set)  # quantities with a cell that cannot be read

    def within(self, metric: Metric) -> "ClaimContext":
        """Return the context of a metric whose name may state conditions: which split it is
        about."""
        if not metric.conditions:
            return self
        stated = {key for key, _ in metric.conditions}
        others = tuple(pair for pair in self.conditions if pair[0] not in stated)
        return replace(self, conditions=(*metric.conditions, *others))

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
                if _valued(value):
                    items = reader.mapping(value, path)
                    yield from self.metric(reader, items, item.key, match, path)
                elif not is_empty(value):
                    self._refuse(reader, value, path, match, "a mapping with a value")
        else:
            self._refuse(reader, node, item.path, match)

    def metric(
        self, reader: Reader, items: Items, label: str, match: tuple[Quantity, str], path: str
    ) -> Iterator[Claim]:
        """Yield the claim of a mapping with a `value`; the other keys become its conditions.

        An `input`, or an `input size`, among them goes before the one that is stated beside it.
        """
        item = items["value"]
        conditions = tuple(
            (name, text)
            for key, sibling in items.items()
            if key not in NAMING and key not in HIDDEN
            for name, text in _stated(key, sibling)
        )
        named = Item(label, item.key_node, item.node, path)
        if type(item.node) is not Scalar:
            self._refuse(reader, item.node, item.path, match)
        elif not is_empty(item.node):
            stated = read_condition(items.get(INPUT))
            unclear = ""
            if INPUT in items and not stated:
                below, unclear = items[INPUT], "the input beside it cannot be read"
                reader.fault(below.node, below.path, EXPECTED, model=self.model)
            if "input size" in items:
                stated = stated or _size(items["input size"].node)
            claim = self._claim(
                reader,
                named,
                item.node,
                item.node.value,
                item.path,
                match,
                conditions=conditions,
                stated=stated,
            )
            if claim:
                yield msgspec.structs.replace(claim, unclear=unclear)

    def _claim(
        self,
        reader: Reader,
        item: Item,
        node: Node,
        raw: str,
        path: str,
        match: tuple[Quantity, str],
        conditions: tuple[tuple[str, str], ...] = (),
        stated: InputSpec | None = None,
    ) -> Claim | None:
        row, unit = match
        try:
            # what the value says itself goes before its label
            unit = unit if is_bare(raw) else ""
            parsed = _parsed(row.parse, raw + unit)
        except ValueError as error:
            if not states_nothing(raw):
                self._refuse(reader, node, path, match, str(error))
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
            input=stated or self.input,
            conditions=(*conditions, *self.conditions),
            unit=unit,
        )

    def _refuse(
        self,
        reader: Reader,
        node: Node,
        path: str,
        match: tuple[Quantity, str],
        expected: str | None = None,
    ) -> None:
        if match[0].lenient:
            return
        self.refused.add(match[0].key)
        reader.fault(node, path, expected or _expected(match[0].parse), model=self.model)


@lru_cache(maxsize=1 << 15)  # pages repeat their settings, and accuracies have few digits
def _parsed(parse: Callable[[str], ParsedValue], text: str) -> ParsedValue:
    return parse(text)


@lru_cache
def _expected(parse: Callable[[str], ParsedValue]) -> str:
    """Return what a parser expects, in its own words."""
    try:
        parse("?")
    except ValueError as error:
        return str(error)
    return "text"


def _valued(node: Node) -> bool:
    """Return whether a node is a mapping with a `value`, or a list that has such mappings."""
    return any(
        isinstance(element, Mapping)
        and any(isinstance(k, Scalar) and k.value.lower() == "value" for k, _ in element.pairs)
        for element in (node.items if isinstance(node, Sequence) else [node])
    )


def _stated(key: str, item: Item) -> Iterator[tuple[str, str]]:
    """Yield what stands beside a value: a text under its own key, and each argument of a metric."""
    if type(item.node) is Scalar:
        if not is_empty(item.node):
            yield item.key, item.node.value
    elif key in ARGUMENTS and isinstance(item.node, Mapping):
        for name, node in item.node.pairs:
            if type(name) is Scalar and type(node) is Scalar and not is_empty(node):
                yield name.value.strip(), node.value


def _size(node: Node) -> InputSpec | None:
    """Return the image of a size; None for one that cannot be read."""
    try:
        value = parse_size(node.value).value if type(node) is Scalar else None
    except ValueError:
        return None
    return image_input(value) if isinstance(value, tuple) else None


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
        input=context.input,
        dataset=dataset,
        task=task,
        conditions=tuple(_dataset_parts(items)),
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
        nested = isinstance(item.node, Mapping) and not _valued(item.node)
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


def _guesses(items: Items) -> str | None:
    """Return the `top_k` of a metric, beside its value or among its arguments."""
    stated = [pair for key, item in items.items() for pair in _stated(key, item)]
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
