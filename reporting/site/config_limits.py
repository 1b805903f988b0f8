"""Refuse settings of MkDocs with which the pages that we write do not work.

Links lead to folders (`models/dpn98/`), and scripts start with their page. A setting that changes
either is a fault with its line, since MkDocs would build a site of broken links without a word.
"""

from collections.abc import Callable, Iterator

from zoo.model_index.reading.reader import Items, Reader
from zoo.model_index.reading.yaml_nodes import Mapping, Node
from zoo.model_index.records.fields import fold_key

NO = frozenset({"false", "no", "off", "n", "0"})
FOLDERS = "true, as the addresses of models are folders"
ReadText = Callable[[Reader, Items, str], str | None]


def find_conflicts(reader: Reader, items: Items, read_text: ReadText) -> None:
    """Add a fault for each setting of a configuration that does not go with our pages.

    Args:
        reader: reads the file, and collects its faults.
        items: the keys of the file.
        read_text: returns a scalar of a mapping, `!ENV` replaced.
    """
    key = "use_directory_urls"
    if is_no(read_text(reader, items, key)):
        reader.fault(items[fold_key(key)].node, key, FOLDERS)
    theme = _inner(reader, items, "theme")
    if "features" in theme:
        for node, path in _list(reader, theme["features"].node, "theme.features"):
            if (reader.text_of(node, path) or "").startswith("navigation.instant"):
                expected = "no instant navigation, as scripts of our pages start with their page"
                reader.fault(node, path, expected)
    for name, node, options in _named(reader, items):
        if name.removeprefix("material/") == "offline" and not is_no(
            read_text(reader, options, "enabled")
        ):
            reader.fault(
                node, "plugins.offline", "a site with a server, as this sets use_directory_urls"
            )


def is_no(text: str | None) -> bool:
    """Return whether a scalar is YAML's `false`."""
    return (text or "").lower() in NO


def _inner(reader: Reader, items: Items, key: str) -> Items:
    """Return the keys of a mapping; none where it is missing or a plain name."""
    node = items[key].node if key in items else None
    return reader.mapping(node, key) if isinstance(node, Mapping) else {}


def _list(reader: Reader, node: Node, path: str) -> Iterator[tuple[Node, str]]:
    return reader.sequence(node, path, single_ok=True)


def _named(reader: Reader, items: Items) -> Iterator[tuple[str, Node, Items]]:
    """Yield name, place and options of each plugin: `- a`, `- a: {...}`, `a: {...}`."""
    if "plugins" not in items:
        return
    for node, path in _list(reader, items["plugins"].node, "plugins"):
        if not isinstance(node, Mapping):
            yield reader.text_of(node, path) or "", node, {}
            continue
        for item in reader.mapping(node, path).values():
            is_map = isinstance(item.node, Mapping)
            options = reader.mapping(item.node, item.path) if is_map else {}
            yield item.key, item.key_node, options
