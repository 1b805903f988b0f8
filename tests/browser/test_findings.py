"""The table of findings in a real browser: order, filters, the address, the way back, cards on a
phone, no script; and 2,000 findings."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import served
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.load import load
from zoo.model_index.records.records import Entry
from zoo.reporting.pages import findings
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.assets import assets
from zoo.reporting.site.render import render, site_of
from zoo.reporting.views.catalogue import Zoo

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser

PAGE = '<!doctype html><html lang="en"><head><title>Findings</title><meta name="viewport" \
content="width=device-width"><link rel="icon" href="data:,"><link rel="stylesheet" \
href="{root}assets/generated/zoo.css"></head><body><main class="page">{body}</main></body></html>'
NAMES = "[...document.querySelectorAll('.findings tbody tr:not(.group) th')].map(e => e.innerText)"
DO = """(selector) => {
  document.querySelector(selector).click();
  return document.querySelector(".findings").getBoundingClientRect().height;
}"""
MOST = 120  # ms; a step takes half of that where nothing else runs
WORK = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")


def zoo_of(folder: Path, models: int) -> Zoo:
    """Of each four models the FLOPs of one are right by convention, of one counted at another
    input, of two wrong for no known cause; the parameters of the last are another publisher's."""
    entries = "".join(
        f"- Name: net-{n}_b\n  In Collection: {'Res' if n % 8 < 4 else 'Dual'}\n"
        f"  Metadata: {{FLOPs: {(n + 1) * 1000}}}\n"
        f"  Reported: [{{Publisher: Other, Metadata: {{Parameters: {n + 7}}}}}]\n"
        for n in range(models)
    )
    path = folder / "index.yml"
    path.write_text(f"Library: {{Name: Acme}}\nModels:\n{entries}", encoding="utf-8")
    index = load([path])
    made = [finding for n, entry in enumerate(index.entries) for finding in judge(n, entry)]
    return Zoo(index=index, findings=tuple(made), evidence={}, primary={})


def judge(n: int, entry: Entry) -> Iterator[Finding]:
    cost, size = entry.all_claims()
    cause = ("thop", "photograph", None, None)[n % 4]
    finding = Finding(
        claim=cost,
        verdict=Verdict.EXPLAINED if cause else Verdict.MISMATCH,
        reason="",
        measured=cost.number * 10 / (n % 5 + 11),
        cause=cause,
        causes=(cause,) if cause else (),
        wrong=cause == "photograph",
    )
    yield finding
    verdict = Verdict.MISMATCH if n % 4 == 3 else Verdict.EXACT
    yield Finding(claim=size, verdict=verdict, reason="", measured=Decimal(5))


def write(zoo: Zoo, folder: Path) -> None:
    """Write the page without the rest of a site."""
    for path, data in assets():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    for page in findings.pages(site_of(zoo, Settings())):
        file = folder / page.path.removesuffix("index.md").removesuffix(".md") / "index.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        root = "../" * page.path.removesuffix("index.md").removesuffix(".md").strip("/").count("/")
        body = render(page, Settings()).split("---\n", 2)[2]
        file.write_text(PAGE.format(root=f"../{root}", body=body), encoding="utf-8")


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page with 15 findings."""
    folder = tmp_path_factory.mktemp("few")
    write(zoo_of(folder, 12), folder)
    with served(folder) as address:
        yield f"{address}findings/"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page with 2,000 findings."""
    folder = tmp_path_factory.mktemp("many")
    write(zoo_of(folder, 1600), folder)
    with served(folder) as address:
        yield f"{address}findings/"


def work_times(page: Page, keys: list[str]) -> list[float]:
    """Sort by each column; return how long the page works for it, in ms of its own thread, which
    other programs hardly change."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return sum(1000 * each["value"] for each in metrics if each["name"] in WORK)

    times = []
    for key in keys:
        before = worked()
        page.evaluate(DO, f"th[data-key={key}] button")
        times.append(worked() - before)
    return times


def names(page: Page) -> list[str]:
    return page.evaluate(NAMES)


def test_wrong_numbers_come_first_and_right_ones_when_asked_for(seen: "Seen", few: str) -> None:
    page = seen.page
    page.goto(few)
    assert page.locator("h1").inner_text().startswith("Findings\n12 of 24 numbers are wrong.")
    assert len(names(page)) == 12 and page.locator(".count").inner_text() == "12 of 15 findings"
    page.get_by_role("button", name="3 right by convention").click()
    assert names(page) == ["net-0_b", "net-8_b", "net-4_b"]  # by family
    page.get_by_role("button", name="3 right by convention").click()
    assert len(names(page)) == 15
    assert seen.errors == []


def test_a_click_on_a_heading_sorts_and_says_so(seen: "Seen", few: str) -> None:
    page = seen.page
    page.goto(few)
    worst = names(page)
    standing, model, off = (
        page.locator(f"th[data-key={key}]") for key in ("standing", "model", "off")
    )
    assert standing.get_attribute("aria-sort") == "descending"
    model.get_by_role("button").click()
    ascending = sorted(worst, key=lambda name: int(name[4:-2]))
    assert names(page) == ascending and model.get_attribute("aria-sort") == "ascending"
    model.get_by_role("button").press("Enter")
    assert model.get_attribute("aria-sort") == "descending"
    assert [int(name[4:-2]) for name in names(page)] == sorted(
        (int(name[4:-2]) for name in worst), reverse=True
    )
    off.get_by_role("button").click()
    assert off.get_attribute("aria-sort") == "descending"
    far = page.locator(".findings td.off").evaluate_all("all => all.map(e => Number(e.dataset.v))")
    assert far == sorted(far, reverse=True)
    standing.get_by_role("button").click()
    assert names(page) == worst


def test_search_and_filters_stand_in_the_address_and_back_undoes_them(
    seen: "Seen", few: str
) -> None:
    page = seen.page
    page.goto(few)
    page.get_by_label("Quantity", exact=True).select_option("parameters")
    page.get_by_label("Publisher", exact=True).select_option("Other")
    assert set(names(page)) == {"net-3_b", "net-7_b", "net-11_b"}
    page.get_by_role("searchbox").fill("NET 11")  # as people write net-11_b
    assert names(page) == ["net-11_b"]
    page.get_by_role("searchbox").fill("nothing")
    assert page.locator(".count").inner_text().startswith("No finding fits.")
    address = page.evaluate("location.search")
    assert address == "?search=nothing&quantity=parameters&publisher=Other"
    page.go_back()
    page.go_back()
    assert page.evaluate("location.search") == "?quantity=parameters"
    assert page.get_by_label("Publisher", exact=True).input_value() == ""
    page.go_back()
    assert len(names(page)) == 12
    page.goto(f"{few}?show=all&publisher=Acme&sort=model&order=descending&quantity=%3Cb%3E")
    assert names(page)[:2] == ["net-11_b", "net-10_b"] and len(names(page)) == 12


def test_findings_by_cause_have_headings(seen: "Seen", few: str) -> None:
    page = seen.page
    page.goto(f"{few}?show=all")
    page.get_by_role("link", name="By cause").click()
    groups = page.locator("tr.group").all_inner_texts()
    assert [group.split(":")[0] for group in groups] == [
        "No known cause", "Counted at another input", "Right by convention",
    ]  # fmt: skip
    assert page.evaluate("location.search") == "?by=cause&show=all"
    page.go_back()
    assert page.locator("tr.group").count() == 0
    page.goto(f"{few}#by-cause")
    assert page.locator("tr.group").count() == 2 and page.locator("#by-cause").is_hidden()


def test_a_phone_has_a_card_each_its_standing_first(browser: Browser, few: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(few)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    row = page.locator(".findings tbody tr").first
    boxes = [cell.bounding_box() for cell in row.locator("td, th").all() if cell.is_visible()]
    first, rest = boxes[0], boxes[1:]
    assert first and all(box and box["y"] + 1 >= first["y"] for box in rest)
    assert row.locator(".st--wrong").is_visible() and page.locator(".findings thead").is_hidden()
    page.get_by_label("Sort by").select_option("model")
    assert names(page)[0] == "net-1_b"
    sizes = page.evaluate(
        "[...document.querySelectorAll('form :is(button, select, input), .above a, tbody th a')]"
        ".filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 24
    context.close()


def test_without_a_script_the_table_is_whole_and_causes_are_a_part(
    browser: Browser, few: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(few)
    rows = page.locator(".findings tbody tr")
    assert rows.count() == 15 and all(row.is_visible() for row in rows.all())
    standings = [row.get_attribute("data-st") for row in rows.all()]
    assert standings == ["wrong"] * 12 + ["right"] * 3
    assert page.locator("form.filters").is_hidden() and page.locator("#by-cause").is_hidden()
    page.get_by_role("link", name="By cause").click()
    assert page.locator("#by-cause").is_visible() and page.locator(".findings").is_hidden()
    assert page.locator("#by-cause h2").first.inner_text() == "No known cause 9"
    context.close()


def test_two_thousand_findings_stay_quick(seen: "Seen", many: str) -> None:
    page = seen.page
    page.goto(many)
    assert page.locator(".count").inner_text() == "1,600 of 2,000 findings"
    assert len(names(page)) == 50  # the others when somebody asks for them
    page.get_by_role("button", name="Show 50 more").click()
    assert len(names(page)) == 100
    page.get_by_role("button", name="400 right by convention").click()
    page.locator(".count", has_text="400 of 2,000 findings").wait_for()
    link = page.locator(".findings tbody th a").first
    assert link.evaluate("e => e.href").startswith(many.replace("findings/", "models/net-"))
    page.get_by_role("button", name="400 right by convention").click()
    assert page.locator(".count").inner_text() == "2,000 of 2,000 findings"
    times = work_times(page, ["model", "off", "cause", "model", "off"])
    assert sorted(times)[2] < MOST, times
    assert seen.errors == []


def test_the_family_with_the_most_wrong_numbers_is_named_a_click_from_home(
    seen: "Seen", small_site: Path
) -> None:
    page = seen.page
    with served(small_site) as address:
        page.goto(address)
        main = page.get_by_role("navigation", name="Main").first
        main.get_by_role("link", name="Findings").click()
        lead = page.locator("h1 + p")
        assert "DPN has the most wrong numbers of any family: 17 of" in lead.inner_text()
        lead.get_by_role("link", name="DPN").click()
        page.wait_for_url("**/families/dpn/")
