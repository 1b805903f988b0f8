"""Find what a site's configuration runs as code or reads outside of its folder.

MkDocs and Zensical import every extension and plugin that a configuration names, call the functions
of its YAML tags, and render the templates of its theme folder, which can call anything. So of a
configuration that nobody trusts only known keys and names are accepted (the tables below); all else
is a fault with its line. The file is composed by the parser of MkDocs, so both see the same nodes,
and nothing of it is constructed. The usual `Reader` has refused before what is too large.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from zoo.model_index.errors import UsageError
from zoo.model_index.records.fields import fold_key
from zoo.reporting.site.init import THEME
from zoo.reporting.site.links import links_out
from zoo.reporting.site.mkdocs_config import SiteConfig

YAML = "tag:yaml.org,2002:"
ENVIRONMENT, MERGE = "!ENV", f"{YAML}merge"
PLAIN = frozenset(f"{YAML}{name}" for name in "str int float bool null timestamp".split())
KINDS = {f"{YAML}map": MappingNode, f"{YAML}seq": SequenceNode} | dict.fromkeys(PLAIN, ScalarNode)
FUNCTION = re.compile(re.escape(YAML) + r"python/(name|object/apply):(.+)")
DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
VARIABLE = re.compile(r"SITE_\w+|CI")  # others may hold what a site should not show

HARMLESS = frozenset(
    "site_name site_url site_description site_author nav exclude_docs draft_docs not_in_nav"
    " copyright dev_addr use_directory_urls repo_url repo_name edit_uri edit_uri_template extra_css"
    " extra_javascript strict remote_branch remote_name validation".split()
)
THEMES = frozenset({"material", "mkdocs", "readthedocs"})
# Plugins, each with its options.
PLUGINS = {
    "search": "enabled lang separator pipeline fields min_search_length indexing",
    "tags": "enabled",
    "offline": "enabled",
}
MARKDOWN = frozenset(
    "abbr admonition attr_list codehilite def_list extra fenced_code footnotes legacy_attrs"
    " legacy_em md_in_html meta nl2br sane_lists smarty tables toc wikilinks".split()
)
# Not here: `snippets` and `b64`, which read files.
PYMDOWNX = frozenset(
    f"pymdownx.{name}"
    for name in "arithmatex betterem blocks.admonition blocks.caption blocks.definition"
    " blocks.details blocks.html blocks.tab caret critic details emoji escapeall extra"
    " fancylists highlight inlinehilite keys magiclink mark progressbar quotes saneheaders"
    " smartsymbols superfences tabbed tasklist tilde".split()
)
# Functions that an option may name, and those that a tag may call for one.
FUNCTIONS = frozenset(
    "material.extensions.emoji.to_svg material.extensions.emoji.twemoji"
    " zensical.extensions.emoji.to_svg zensical.extensions.emoji.twemoji"
    " pymdownx.arithmatex.fence_mathjax_format pymdownx.emoji.to_png pymdownx.emoji.to_svg"
    " pymdownx.emoji.twemoji pymdownx.superfences.fence_code_format"
    " pymdownx.superfences.fence_div_format".split()
)
FACTORIES = frozenset(
    "pymdownx.slugs.slugify pymdownx.arithmatex.arithmatex_fenced_format"
    " pymdownx.arithmatex.arithmatex_inline_format".split()
)
READS_FILES = frozenset({"custom_icons"})  # options of extensions


@dataclass(frozen=True, slots=True)
class Risk:
    """A place of a configuration that is only acted on where the configuration is trusted."""

    file: str
    line: int
    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path}: {self.reason}"


def refuse_code(sites: Sequence[SiteConfig]) -> None:
    """Refuse configurations that run code, or read outside of their folders.

    Raises:
        UsageError: with the place of each risk and the option that allows it.
    """
    reasons = [str(risk) for site in sites for risk in find_risks(site.file)]
    for site in sites:
        root = site.file.parent
        reasons += [
            f"{link}: is a link that leads out of {root.resolve()}"
            for link in links_out(site.docs, root)
        ]
    if reasons:
        file = sites[0].file
        reasons.append(
            f"{file} is not trusted, so none of this is used; --trust-config or --config {file} "
            "trusts it"
        )
        raise UsageError("\n".join(dict.fromkeys(reasons)))


def find_risks(config: Path) -> list[Risk]:
    """Find the risks of a configuration and of those that it inherits from."""
    root = config.parent.resolve()
    risks: list[Risk] = []
    seen: set[Path] = set()
    files = [config]
    while files:
        file = files.pop()
        if file.resolve() not in seen:
            seen.add(file.resolve())
            inspection = Inspection(file, root, risks)
            inspection.run()
            files += inspection.inherits
    return risks


@dataclass(slots=True)
class Inspection:
    """The look at one file: what it inherits from, and its risks, which are added to `risks`."""

    file: Path
    root: Path
    risks: list[Risk]
    inherits: list[Path] = field(default_factory=list)

    def run(self) -> None:
        """Look at every key."""
        try:
            text = self.file.read_text(encoding="utf-8-sig")
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            self.risks.append(
                Risk(str(self.file), line, "YAML", f"MkDocs cannot read it: {error.problem}")
            )
            return
        if not isinstance(node, MappingNode):
            return
        self.tags(node, "")
        for key, key_node, value in pairs(node):
            if key in CHECKS:
                CHECKS[key](self, value, key)
            elif key not in HARMLESS:
                self.add(key_node, key, "is no key that is known to be harmless")

    def add(self, node: Node, path: str, reason: str) -> None:
        """Add a risk at a node, once."""
        risk = Risk(str(self.file), node.start_mark.line + 1, path, reason)
        if risk not in self.risks:
            self.risks.append(risk)

    def tags(self, top: Node, path: str) -> None:
        """Look at every tag below a node, and at every key: no key is made by a tag."""
        seen: set[int] = set()
        stack = [top]
        while stack:
            node = stack.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            self._tag(node)
            if isinstance(node, MappingNode):
                for key, value in node.value:
                    stack.append(value)
                    if key.tag not in PLAIN | {MERGE} or not isinstance(key, ScalarNode):
                        self.add(key, key.tag.removeprefix(YAML), "is no plain key")
            elif isinstance(node, SequenceNode):
                stack += node.value

    def _tag(self, node: Node) -> None:
        name = node.tag.removeprefix(YAML)
        if node.tag == ENVIRONMENT:
            parts = node.value if isinstance(node, SequenceNode) else [node]
            for variable in parts[:-1] or parts:
                if not VARIABLE.fullmatch(str(variable.value)):
                    self.add(node, f"!ENV {show(variable)}", "may hold a secret: no SITE_* or CI")
            if not all(isinstance(part, ScalarNode) for part in parts):
                self.add(node, "!ENV", "has a default that is no text")
        elif match := FUNCTION.fullmatch(node.tag):
            factory = match[1] != "name"
            if match[2] not in (FACTORIES if factory else FUNCTIONS):
                self.add(node, f"!!{name}", "calls a function")
            elif factory and any(key != "kwds" for key, _, _ in pairs(node)):
                self.add(node, f"!!{name}", "has more than kwds")
        elif not isinstance(node, KINDS.get(node.tag, ())):
            self.add(node, name, "is a tag that may construct anything")

    # --- One for each key that is not harmless

    def code(self, node: Node, path: str) -> None:
        """Refuse what always runs code."""
        self.add(node, path, f"{show(node)} is run as code")

    def base(self, node: Node, path: str) -> None:
        """Follow INHERIT, within the folder."""
        if (target := self.inside(node, path)) and target.is_file():
            self.inherits.append(self.file.parent / str(node.value))

    def inside(self, node: Node, path: str) -> Path | None:
        """Return the path that a scalar names; one outside of the folder is a risk."""
        target = None
        with suppress(ValueError, OSError):  # NUL, a name too long
            target = (self.file.parent / text_of(node)).resolve() if text_of(node) else None
        if target is None or not target.is_relative_to(self.root):
            self.add(node, path, f"{show(node)} leads out of {self.root}")
            return None
        return target

    def paths(self, node: Node, path: str) -> None:
        """Look at a list of paths, or at one."""
        for item in node.value if isinstance(node, SequenceNode) else [node]:
            self.inside(item, path)

    def theme(self, node: Node, path: str) -> None:
        """Look at the theme's name, and at the templates of its folder."""
        items = pairs(node) if isinstance(node, MappingNode) else [("name", node, node)]
        for key, _, value in items:
            if key == "name" and text_of(value) not in THEMES:
                self.add(value, f"{path}.name", f"{show(value)} is code of another package")
            elif key == "custom_dir" and (folder := self.inside(value, f"{path}.custom_dir")):
                for name in foreign_templates(folder):
                    template = os.path.join(text_of(value), name)
                    self.add(value, f"{path}.custom_dir", f"{template} is run as a template")

    def plugins(self, node: Node, path: str) -> None:
        """Look at the names of plugins and of their options."""
        for name, at, options in named_items(node):
            known = PLUGINS.get(name.removeprefix("material/"))
            if known is None:
                self.add(at, path, f"{name} is code of another package")
                continue
            for option, option_node, _ in pairs(options):
                if option not in known.split():
                    self.add(
                        option_node, f"{path}.{name}.{option}", "is no option known to be safe"
                    )

    def extensions(self, node: Node, path: str) -> None:
        """Look at the names of Markdown extensions, and for names of functions in their options."""
        for name, at, options in named_items(node):
            short = name.removeprefix("markdown.extensions.")
            if short not in MARKDOWN and name not in PYMDOWNX:
                self.add(at, path, f"{name} may run code or read files")
            self.options(options, f"{path}.{name}")

    def options(self, top: Node | None, path: str) -> None:
        """Look for options of an extension that name a function or a file."""
        stack = [top] if top is not None else []
        while stack:
            node = stack.pop()
            if isinstance(node, MappingNode):
                for key, key_node, value in pairs(node):
                    stack.append(value)
                    if key in READS_FILES:
                        self.add(key_node, f"{path}.{key}", "reads files")
            elif isinstance(node, SequenceNode):
                stack += node.value
            elif DOTTED.fullmatch(node.value) and node.value not in FUNCTIONS | FACTORIES:
                self.add(node, path, f"{node.value} may name a function")

    def extra(self, node: Node, path: str) -> None:
        """Look at the templates of `extra.zoo`."""
        settings = [value for key, _, value in pairs(node) if fold_key(key) == "zoo"]
        for key, _, value in (item for setting in settings for item in pairs(setting)):
            if fold_key(key) == "templates":
                self.code(value, f"{path}.zoo.templates")


CHECKS: dict[str, Callable[[Inspection, Node, str], object]] = {
    "INHERIT": Inspection.base,
    "docs_dir": Inspection.inside,
    "extra": Inspection.extra,
    "extra_templates": Inspection.code,
    "hooks": Inspection.code,
    "markdown_extensions": Inspection.extensions,
    "mdx_configs": Inspection.code,
    "plugins": Inspection.plugins,
    "site_dir": Inspection.inside,
    "theme": Inspection.theme,
    "watch": Inspection.paths,
}


def pairs(node: Node | None) -> Iterator[tuple[str, Node, Node]]:
    """Yield key, key node and value of a mapping, those of merge keys and repeated ones too."""
    for key, value in node.value if isinstance(node, MappingNode) else ():
        if key.tag == MERGE:
            for part in value.value if isinstance(value, SequenceNode) else [value]:
                yield from pairs(part)
        else:
            yield str(key.value), key, value


def named_items(node: Node) -> Iterator[tuple[str, Node, Node | None]]:
    """Yield name, place and options of the items of a list or mapping: `- a`, `- a: {...}`,
    `a: {...}`."""
    for item in node.value if isinstance(node, SequenceNode) else [node]:
        if isinstance(item, MappingNode):
            yield from pairs(item)
        elif text_of(item) or item.tag != f"{YAML}null":
            yield text_of(item) or show(item), item, None


def text_of(node: Node) -> str:
    """Return a plain scalar's text; nothing for all else, which has no name that is known."""
    return str(node.value) if isinstance(node, ScalarNode) and node.tag in PLAIN else ""


def show(node: Node) -> str:
    """Return what a message shows of a node."""
    if isinstance(node, SequenceNode):
        return ", ".join(map(show, node.value))
    return str(node.value) if isinstance(node, ScalarNode) else "a mapping"


def foreign_templates(folder: Path) -> Sequence[str]:
    """List the files of a theme folder that are not as `zoo init` writes them."""
    files = sorted(path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    names = [path.relative_to(folder).as_posix() for path in files]
    return [name for name in names if not _same(folder / name, THEME / name)]


def _same(path: Path, ours: Path) -> bool:
    return ours.is_file() and path.is_file() and path.read_bytes() == ours.read_bytes()
