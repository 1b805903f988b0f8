"""The start page of zoos small and large: the answer first, and nothing that is zero."""

import gzip
import re
from collections.abc import Callable
from dataclasses import replace

from zoo.reporting.pages.home.families import MOST, list_tasks
from zoo.reporting.pages.home.quantities import count_quantities, say_quantities
from zoo.reporting.pages.home.worst import list_worst
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Zoo

Start = Callable[..., str]
BIG = 1_743  # models: all of timm
MODEL = (
    "- {{Name: net{n}, In Collection: F{family}, Metadata: {{FLOPs: {n}}}, "
    "Results: [{{Task: Image Classification, Dataset: ImageNet, "
    "Metrics: {{Top 1 Accuracy: {top1}}}}}]}}\n"
)


def test_findings_of_one_kind_are_one_line(photographed: Zoo) -> None:
    (group,) = list_worst(site_of(photographed, Settings()))
    assert (group.model.name, group.count, group.more) == ("net2", 3, "and 2 more Net")
    assert group.line.use == "3.00 MMACs"


def test_the_page_begins_with_the_question_and_counts_standings(
    photographed: Zoo, start_page: Start
) -> None:
    page = start_page(photographed)
    assert "<span>Model zoos print numbers.</span> <span>Are they right?</span>" in page
    counts = page[page.index('<dl class="counts">') : page.index("</dl>")]
    numbers = re.findall(r"<dd>(?:<a [^>]*>)?([^<]+)", counts)
    assert numbers == ["3", "3", "6", "12", "3", "22 Nov 2026"]


def test_a_count_of_zero_is_not_shown(zoo_of: Callable[[str], Zoo], start_page: Start) -> None:
    page = start_page(zoo_of("Models: [{Name: a, Metadata: {FLOPs: 3 G}}]"))
    counts = page[page.index('<dl class="counts">') : page.index("</dl>")]
    assert "st--wrong" not in counts and "st--right" not in counts and "st--unknown" in counts


def test_a_site_that_is_named_shows_its_name_and_description(
    photographed: Zoo, start_page: Start
) -> None:
    settings = Settings(name="Acme <nets>", description="All nets of Acme.")
    page = start_page(photographed, settings)
    assert "<h1>Acme &lt;nets&gt;</h1>" in page and "All nets of Acme." in page
    assert "Are they right?" not in page


def test_the_heading_of_the_quantities_is_what_was_found(photographed: Zoo) -> None:
    rows = count_quantities(site_of(photographed, Settings()))
    assert [(row.key, row.wrong, row.total) for row in rows[:1]] == [("flops", 3, 3)]
    assert say_quantities(rows) == "All 3 FLOPs claims are wrong"
    assert say_quantities([replace(rows[0], wrong=1, right=2)]) == "1 of 3 FLOPs claims is wrong"
    assert say_quantities([replace(rows[0], wrong=0)]) == "Nothing is checked yet"


def test_families_with_wrong_numbers_stand_first(photographed: Zoo, toy: Zoo) -> None:
    ((task, *_more), left) = list_tasks(site_of(toy, Settings()))
    assert task.task == "Image Classification" and left == 0
    assert (task.lines[0].family.name, task.lines[0].wrong) == ("Net", 1)


def test_a_large_zoo_has_a_small_start_page(
    zoo_of: Callable[[str], Zoo], start_page: Start
) -> None:
    """99 families and 1,743 models: 20 families, and under 40 KB compressed."""
    families = "".join(f"- Name: F{n}\n" for n in range(99))
    models = "".join(MODEL.format(n=n, family=n % 99, top1=50 + n / 50) for n in range(BIG))
    zoo = zoo_of(f"Library: {{Name: Acme}}\nCollections:\n{families}Models:\n{models}")
    page = start_page(zoo)
    assert "1,743" in page and "All 99 families" in page
    listed = page[page.index('<ul class="families">') :].split("</ul>")[0]
    assert listed.count("<li>") == MOST
    assert len(gzip.compress(page.encode())) < 40_000
