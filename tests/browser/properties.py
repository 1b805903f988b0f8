"""What holds for every page, or for every page of a kind: a table of properties.

A property takes what a visit recorded and gives the faults, none where it holds."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

A4_PAGES = 3
TALLEST = {1440: 2600, 390: 4800}  # a model's page, in pixels
# What the first screen of a model's page shows, by the size of the screen.
FIRST_SCREEN = {
    (1440, 900): (".tiles", ".strip", ".first pre", ".prep"),
    (390, 844): (".tiles", ".strip"),
}
WRAPS = 60  # a name that needs two lines, in the path, the heading and the text
SHIFT = 0.05  # cumulative layout shift
CLUMSY = re.compile(
    r"\b1 (?:publishers|models|claims|families|rows|causes|machines|changes)\b"
    r"|\b(\w{4,}) \1 \d|measured measured|^(?:None|nan)$",
    re.MULTILINE,
)
PATH = re.compile(r"(?<![\w:/.])/(?:home|root|tmp|work|Users|var|private)/[\w./-]+")
LONG = re.compile(r"(?<![\d.,\w])\d{5,}(?![\w])")
ACCURACY = re.compile(r"Top-[15]\b|准确率")
UNIT = re.compile(r"\b(?:GMACs|GFLOPs|ms|M)$|%$")
# Tables of these pages are those of before; what holds for a page of answers is not asked of them.
LATER = frozenset({"documentation"})
DIFFERENCE = re.compile("Off by|Difference|差值|偏差")
FRACTION = re.compile(r"0\.\d+")


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One page as one reader met it."""

    address: str
    path: str
    kind: str
    mode: str
    size: tuple[int, int]
    page: dict[str, Any]
    requests: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()
    printed: int = 0

    @property
    def is_model(self) -> bool:
        return self.kind == "model"


Property = Callable[[Visit], Iterator[object]]


def nothing_leaves_the_origin(visit: Visit) -> Iterator[object]:
    yield from (
        url for url in visit.requests if not url.startswith((visit.address, "data:", "blob:"))
    )


def nothing_complains(visit: Visit) -> Iterator[object]:
    yield from visit.errors


def axe_finds_nothing(visit: Visit) -> Iterator[object]:
    small = visit.kind in LATER - {"documentation"}  # their targets, as those of a finger
    yield from (rule for rule in visit.violations if not small or "target-size" not in rule)


def no_page_is_wider_than_the_screen(visit: Visit) -> Iterator[object]:
    opened = 0 if visit.kind in LATER else visit.page["opened"]
    for overflow in (visit.page["overflow"], opened):
        if overflow > (1 if visit.mode == "paper" else 0):
            yield overflow, visit.page["outside"]


def a_telephone_holds_tables_and_plots(visit: Visit) -> Iterator[object]:
    if visit.is_model and visit.size[0] == 390:
        yield from visit.page["wider"]


def what_scrolls_shows_a_shadow(visit: Visit) -> Iterator[object]:
    yield from (each["html"] for each in visit.page["scrollers"] if not each["shadow"])


def nothing_jumps(visit: Visit) -> Iterator[object]:
    if visit.mode != "paper" and visit.kind not in LATER and visit.page["shift"] >= SHIFT:
        yield round(visit.page["shift"], 3)


def a_finger_hits(visit: Visit) -> Iterator[object]:
    if visit.size[0] == 390 and visit.kind not in LATER:
        yield from visit.page["targets"][:4]


def a_model_is_short(visit: Visit) -> Iterator[object]:
    tallest = TALLEST.get(visit.size[0])
    if visit.is_model and tallest and visit.page["height"] > tallest and visit.mode != "paper":
        yield visit.page["height"], tallest


def the_first_screen_answers(visit: Visit) -> Iterator[object]:
    for selector in FIRST_SCREEN.get(visit.size, ()) if visit.is_model else ():
        bottom = visit.page["bottoms"].get(selector)
        if bottom is None or bottom > visit.size[1] + (WRAPS if len(visit.path) > 40 else 0):
            yield selector, bottom


def a_model_prints_on_three_sheets(visit: Visit) -> Iterator[object]:
    if visit.is_model and visit.mode == "paper" and not 0 < visit.printed <= A4_PAGES:
        yield visit.printed


def paper_shows_the_standing(visit: Visit) -> Iterator[object]:
    if visit.is_model and visit.mode == "paper" and not visit.page["standings"]:
        yield "no standing on paper"


def numbers_have_separators_and_a_unit(visit: Visit) -> Iterator[object]:
    """No long number without separators, and no accuracy as a fraction beside percentages."""
    for column in visit.page["columns"]:
        for row, text in column["cells"]:
            if LONG.fullmatch(text) or (ACCURACY.search(row) and FRACTION.fullmatch(text)):
                yield column["head"], row, text


def every_column_has_one_notation(visit: Visit) -> Iterator[object]:
    """A unit stands in the header or in the cells; differences are all written in one way."""
    for column in visit.page["columns"] if visit.kind not in LATER else ():
        kinds = {kind for _, text in column["cells"] if (kind := notation(text))}
        if (UNIT.search(column["head"]) and kinds - {"plain"}) or (
            DIFFERENCE.fullmatch(column["head"]) and kinds > {"plain", "%"}
        ):
            yield column["head"], sorted(kinds)


def notation(text: str) -> str:
    """How a number is written: `%`, `G`, `M`, `plain`; empty for what is no number."""
    match = re.fullmatch(r"[+\u2212-]?[\d,.]+ ?(%|ms|[GMk])?(?:MACs|FLOPs)?", text)
    return (match[1] or "plain") if match else ""


def words_are_whole(visit: Visit) -> Iterator[object]:
    yield from (match[0] for match in CLUMSY.finditer(visit.page["text"]))


def no_path_of_a_machine(visit: Visit) -> Iterator[object]:
    yield from {match[0] for match in PATH.finditer(visit.page["source"])}


def headings_are_in_order(visit: Visit) -> Iterator[object]:
    levels = [level for level, _ in visit.page["headings"]]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} h1"
    for before, after in pairwise(levels):
        if after > before + 1:
            yield before, after, visit.page["headings"]


def one_tab_is_active(visit: Visit) -> Iterator[object]:
    wanted = 0 if visit.kind in ("home", "missing") else 1
    if visit.size[0] > 1220 and visit.page["active"] != wanted:
        yield visit.page["active"]


def the_title_is_the_heading(visit: Visit) -> Iterator[object]:
    title = visit.page["title"].rpartition(" - ")[0]
    headings = [words for level, words in visit.page["headings"] if level == 1]
    if visit.kind != "home" and not any(
        title in words or words in visit.page["title"] for words in headings
    ):
        yield visit.page["title"], headings


PROPERTIES: tuple[Property, ...] = (
    nothing_leaves_the_origin,
    nothing_complains,
    axe_finds_nothing,
    no_page_is_wider_than_the_screen,
    a_telephone_holds_tables_and_plots,
    what_scrolls_shows_a_shadow,
    nothing_jumps,
    a_finger_hits,
    a_model_is_short,
    the_first_screen_answers,
    a_model_prints_on_three_sheets,
    paper_shows_the_standing,
    numbers_have_separators_and_a_unit,
    every_column_has_one_notation,
    words_are_whole,
    no_path_of_a_machine,
    headings_are_in_order,
    one_tab_is_active,
    the_title_is_the_heading,
)
