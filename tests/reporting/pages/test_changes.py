"""What changed, as a page, a feed and a file; and how much is verified."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger.history import History, read, record
from zoo.reporting.downloads.atom import files
from zoo.reporting.pages.changes import FEED, MAX_CHANGES, moment_rows
from zoo.reporting.pages.coverage import bar, over_time
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Catalogue, Zoo
from zoo.reporting.views.summaries import coverage

ATOM = "{http://www.w3.org/2005/Atom}"
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
Rendered = Callable[[Zoo], dict[str, str]]


@pytest.fixture
def changed(toy: Zoo, tmp_path: Path) -> Zoo:
    """The toy zoo after a verdict changed, a claim went away and a model was renamed."""
    claims = toy.index.entries[0].claims
    before = [Finding(claim=claim, verdict=Verdict.UNCHECKED, reason="") for claim in claims]
    record(tmp_path, before, {}, NOON)
    after = [*toy.findings[:2], *before[2:-1]]
    record(tmp_path, after, {"net10": "Net"}, NOON + timedelta(days=1))
    return replace(toy, history=read(tmp_path))


def test_the_page_tells_what_changed_from_what_to_what(changed: Zoo, rendered: Rendered) -> None:
    page = rendered(changed)["changes/index.md"]
    assert (
        "2026-11-28: 3 changes</h2>" in page
        and "The first record: 7 claims of 1 models</h2>" in page
    )
    assert "Verdicts that changed (2)" in page and "Claims that are gone (1)" in page
    assert '<a href="../models/net10/#claim-acme-flops">net10</a>' in page
    row = page[page.index("#claim-acme-flops") :].split("</tr>")[0]
    assert row.index("unchecked") < row.index("explained") and "2x" in row


def test_without_a_history_the_page_says_how_it_begins(toy: Zoo, rendered: Rendered) -> None:
    assert "Nothing is recorded yet" in rendered(toy)["changes/index.md"]
    assert "No build has recorded a state yet" in rendered(toy)["coverage/index.md"]


def test_the_feed_has_what_atom_requires(changed: Zoo) -> None:
    made = {
        file.path: file.data
        for file in files(site_of(changed, Settings(name="A & B", url="https://zoo.example/x/")))
    }
    feed = ElementTree.fromstring(made[FEED].encode())
    assert feed.tag == f"{ATOM}feed" and feed.findtext(f"{ATOM}title") == "Changes of A & B"
    for node in (feed, *feed.findall(f"{ATOM}entry")):
        assert node.findtext(f"{ATOM}id", "").startswith("urn:uuid:")
        assert datetime.fromisoformat(node.findtext(f"{ATOM}updated", ""))
        assert node.findtext(f"{ATOM}title")
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {
        "self": f"https://zoo.example/x/{FEED}",
        "alternate": "https://zoo.example/x/changes/",
    }
    content = feed.findtext(f"{ATOM}entry/{ATOM}content", "")
    assert "<li>net10, FLOPs of Acme: 2000000 (unchecked) → 2000000 (explained)</li>" in content
    assert (
        made[FEED]
        == {
            file.path: file.data
            for file in files(
                site_of(changed, Settings(name="A & B", url="https://zoo.example/x/"))
            )
        }[FEED]
    )
    assert (
        'rel="self"'
        not in {file.path: file.data for file in files(site_of(changed, Settings()))}[FEED]
    )


def test_the_file_has_all_changes(changed: Zoo) -> None:
    rows = json.loads(
        {file.path: file.data for file in files(site_of(changed, Settings()))}[
            "downloads/changes.json"
        ]
    )
    assert [row["kind"] for row in rows] == ["verdict", "verdict", "removed"]
    assert rows[0]["before"]["verdict"] == "unchecked" and rows[2]["after"] is None


def test_hostile_text_is_inert_in_page_and_feed(
    zoo_of: Callable[[str], Zoo], tmp_path: Path, rendered: Rendered
) -> None:
    zoo = zoo_of('Models: [{Name: "<b>\\u202e]]>", Metadata: {FLOPs: "2", ID: "<script>"}}]')
    record(
        tmp_path,
        [Finding(claim=c, verdict=Verdict.EXACT, reason="") for c in zoo.index.entries[0].claims],
        {},
        NOON,
    )
    record(tmp_path, [], {}, NOON + timedelta(days=1))
    zoo = replace(zoo, history=read(tmp_path))
    assert "<script>" not in rendered(zoo)["changes/index.md"].split("</style>")[-1].replace(
        "<script src", ""
    )
    content = ElementTree.fromstring(
        {file.path: file.data for file in files(site_of(zoo, Settings()))}[FEED].encode()
    ).findtext(f"{ATOM}entry/{ATOM}content", "")
    assert "<script>" not in content and "\u202e" not in content


def test_a_long_history_is_cut_and_says_so(changed: Zoo) -> None:
    moment = changed.history.moments[-1]
    long = replace(moment, changes=moment.changes * MAX_CHANGES)
    shown = moment_rows((moment, long))
    assert [sum(len(changes) for _, changes in each.kinds) for each in shown] == [MAX_CHANGES, 0]
    assert shown[0].left == 2 * MAX_CHANGES and shown[1].left == 3


def test_coverage_counts_what_was_compared(toy: Zoo, rendered: Rendered) -> None:
    page = rendered(toy)["coverage/index.md"]
    counts = coverage(("all", check) for _, check in Catalogue.of(toy).checks)[0]
    compared = sum(
        counts.verdicts[key]
        for key in ("exact", "rounded", "explained", "explained-wrong", "mismatch")
    )
    assert f"{compared} of {counts.total} claims" in page
    assert page.count('class="zoo-bar"') >= 4


def test_coverage_over_time_is_one_row_a_day(changed: Zoo, rendered: Rendered) -> None:
    days = over_time(changed.history.moments)
    assert [(each.day, each.share.verified, each.share.total) for each in days] == [
        ("2026-11-27", 0, 7), ("2026-11-28", 2, 6),
    ]  # fmt: skip
    assert 'aria-label="Claims by verdict over time"' in rendered(changed)["coverage/index.md"]
    assert bar(days[1].share).count("<rect") == 3 and over_time(History().moments) == []
