"""What surrounds every page: header with one tab underlined, the look-up, light or dark, footer."""

import gzip
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser

# The tab that is underlined on each kind of page; the start page has none.
TABS = {
    "": None,
    "models/": "Models",
    "models/dpn98/": "Models",
    "findings/": "Findings",
    "coverage/": "Findings",
    "changes/": "Findings",
    "machines/": "Findings",
    "explore/": "Explore",
    "compare/": "Compare",
    "families/": "Families",
    "families/dpn/": "Families",
    "architecture/": "Docs",
    "zh/models/dpn98/": "模型",
}
WRITTEN = [("DPN-98", "dpn98"), ("densenet 161", "densenet161"), ("DLA_46C", "dla46_c")]
SHIFT = """() => new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) sum += entry.hadRecentInput ? 0 : entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 300);
})"""
SMALL = """() => [...document.querySelectorAll(":is(.top, .foot) :is(a, button, input, summary)")]
  .map((each) => [each, each.getBoundingClientRect()])
  .filter(([each, box]) => box.width && each.checkVisibility())
  .filter(([, box]) => box.height < 24 || box.width < 24)
  .map(([each]) => each.outerHTML.slice(0, 80))"""


def names_requests(seen: "Seen") -> list[str]:
    return [url for url in seen.requests if url.endswith("names.json")]


def test_one_tab_is_underlined(seen: "Seen", address: str) -> None:
    for path, label in TABS.items():
        seen.page.goto(address + path)
        current = seen.page.locator("nav.bar a[aria-current]").all_inner_texts()
        assert current == ([label] if label else []), path
        assert seen.page.locator("footer a[href$='feeds/changes.atom']").count() == 1
    assert seen.errors == []


def test_pages_of_ours_need_nothing_of_the_theme(seen: "Seen", address: str, site: Path) -> None:
    seen.page.goto(f"{address}models/dpn98/")
    files = [url.removeprefix(address) for url in seen.requests]
    assert not [path for path in files if "/javascripts/" in path or "/stylesheets/" in path]
    for name, kilobytes in {"zoo.css": 9, "zoo.js": 4}.items():
        data = (site / "assets" / "generated" / name).read_bytes()
        assert len(gzip.compress(data, 9)) <= kilobytes * 1024, name


@pytest.mark.parametrize(("text", "name"), WRITTEN)
def test_the_look_up_understands_names_as_people_write_them(
    seen: "Seen", address: str, text: str, name: str
) -> None:
    page = seen.page
    page.goto(f"{address}families/dpn/")
    assert names_requests(seen) == []  # read once somebody asks
    page.keyboard.press("/")
    page.keyboard.type(text)
    page.locator(".lookup [role=option][aria-selected=true]", has_text=name).wait_for()
    box = page.get_by_role("combobox").first
    active = box.get_attribute("aria-activedescendant")
    assert page.locator(f"#{active} b").inner_text() == name
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/models/{name}/")
    assert len(names_requests(seen)) == 1 and seen.errors == []


def test_the_look_up_finds_sizes_patches_and_aliases(page_with_names: Page) -> None:
    page = page_with_names
    for text, name in (
        ("ViT-B/16", "vit_base_patch16_224"),
        ("Swin-T", "swin_tiny_patch4"),
        ("resnet 50", "resnet50"),
        ("SE-Net", "wsenet"),
    ):
        page.locator(".top .lookup input").fill(text)
        first = page.locator(".lookup [role=option]:first-child b")
        page.wait_for_function(
            "name => document.querySelector('.lookup [role=option] b')?.textContent === name",
            arg=name,
        )
        assert first.inner_text() == name


@pytest.fixture
def page_with_names(seen: "Seen", address: str) -> Page:
    """A page of a site whose models are those that the test looks up."""
    rows = [
        ["resnet50", "resnet50/", "ResNet", [], 0, 1, 2],
        ["wide_resnet50_2", "wide_resnet50_2/", "ResNet", [], 1, 1, 2],
        ["vit_base_patch16_224", "vit_base_patch16_224/", "ViT", [], 0, 0, 2],
        ["vit_large_patch16_224", "vit_large_patch16_224/", "ViT", [], 0, 0, 2],
        ["swin_tiny_patch4", "swin_tiny_patch4/", "Swin", [], 0, 0, 2],
        ["wsenet", "wsenet/", "SE", ["senet"], 0, 0, 2],
    ]
    seen.page.route("**/names.json", lambda route: route.fulfill(json=rows))
    seen.page.goto(f"{address}changes/")
    return seen.page


def test_the_look_up_is_a_link_without_a_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}zh/models/dpn98/")
    assert page.locator(".lookup input").is_hidden()
    page.locator(".lookup a").click()
    page.wait_for_url(f"{address}zh/models/")
    context.close()


def hits(page: Page, text: str) -> list[str]:
    """What the look-up lists for a text, titles alone."""
    page.locator(".top .lookup input").fill(text)
    page.locator(".lookup [role=option] b").first.wait_for()
    page.wait_for_timeout(100)
    return page.locator(".lookup [role=option] b").all_inner_texts()


def reads(seen: "Seen", *names: str) -> list[str]:
    return [url for url in seen.requests if url.endswith(names)]


@pytest.mark.parametrize("path", ["coverage/", "counting/"])
def test_what_is_found_stays_on_the_screen_of_a_telephone(
    browser: Browser, address: str, path: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(address + path)
    page.locator(".top .lookup input").fill("top-1")
    page.locator(".lookup [role=option]").first.wait_for()
    box = page.locator(".top .lookup ul").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["y"] >= 40
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


INDEXES = (
    "names.json",
    "search.json",
    "numbers.json",
    "lookup.js",
    "search.js",
    "search_index.json",
)
# What somebody types, and what stands first.
FIRST = [
    ("DPN-98", "dpn98"),
    ("dpn", "DPN"),
    ("image classification", "Image Classification"),
    ("15003675112", "dpn98"),
    ("15,003,675,112", "dpn98"),
    ("pareto", "Explore"),
]


def test_nothing_is_read_before_somebody_searches(seen: "Seen", address: str) -> None:
    for path in ("families/", "counting/", "zh/models/dpn98/"):
        seen.page.goto(address + path)
        seen.page.wait_for_load_state("networkidle")
        assert reads(seen, *INDEXES) == [], path
    seen.page.goto(f"{address}families/")
    seen.page.locator(".top .lookup input").focus()
    seen.page.wait_for_load_state("networkidle")
    assert sorted(url.rpartition("/")[2] for url in reads(seen, *INDEXES)) == [
        "lookup.js",
        "names.json",
        "search.json",
    ]
    assert seen.errors == []


@pytest.mark.parametrize(("text", "first"), FIRST)
def test_titles_and_aliases_come_first(seen: "Seen", address: str, text: str, first: str) -> None:
    seen.page.goto(f"{address}coverage/")
    assert hits(seen.page, text)[0] == first
    assert seen.errors == []


def test_a_quantity_leads_to_its_numbers(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}coverage/")
    assert "Top-1" in hits(page, "top-1")[:2]
    page.locator(".lookup [role=option]:has-text('Top-1')").first.click()
    page.wait_for_url(f"{address}models/?sort=top1*")
    assert seen.errors == []


def test_all_pages_are_looked_through_once_asked_or_where_no_name_fits(
    seen: "Seen", address: str
) -> None:
    page = seen.page
    page.goto(f"{address}families/")
    page.locator(".top .lookup input").fill("dpn")
    last = page.locator(".lookup [role=option]").last
    last.wait_for()
    assert reads(seen, "search_index.json", "search.js") == []
    last.click()
    page.locator(".lookup .none").wait_for()  # no page that somebody wrote has it
    page.locator(".top .lookup input").fill("architecture")
    page.locator(".lookup [role=option]:has(.text)").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/architecture/(#.*)?$"))
    assert len(reads(seen, "search_index.json")) == 1 and seen.errors == []


def test_pages_of_models_are_in_no_index_that_grows(site: Path) -> None:
    for path in ("search/search_index.json", "zh/search/search_index.json"):
        text = (site / path).read_text(encoding="utf-8")
        assert "dpn98" not in text and "families/" not in text, path


@pytest.mark.parametrize("path", ["models/dpn98/", "architecture/"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_somebody_chose_stays(browser: Browser, address: str, scheme: str, path: str) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(address + path)
    own = "return getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(f"() => {{ {own} }}")
    page.locator("[data-scheme]").click()
    chosen = page.evaluate(f"() => {{ {own} }}")
    assert chosen != before
    page.goto(f"{address}findings/")
    assert page.evaluate(f"() => {{ {own} }}") == chosen
    context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_moves_and_a_finger_meets_what_it_aims_at(
    browser: Browser, address: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    for path in TABS:
        page.goto(address + path)
        assert page.evaluate(SHIFT) < 0.05, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        if width == 390:
            assert page.evaluate(SMALL) == [], path
    context.close()


def test_the_menu_of_a_telephone_works_without_a_script(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}models/dpn98/")
    page.locator("summary", has=page.locator("svg")).first.click()
    page.locator(".menu a", has_text="Families").click()
    page.wait_for_url(f"{address}families/")
    context.close()


def test_an_address_that_leads_nowhere_offers_the_look_up(
    seen: "Seen", address: str, site: Path
) -> None:
    page = (site / "404.html").read_text(encoding="utf-8")
    seen.page.route("**/models/DPN-98/", lambda route: route.fulfill(status=404, body=page))
    seen.page.goto(f"{address}models/DPN-98/")
    box = seen.page.locator("main .lookup input")
    assert box.input_value() == "DPN-98" and seen.page.locator("main li a").count() >= 5
    assert seen.page.locator("meta[name=robots]").get_attribute("content") == "noindex"
    assert seen.page.title() == "There is no page here - Model zoo ledger"
    box.press("Enter")
    seen.page.wait_for_url(f"{address}models/dpn98/")


def test_tables_are_tables_on_paper(seen: "Seen", address: str) -> None:
    """A sheet of A4 is as narrow as a telephone, and its rows are no cards."""
    seen.page.set_viewport_size({"width": 688, "height": 1000})
    seen.page.emulate_media(media="print")
    for path in ("", "findings/", "coverage/", "models/dpn98/"):
        seen.page.goto(address + path)
        row = seen.page.locator("main table.stack tbody tr:not(.group):visible").first
        assert row.evaluate("e => getComputedStyle(e).display") == "table-row", path
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 688, path
        assert seen.page.locator(".sub").count() == 0 or seen.page.locator(".sub").is_hidden()


def test_paper_has_no_controls(seen: "Seen", address: str) -> None:
    for path in ("models/dpn98/", "architecture/"):
        seen.page.goto(address + path)
        seen.page.emulate_media(media="print")
        assert seen.page.locator(".top").is_hidden()
        assert seen.page.locator(".foot a").first.is_hidden()


# Tags that each page has once: of what a link to it shows.
SHOWN = (
    "meta[name=description]",
    "meta[property='og:title']",
    "meta[property='og:description']",
    "meta[property='og:type']",
    "meta[name='twitter:card']",
)


def test_a_shared_link_has_words_and_a_picture_of_its_page(seen: "Seen", address: str) -> None:
    told: dict[str, str] = {}
    for path in ("", "models/", "models/dpn98/", "families/dpn/", "findings/", "counting/"):
        seen.page.goto(address + path)
        for tag in SHOWN:
            assert seen.page.locator(tag).count() == 1, (path, tag)
        told[path] = seen.page.locator(SHOWN[0]).get_attribute("content") or ""
        picture = seen.page.locator("meta[property='og:image']")
        assert picture.count() == (path != "counting/"), path
        if picture.count():  # without the site's address the path is relative
            there = seen.page.evaluate(
                "async (path) => (await fetch(path)).headers.get('content-type')",
                picture.get_attribute("content"),
            )
            assert there == "image/png"
    assert len({*told.values()}) == len(told) and all(told.values())
    assert seen.errors == []
