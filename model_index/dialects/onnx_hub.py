"""ONNX's hub manifest, `ONNX_HUB_MANIFEST.json`: a list of models, each with the path of its file,
its bytes and its SHA-256.

The format is that of `onnx.hub`: https://github.com/onnx/onnx/blob/main/onnx/hub.py. Several rows
may have one name, for several versions of the operators.
"""

from collections import Counter
from itertools import islice

from zoo.model_index.dialects.base.claims import Origin
from zoo.model_index.dialects.base.page import Page
from zoo.model_index.dialects.base.part import Files, IndexPart
from zoo.model_index.dialects.base.single_claims import (
    CellReader,
    below,
    plain_fields,
    text_below,
)
from zoo.model_index.reading.reader import Items, Reader
from zoo.model_index.reading.yaml_nodes import Mapping, Node, Sequence
from zoo.model_index.records.records import NO_BUILDER, Builder, Claim, Entry

PUBLISHER = "ONNX Model Zoo"
ORIGIN = Origin(PUBLISHER, "https://github.com/onnx/models", {})
KEYS = frozenset({"model", "model path", "metadata"})
FIRST = 5  # rows that are looked at to tell a manifest
OWN = frozenset({"model", "model path", "metadata"})


def recognises(page: Page) -> bool:
    """Return whether a file is a manifest: a list of mappings with the keys of one."""
    root = page.index_texts[0].root()
    if not isinstance(root, Sequence) or not root.items:
        return False
    rows = list(islice(root.items, FIRST))
    return all(
        isinstance(row, Mapping) and page.index_texts[0].mapping(row, "").keys() >= KEYS
        for row in rows
    )


def read(page: Page, files: Files) -> IndexPart:
    """Return an entry for each row; a fault for one without a name or a path."""
    reader = page.index_texts[0]
    rows = [
        (node, path, reader.mapping(node, path))
        for node, path in reader.sequence(reader.root(), "")
    ]
    names = Counter(text_below(items, "model") for _, _, items in rows)
    taken: set[str] = set()
    entries = []
    for node, path, items in rows:
        stated, file = text_below(items, "model"), text_below(items, "model path")
        for key, text in (("model", stated), ("model_path", file)):
            if not text.strip() and isinstance(node, Mapping):
                reader.fault(node, f"{path}.{key}", "a text", "nothing")
        if not stated.strip() or not file.strip():
            continue
        name = stated if names[stated] == 1 else f"{stated}-{text_below(items, 'opset version')}"
        if name in taken:
            name = file.rpartition("/")[2].removesuffix(".onnx")
        taken.add(name)
        entries.append(_entry(reader, node, items, name.strip()))
    return IndexPart(keys=len(entries), entries=entries)


def _entry(reader: Reader, node: Node, items: Items, name: str) -> Entry:
    cells = CellReader(reader, name, ORIGIN)
    metadata = below(reader, items, "metadata")
    digest = text_below(metadata, "model sha")
    conditions = (("sha256", digest),) if digest else ()
    claims: list[Claim] = list(cells.claims(metadata.get("model bytes"), "file_size"))
    return Entry(
        name=name,
        collection=None,
        publisher=PUBLISHER,
        source=ORIGIN.source,
        builder=Builder(NO_BUILDER, name, place=reader.place(node), named=False),
        claims=tuple(claims),
        reported=(),
        metadata=plain_fields(metadata),
        fields=plain_fields(items, OWN),
        place=reader.place(items["model"].node),
        links=tuple(cells.claims(items["model path"], "weights", conditions)),
    )
