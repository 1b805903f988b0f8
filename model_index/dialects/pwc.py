"""Read the Papers-with-Code model-index format: Library, Collections, Models, Import.

Each part may stand in the text itself or in files that it names, by path or glob. Two keys are this
project's own, and other readers ignore them: `Builder` says how the live model is made, `Reported`
holds what other publishers state about the same model.
"""

from collections.abc import Iterable, Iterator

from zoo.model_index.dialects.base.claims import Origin
from zoo.model_index.dialects.base.drafts import NOBODY, Draft, name_of, set_publisher
from zoo.model_index.dialects.base.page import Page
from zoo.model_index.dialects.base.part import NO_LIBRARY, Files, IndexPart
from zoo.model_index.dialects.base.result_claims import Result
from zoo.model_index.reading.discover import SUFFIXES
from zoo.model_index.reading.reader import KEY_ONCE, Item, Items, Reader, display_key
from zoo.model_index.reading.yaml_nodes import Mapping, Node, Scalar, Sequence, is_empty, plain
from zoo.model_index.records.fields import fold_key

# One spelling each for the plural that the format names and the singular that its documentation
# also shows.
ROOT = {
    "models": "models",
    "model": "models",
    "collections": "collections",
    "collection": "collections",
    "import": "import",
    "library": "library",
}
MODEL = frozenset(
    {
        "metadata",
        "results",
        "paper",
        "code",
        "weights",
        "config",
        "readme",
        "in collection",
        "image",
    }
)
PLURAL = ("models", "collections", "import", "library")
MODEL_OWN = MODEL | {
    "alias",
    "builder",
    "citation",
    "converted from",
    "description",
    "downstream",
    "full name",
    "input",
    "licence",
    "license",
    "model-index",
    "publisher",
    "reported",
    "source",
    "tags",
}


def recognises(page: Page) -> bool:
    """Return whether a file that was found, not named, has an index; one that is no YAML is read,
    so that its fault is reported."""
    texts = page.index_texts
    if page.is_markdown:
        return bool(texts)
    root = texts[0].root()
    return root is None or is_plausible(root)


def read(page: Page, files: Files) -> IndexPart:
    """Read the comments of a page together; one without a Name continues the model before it."""
    part = IndexPart()
    for reader in page.index_texts:
        root = reader.root()
        items = reader.mapping(root, "") if isinstance(root, Mapping) else {}
        if (
            part.models
            and "name" not in items
            and not is_index(items)
            and not MODEL.isdisjoint(items)
        ):
            model = part.models[-1]
            model.items = model.items | items
            _details(model, reader, items, files)
        elif root is not None:
            part.add(_part(reader, root, files))
    return _published(part)


def _texts(pages: Iterable[Page]) -> Iterator[Reader]:
    return (reader for page in pages for reader in page.index_texts)


def is_index(items: Items) -> bool:
    return any(key in ROOT for key in items)


def is_model(items: Items) -> bool:
    return "name" in items and not MODEL.isdisjoint(items)


def is_plausible(root: Node) -> bool:
    """Return whether a text that was found, not named, is an index: its models have names, and
    fields that models have.

    Other tools have files with `models:` or `import:` at the top too.
    """
    if not isinstance(root, Mapping):
        return False
    items = {key.value.strip().lower(): value for key, value in root.pairs if type(key) is Scalar}
    kinds = [(key, node) for key, node in items.items() if key in PLURAL and not is_empty(node)]
    return any(key in items for key in PLURAL) and all(
        _is_plausible(key, node) for key, node in kinds
    )


def _is_plausible(key: str, node: Node) -> bool:
    elements = node.items if isinstance(node, Sequence) else [node]
    for element in elements:
        if isinstance(element, Mapping):
            names = {fold_key(name.value) for name, _ in element.pairs if type(name) is Scalar}
            if (
                key == "import"
                or "name" not in names
                or (names != {"name"} and MODEL_OWN.isdisjoint(names))
            ):
                return key == "library"
        elif type(element) is not Scalar or not element.value.lower().endswith(SUFFIXES):
            return False
    return True


def _part(reader: Reader, root: Node, files: Files) -> IndexPart:
    """Read a whole index, or one model: a text with a Name and fields of a model."""
    if isinstance(root, Sequence):
        part = IndexPart(keys=len(root.items))
        part.models += _drafts(reader, root, "", files, part, "models")
        return part
    items = reader.mapping(root, "")
    part = IndexPart(keys=len(items))
    if not is_index(items):
        if is_model(items) or ("name" in items and "type" in items):
            part.models += _drafts(reader, root, "", files, part, "models")
        elif items or isinstance(root, Mapping):
            reader.fault(root, "", "Models, Collections or Import", f"the keys {_some(items)}")
        return part
    for item in items.values():
        if ROOT.get(item.key.lower()) == "library":
            part.origin = _origin(reader, item, files)
    for item in items.values():
        kind = ROOT.get(item.key.lower(), "")
        if kind in ("collections", "models"):
            part.of(kind).extend(_drafts(reader, item.node, item.path, files, part, kind))
    for item in items.values():
        if ROOT.get(item.key.lower()) == "import":
            for node, path in reader.sequence(item.node, item.path, single_ok=True):
                for imported in files.indexes(reader, node, path):
                    part.add(imported)
    return _published(part)


def _published(part: IndexPart) -> IndexPart:
    if part.origin is not NO_LIBRARY:
        part.collections = set_publisher(part.collections, part.origin)
        part.models = set_publisher(part.models, part.origin)
    return part


def _some(items: Items, most: int = 5) -> str:
    keys = ", ".join(display_key(item.key) for item in list(items.values())[:most])
    return f"{keys} and {len(items) - most} more" if len(items) > most else keys or "of nothing"


def _origin(reader: Reader, item: Item, files: Files) -> Origin:
    """Return the publisher of a text: its Library, or the one in the file that it names."""
    node, path = item.node, item.path
    if type(node) is Scalar and not is_empty(node):
        for text in _texts(files.pages_of(reader, node, path)):
            items = text.mapping(text.root(), "")
            inner = items.get("library")
            return _library(text, inner.node if inner else text.root(), inner.path if inner else "")
        return NO_LIBRARY
    return _library(reader, node, path)


def _library(reader: Reader, node: Node | None, path: str) -> Origin:
    items = reader.mapping(node, path)
    name, docs = (
        reader.text_of(items[k].node, items[k].path) if k in items else None
        for k in ("name", "docs")
    )
    return Origin(name or NOBODY, docs, {item.key: plain(item.node) for item in items.values()})


def _drafts(
    reader: Reader, node: Node, path: str, files: Files, part: IndexPart, kind: str
) -> Iterator[Draft]:
    """Yield models or collections: one, a list of them, and names of files that hold some."""
    for element, at in reader.sequence(node, path, single_ok=True):
        if type(element) is not Scalar or is_empty(element):
            if draft := _draft(reader, element, at, files, part.origin):
                yield draft
            continue
        for page in files.pages_of(reader, element, at, once=True):
            yield from _of_file(page, files, part, kind)


def _of_file(page: Page, files: Files, part: IndexPart, kind: str) -> Iterator[Draft]:
    """Yield the models (or collections) of a file that is named as one: a whole index, a list,
    or one model."""
    if not page.index_texts:
        return
    reader = page.index_texts[0]
    root = reader.root()
    if len(page.index_texts) > 1 or (
        isinstance(root, Mapping) and is_index(reader.mapping(root, ""))
    ):
        inner = read(page, files)
        other_kind = "models" if kind == "collections" else "collections"
        part.of(other_kind).extend(inner.of(other_kind))
        yield from inner.of(kind)
    elif root is not None:
        yield from _drafts(reader, root, "", files, part, kind)


def _draft(reader: Reader, node: Node, path: str, files: Files, origin: Origin) -> Draft | None:
    items = reader.mapping(node, path)
    name = name_of(reader, node, items, path)
    if name is None:
        return None
    draft = Draft(
        reader=reader,
        items=items,
        path=path,
        name=name,
        place=reader.place(items["name"].node),
        origin=origin,
    )
    _details(draft, reader, items, files)
    return draft


def _details(draft: Draft, reader: Reader, items: Items, files: Files) -> None:
    """Add metadata and results of a model, wherever they stand."""
    if item := items.get("metadata"):
        before = len(reader.faults)
        draft.metadata += _metadata(reader, item.node, item.path, files)
        if any(fault.expected != KEY_ONCE for fault in reader.faults[before:]):
            draft.unclear = "its Metadata cannot be read in full"
    if item := items.get("results"):
        draft.results += _results(reader, item.node, item.path, files)


def _metadata(
    reader: Reader, node: Node, path: str, files: Files
) -> Iterator[tuple[Reader, Items]]:
    """Yield metadata: a mapping, a file that holds one, or a list of both, of which the last
    wins."""
    if isinstance(node, Sequence):
        for child, at in reader.sequence(node, path):
            yield from _metadata(reader, child, at, files)
    elif type(node) is Scalar and not is_empty(node):
        for text in _texts(files.pages_of(reader, node, path)):
            if (root := text.root()) is not None:
                yield from _metadata(text, root, "", files)
    else:
        items = reader.mapping(node, path)
        inner = items.get("metadata") if len(items) == 1 else None
        if inner:  # written twice, which the reference reader forgives too
            yield from _metadata(reader, inner.node, inner.path, files)
        elif items:
            yield reader, items


def _results(reader: Reader, node: Node, path: str, files: Files) -> Iterator[Result]:
    """Yield results: a list, one result, or files that hold either."""
    for element, at in reader.sequence(node, path, single_ok=True):
        if type(element) is Scalar and not is_empty(element):
            for text in _texts(files.pages_of(reader, element, at)):
                if (root := text.root()) is not None:
                    yield from _results(text, root, "", files)
            continue
        items = reader.mapping(element, at)
        if inner := items.get("results"):
            yield from _results(reader, inner.node, inner.path, files)
        elif items:
            yield Result(reader, items, at)
