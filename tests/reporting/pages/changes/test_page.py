"""What changed, as a page, a feed and a file."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger.history import Moment, read, record
from zoo.reporting.downloads.atom import files
from zoo.reporting.pages.changes.lines import ChangeLine, ChangeSubject, ChangeWriter
from zoo.reporting.pages.changes.page import FEED, MAX_LINES, moment_lines, periods, recent
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Zoo

ATOM = "{http://www.w3.org/2005/Atom}"
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
STANDINGS = ["right", "wrong", "unknown"]
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
    assert "28 Nov 2026 <span" in page and "3 changes</span></h2>" in page
    assert "First record: 7 claims of 1 model</span></h2>" in page
    row = page[page.index("#claim-acme-flops") - 400 : page.index("now right")]
    assert row.index("st--unknown") < row.index("st--right") < row.index(">net10</a>")
    assert '<a class="plain" href="../models/net10/#claim-acme-flops">net10</a>' in row
    assert "no longer published" in page


def test_changes_of_one_kind_of_a_family_are_one_line(
    photographed: Zoo, tmp_path: Path, rendered: Rendered
) -> None:
    unknown = [replace(f, verdict=Verdict.UNCHECKED, wrong=False) for f in photographed.findings]
    record(tmp_path, unknown, {}, NOON)
    record(tmp_path, photographed.findings, {}, NOON + timedelta(days=1))
    zoo = replace(photographed, history=read(tmp_path))
    site = site_of(zoo, Settings())
    wrong, right, record_line = recent(site, 30, 5)
    assert isinstance(wrong, ChangeLine) and isinstance(right, ChangeLine)
    assert isinstance(record_line, Moment)
    assert (wrong.words, wrong.more) == ("now wrong", "and 2 more Net")
    assert (right.words, [s.name for s in right.subjects]) == (
        "now right", ["net1", "net2", "net3"],
    )  # fmt: skip
    pages = rendered(zoo)
    assert "net2</a>, <a" in pages["changes/index.md"]  # each model is linked
    start = pages["index.md"]
    listed = start[start.index('<ol class="changes">') : start.index("</ol>")]
    assert listed.count("<li>") == 3 and "First record: 6 claims of 3 models" in listed
    assert listed.index("now wrong") < listed.index("now right")


def test_every_change_has_words(toy: Zoo) -> None:
    """Each kind of change, before and after in all standings."""
    kinds = {"added": [""], "removed": STANDINGS, "claim": STANDINGS, "verdict": STANDINGS}
    for kind, before in kinds.items():
        for old in before:
            for new in [""] if kind == "removed" else STANDINGS:
                line = ChangeLine(
                    day="2026-11-28",
                    kind=kind,
                    family="Net",
                    publisher="Acme",
                    quantities=("flops",),
                    before=old,
                    after=new,
                    printed=("", ""),
                    subjects=(ChangeSubject("net10"),),
                )
                same = old == new and kind != "removed"
                assert new in line.words.replace("not checked", "unknown")
                assert ("as before" in line.words) == same


def test_periods_end_at_the_last_record(changed: Zoo) -> None:
    first, last = changed.history.moments
    moments = [
        replace(first, at=(NOON - timedelta(days=days)).isoformat()) for days in (200, 60, 8)
    ] + [replace(last, at=NOON.isoformat())]
    assert [(p.days, p.changes) for p in periods(moments)] == [(7, 3), (30, 4), (90, 5), (0, 6)]
    writer = ChangeWriter(site_of(changed, Settings()))
    assert [shown.age for shown in moment_lines(moments, writer)] == [7, 30, 90, 0]
    assert periods([]) == []


def test_moments_of_one_day_say_their_hour(changed: Zoo) -> None:
    first, last = changed.history.moments
    times = ("2026-11-29T23:10:00Z", "2026-11-30T04:10:00Z", "2026-11-30T09:30:00Z")
    moments = [
        replace(moment, at=at) for moment, at in zip((first, last, last), times, strict=True)
    ]
    shown = moment_lines(moments, ChangeWriter(site_of(changed, Settings())))
    assert [lines.clock for lines in shown] == ["09:30 UTC", "04:10 UTC", ""]


def test_without_a_history_the_page_says_how_it_begins(toy: Zoo, rendered: Rendered) -> None:
    assert "Nothing is recorded yet" in rendered(toy)["changes/index.md"]


# What RFC 4287 requires: the elements that stand exactly once, by element (4.1.1 and 4.1.2).
REQUIRED = {"feed": ("id", "title", "updated"), "entry": ("id", "title", "updated")}
ADDRESS = "https://zoo.example/x/"


def feed_of(zoo: Zoo, url: str) -> ElementTree.Element:
    site = site_of(zoo, Settings(name="A & B", url=url))
    made = {file.path: file.data for file in files(site)}
    return ElementTree.fromstring(str(made[FEED]).encode())


@pytest.mark.parametrize("url", [ADDRESS, ""])
def test_the_feed_has_what_atom_requires(changed: Zoo, url: str) -> None:
    feed = feed_of(changed, url)
    assert feed.tag == f"{ATOM}feed" and feed.findtext(f"{ATOM}title") == "Changes of A & B"
    entries = feed.findall(f"{ATOM}entry")
    for kind, nodes in {"feed": [feed], "entry": entries}.items():
        for node in nodes:
            for name in REQUIRED[kind]:
                assert len(node.findall(f"{ATOM}{name}")) == 1, (kind, name)
            assert datetime.fromisoformat(node.findtext(f"{ATOM}updated", "")).tzinfo
    # an author of the feed is that of its entries (4.1.2), and an id is an absolute IRI (4.2.6)
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "A & B"
    ids = [node.findtext(f"{ATOM}id", "") for node in (feed, *entries)]
    assert all(name.startswith("urn:uuid:") for name in ids) and len(set(ids)) == len(ids)
    content = entries[0].findtext(f"{ATOM}content", "")
    assert "<li>net10, FLOPs of Acme: 2000000 (unchecked) → 2000000 (explained)</li>" in content
    # each pair of relation, type and language stands once (4.1.1)
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    whole = {"self": f"{ADDRESS}{FEED}", "alternate": f"{ADDRESS}changes/"}
    assert links == (whole if url else {"alternate": "../changes/"})
    there = entries[0].find(f"{ATOM}link")
    assert there is not None and str(there.get("href")).startswith(links["alternate"] or "?")


def test_identifiers_are_of_one_site_and_stay(changed: Zoo) -> None:
    def ids(url: str) -> list[str]:
        return [str(node.text) for node in feed_of(changed, url).iter(f"{ATOM}id")]

    assert ids(ADDRESS) == ids(ADDRESS)
    assert not {*ids(ADDRESS)} & {*ids("https://other.example/")}


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


def test_a_long_history_is_cut_and_says_so(changed: Zoo, rendered: Rendered) -> None:
    moment = changed.history.moments[-1]
    many = tuple(
        replace(moment.changes[0], key=(f"extra{n}", *moment.changes[0].key[1:]))
        for n in range(MAX_LINES + 2)
    )
    moments = (moment, replace(moment, changes=many))
    zoo = replace(changed, history=replace(changed.history, moments=moments))
    shown = moment_lines(moments, ChangeWriter(site_of(zoo, Settings())))
    assert [(len(each.lines), each.left) for each in shown] == [(MAX_LINES, 2), (0, 2)]
    assert "2 lines more are in the file." in rendered(zoo)["changes/index.md"]
