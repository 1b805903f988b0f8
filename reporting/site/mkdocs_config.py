"""Read what the pages need from a site's `mkdocs.yml`: name, address, folders and `extra.zoo`.

The file is never executed. Tags stay text, except `!ENV`, which is read from the environment that
the caller passes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from zoo.model_index.errors import Fault, IndexFaults, UsageError
from zoo.model_index.reading.limits import TooLarge, read_bytes
from zoo.model_index.reading.reader import Items, Reader
from zoo.model_index.reading.yaml_nodes import Mapping as MappingNode
from zoo.model_index.reading.yaml_nodes import Node, Sequence
from zoo.model_index.records.fields import fold_key
from zoo.reporting.i18n.gettext import ENGLISH, languages
from zoo.reporting.pages.settings import FILES, Settings
from zoo.reporting.site.config_limits import find_conflicts
from zoo.reporting.site.html_comments import opens_comments
from zoo.reporting.site.languages import Paths, complete

KEYS: dict[str, str] = {
    "source": "address that the path of an index file is put behind, to link a claim to its line",
    "templates": "folder whose templates are taken before the ones that ship",
    "columns": "fields of the index that become columns of the table of models",
    "renamed": "former names of models and what they are called now",
    "licence": "address of the licence of what the site publishes",
    "files": "more files of each model: badges, quantity badges, cards",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteConfig:
    """One language's site: its configuration file, documentation folder and settings.

    `completes` has the settings of MkDocs that the file leaves to the first language's one.
    """

    file: Path
    docs: Path
    settings: Settings
    theme: Mapping[str, str] = field(default_factory=dict)
    paths: Paths = field(default_factory=Paths)
    completes: Mapping[str, Any] = field(default_factory=dict)


def sites(config: Path, environment: Mapping[str, str]) -> list[SiteConfig]:
    """Read the site of a configuration, and those of other languages beside it (`mkdocs.zh.yml`
    beside `mkdocs.yml`).

    Raises:
        UsageError: where there is no configuration, or two languages have one folder.
        IndexFaults: with all faults of the files.
    """
    if not config.is_file():
        raise UsageError(
            f"{config}: no such file; run in a folder with an MkDocs configuration or name one with"
            " --config"
        )
    faults: list[Fault] = []
    first = _read(config, environment, faults)
    others = [
        _read(path, environment, faults)
        for path in sorted(config.parent.glob(f"{config.stem}.*{config.suffix}"))
        if path.stem.removeprefix(f"{config.stem}.") in languages()
    ]
    if faults:
        raise IndexFaults(faults)
    owners: dict[Path, SiteConfig] = {}
    for config_ in (first, *others):
        if (owner := owners.setdefault(config_.docs.resolve(), config_)) is not config_:
            raise UsageError(
                f"{config_.file}: docs_dir is also that of {owner.file}; each language needs a"
                " folder of its own"
            )
    names = tuple(config_.settings.language for config_ in others)
    return [
        replace(first, settings=replace(first.settings, languages=names)),
        *(_below(first, config_) for config_ in others),
    ]


def _below(first: SiteConfig, other: SiteConfig) -> SiteConfig:
    """Return the site of another language as a folder of the first one's."""
    missing = complete(first.paths, other.paths, other.settings.language)
    settings = replace(other.settings, root="..", url=first.settings.url)
    return replace(other, settings=settings, completes=missing)


def _read(
    path: Path, environment: Mapping[str, str], faults: list[Fault], heirs: tuple[Path, ...] = ()
) -> SiteConfig:
    """Read a configuration on top of the one that it inherits from; `heirs` inherit from it."""
    reader = Reader(str(path), _text_of(path, faults), faults)
    items = reader.mapping(reader.root(), "")
    below = _text(reader, items, "INHERIT", environment)
    base = SiteConfig(file=path, docs=path.parent / "docs", settings=Settings())
    heirs = (*heirs, path.resolve())
    if below is not None:
        parent = (path.parent / below).resolve()
        if parent.is_file() and parent not in heirs:
            base = _read(path.parent / below, environment, faults, heirs)
        else:
            reader.fault(
                items["inherit"].node,
                "INHERIT",
                "another file, which does not inherit from this one",
                below,
            )
    find_conflicts(reader, items, lambda read, of, key: _text(read, of, key, environment))
    text = {
        key: _text(reader, items, key, environment)
        for key in ("site_name", "site_url", "site_description", "site_author", "docs_dir")
    }
    theme = dict(base.theme)
    if "theme" in items and isinstance(items["theme"].node, MappingNode):
        inner = reader.mapping(items["theme"].node, "theme")
        theme |= {
            key: value
            for key in ("language", "custom dir")
            if (value := _text(reader, inner, key, environment))
        }
    language = theme.get("language") or ENGLISH
    settings = replace(
        base.settings,
        name=text["site_name"] or base.settings.name,
        url=base.settings.url if text["site_url"] is None else text["site_url"],
        description=text["site_description"] or base.settings.description,
        author=text["site_author"] or base.settings.author,
        language=language if language in languages() else ENGLISH,
        hides_html=_opens(path.parent, theme.get("custom dir")),
    )
    docs = path.parent / text["docs_dir"] if text["docs_dir"] else base.docs
    return SiteConfig(
        file=path,
        docs=docs,
        settings=replace(settings, **_read_extra(reader, items, path.parent)),
        theme=theme,
        paths=_paths(reader, items, text["site_url"], environment),
    )


def _paths(reader: Reader, items: Items, url: str | None, environment: Mapping[str, str]) -> Paths:
    """Return what this file itself states of its address and of paths."""
    node = items["extra"].node if "extra" in items else None
    extra = reader.mapping(node, "extra") if isinstance(node, MappingNode) else {}
    links = None
    if "alternate" in extra:
        links = [
            {
                key: text
                for key in ("name", "link", "lang")
                if (text := _text(reader, reader.mapping(link, path), key, environment))
            }
            for link, path in reader.sequence(extra["alternate"].node, "extra.alternate")
        ]
    return Paths(
        url=url,
        root=_text(reader, extra, "root", environment),
        method=_text(reader, extra, "method", environment),
        alternates=links,
    )


def _text_of(path: Path, faults: list[Fault]) -> str:
    """Return the file's text; add a fault and return nothing where it is no text or too large."""
    data = b""
    try:
        data = read_bytes(path)
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        faults.append(Fault(str(path), line, "", "UTF-8 text", f"byte 0x{data[error.start]:02x}"))
    except TooLarge as error:
        faults.append(Fault(str(path), 1, "", error.expected, error.got))
    return ""


def _text(reader: Reader, items: Items, key: str, environment: Mapping[str, str]) -> str | None:
    """Return a scalar, or the value of `!ENV NAME` or `!ENV [NAME, default]`."""
    item = items.get(fold_key(key))
    if item is None:
        return None
    if isinstance(item.node, Sequence):
        texts = [reader.text_of(node, path) or "" for node, path in reader.sequence(item.node, key)]
        names, default = (texts[:-1], texts[-1]) if len(texts) > 1 else (texts, "")
        return next((environment[name] for name in names if environment.get(name)), default)
    text = reader.text_of(item.node, key)
    if text and "\0" in text:
        reader.fault(item.node, key, "text without NUL")
        return None
    return environment.get(text or "", "") if item.node.tag == "!ENV" else text


def _opens(folder: Path, custom: str | None) -> bool:
    """Return whether the theme's template opens what a build hides from the search."""
    template = folder / custom / "main.html" if custom else None
    if template is None or not template.is_file():
        return False
    return opens_comments(template.read_text(encoding="utf-8", errors="replace"))


def _read_extra(reader: Reader, items: Items, folder: Path) -> dict[str, Any]:
    """Read `extra.zoo`, each key by its row of `READERS`."""
    if "extra" not in items:
        return {}
    extra = reader.mapping(items["extra"].node, "extra")
    if "zoo" not in extra:
        return {}
    values: dict[str, Any] = {}
    for name, item in reader.mapping(extra["zoo"].node, "extra.zoo").items():
        if name not in READERS:
            reader.fault(
                item.key_node, f"extra.zoo.{item.key}", f"one of {', '.join(KEYS)}", item.key
            )
            continue
        value = READERS[name](reader, item.node, f"extra.zoo.{name}", folder)
        if value is not None:
            values[name] = value
    return values


def _texts(reader: Reader, node: Node, path: str, folder: Path) -> tuple[str, ...]:
    texts = (
        reader.text_of(item, where) for item, where in reader.sequence(node, path, single_ok=True)
    )
    return tuple(text for text in texts if text)


def _files(reader: Reader, node: Node, path: str, folder: Path) -> tuple[str, ...]:
    for item, where in reader.sequence(node, path, single_ok=True):
        text = reader.text_of(item, where)
        if text is not None and text not in FILES:
            reader.fault(item, where, f"one of {', '.join(FILES)}", text)
    return tuple(name for name in FILES if name in _texts(reader, node, path, folder))


def _address(reader: Reader, node: Node, path: str, folder: Path) -> str | None:
    text = reader.text_of(node, path)
    if text is not None and not text.startswith(("https://", "http://")):
        reader.fault(node, path, "an http or https address", text)
        return None
    return text


def _folder_address(reader: Reader, node: Node, path: str, folder: Path) -> str | None:
    text = _address(reader, node, path, folder)
    return text and f"{text.rstrip('/')}/"


def _templates(reader: Reader, node: Node, path: str, folder: Path) -> Path | None:
    text = reader.text_of(node, path)
    if text is None:
        return None
    if not (folder / text).is_dir():
        reader.fault(node, path, "a folder", text)
        return None
    return folder / text


def _names(reader: Reader, node: Node, path: str, folder: Path) -> dict[str, str]:
    names = {}
    for item in reader.mapping(node, path).values():
        new = reader.text_of(item.node, item.path)
        if new:
            names[item.key] = new
    return names


READERS: dict[str, Callable[[Reader, Node, str, Path], Any]] = {
    "source": _folder_address,
    "licence": _address,
    "templates": _templates,
    "columns": _texts,
    "renamed": _names,
    "files": _files,
}
