"""Keep the keys of an entry that mean nothing to the readers, with their places.

They stay in the entry as text. One that is nearly a known key is a slip: `zoo.model_index.checks`
looks for these.
"""

from collections.abc import Iterable, Iterator

from zoo.model_index.dialects.base.claims import FoundItem
from zoo.model_index.dialects.base.drafts import Draft
from zoo.model_index.dialects.base.result_claims import Result
from zoo.model_index.quantities.lookup import find_with_unit
from zoo.model_index.quantities.metric_words import read_name
from zoo.model_index.reading.reader import Item, Reader
from zoo.model_index.reading.yaml_nodes import Mapping
from zoo.model_index.records.fields import fold_key
from zoo.model_index.records.known_keys import KNOWN
from zoo.model_index.records.records import UnknownKey

_FOLDED = {where: frozenset(map(fold_key, labels)) for where, labels in KNOWN.items()}


def find_unknown_keys(
    draft: Draft, metadata: Iterable[FoundItem], results: Iterable[Result]
) -> Iterator[UnknownKey]:
    """Yield every key of a model, of its metadata and of its results that nothing reads."""
    yield from _unknown("a model", draft.reader, draft.items.values())
    for reader, item in metadata:
        yield from _unknown("Metadata", reader, [item])
    for result in results:
        yield from _unknown("a result", result.reader, result.items.values())
        metrics = result.items.get("metrics")
        if metrics and isinstance(metrics.node, Mapping):
            items = result.reader.mapping(metrics.node, metrics.path)
            yield from _unknown("Metrics", result.reader, items.values())


def _unknown(where: str, reader: Reader, items: Iterable[Item]) -> Iterator[UnknownKey]:
    for item in items:
        is_quantity = (where in ("Metadata", "Metrics") and find_with_unit(item.key)) or (
            where == "Metrics" and read_name(item.key)
        )
        if not is_quantity and fold_key(item.key) not in _FOLDED[where]:
            yield UnknownKey(item.key, where, item.path, reader.place(item.key_node))
