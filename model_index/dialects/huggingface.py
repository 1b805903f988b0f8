"""Hugging Face model cards: YAML front matter, its `model-index`, and the files of `.eval_results`.

A card is about the model of its repository, so its name is the folder's where the file is
README.md. A `model-index` names the model itself and lists its results; each result is one task on
one data set. The Papers-with-Code reader takes an index under the same key; a mapping there is read
as one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath

from zoo.model_index.dialects.base.claims import Origin, claims
from zoo.model_index.dialects.base.files_beside import list_checkpoints_beside
from zoo.model_index.dialects.base.page import INDEX, Page, nested_index
from zoo.model_index.dialects.base.part import Files, IndexPart
from zoo.model_index.dialects.base.result_claims import Result
from zoo.model_index.quantities.table import BY_KEY
from zoo.model_index.reading.reader import Items, Reader
from zoo.model_index.reading.yaml_nodes import Node, Scalar, is_empty, plain
from zoo.model_index.reading.yaml_nodes import Sequence as List
from zoo.model_index.records.fields import Plain
from zoo.model_index.records.records import Builder, Claim, Entry

PUBLISHER = "model card"
EVALUATIONS = ".eval_results"  # a folder beside the card
LIBRARIES = ("timm", "transformers", "torchvision")
KIND = "huggingface"  # of the builder of a card that names no library we build from


def recognises(page: Page) -> bool:
    """Return whether a page is a model card."""
    return page.card() is not None


def read(page: Page, files: Files) -> IndexPart:
    """Read a page's front matter where it is a model card's and holds no Papers-with-Code index."""
    card = page.card()
    if card is None or nested_index(card[0].mapping(card[1], "")):
        return IndexPart()
    beside = files.beside(page, EVALUATIONS, ("*.yaml", "*.yml"))
    entries = read_card(*card, str(page.path.absolute()), [file.whole for file in beside])
    if len(entries) == 1:
        entries = [replace(entries[0], links=tuple(_links(page, *card, entries[0])))]
    return IndexPart(keys=len(entries), entries=entries)


def _links(page: Page, reader: Reader, root: Node, entry: Entry) -> Iterator[Claim]:
    """Yield the checkpoints beside the card, as weights of its model."""
    row = BY_KEY["weights"]
    for name in list_checkpoints_beside(page.path):
        yield Claim(
            model=entry.name,
            publisher=entry.publisher,
            source=None,
            quantity=row.key,
            label="the files beside it",
            raw=name,
            parsed=row.parse(name),
            path=name,
            place=reader.place(root),
        )


def read_card(
    reader: Reader, root: Node, path: str, evaluations: Sequence[Reader] = ()
) -> list[Entry]:
    """Return the entries of a card: one for each model of its `model-index`, else one for the
    card's own model.

    `path` is the file's, `evaluations` are readers of the `.eval_results` files beside it.
    """
    items = reader.mapping(root, "")
    fields = {item.key: plain(item.node) for key, item in items.items() if key != INDEX}
    if extra := [value for reader_of_file in evaluations for value in _evaluations(reader_of_file)]:
        fields["eval_results"] = extra
    models = list(_models(reader, items))
    if not models:
        return [
            _entry(
                reader,
                items,
                fields,
                _text(reader, items, "model name") or name_from_path(path),
                root,
                [],
            )
        ]
    return [
        _entry(reader, items, fields | {INDEX: [plain(whole)]}, name, node, results)
        for name, node, whole, results in models
    ]


def name_from_path(path: str) -> str:
    """Return the name for a path: `dpn92` for dpn92.md and for dpn92/README.md."""
    file = PurePath(path)
    return file.parent.name if file.stem.lower() == "readme" and file.parent.name else file.stem


def _models(reader: Reader, items: Items) -> Iterator[tuple[str, Node, Node, list[Result]]]:
    """Yield name, its node, the whole node and the results of each element of `model-index`."""
    if (item := items.get(INDEX)) is None:
        return
    for node, path in reader.sequence(item.node, item.path):
        fields = reader.mapping(node, path)
        name = _text(reader, fields, "name")
        if not name or not name.strip():
            reader.fault(node, f"{path}.name", "a name", "nothing")
            continue
        results = fields.get("results")
        listed = reader.sequence(results.node, results.path) if results else ()
        results_read = [Result(reader, reader.mapping(below, at), at) for below, at in listed]
        yield name.strip(), fields["name"].node, node, results_read


def _entry(
    reader: Reader,
    items: Items,
    fields: dict[str, Plain],
    name: str,
    node: Node,
    results: list[Result],
) -> Entry:
    origin = Origin(PUBLISHER, None, {})
    read: list[Claim] = claims(name, origin, [(reader, item) for item in items.values()], results)
    return Entry(
        name=name,
        collection=None,
        publisher=PUBLISHER,
        source=None,
        builder=builder_of(reader, items, name),
        claims=tuple(read),
        reported=(),
        metadata={},
        fields=fields,
        place=reader.place(node),
    )


def builder_of(reader: Reader, items: Items, name: str) -> Builder:
    """Return the builder of a card's model: the library it names, or one among its tags; the
    owner is no part of the name."""
    tags = items["tags"].node if "tags" in items else None
    tagged = (
        {tag.value for tag in tags.items if isinstance(tag, Scalar)}
        if isinstance(tags, List)
        else set()
    )
    library = _text(reader, items, "library name") or next(
        (name_of_library for name_of_library in LIBRARIES if name_of_library in tagged), None
    )
    if library in LIBRARIES:
        return Builder(library, name.rpartition("/")[2], named=False)
    return Builder(KIND, name, named=False)


def _evaluations(reader: Reader) -> Iterator[Plain]:
    """Yield the results of one file: what was evaluated on which benchmark, and by whom; a fault
    for what lacks either."""
    for node, path in reader.sequence(reader.root(), ""):
        items = reader.mapping(node, path)
        dataset = (
            reader.mapping(items["dataset"].node, items["dataset"].path)
            if "dataset" in items
            else {}
        )
        missing = [
            f"dataset.{key.replace(' ', '_')}" for key in ("id", "task id") if key not in dataset
        ]
        missing += [] if "value" in items and not is_empty(items["value"].node) else ["value"]
        if missing:
            reader.fault(
                node, f"{path}.{missing[0]}", "a data set's id and task_id, and a value", "nothing"
            )
            continue
        value = plain(node)
        if isinstance(value, dict):
            yield value


def _text(reader: Reader, items: Items, key: str) -> str | None:
    item = items.get(key)
    return reader.text_of(item.node, item.path) if item else None
