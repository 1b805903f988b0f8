"""Every word of a page is a message, every message is translated, and no language leaks into
another."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from markupsafe import Markup

from zoo.model_index.ledger.benchmark import MODES
from zoo.model_index.ledger.trace import CLASSES
from zoo.model_index.quantities.table import QUANTITIES
from zoo.reporting.i18n import vocabulary
from zoo.reporting.i18n.extract import collect_messages, update_catalogue
from zoo.reporting.i18n.gettext import (
    LOCALE,
    _,
    catalogue,
    current,
    in_template,
    languages,
    n_,
    plural_in_template,
    speaking,
)
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.jinja_env import TEMPLATES
from zoo.reporting.site.render import render_pages, site_of
from zoo.reporting.views.catalogue import Zoo

FIELD = re.compile(r"%\((\w+)\)s")
CARD = "card.md.j2"  # a file in English, no page
# What a reader does not read as words: expressions, statements, comments, code, tags; then entities
# and file names.
SILENT = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<style>.*?</style>|<code>.*?</code>", re.DOTALL
)
SHOWN = re.compile(r'(?:aria-label|title|placeholder|alt)="([^"{]*[A-Za-z]{2}[^"{]*)"')
PLAIN = re.compile(
    r"&\w+;|[\w./-]+\.(?:csv|json|md)\b|\b(?:CSV|JSON|PNG|SVG|SHA|ms|p90|p99|images/s|Atom)\b"
)


def test_the_catalogues_have_all_messages_translated_and_no_others() -> None:
    assert languages() == ["en", "zh"]
    for language in languages()[1:]:
        text = (LOCALE / f"{language}.po").read_text(encoding="utf-8")
        assert text == update_catalogue(language), (
            "python -m zoo.reporting.i18n.extract brings it up to date"
        )
        with (LOCALE / f"{language}.po").open(encoding="utf-8") as file:
            found = read_po(file, locale=language)
        missing = [message.id for message in found if message.id and not all(_strings(message))]
        assert missing == [] and not any(message.fuzzy for message in found) and not found.obsolete
        assert {m.id for m in collect_messages() if m.id} == {m.id for m in found if m.id}


def _strings(message: object) -> tuple[str, ...]:
    value = message.string  # type: ignore[attr-defined]
    return (value,) if isinstance(value, str) else tuple(value or ("",))


def test_translations_have_the_fields_and_the_markup_of_their_messages() -> None:
    with (LOCALE / "zh.po").open(encoding="utf-8") as file:
        for message in read_po(file, locale="zh"):
            if message.id:
                said = message.id if isinstance(message.id, str) else message.id[1]
                for text in _strings(message):
                    assert set(FIELD.findall(text)) == set(FIELD.findall(said)), said
                    assert re.findall(r"</?\w+>|`[^`]+`", text) == re.findall(
                        r"</?\w+>|`[^`]+`", said
                    ), said
                    assert text.count("%%") == said.count("%%"), said


def test_no_template_has_words_that_are_no_message() -> None:
    for path in sorted(TEMPLATES.rglob("*.j2")):
        if path.name == CARD:
            continue
        text = path.read_text(encoding="utf-8").removeprefix("---\ntitle:")  # of the front matter
        text = SILENT.sub("", text)
        assert SHOWN.findall(text) == [], path
        bare = PLAIN.sub("", re.sub(r"<[^>]*>", " ", text))
        assert re.findall(r"[A-Za-z]{2,}", bare) == [], path


def test_words_of_other_packages_are_all_listed() -> None:
    messages = {message.id for message in collect_messages()}
    headings = {row.column.heading for row in QUANTITIES if row.column}
    assert {row.label for row in QUANTITIES} | headings | {*CLASSES, *MODES} <= messages


def test_a_new_quantity_is_a_message_without_another_edit(monkeypatch: pytest.MonkeyPatch) -> None:
    row = replace(QUANTITIES[0], key="activations", label="Invented Label")
    monkeypatch.setattr(vocabulary, "QUANTITIES", (*QUANTITIES, row))
    assert "Invented Label" in {message.id for message in collect_messages()}


def test_a_page_in_chinese_has_no_english_sentence(toy: Zoo) -> None:
    made = {
        page.path: text
        for page, text in render_pages(site_of(toy, Settings(language="zh", root="..")))
    }
    sentences = [
        said
        for said in catalogue("zh").single
        if len(said) > 24 and "%" not in said and "`" not in said
    ]
    assert len(sentences) > 80
    for path, page in made.items():
        found = [said for said in sentences if said in page.replace("&#39;", "'")]
        assert found == [], path
    assert "<h1>模型</h1>" in made["models/index.md"] and "乘加运算" in made["models/net10.md"]
    assert 'href="../../../downloads/models/net10.json"' in made["models/net10.md"]


def test_languages_do_not_leak(toy: Zoo) -> None:
    def english() -> dict[str, str]:
        return {page.path: text for page, text in render_pages(site_of(toy, Settings()))}

    before = english()
    chinese = {
        page.path: text
        for page, text in render_pages(site_of(toy, Settings(language="zh", root="..")))
    }
    assert english() == before and chinese.keys() == before.keys()
    assert all(chinese[path] != before[path] for path in before)
    assert current() == "en"


def test_messages_and_values() -> None:
    assert n_("%(count)s model", "%(count)s models", 1) == "1 model"
    with speaking("zh"):
        assert (_("Models"), n_("%(count)s model", "%(count)s models", 5)) == ("模型", "5 个模型")
        assert _("No such message") == "No such message"
    assert in_template("<b>%(x)s</b>", x="<i>`") == Markup("<b>&lt;i&gt;&#96;</b>")
    assert in_template("<b>%(x)s</b>", x=Markup("<i>")) == Markup("<b><i></b>")


@pytest.mark.parametrize("path", sorted(Path(TEMPLATES).rglob("*.j2")), ids=lambda path: path.name)
def test_messages_in_templates_are_whole(path: Path) -> None:
    for said in re.findall(r'\b_\("([^"]*)"', path.read_text(encoding="utf-8")):
        assert said == said.strip() and said, said


def test_whole_numbers_in_messages_have_separators() -> None:
    assert _("%(count)s wrong", count=2279) == "2,279 wrong"
    assert in_template("%(count)s wrong", count=2279) == "2,279 wrong"
    assert n_("%(count)s model", "%(count)s models", 1743) == "1,743 models"
    assert plural_in_template("%(count)s model", "%(count)s models", 1743) == "1,743 models"
    assert _("%(count)s wrong", count="2279") == "2279 wrong"


def test_anchors_are_the_same_in_every_language(toy: Zoo) -> None:
    """The switch of languages keeps the part of a page that is shown."""
    chinese = Settings(language="zh", root="..")
    other = {page.path: text for page, text in render_pages(site_of(toy, chinese))}
    for page, text in render_pages(site_of(toy, Settings())):
        ids = [sorted(re.findall(r'\bid="([^"]+)"', each)) for each in (text, other[page.path])]
        assert ids[0] == ids[1], page.path
        # an anchor of a Markdown heading is made of its words
        body = text.partition("\n---\n")[2].partition("\n<!--")[0]
        assert not re.findall(r"^##+ (.*)$", body, re.MULTILINE), page.path
