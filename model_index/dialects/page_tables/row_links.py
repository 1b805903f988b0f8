"""Links of a row: weights, a paper, a configuration, a log, by what their address ends in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from zoo.model_index.quantities.parse import MAX_ADDRESS
from zoo.model_index.reading.tables.grid import GridCell
from zoo.model_index.records.place import Place

WEIGHTS, PAPER, CONFIG, LOG, OTHER = "Weights", "Paper", "Config", "Training Log", ""
# A pattern of the address, and what it leads to.
KINDS = (
    (
        re.compile(
            r"\.(?:pth|pt|th|pdparams|pkl|safetensors|ckpt|bin|h5|hdf5|keras|npz|onnx|gguf|tflite|"
            r"msgpack|pth\.tar|pt2)$",
            re.IGNORECASE,
        ),
        WEIGHTS,
    ),
    (re.compile(r"^https?://(?:www\.)?(?:arxiv|openreview|doi|papers\.nips)\.\w+/"), PAPER),
    (re.compile(r"\.(?:ya?ml|py|gin|toml)$", re.IGNORECASE), CONFIG),
    (re.compile(r"\.(?:log|txt|jsonl?|csv)$", re.IGNORECASE), LOG),
)
ANCHOR = re.compile(r"^#")


@dataclass(frozen=True, slots=True)
class RowLink:
    """A link of a row: its kind, the header of its column, its address, and its cell's place."""

    kind: str
    label: str
    address: str
    place: Place


def links_of(cell: GridCell, label: str) -> Iterator[RowLink]:
    """Yield the links of a cell; those within the page say nothing."""
    for link in cell.links:
        if link.address and not ANCHOR.match(link.address) and len(link.address) <= MAX_ADDRESS:
            yield RowLink(classify(link.address), label or link.text, link.address, cell.span)


def classify(address: str) -> str:
    """Return what an address leads to, by its ending; empty where that says nothing."""
    path = re.split(r"[?#]", address, maxsplit=1)[0]
    return next((kind for pattern, kind in KINDS if pattern.search(path)), OTHER)
