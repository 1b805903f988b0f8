"""The page of coverage: what is wrong, right and unknown, by name; and over time."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from zoo.model_index.ledger.history import read, record
from zoo.reporting.pages.coverage import bar, headline, share
from zoo.reporting.views.catalogue import Zoo
from zoo.reporting.views.claim_lines import Counts

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
Rendered = Callable[[Zoo], dict[str, str]]


def table_of(page: str, title: str) -> str:
    return page[page.index(f"<h2>{title}</h2>") :].split("</table>")[0]


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (Counts(0, 0, 0), "The index holds no claims yet."),
        (Counts(0, 0, 9), "Nothing is measured yet."),
        (Counts(1, 0, 999), "1 of 1,000 numbers is checked, 1 %."),
        (Counts(1, 998, 1), "999 of 1,000 numbers are checked, 99 %."),
        (Counts(2, 8, 0), "10 of 10 numbers are checked, 100 %."),
    ],
)
def test_the_heading_says_how_much_is_checked(counts: Counts, words: str) -> None:
    assert headline(counts) == words
    assert share(0, 9) == "0 %"


def test_numbers_are_counted_by_quantity_without_a_column_of_zeros(
    toy: Zoo, rendered: Rendered
) -> None:
    page = rendered(toy)["coverage/index.md"]
    assert "5 of 11 numbers are checked, 45 %." in page
    table = table_of(page, "By quantity")
    (flops,) = re.findall(r"<tr><th scope=\"row\">FLOPs</th>.*?</tr>", table)
    assert re.findall(r'data-label="(\w+)">(\d*)</td>', flops) == [
        ("wrong", ""), ("right", "1"), ("unknown", "2"), ("all", "3"),
    ]  # fmt: skip
    assert ">0<" not in page
    right = replace(toy, findings=tuple(f for f in toy.findings if f.verdict != "mismatch"))
    assert "st--wrong" not in rendered(right)["coverage/index.md"]


def test_why_numbers_are_unknown_stands_first(toy: Zoo, rendered: Rendered) -> None:
    page = rendered(toy)["coverage/index.md"]
    assert "<h2>Why 6 numbers are unknown</h2>" in page
    assert page.index("<h2>Why") < page.index("<h2>By quantity")
    assert "Measuring failed" in page and "<code>zoo verify MODEL --fresh</code>" in page


def test_publishers_and_families_are_listed_where_there_are_several(
    toy: Zoo, zoo_of: Callable[[str], Zoo], rendered: Rendered
) -> None:
    assert "Other" in table_of(rendered(toy)["coverage/index.md"], "By publisher")
    models = "".join(
        f"- {{Name: {n}, In Collection: {n}, Metadata: {{FLOPs: 1}}}}\n" for n in ("Net", "b")
    )
    page = rendered(zoo_of(f"Models:\n{models}"))["coverage/index.md"]
    assert '<a class="plain" href="../families/net/">Net</a>' in table_of(page, "By family")
    few = rendered(zoo_of("Models: [{Name: a, Metadata: {FLOPs: 1}}]"))["coverage/index.md"]
    assert "<h2>By publisher" not in few and "<h2>By family" not in few


def test_the_rest_of_many_families_is_folded(
    zoo_of: Callable[[str], Zoo], rendered: Rendered
) -> None:
    models = "".join(
        f"- {{Name: a{n}, In Collection: F{n}, Metadata: {{FLOPs: 1}}}}\n" for n in range(23)
    )
    page = rendered(zoo_of(f"Models:\n{models}"))["coverage/index.md"]
    assert "<summary>3 more</summary>" in page


def test_a_bar_has_a_part_for_each_standing_there_is() -> None:
    drawn = bar(Counts(2, 0, 5))
    assert re.findall(r'class="split--(\w+)" style="flex-grow:(\d+)"', drawn) == [
        ("wrong", "2"), ("unknown", "5"),
    ]  # fmt: skip


def test_over_time_needs_two_days_each_with_its_date(
    toy: Zoo, rendered: Rendered, tmp_path: Path
) -> None:
    record(tmp_path, toy.findings[:1], {}, NOON)
    once = rendered(replace(toy, history=read(tmp_path)))["coverage/index.md"]
    assert "Over time" not in once
    record(tmp_path, toy.findings, {}, NOON + timedelta(days=1))
    page = rendered(replace(toy, history=read(tmp_path)))["coverage/index.md"]
    days = page[page.index('<ol class="days"') :].split("</ol>")[0]
    assert re.findall(r'height:([\d.]+)%.*?<span class="date">([\d-]+)</span></li>', days) == [
        ("14.3", "2026-11-27"), ("100.0", "2026-11-28"),
    ]  # fmt: skip
