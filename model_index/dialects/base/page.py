"""A file's text and the parts of it that dialects read."""

from pathlib import Path

from zoo.model_index.reading import markdown
from zoo.model_index.reading.discover import suffix
from zoo.model_index.reading.reader import Items, Reader
from zoo.model_index.reading.yaml_nodes import Mapping, Node

INDEX = "model-index"
# Two of these keys in front matter make a page a model card, so that a page with tags is none.
CARD_KEYS = frozenset(
    {
        "license",
        "tags",
        "datasets",
        "metrics",
        "library name",
        "pipeline tag",
        "base model",
        "model name",
        "widget",
    }
)


class Page:
    """One file: its path, and a reader of its whole text."""

    def __init__(self, path: Path, whole: Reader):
        self.path, self.whole = path, whole
        self.is_markdown = suffix(path) in markdown.SUFFIXES
        self._index_texts: list[Reader] | None = None

    @property
    def index_texts(self) -> list[Reader]:
        """A reader for each text of an index: a Markdown page may have several, or none."""
        if self._index_texts is None:
            self._index_texts = self._find_texts() if self.is_markdown else [self.whole]
        return self._index_texts

    def card(self) -> tuple[Reader, Mapping] | None:
        """Return a reader of the front matter and its root, where it is a model card's."""
        block = markdown.front_matter(self.whole.text) if self.is_markdown else None
        if block is None:
            return None
        reader = self._block_reader(block)
        root = reader.root()
        if isinstance(root, Mapping) and is_card(reader.mapping(root, "")):
            return reader, root
        return None

    def release(self) -> None:
        """Release the nodes of the texts; they are read again when they are asked for again."""
        for reader in self._index_texts or ():
            reader.forget()
        self._index_texts = None

    def _find_texts(self) -> list[Reader]:
        texts = [self._block_reader(block) for block in markdown.comments(self.whole.text)]
        if card := self.card():
            reader, root = card
            if node := nested_index(reader.mapping(root, "")):
                texts.append(reader.within(node))
        return texts

    def _block_reader(self, block: markdown.Block) -> Reader:
        whole = self.whole
        line = whole.text.count("\n", 0, block.offset)
        return Reader(whole.file, block.text, whole.faults, line, whole.offset + block.offset)


def is_card(items: Items) -> bool:
    """Return whether front matter is that of a Hugging Face model card."""
    return INDEX in items or len(CARD_KEYS & items.keys()) > 1


def nested_index(items: Items) -> Node | None:
    """Return the node of a Papers-with-Code index under `model-index`; None where the card's own
    results stand there."""
    node = items[INDEX].node if INDEX in items else None
    return node if isinstance(node, Mapping) else None
