"""Read the claims of one model: its metadata, and the metrics of its results, in every form of the
dialects.

FLOPs: 4.1 G                                          a scalar
inference time (ms/im): [{value: 57.1, mode: FP32}]   values, each with its conditions
Metrics: {Top 1 Accuracy: 80.1%}                      a mapping
metrics: [{type: accuracy, name: Top-1, value: 80.1}] a list of metrics, as in model cards
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from zoo.model_index.dialects.base.claim_context import ClaimContext, image_of_size
from zoo.model_index.dialects.base.input_field import KEY as INPUT
from zoo.model_index.dialects.base.result_claims import Result, read_result
from zoo.model_index.quantities.lookup import find_with_unit
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.table import BY_KEY, QUANTITIES
from zoo.model_index.reading.reader import Item, Reader
from zoo.model_index.reading.yaml_nodes import Scalar, is_empty
from zoo.model_index.records.fields import Plain, fold_key
from zoo.model_index.records.input_spec import InputSpec
from zoo.model_index.records.records import Claim

FoundItem = tuple[Reader, Item]
HARDWARE = "hardware"
ON_HARDWARE = frozenset({"training_memory", "training_time"})
PREPROCESSING = tuple(row.key for row in QUANTITIES if row.check == "configuration")


@dataclass(frozen=True, slots=True)
class Origin:
    """The publisher of claims, and the page they come from."""

    publisher: str
    source: str | None
    library: dict[str, Plain]


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
    items, resources = [], ""
    for reader, item in metadata:
        if match := find_with_unit(item.key):
            items.append((reader, item, match))
        elif fold_key(item.key) == "training resources" and type(item.node) is Scalar:
            resources = "" if is_empty(item.node) else item.node.value
    size = next(
        (
            s
            for reader, item, (row, _) in items
            if row.key == "image_size" and (s := image_of_size(item.node))
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
    read = [_on_hardware(claim, resources) for claim in read] if resources else read
    for result in results:
        read += read_result(context, result)
    if context.refused.isdisjoint((*PREPROCESSING, INPUT)):
        return read
    return [
        msgspec.structs.replace(claim, unclear=_obscured(claim.row, context.refused))
        for claim in read
    ]


def _on_hardware(claim: Claim, resources: str) -> Claim:
    """Return a claim about the training with what it ran on."""
    if claim.quantity not in ON_HARDWARE or any(key == HARDWARE for key, _ in claim.conditions):
        return claim
    return msgspec.structs.replace(claim, conditions=(*claim.conditions, (HARDWARE, resources)))


def _obscured(row: Quantity, refused: set[str]) -> str:
    """Say which cell that could not be read a quantity depends on; empty where none."""
    needed = PREPROCESSING if row.evaluated else ("image_size", INPUT) if row.needs_input else ()
    labels = {INPUT: "Input"}
    missing = [labels.get(key) or BY_KEY[key].label for key in needed if key in refused]
    return f"its {' and '.join(missing)} cannot be read" if missing else ""
