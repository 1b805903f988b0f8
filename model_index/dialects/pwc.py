"""The Papers-with-Code model-index format: Library, Collections, Models, Import.

Two keys are this project's own, and other readers ignore them: `Builder` says how the live model is
made, `Reported` holds what other publishers state about the same model.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from keyword import iskeyword

import yaml

from model_index.dialects import openmmlab
from model_index.quantities import Size, find
from model_index.records import Builder, Claim, Collection, Entry, Report
from model_index.text import Arguments, Item, Plain, Reader, is_empty, looked_up, named, plain

NOBODY = "index"  # publishes what an index states that names no Library
BUILDER_KINDS = ("timm", "torchvision", "transformers")
TYPE = re.compile(r"^[ \t]*type\s*:\s*['\"]?model-?index['\"]?\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """What one text contributes to an index: its number of top-level keys, and what stands under them.

    `imports` are paths with their place in the file.
    """

    keys: int = 0
    collections: list[Collection] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    imports: list[tuple[str, Item, yaml.Node]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Origin:
    """Who publishes the claims being read, and the page they come from."""

    publisher: str
    source: str | None
    library: dict[str, Plain] = field(default_factory=dict)


def blocks(text: str) -> Iterator[tuple[int, str]]:
    """The offset and YAML text of every `<!-- Type: model-index ... -->` comment of a Markdown page."""
    end = 0
    while (start := text.find("<!--", end) + 4) > 3 and (end := text.find("-->", start)) >= 0:
        if TYPE.search(block := text[start:end]):
            yield start, block


def read(reader: Reader) -> Part:
    """Read one YAML text; faults go to the reader, and what can be read is returned."""
    root = reader.root()
    if root is None:
        return Part()
    items = reader.mapping(root, "")
    if items and not items.keys() & {"models", "collections", "import", "library"}:
        reader.fault(root, "", "Models, Collections or Import", f"the keys {_some(items)}")
    origin = _origin(reader, items)
    part = Part(len(items))
    for node, path in _listed(reader, items, "collections"):
        if collection := _collection(reader, node, path):
            part.collections.append(collection)
    for node, path in _listed(reader, items, "models"):
        if entry := _entry(reader, node, path, origin):
            part.entries.append(entry)
    if item := items.get("import"):
        for node, path in reader.sequence(item.node, item.path, scalar_ok=True):
            if target := reader.text_of(node, path):
                part.imports.append((target, item, node))
    return part


def _some(items: dict[str, Item], most: int = 5) -> str:
    keys = ", ".join(named(item.key) for item in list(items.values())[:most])
    return f"{keys} and {len(items) - most} more" if len(items) > most else keys


def _listed(reader: Reader, items: dict[str, Item], key: str) -> Iterator[tuple[yaml.Node, str]]:
    if item := items.get(key):
        yield from reader.sequence(item.node, item.path)


def _text(reader: Reader, items: dict[str, Item], key: str) -> str | None:
    item = items.get(key)
    return reader.text_of(item.node, item.path) if item else None


def _fields(items: dict[str, Item]) -> dict[str, Plain]:
    return {item.key: plain(item.node) for item in items.values()}


def _origin(reader: Reader, items: dict[str, Item]) -> Origin:
    library = items.get("library")
    fields = reader.mapping(library.node, library.path) if library else {}
    return Origin(_text(reader, fields, "name") or NOBODY, _text(reader, fields, "docs"), _fields(fields))


def _name(reader: Reader, node: yaml.Node, items: dict[str, Item], path: str) -> str | None:
    if "name" not in items:
        if isinstance(node, yaml.MappingNode):
            reader.fault(node, f"{path}.Name", "a name", "nothing")
        return None
    name = _text(reader, items, "name")
    if not name or not name.strip():
        reader.fault(items["name"].node, f"{path}.Name", "a name")
        return None
    return name.strip()


def _collection(reader: Reader, node: yaml.Node, path: str) -> Collection | None:
    items = reader.mapping(node, path)
    name = _name(reader, node, items, path)
    return Collection(name, _fields(items), reader.place(items["name"].node)) if name else None


def _entry(reader: Reader, node: yaml.Node, path: str, origin: Origin) -> Entry | None:
    items = reader.mapping(node, path)
    name = _name(reader, node, items, path)
    if name is None:
        return None
    publisher = _text(reader, items, "publisher")
    own = Origin(publisher, _text(reader, items, "source")) if publisher else origin
    fields = _fields(items)
    if own.publisher == NOBODY and openmmlab.applies(fields, {}):
        own = Origin(openmmlab.PUBLISHER, None)
    claims, metadata = _claims(reader, items, path, name, own)
    default, size = _default(fields, metadata, name)
    return Entry(
        name=name,
        collection=_text(reader, items, "in collection"),
        publisher=own.publisher,
        source=own.source,
        builder=_builder(reader, items, default),
        claims=tuple(claims),
        reported=tuple(_reported(reader, items, name)),
        metadata=metadata,
        fields=fields,
        place=reader.place(items["name"].node),
        library=origin.library,
        named_size=size,
    )


def _claims(
    reader: Reader, items: dict[str, Item], path: str, model: str, origin: Origin
) -> tuple[list[Claim], dict[str, Plain]]:
    """The claims of an entry or a report, and its Metadata as text."""
    metadata = items.get("metadata")
    fields = reader.mapping(metadata.node, metadata.path) if metadata else {}
    claims = [c for item in fields.values() if (c := _claim(reader, item, model, origin))]
    size = next((c.value for c in claims if isinstance(c.value, tuple)), None)
    for node, result_path in _listed(reader, items, "results"):
        result = reader.mapping(node, result_path)
        about = {"dataset": _described(result, "dataset"), "task": _described(result, "task")}
        if metrics := result.get("metrics"):
            measured = reader.mapping(metrics.node, metrics.path)
            claims += [c for item in measured.values() if (c := _claim(reader, item, model, origin, **about))]
    return [replace(claim, size=size) for claim in claims], _fields(fields)


def _described(result: dict[str, Item], key: str) -> str | None:
    """A task or data set: its name, or the Name of a mapping that describes it."""
    value = plain(result[key].node) if key in result else None
    if isinstance(value, dict):
        value = looked_up(value, "name")
    return value if isinstance(value, str) else None


def _claim(
    reader: Reader, item: Item, model: str, origin: Origin, dataset: str | None = None, task: str | None = None
) -> Claim | None:
    if (row := find(item.key)) is None:
        return None
    raw = reader.text_of(item.node, item.path)
    if raw is None:
        return None
    try:
        parsed = row.parse(raw)
    except ValueError as error:
        reader.fault(item.node, item.path, str(error))
        return None
    return Claim(
        model,
        origin.publisher,
        origin.source,
        row.key,
        item.key,
        raw,
        parsed,
        item.path,
        reader.place(item.node),
        dataset,
        task,
    )


def _reported(reader: Reader, items: dict[str, Item], model: str) -> Iterator[Report]:
    for node, path in _listed(reader, items, "reported"):
        fields = reader.mapping(node, path)
        publisher = _text(reader, fields, "publisher")
        if publisher is None:
            reader.fault(node, f"{path}.Publisher", "the publisher's name", "nothing")
            continue
        origin = Origin(publisher, _text(reader, fields, "source"))
        claims, _ = _claims(reader, fields, path, model, origin)
        yield Report(publisher, origin.source, _fields(fields), tuple(claims))


def _default(fields: dict[str, Plain], metadata: dict[str, Plain], name: str) -> tuple[Builder, Size | None]:
    """The builder of an entry that names none, timm by ID or Name or what OpenMMLab's name says; the size it names."""
    if openmmlab.applies(fields, metadata):
        return openmmlab.named(name)
    identity = looked_up(metadata, "id")
    return Builder("timm", identity if isinstance(identity, str) else name), None


def _builder(reader: Reader, items: dict[str, Item], default: Builder) -> Builder:
    """`Builder: KIND:NAME`, or `Builder: {Name: ..., Arguments: {...}}`; the default where absent."""
    if (item := items.get("builder")) is None:
        return default
    node, arguments = item.node, {}
    if isinstance(node, yaml.MappingNode):
        fields = reader.mapping(node, item.path)
        if "name" not in fields:
            reader.fault(node, f"{item.path}.Name", "a builder such as timm:resnet50", "nothing")
            return default
        node = fields["name"].node
        arguments = _arguments(reader, fields.get("arguments"))
    text = reader.text_of(node, item.path)
    prefix, _, rest = (text or "").strip().partition(":")
    kind = prefix if prefix in BUILDER_KINDS else "callable"
    if not rest or (kind == "callable" and not (_dotted(prefix) and _dotted(rest))):
        reader.fault(node, item.path, "a builder such as timm:resnet50 or package.module:callable")
        return default
    return Builder(kind, f"{prefix}:{rest}" if kind == "callable" else rest, arguments, reader.place(node))


def _dotted(name: str) -> bool:
    return all(part.isidentifier() and not iskeyword(part) for part in name.split("."))


def _arguments(reader: Reader, item: Item | None) -> dict[str, object]:
    return {} if item is None or is_empty(item.node) else Arguments(reader).mapping(item.node, item.path)
