"""The Hugging Face Hub's metadata of a model, saved as a file: the JSON of
`https://huggingface.co/api/models/OWNER/NAME`, with `?blobs=true` the sizes of its files too.

The Hub counts parameters by the headers of safetensors files, so a number there is that of stored
elements: of packed weights it is too small.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import msgspec

from zoo.model_index.dialects import huggingface
from zoo.model_index.dialects.base.claims import Origin
from zoo.model_index.dialects.base.page import Page
from zoo.model_index.dialects.base.part import Files, IndexPart
from zoo.model_index.dialects.base.single_claims import (
    CellReader,
    below,
    plain_fields,
    text_below,
)
from zoo.model_index.reading.reader import Item, Items, Reader
from zoo.model_index.reading.yaml_nodes import Mapping, Node, Sequence
from zoo.model_index.records.records import Claim, Entry

PUBLISHER = "Hugging Face Hub"
HUB = "https://huggingface.co"
# Files of weights; other `.bin` and `.pt` files hold the states of a training.
WEIGHTS = re.compile(
    r".*\.(?:safetensors|gguf|onnx)|.*\.(?:safetensors|bin)\.index\.json"
    r"|(?:.*/)?(?:pytorch_|diffusion_pytorch_|adapter_|open_clip_pytorch_)?model[\w.-]*\.bin"
)
SHARD = re.compile(r"(?P<stem>.*)-\d{5}-of-\d{5}(?P<suffix>\.\w+)")
NAME = re.compile(r"[\w./-]+")  # what a reference to the Hub can hold
MOST_FILES = 100
OWN = frozenset({"siblings", "safetensors", "gguf", "carddata", "model index"})


def recognises(page: Page) -> bool:
    """Return whether a file is the Hub's metadata of a model."""
    root = page.index_texts[0].root()
    if not isinstance(root, Mapping):
        return False
    items = page.index_texts[0].mapping(root, "")
    siblings = items.get("siblings")
    named = "id" in items or "modelid" in items
    if not named or siblings is None or not isinstance(siblings.node, Sequence):
        return False
    first = siblings.node.items[:1]
    return all("rfilename" in page.index_texts[0].mapping(node, "") for node in first)


def read(page: Page, files: Files) -> IndexPart:
    """Return the entry of the model, with what its card states."""
    reader = page.index_texts[0]
    root = reader.root()
    items = reader.mapping(root, "")
    name = text_below(items, "id") or text_below(items, "modelid")
    if root is None or not name.strip():
        reader.fault(root, "id", "the name of a model", "nothing")
        return IndexPart()
    entry = _add_metadata(_read_card(reader, items, root, name), reader, items)
    return IndexPart(keys=1, entries=[entry])


def _read_card(reader: Reader, items: Items, root: Node, name: str) -> Entry:
    """Return the entry of the card, under the name of the repository; the card of a model without
    one states nothing."""
    data = items.get("carddata")
    node = data.node if data and isinstance(data.node, Mapping) else root
    entries = huggingface.read_card(reader, node, f"{name}/README.md")
    # A card may call its model by another name than its repository; the Hub's id is no builder's.
    claims = [
        msgspec.structs.replace(claim, model=name)
        for entry in entries
        for claim in entry.claims
        if claim.quantity != "id"
    ]
    builder = huggingface.builder_of(reader, items, name)
    return replace(entries[0], name=name, claims=tuple(claims), builder=builder)


def _add_metadata(entry: Entry, reader: Reader, items: Items) -> Entry:
    """Add what the Hub says: parameters, context length, and the files with their sizes."""
    address = f"{HUB}/{entry.name}"
    cells = CellReader(reader, entry.name, Origin(PUBLISHER, address, {}))
    safetensors, gguf = (below(reader, items, key) for key in ("safetensors", "gguf"))
    claims = [
        *cells.claims(safetensors.get("total"), "parameters"),
        *_claims_by_dtype(cells, below(reader, safetensors, "parameters")),
        *cells.claims(gguf.get("total"), "parameters"),
        *cells.claims(gguf.get("context length"), "context_length"),
    ]
    links: list[Claim] = []
    for file, item, row in _weights(reader, items):
        conditions = (("file", file),)
        if not file.endswith(".json"):  # the size of an index says nothing of the model
            claims += cells.claims(row.get("size"), "file_size", conditions)
        digest = text_below(below(reader, row, "lfs"), "sha256")
        revision = text_below(items, "sha")
        reference = f"hf:{entry.name}{f'@{revision}' if revision else ''}/{file}"
        if NAME.fullmatch(f"{entry.name}/{revision}/{file}"):
            stated = (("sha256", digest),) if digest else ()
            links += cells.claims_of(item, reference, "weights", stated)
    return replace(
        entry,
        claims=(*entry.claims, *claims),
        links=tuple(links),
        publisher=PUBLISHER,
        source=address,
        metadata=plain_fields(gguf) | entry.metadata,
        fields=plain_fields(items, OWN) | entry.fields,
        place=reader.place((items.get("id") or items["modelid"]).node),
    )


def _claims_by_dtype(cells: CellReader, types: Items) -> Iterator[Claim]:
    """Yield the number of elements of each type, where there are several."""
    for item in types.values() if len(types) > 1 else ():
        yield from cells.claims(item, "parameters", (("dtype", item.key),))


def _weights(reader: Reader, items: Items) -> Iterator[tuple[str, Item, Items]]:
    """Yield the files of weights: path, the cell of it, and what is stated beside it; an index in
    place of its shards."""
    siblings = items["siblings"]
    rows = [
        (text_below(row, "rfilename"), row["rfilename"], row)
        for node, path in reader.sequence(siblings.node, siblings.path)
        if isinstance(node, Mapping) and "rfilename" in (row := reader.mapping(node, path))
    ]
    files = {file for file, _, _ in rows}
    number = 0
    for file, item, row in rows:
        shard = SHARD.fullmatch(file)
        indexed = shard and f"{shard['stem']}{shard['suffix']}.index.json" in files
        if WEIGHTS.fullmatch(file) and not indexed and number < MOST_FILES:
            number += 1
            yield file, item, row
