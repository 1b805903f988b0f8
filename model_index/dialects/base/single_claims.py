"""Make claims and links of single cells of a file, for dialects whose keys say what a cell is."""

from collections.abc import Iterator
from dataclasses import dataclass

from zoo.model_index.dialects.base.claims import Origin
from zoo.model_index.quantities.table import BY_KEY
from zoo.model_index.reading.reader import Item, Items, Reader
from zoo.model_index.reading.yaml_nodes import Mapping, Scalar, is_empty, plain
from zoo.model_index.records.fields import Plain, fold_key
from zoo.model_index.records.records import Claim

Conditions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CellReader:
    """Reads the cells of one model: each a claim of a quantity, or a reference to weights."""

    reader: Reader
    model: str
    origin: Origin

    def claims(
        self, item: Item | None, quantity: str, conditions: Conditions = ()
    ) -> Iterator[Claim]:
        """Yield the claim of a cell; none of an empty one, and a fault for one that cannot be
        read."""
        if item is None or is_empty(item.node):
            return
        if type(item.node) is not Scalar:
            self.reader.fault(item.node, item.path, "one value", model=self.model)
            return
        yield from self.claims_of(item, item.node.value, quantity, conditions)

    def claims_of(
        self, item: Item, text: str, quantity: str, conditions: Conditions = ()
    ) -> Iterator[Claim]:
        """Yield the claim that a cell makes, which is this text of it."""
        row = BY_KEY[quantity]
        try:
            parsed = row.parse(text)
        except ValueError as error:
            self.reader.fault(item.node, item.path, str(error), model=self.model)
            return
        yield Claim(
            model=self.model,
            publisher=self.origin.publisher,
            source=self.origin.source,
            quantity=quantity,
            label=item.key,
            raw=text,
            parsed=parsed,
            path=item.path,
            place=self.reader.place(item.node),
            conditions=conditions,
        )


def below(reader: Reader, items: Items, key: str) -> Items:
    """Return the mapping under a key; an empty one where there is something else."""
    item = items.get(key)
    if item is None or not isinstance(item.node, Mapping):
        return {}
    return reader.mapping(item.node, item.path)


def text_below(items: Items, key: str) -> str:
    """Return the text under a key; empty where there is something else."""
    item = items.get(key)
    if item is None or type(item.node) is not Scalar or is_empty(item.node):
        return ""
    return item.node.value


def plain_fields(items: Items, leave_out: frozenset[str] = frozenset()) -> dict[str, Plain]:
    """Return the fields of a mapping as plain values, without these keys."""
    rest = (item for item in items.values() if fold_key(item.key) not in leave_out)
    return {item.key: plain(item.node) for item in rest}
