"""The site in Chinese: the switch keeps the page, and the look-up finds Chinese words and tags of
weights."""

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser


def test_the_switch_keeps_the_page(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}models/dpn98/")
    page.wait_for_load_state("networkidle")  # a script that takes clicks would be ready now
    assert page.locator("html").get_attribute("lang") == "en"
    assert [url for url in seen.requests if url.endswith("sitemap.xml")] == []
    page.locator("nav.bar a[hreflang=zh]").click()
    page.wait_for_url("**/zh/models/dpn98/")
    assert page.locator("html").get_attribute("lang") == "zh"
    assert page.locator("nav.bar a[aria-current]").inner_text() == "模型"
    page.locator("nav.bar a[hreflang=en]").click()
    page.wait_for_url(f"{address}models/dpn98/")
    assert seen.errors == []


def test_a_page_without_a_translation_leads_to_the_first_page(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}architecture/")
    link = page.locator("nav.bar a[hreflang=zh]")
    assert link.evaluate("link => link.href") == f"{address}zh/"
    assert page.locator("link[rel='alternate page']").count() == 0


def test_pages_name_each_other(seen: "Seen", address: str) -> None:
    for path in ("", "models/", "families/dpn/"):
        for here in (path, f"zh/{path}"):
            seen.page.goto(address + here)
            links = seen.page.locator("link[rel='alternate page']")
            found = links.evaluate_all("all => all.map(link => [link.hreflang, link.href])")
            english = address + path
            assert found == [
                ["en", english],
                ["x-default", english],
                ["zh", f"{address}zh/{path}"],
            ]
            assert (
                seen.page.locator("link[rel=alternate]").count() == 0
            )  # the theme's, of first pages alone


# What somebody types in Chinese, what stands first, and where it leads.
FOUND = [
    ("图像分类", "图像分类", "zh/families/#task-image-classification"),
    ("延迟", "延迟", "zh/coverage/"),
    ("参数量", "参数量", "zh/models/?sort=parameters"),
    ("DenseNet", "DenseNet", "zh/families/densenet/"),
    ("DPN-98", "dpn98", "zh/models/dpn98/"),
]


@pytest.mark.parametrize(("words", "title", "there"), FOUND)
def test_the_look_up_finds(seen: "Seen", address: str, words: str, title: str, there: str) -> None:
    page = seen.page
    page.goto(f"{address}zh/changes/")
    page.locator(".top .lookup input").fill(words)
    first = page.locator(".lookup [role=option] b").first
    first.wait_for()
    assert first.inner_text() == title
    first.click()
    page.wait_for_url(re.compile(re.escape(address + there)))
    assert seen.errors == []


def test_the_switch_keeps_what_was_chosen(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}models/?family=DPN&sort=top1&order=descending")
    page.locator("nav.bar a[hreflang=zh]").click()
    page.wait_for_url(f"{address}zh/models/?family=DPN&sort=top1&order=descending")
    assert page.locator(".models tbody th").count() == 6


def test_the_table_speaks_chinese(seen: "Seen", address: str) -> None:
    page = seen.page
    page.goto(f"{address}zh/models/?family=DPN&columns=flops")
    page.locator("form.ready").wait_for()
    status = page.get_by_role("status").first
    assert status.inner_text().replace("\u200b", "").startswith("24 个模型中有 6 个符合。")
    page.locator(".models td a", has_text="错误").first.click()
    page.wait_for_url("**/zh/models/*/#claim-*")
    page.goto(f"{address}zh/explore/")
    page.locator(".explore.ready").wait_for(state="attached")
    page.get_by_label("至多，GMACs").fill("3")
    assert page.locator("[data-say]").inner_text().startswith("3 GMACs 以内最佳")
    assert [url for url in seen.requests if not url.startswith((address, "data:", "blob:"))] == []
