"""Words of indexes and records that a reader of Chinese gets in Chinese."""

import re

import pytest

from zoo.reporting.i18n import vocabulary
from zoo.reporting.i18n.extract import collect_messages
from zoo.reporting.i18n.gettext import catalogue, speaking
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.jinja_env import word
from zoo.reporting.site.render import render_pages, site_of
from zoo.reporting.views.catalogue import Zoo
from zoo.reporting.views.cause_kinds import KINDS
from zoo.reporting.views.cause_words import PARTS
from zoo.reporting.views.claim_words import CONDITIONS, EXACT, RIGHT, UNKNOWN

HAN = re.compile(r"[\u4e00-\u9fff]")
KEPT = {"Dropout", "CPU"}  # Chinese papers write them so
TABLES = {
    "fields of training": vocabulary.FIELDS,
    "records": vocabulary.RECORDS,
    "tasks": vocabulary.TASKS,
    "causes": PARTS,
    "kinds of causes": [text for kind in KINDS for text in (kind.label, kind.meaning)],
    "reasons": [*EXACT.values(), *RIGHT.values(), *UNKNOWN.values()],
    "conditions": list(CONDITIONS.values()),
}


@pytest.mark.parametrize("table", TABLES)
def test_every_word_of_a_table_is_chinese(table: str) -> None:
    known = catalogue("zh").single
    for text in TABLES[table]:
        assert HAN.search(known[text]) or known[text] in KEPT, text


def test_fields_of_training_are_in_the_language_of_the_page(toy: Zoo) -> None:
    chinese = Settings(language="zh", root="..")
    pages = {page.path: text for page, text in render_pages(site_of(toy, chinese))}
    training = pages["models/net10.md"].partition('<section id="training">')[2]
    training = training.partition("</section>")[0]
    assert "<dt>训练方法</dt>" in training and "Training Techniques" not in training
    assert "<dt>学习率</dt>" in training
    with speaking("zh"):
        assert word("A Field Of Mine") == "A Field Of Mine"


def test_a_quantity_is_not_called_an_amount() -> None:
    assert catalogue("zh").single["Quantity"] == "指标"
    assert catalogue("zh").single["Quantities"] == "指标"


# A number and the noun that it counts, in one message.
COUNTED = re.compile(
    r"%\((?:count|total|all|models|number|size|checked)\)s (?:[a-z-]+ ){0,3}?([a-z]{2,}s)\b"
)
NO_NOUN = frozenset({"is", "has", "its", "lies"})
# Messages whose count is never one, and pairs of which a script takes the right one.
NEVER_ONE = (
    "All %(count)s families",  # of more than a page shows
    "%(number)s parameters",
    "%(number)s points",
)
SCRIPTS = ("pages/models/words.py", "pages/explore/words.py", "pages/compare_words.py")


def test_a_number_agrees_with_its_noun() -> None:
    """A message that counts something has a form for one."""
    wrong = [
        message.id
        for message in collect_messages()
        if isinstance(message.id, str)
        and (counted := COUNTED.search(message.id))
        and counted[1] not in NO_NOUN
        and message.id not in NEVER_ONE
        and not {place for place, _line in message.locations} & {*SCRIPTS}
        and "of %(all)s" not in message.id
    ]
    assert wrong == []
    assert COUNTED.search("%(count)s more models")
