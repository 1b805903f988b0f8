"""The page of findings: what was found is its heading, every finding is a line, the worst first."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest

from tests.reporting.hypotheses import NONE, SLIP, THOP
from zoo.model_index.findings import Finding, Hypothesis
from zoo.reporting.i18n.gettext import _, speaking
from zoo.reporting.pages import findings
from zoo.reporting.pages.findings import breakable, headline, join_names
from zoo.reporting.views.catalogue import Zoo
from zoo.reporting.views.cause_kinds import KINDS
from zoo.reporting.views.claim_lines import Counts

Rendered = Callable[[Zoo], dict[str, str]]
Make = Callable[..., Finding]
PHOTOGRAPH = replace(THOP, wrong=True)


def zoo_with(
    zoo_of: Callable[[str], Zoo], found: Make, families: dict[str, list[Hypothesis]]
) -> Zoo:
    """A family each with one model a hypothesis, each of which makes one claim."""
    names = [(family, n) for family, tried in families.items() for n in range(len(tried))]
    zoo = zoo_of(
        "Library: {Name: Acme}\nModels:\n"
        + "".join(
            f"- {{Name: {a}{n}, In Collection: {a}, Metadata: {{FLOPs: 10, Epochs: 3}}}}\n"
            for a, n in names
        )
    )
    made = [
        found(entry.claims[0], families[family][n])
        for entry, (family, n) in zip(zoo.index.entries, names, strict=True)
    ]
    return replace(zoo, findings=tuple(made))


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def rows_of(page: str) -> list[str]:
    """The lines of the table, as text."""
    table = page[page.index('<table class="table stack findings"') :].split("</table>")[0]
    return [text_of(row) for row in re.findall(r"<tr data-st.*?</tr>", table, re.DOTALL)]


def heading_of(page: str) -> str:
    (heading,) = re.findall(r"<h1>.*?</h1>", page, re.DOTALL)
    return text_of(heading)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (Counts(0, 0, 0), "The index holds no claims yet."),
        (Counts(0, 0, 7), "Nothing is measured yet."),
        (Counts(0, 1, 7), "The number that was checked is right."),
        (Counts(0, 4, 7), "None of 4 numbers that were checked is wrong."),
        (Counts(1, 4, 7), "1 of 12 numbers is wrong."),
        (Counts(26, 17_000, 307), "26 of 17,333 numbers are wrong."),
    ],
)
def test_the_heading_is_the_finding(counts: Counts, words: str) -> None:
    assert headline(counts, None) == words


def test_the_heading_and_the_lead_say_what_is_behind_it(
    zoo_of: Callable[[str], Zoo], found: Make, rendered: Rendered
) -> None:
    families = {"A": [PHOTOGRAPH, PHOTOGRAPH, NONE], "B": [PHOTOGRAPH, THOP]}
    page = rendered(zoo_with(zoo_of, found, families))["findings/index.md"]
    assert heading_of(page) == ("Findings 4 of 10 numbers are wrong. One cause makes 3 of them.")
    lead = text_of(page[page.index("</h1>") :].split("</p>")[0])
    assert lead == (
        "Acme, FLOPs of A and B: Counted at 2×3. 1 has no known cause."
        " A has the most wrong numbers of any family: 3 of 6."
    )
    assert '<a href="../families/a/">A</a>' in page


def test_one_cause_may_make_them_all(
    zoo_of: Callable[[str], Zoo], found: Make, rendered: Rendered
) -> None:
    page = rendered(zoo_with(zoo_of, found, {"A": [PHOTOGRAPH] * 2}))["findings/index.md"]
    assert heading_of(page).endswith("2 of 4 numbers are wrong. One cause makes them all.")
    assert "of any family" not in page  # there is one


def test_menu_title_and_heading_say_findings(toy: Zoo, rendered: Rendered) -> None:
    page = rendered(toy)["findings/index.md"]
    assert re.search(r"^title: Findings$", page, re.MULTILINE)
    assert heading_of(page).startswith("Findings ")
    assert not re.search(r"Verification|Mismatches and errors", page)


def test_a_line_says_standing_number_to_use_cause_and_place(
    zoo_of: Callable[[str], Zoo], found: Make, rendered: Rendered
) -> None:
    page = rendered(zoo_with(zoo_of, found, {"A": [THOP, PHOTOGRAPH]}))["findings/index.md"]
    first, second = rows_of(page)
    assert first == "wrongA1FLOPs, Acme10 7 MACs+42.9 %Counted at 2×3toy.yml:4"
    assert second.startswith("rightA0FLOPs, Acme10 7 MACsAnother way to count it: thop's")
    assert '<a class="plain" href="../models/a1/#claim-acme-flops">A1</a>' in page
    assert "<del>10</del> <ins>7 MACs</ins>" in page


def test_causes_have_a_part_that_an_address_reaches(
    zoo_of: Callable[[str], Zoo], found: Make, rendered: Rendered
) -> None:
    tried = [SLIP, *[PHOTOGRAPH] * (findings.LINKED + 2), THOP]
    page = rendered(zoo_with(zoo_of, found, {"A": tried}))["findings/index.md"]
    part = page[page.index('id="by-cause"') : page.index("<table")]
    assert 'href="#by-cause"' in page
    assert re.findall(r"<h2><span>(.*?)</span> <small>(\d+)</small>", part) == [
        ("Counted at another input", "14"),
        ("A slip", "1"),
        ("Right by convention", "1"),
    ]
    assert "and 2 more</a>" in part


def test_of_many_findings_the_right_ones_have_a_page_of_their_own(
    zoo_of: Callable[[str], Zoo], found: Make, rendered: Rendered, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoo = zoo_with(zoo_of, found, {"A": [THOP, SLIP, THOP]})
    assert "findings/right.md" not in rendered(zoo)
    monkeypatch.setattr(findings, "FEW", 2)
    pages = rendered(zoo)
    page, right = pages["findings/index.md"], pages["findings/right.md"]
    assert len(rows_of(page)) == 1 and len(rows_of(right)) == 2
    assert 'data-right="right/" data-right-count="2"' in page
    assert '<a href="right/">2 that are right by another convention</a>' in page
    assert heading_of(right) == "2 numbers are right by another convention"


def test_nothing_to_list_says_what_is_waited_for(toy: Zoo, rendered: Rendered) -> None:
    page = rendered(replace(toy, findings=()))["findings/index.md"]
    assert heading_of(page) == "Findings Nothing is measured yet."
    assert "11 numbers wait for a measurement." in page and "<table" not in page


def test_the_page_is_said_in_chinese(toy: Zoo) -> None:
    with speaking("zh"):
        assert headline(Counts(2, 3, 4), None) == "9 个数字中有 2 个是错误的。"
        assert _("One cause makes them all.") == "它们都出于同一原因。"
        assert _("Quantity") == "指标"
        kinds = [text for kind in KINDS for text in (kind.label, kind.meaning)]
        assert all(_(text) != text for text in kinds)


def test_many_names_are_cut() -> None:
    assert join_names(["A"]) == "A" and join_names(["A", "B"]) == "A and B"
    assert join_names(["A", "B", "C"]) == "A, B and C"
    assert join_names(["A", "B", "C", "D", "E"]) == "A, B, C and 2 more"


def test_a_long_name_may_be_broken_and_stays_text() -> None:
    assert breakable("dpn98") == "dpn98"
    assert breakable("<b>vit_base_patch16_clip_224.x") == (
        "&lt;b&gt;vit_<wbr>base_<wbr>patch16_<wbr>clip_<wbr>224.<wbr>x"
    )
