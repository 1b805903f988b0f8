import random
from collections.abc import Callable
from pathlib import Path

import modelindex
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zoo.model_index.load import load
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.render import render_pages, site_of
from zoo.reporting.text.yaml_block import Bare, Exact, block, collection_lines, mapping, scalar
from zoo.reporting.views.catalogue import Zoo

NASTY = [
    "no",
    "yes",
    "on",
    "~",
    "null",
    "NULL",
    "true",
    "012",
    "0x1F",
    "0o7",
    "1e-4",
    "1E5",
    ".5",
    "1.",
    "0.750",
    "1_000",
    "12:30:45",
    "2026-11-22",
    "2026-13-45",
    ".inf",
    ".nan",
    "-1",
    "+1",
    "",
    " a ",
    "a: b",
    "a #b",
    "- a",
    "? a",
    "#a",
    "-->",
    "--!>",
    "--",
    "->",
    "a--b",
    "<!--",
    "]]>",
    "<script>",
    "&amp;",
    "*a",
    "&a",
    "!a",
    "|",
    ">",
    "%a",
    "@a",
    "`a`",
    "'a'",
    '"a"',
    "a\nb",
    "a\n\nb\n",
    "\ta",
    "a\x00b",
    "\x02\x03",
    "\u2028",
    "\x85",
    "Ünï",
    "日本",
    "\U0001f600",
    "\\n",
    "{a}",
    "[a]",
    "a,b",
    "=",
    "<<",
    "type: model-index",
    "---",
    "...",
    "Models:",
    "a" * 5000,
    "1708.06720",
    "5.690 G",
]


def page_of(zoo: Zoo, name: str) -> str:
    site = site_of(zoo, Settings())
    model = next(model for model in site.catalogue.models if model.name == name)
    return {page.path: text for page, text in render_pages(site)}[model.page]


def texts(value: object) -> object:
    """What a reader that guesses types has read, as text again."""
    if isinstance(value, dict):
        return {str(key): texts(part) for key, part in value.items()}
    return (
        [texts(part) for part in value]
        if isinstance(value, list)
        else value
        if value is None
        else str(value)
    )


def unwrap(value: object) -> object:
    """The reference package's objects as plain dictionaries and lists."""
    if isinstance(value, modelindex.models.BaseModelIndex.BaseModelIndex):
        value = value.data
    if isinstance(value, dict):
        return {key: unwrap(part) for key, part in value.items()}
    return [unwrap(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("text", NASTY)
def test_a_scalar_is_read_back(text: str) -> None:
    written = scalar(text)
    assert str(yaml.safe_load(f"- {written}\n")[0]) == text
    assert (
        "-->" not in written and "--" not in written and "<" not in written and "\n" not in written
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_is_read_back(text: str) -> None:
    for written in (scalar(text), scalar(text, exact=True)):
        assert str(yaml.safe_load(f"a: {written}\n")["a"]) == text
        assert "--" not in written and ">" not in written
    assert yaml.safe_load(f"a: {scalar(text, exact=True)}\n")["a"] == text


def test_numbers_stay_numbers_where_their_text_survives() -> None:
    assert scalar("3641843200") == "3641843200"
    assert scalar("0.0001") == "0.0001"
    assert scalar("0.750") == '"0.750"'
    assert scalar("6", exact=True) == '"6"'


def test_both_readers_read_a_toy_page_back(toy: Zoo, tmp_path: Path) -> None:
    check_page(toy, "net10", tmp_path)


def test_typed_builder_arguments_survive(toy: Zoo, tmp_path: Path) -> None:
    scalar.cache_clear()  # an argument is a text of its own type, which libyaml does not take
    path = tmp_path / "lone.md"
    path.write_text(page_of(toy, "lone"), encoding="utf-8")
    assert load([path]).entries[0].builder.arguments == {"growth_rate": 4, "name": "6"}


@pytest.mark.parametrize("name", ["dpn98", "dla34", "densenet264"])
def test_both_readers_read_a_real_page_back(name: str, tmp_path: Path) -> None:
    check_page(Zoo(index=load(), findings=(), evidence={}, primary={}), name, tmp_path)


def test_both_readers_read_nasty_values_back(zoo_of: Callable[[str], Zoo], tmp_path: Path) -> None:
    values = [text for text in NASTY if text]
    random.Random(7).shuffle(values)
    keys = {
        f"Key {n} {text}": [text]
        for n, text in enumerate(values)
        if text.strip() == text and len(text) < 100
    }
    collection = {
        "Name": "--> & co",
        "Description": "```\n<!-- type: model-index -->\n```",
        "Citation": "\n".join(values),
    }
    entry = {
        "Name": "nasty <!-- -->",
        "In Collection": "--> & co",
        "Metadata": {"Training Data": values, **keys},
        "Empty": None,
        "Nested": [{"a": {"b": values}}, [], {}, [["x"], None]],
    }
    text = yaml.safe_dump({"Collections": [collection], "Models": [entry]}, default_style='"')
    check_page(zoo_of(text), "nasty <!-- -->", tmp_path)


def check_page(zoo: Zoo, name: str, folder: Path) -> None:
    entry = next(entry for entry in zoo.index.entries if entry.name == name)
    path = folder / "page.md"
    path.write_text(page_of(zoo, name), encoding="utf-8")

    ours = load([path])
    assert [e.fields for e in ours.entries] == [entry.fields]
    assert [c.fields for c in ours.collections] == [
        {key: value for key, value in c.fields.items() if not key.endswith(" (zh)")}
        for c in zoo.index.collections
        if c.name == entry.collection
    ]
    again = ours.entries[0]
    assert (again.publisher, again.source, str(again.builder)) == (
        entry.publisher,
        entry.source,
        str(entry.builder),
    )
    assert [(c.raw, c.publisher, c.value) for c in again.all_claims()] == [
        (c.raw, c.publisher, c.value) for c in entry.all_claims()
    ]

    # that package reads no comments below a header, which is for the builder of sites
    path.write_text(path.read_text(encoding="utf-8").partition("\n---\n")[2], encoding="utf-8")
    theirs = modelindex.load_model_index.load(str(path))
    raw = texts(unwrap(theirs.models[0]))
    for key, value in entry.fields.items():
        assert raw.get(key) == value, key  # that package leaves empty fields out
    for collection, own in zip(theirs.collections or [], ours.collections, strict=True):
        found = texts(unwrap(collection))
        assert all(found[key] == value for key, value in own.fields.items())


def test_the_publisher_comes_with_the_block(toy: Zoo) -> None:
    entry = toy.index.entries[0]
    text = block(entry, collection_lines(toy.index.collection_of(entry)))
    assert "Library:\n  Name: Acme\n" in text and text.count("-->") == 1 and text.endswith("-->")


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from(" a#:-\n\t|>'\"\x85{é"), max_size=20))
def test_a_literal_block_is_read_back(text: str) -> None:
    for held in (Exact(text), [{"k": Exact(text), "j": Exact("x")}]):
        assert yaml.safe_load("\n".join(mapping({"a": held, "b": "c"}, literal=True))) == {
            "a": held,
            "b": "c",
        }


def test_text_of_several_lines_is_readable() -> None:
    text = "First.\n\n  Indented: # no comment\nLast."
    assert mapping({"a": {"b": text}}, literal=True) == [
        "a:",
        "  b: |-",
        "    First.",
        "",
        "      Indented: # no comment",
        "    Last.",
    ]
    assert mapping({"b": "a\nb\n"}, literal=True) == ['b: "a\\nb\\n"']


def test_a_bare_number_keeps_its_digits() -> None:
    assert mapping({"a": Bare("80.10"), "b": [Bare("1")]}) == ["a: 80.10", "b:", "- 1"]
