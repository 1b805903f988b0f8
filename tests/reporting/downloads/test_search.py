"""What the look-up finds beside models: rows in the page's language that lead to pages."""

import json
from collections.abc import Iterator

import pytest

from zoo.reporting.downloads.search import NUMBERS, ROWS, files
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.render import render_pages, site_of
from zoo.reporting.views.catalogue import Zoo

Row = list


def rows_of(zoo: Zoo, path: str, language: str = "en") -> list[Row]:
    root = "" if language == "en" else ".."
    site = site_of(zoo, Settings(language=language, root=root))
    return json.loads({file.path: file.data for file in files(site)}[path])


def fitting(rows: list[Row], word: str) -> Iterator[Row]:
    for row in rows:
        if any(word.lower() in str(text).lower() for text in (row[0], *row[3])):
            yield row


# What somebody types, by language, and where a row of it leads.
LEADS = [
    ("en", "top-1", "models/?sort=top1"),
    ("en", "image classification", "families/#task-image-classification"),
    ("en", "net", "families/net/"),
    ("en", "networks", "families/net/"),
    ("en", "FLOPs", "findings/?quantity=flops"),
    ("en", "pareto", "explore/"),
    ("en", "no known cause", "findings/#by-cause"),
    ("zh", "图像分类", "families/#task-image-classification"),
    ("zh", "延迟", "machines/"),
    ("zh", "参数量", "models/?sort=parameters"),
    ("zh", "覆盖率", "coverage/"),
    ("zh", "coverage", "coverage/"),
]


@pytest.mark.parametrize(("language", "word", "address"), LEADS)
def test_words_lead_to_pages(toy: Zoo, language: str, word: str, address: str) -> None:
    addresses = [row[1] for row in fitting(rows_of(toy, ROWS, language), word)]
    assert any(there.startswith(address) for there in addresses), addresses


def test_every_row_leads_to_a_page_of_the_site(toy: Zoo) -> None:
    pages = {page.path: text for page, text in render_pages(site_of(toy, Settings()))}
    for row in (*rows_of(toy, ROWS), *rows_of(toy, NUMBERS)):
        path, _, anchor = row[1].partition("?")[0].partition("#")
        page = next(
            text for at in (f"{path[:-1]}.md", f"{path}index.md") if (text := pages.get(at))
        )
        assert not anchor or f'id="{anchor}"' in page, row


def test_no_model_is_in_the_rows_so_they_do_not_grow_with_models(toy: Zoo) -> None:
    names = {model.name for model in site_of(toy, Settings()).catalogue.models}
    assert not names & {row[0] for row in rows_of(toy, ROWS)}


def test_whole_numbers_are_found_by_their_digits(toy: Zoo) -> None:
    rows = rows_of(toy, NUMBERS)
    claimed, counted = fitting(rows, "2000000")
    assert (claimed[0], claimed[2], claimed[4]) == ("net10", "FLOPs, Acme", "right")
    assert counted[:3] == ["net20", "models/net20/", "Multiply-adds"] and counted[4] == "measured"
    assert min(len(row[3][0]) for row in rows) == 5  # few digits say nothing
