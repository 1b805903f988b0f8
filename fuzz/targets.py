"""What has to hold of any bytes that anybody calls an index: the readers, and what is made of what
they read.

A text is read, or refused with a known error; nothing else is raised, and it takes a bounded time.
What was read is linted and rendered without raising, and in the page of a model nothing of it is
more than text.
"""

import json
import re
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

from zoo.model_index.baseline import Baseline
from zoo.model_index.checks.lint import CHECKS, lint
from zoo.model_index.dialects import timm_results
from zoo.model_index.errors import ZooError
from zoo.model_index.load import load
from zoo.model_index.records.records import Index
from zoo.reporting.cards.card import card
from zoo.reporting.convert import TARGETS
from zoo.reporting.gates import RENDERERS
from zoo.reporting.gates import render as render_gate
from zoo.reporting.gates.limits import ANNOTATIONS
from zoo.reporting.gates.rows import Outcome, of_lints
from zoo.reporting.pages import families, model
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.code_in_config import refuse_code
from zoo.reporting.site.mkdocs_config import sites
from zoo.reporting.site.render import render, site_of
from zoo.reporting.views.catalogue import Catalogue, Zoo

CORPUS = Path(__file__).parent / "corpus"
SECONDS = 5.0  # for one text of a few kilobytes, on a busy machine
CARD = b"---\nlicense: mit\ntags: [timm]\n---\n"
EXTENSIONS = (
    "admonition",
    "tables",
    "toc",
    "pymdownx.highlight",
    "pymdownx.superfences",
)  # as in mkdocs.yml
STEERING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def _table(path: Path) -> Index:
    return timm_results.read([path])[0]


def _config(path: Path) -> None:
    refuse_code(sites(path, {}))


def _baseline(path: Path) -> None:
    Baseline.read(str(path), "zoo lint")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The name of the file that bytes are written to, what reads it, and a file that stands beside
    it."""

    file: str
    read: Callable[[Path], Index | None]
    beside: tuple[str, bytes] | None = None


def _index(path: Path) -> Index:
    return load([path])


def _folder(path: Path) -> Index:
    return load([path.parent])


def _evaluated(path: Path) -> Index:
    return load([path.parent.parent / "README.md"])


DIALECTS = {
    "pwc": Dialect("index.yml", _index),
    "json": Dialect("index.json", _index),
    "markdown": Dialect("page.md", _index),
    "card": Dialect("README.md", _index),
    "openmmlab": Dialect("metafile.yml", _folder),
    "evaluations": Dialect(".eval_results/a.yaml", _evaluated, ("README.md", CARD)),
    "pages": Dialect("tables.md", _index),
    "html": Dialect("tables.html", _index),
    "rst": Dialect("tables.rst", _index),
    "csv": Dialect("table.csv", _index),
    "timm": Dialect("results-imagenet.csv", _table),
    "speeds": Dialect("benchmark-infer-amp-nchw-pt240-cu124-rtx4090.csv", _table),
    "config": Dialect("mkdocs.yml", _config),
    "baseline": Dialect("baseline.json", _baseline),
}


@cache
def _place() -> Path:
    shared = Path("/dev/shm")  # no disk is worn by millions of files
    return Path(tempfile.mkdtemp(prefix="zoo-fuzz-", dir=shared if shared.is_dir() else None))


def forget() -> None:
    """Remove the folder that texts are written to."""
    shutil.rmtree(_place(), ignore_errors=True)
    _place.cache_clear()


def read(name: str, data: bytes) -> Index | None:
    """What a dialect reads of some bytes; None where it refuses them, or where no index comes of
    them."""
    dialect = DIALECTS[name]
    path = _place() / name / dialect.file
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True)
        if dialect.beside:
            (_place() / name / dialect.beside[0]).write_bytes(dialect.beside[1])
    path.write_bytes(data)
    try:
        return dialect.read(path)
    except ZooError as error:
        assert str(error), "a refusal without a word"
        return None


def check(name: str, data: bytes, *, whole: bool = True) -> bool:
    """Everything that has to hold of these bytes; whether something was read. `whole` renders it
    too.

    Raises:
        AssertionError, or whatever should not have been raised.
    """
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        index = read(name, data)
        if index is not None:
            said = [str(one) for one in lint(index)]
            assert all(said)
            if whole and index.entries:
                _rendered(index)
    taken = time.perf_counter() - start
    assert taken < SECONDS, f"{taken:.1f} s for {len(data)} bytes"
    return index is not None


def _rendered(index: Index) -> None:
    zoo = Zoo(index=index, findings=(), evidence={}, primary={})
    catalogue = Catalogue.of(zoo)
    site = site_of(zoo, Settings(url="https://zoo.example/"))
    for module in (model, families):
        page = next(module.pages(site), None)
        if page is not None:
            inert(html(render(page, site.settings)))
    assert not STEERING.search(card(catalogue, catalogue.models[0]))
    for target in TARGETS.values():
        target.convert(catalogue, True)
    gates(index)


def gates(index: Index) -> None:
    """Each format of a gate can be read by what reads it, and holds one finding where one was
    found."""
    found = lint(index)
    rows = of_lints(
        found,
        [False] * len(found),
        index.files,
        [(check.rule, check.description) for check in CHECKS],
    )
    outcome = Outcome(command="zoo lint", version="0", rows=rows, root="/")
    made = {name: render_gate(name, outcome).text for name in RENDERERS}
    more = len(found) > ANNOTATIONS.most  # then a line says so
    assert len(made["github"].splitlines()) == len(found) + more
    assert all(line.startswith("::error ") for line in made["github"].splitlines())
    assert len(json.loads(made["sarif"])["runs"][0]["results"]) == len(found)
    ElementTree.fromstring(made["junit"])


def html(page: str) -> str:
    """A page's Markdown as MkDocs renders it, without its header, which the theme escapes."""
    import markdown
    from mkdocs.utils.meta import get_data

    text, _header = get_data(page)
    return markdown.markdown(text, extensions=EXTENSIONS)


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def inert(page: str) -> None:
    """Assert that no text of an index became a script, a handler, an address of another kind, or a
    hidden sign."""
    assert not STEERING.search(page), "a character that nobody sees"
    for tag, attributes in elements(page):
        assert tag not in ("iframe", "object", "embed", "base", "meta", "form"), tag
        if tag == "script":
            assert attributes.get("type") in ("application/json", "application/ld+json"), attributes
        assert not any(name.startswith("on") for name in attributes), attributes
        for name in ("href", "src", "action", "formaction", "xlink:href"):
            kind = urlsplit(re.sub(r"[\x00-\x20]", "", attributes.get(name, ""))).scheme
            assert kind in ("", "http", "https"), attributes
        assert tag != "img" or not urlsplit(attributes.get("src", "")).netloc, attributes


def elements(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The elements and attributes that a browser would see."""
    parser = _Elements()
    parser.feed(page)
    yield from parser.found
