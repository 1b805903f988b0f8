"""Read one cell of a statement as claims: a scalar, a list, or values with their conditions."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

import msgspec

from zoo.model_index.dialects.base.input_field import KEY as INPUT
from zoo.model_index.dialects.base.input_field import read_condition
from zoo.model_index.quantities.metric_names import Metric
from zoo.model_index.quantities.parse import (
    MAX_LENGTH,
    UNSIGNED,
    is_bare,
    parse_size,
    states_nothing,
)
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.value import ParsedValue
from zoo.model_index.reading.reader import Item, Items, Reader
from zoo.model_index.reading.yaml_nodes import Mapping, Node, Scalar, Sequence, is_empty
from zoo.model_index.records.input_spec import InputSpec, image_input
from zoo.model_index.records.input_text import EXPECTED
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Claim

NAMING = ("name", "type", "value")  # of a metric; what else stands beside them are conditions
ARGUMENTS = ("args", "config")  # of a metric: settings that belong to this one number
SPREAD = re.compile(  # `78.3 ± 0.2`
    rf"({UNSIGNED}%?)\s*(?:\u00b1|\+/-|\+-|\\pm)\s*({UNSIGNED}%?)"
)
HIDDEN = frozenset({"verifytoken"})


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
        elif isinstance(node, (Mapping, Sequence)) and has_value(node):
            for value, path in reader.sequence(node, item.path, single_ok=True):
                if has_value(value):
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
            for name, text in read_conditions(key, sibling)
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
                stated = stated or image_of_size(items["input size"].node)
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
        place = reader.place(node)
        if len(raw) <= MAX_LENGTH and (spread := SPREAD.fullmatch(raw)):
            raw, place = spread[1], _narrow(place, node, len(spread[1]))
            conditions = (*conditions, ("\u00b1", spread[2]))
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
            place=place,
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


def _narrow(place: Place, node: Node, length: int) -> Place:
    """Return the place of the first characters of a text, without its quotes."""
    quote = type(node) is Scalar and node.style in ("'", '"')
    start = place.start + quote
    return msgspec.structs.replace(
        place, column=place.column + quote, start=start, end=start + length
    )


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


def has_value(node: Node) -> bool:
    """Return whether a node is a mapping with a `value`, or a list that has such mappings."""
    return any(
        isinstance(element, Mapping)
        and any(isinstance(k, Scalar) and k.value.lower() == "value" for k, _ in element.pairs)
        for element in (node.items if isinstance(node, Sequence) else [node])
    )


def read_conditions(key: str, item: Item) -> Iterator[tuple[str, str]]:
    """Yield what stands beside a value: a text under its own key, and each argument of a metric."""
    if type(item.node) is Scalar:
        if not is_empty(item.node):
            yield item.key, item.node.value
    elif key in ARGUMENTS and isinstance(item.node, Mapping):
        for name, node in item.node.pairs:
            if type(name) is Scalar and type(node) is Scalar and not is_empty(node):
                yield name.value.strip(), node.value


def image_of_size(node: Node) -> InputSpec | None:
    """Return the image of a size; None for one that cannot be read."""
    try:
        value = parse_size(node.value).value if type(node) is Scalar else None
    except ValueError:
        return None
    return image_input(value) if isinstance(value, tuple) else None
