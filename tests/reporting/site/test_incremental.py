"""Files of models that nothing changed stay, and a build with them is the build without them."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from zoo.model_index.errors import UsageError
from zoo.model_index.ledger.store import Cell, Evidence
from zoo.reporting.pages.settings import FILES, Settings
from zoo.reporting.site import build, render
from zoo.reporting.site.build import write
from zoo.reporting.site.incremental import digests, stamp
from zoo.reporting.site.manifest import MANIFEST, Manifest
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Zoo

pytestmark = pytest.mark.usefixtures("quick_figures")


@pytest.fixture
def known(toy: Zoo) -> Zoo:
    """The toy zoo whose findings have known sources."""
    return replace(toy, digests={entry.place: entry.name for entry in toy.index.entries})


@pytest.fixture
def rendered_models(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lists the model pages that are made."""
    made: list[str] = []
    usual = render.render

    def render_page(page: render.Page, settings: Settings, about: render.About) -> str:
        if page.template == "model.md.j2":
            made.append(page.path)
        return usual(page, settings, about)

    monkeypatch.setattr(render, "render", render_page)
    return made


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and p.name[0] != "."
    }


def test_a_second_run_makes_no_page_of_a_model(
    known: Zoo, tmp_path: Path, rendered_models: list[str]
) -> None:
    first = write(known, tmp_path)
    assert len(rendered_models) == 3
    before = tree(tmp_path)
    assert write(known, tmp_path) == replace(first, written=0, unchanged=first.written)
    assert len(rendered_models) == 3 and tree(tmp_path) == before


def test_one_changed_model_is_made_anew_and_the_rest_is_as_a_whole_build(
    known: Zoo, tmp_path: Path, rendered_models: list[str]
) -> None:
    write(known, tmp_path / "a")
    rendered_models.clear()
    entry = known.index.entries[0]
    changed = replace(
        known, findings=known.findings[1:], digests={**known.digests, entry.place: "other"}
    )
    write(changed, tmp_path / "a")
    assert rendered_models == ["models/net10.md"]
    write(changed, tmp_path / "b")
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


@pytest.mark.parametrize("path", ["models/net10.md", "downloads/models/net10.json"])
def test_a_file_that_is_missing_is_made_again(
    known: Zoo, tmp_path: Path, rendered_models: list[str], path: str
) -> None:
    write(known, tmp_path)
    before = tree(tmp_path)
    (tmp_path / path).unlink()
    rendered_models.clear()
    write(known, tmp_path)
    assert rendered_models == ["models/net10.md"] and tree(tmp_path) == before


def test_settings_and_templates_are_part_of_it(
    known: Zoo, tmp_path: Path, rendered_models: list[str]
) -> None:
    templates = tmp_path / "templates"
    templates.mkdir()
    for settings in (Settings(), Settings(url="https://a.example/"), Settings(templates=templates)):
        rendered_models.clear()
        write(known, tmp_path / "docs", settings)
        assert len(rendered_models) == 3
    (templates / "home.md.j2").write_text("# Ours\n")
    rendered_models.clear()
    write(known, tmp_path / "docs", Settings(templates=templates))
    assert len(rendered_models) == 3


def test_templates_are_told_by_their_names_and_may_show_all_models(
    known: Zoo, tmp_path: Path, rendered_models: list[str]
) -> None:
    """A file that is no text lies beside them; the name of one decides whether it is used."""
    templates, docs = tmp_path / "templates", tmp_path / "docs"
    templates.mkdir()
    (templates / ".DS_Store").write_bytes(b"\x00\xff\xfe")
    (templates / "off").write_text("# one of {{ catalogue.models | length }}\n")
    settings = Settings(templates=templates)
    write(known, docs, settings)
    (templates / "off").rename(templates / "model.md.j2")
    write(known, docs, settings)
    assert (docs / "models/net10.md").read_text().endswith("\n# one of 3\n")
    fewer = replace(known, index=replace(known.index, entries=known.index.entries[:-1]))
    write(fewer, docs, settings)
    assert (docs / "models/net10.md").read_text().endswith("\n# one of 2\n")


@pytest.mark.parametrize(
    "change",
    [
        lambda zoo: replace(zoo, ledger="elsewhere"),
        lambda zoo: replace(zoo, evidence=zoo.evidence | {"b": speed(zoo, 1)}),
    ],
)
def test_what_pages_say_of_the_ledger_is_part_of_it(
    known: Zoo, tmp_path: Path, change: Callable[[Zoo], Zoo]
) -> None:
    write(known, tmp_path / "a")
    write(change(known), tmp_path / "a")
    write(change(known), tmp_path / "b")
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def speed(zoo: Zoo, tries: int) -> Evidence:
    """A benchmark that was begun once and failed so many times by now."""
    entry = zoo.index.entries[0]
    cell = Cell(
        kind="bench",
        model=entry.name,
        builder=str(entry.builder),
        builder_version="acme 1.0",
        tool="zoo-bench/1",
    )
    begun = "2026-11-22T00:00:00+00:00"
    return Evidence(
        cell=cell, outcome="failed", error=f"{tries} processes crashed", started_at=begun
    )


def test_a_benchmark_that_went_on_is_another(known: Zoo) -> None:
    made = [
        digests(
            site_of(
                replace(known, evidence=known.evidence | {"b": speed(known, count)}), Settings()
            )
        )
        for count in (1, 4)
    ]
    assert made[0]["net10"] != made[1]["net10"] and made[0]["net20"] == made[1]["net20"]


def test_another_file_or_family_changes_them(known: Zoo, tmp_path: Path) -> None:
    """The index's file is named on the pages, and a family's slug depends on the other families."""
    before = digests(site_of(known, Settings()))
    entry = known.index.entries[0]
    place = msgspec.structs.replace(entry.place, file="other.yml")
    entries = (replace(entry, place=place), *known.index.entries[1:])
    elsewhere = replace(
        known,
        index=replace(known.index, entries=entries),
        digests={**known.digests, place: entry.name},
    )
    after = digests(site_of(elsewhere, Settings()))
    assert [slug for slug in before if before[slug] != after.get(slug)] == ["net10", "families/net"]
    more = replace(known.index.collections[0], name="NET", fields={"Name": "NET"})
    one = replace(known.index.entries[2], collection="NET")
    index = replace(
        known.index,
        collections=(*known.index.collections, more),
        entries=(*known.index.entries[:2], one),
    )
    after = digests(site_of(replace(known, index=index), Settings()))
    assert after["net10"] != before["net10"] and after["net20"] != before["net20"]


def test_an_edit_while_a_run_writes_is_not_taken_for_ours(
    known: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = build._put

    def put(path: Path, data: bytes) -> tuple[int, int]:
        stamp = usual(path, data)
        if path.name == "net10.md":
            path.write_text("by hand")
        return stamp

    monkeypatch.setattr(build, "_put", put)
    write(known, tmp_path)
    monkeypatch.undo()
    with pytest.raises(UsageError, match=r"net10\.md"):
        write(known, tmp_path)
    assert (tmp_path / "models/net10.md").read_text() == "by hand"


@pytest.mark.parametrize(
    "text",
    [
        '{"files": {}, "figures": {}, "models": {"net10": {"digest": "x", "files": {"a": [1, '
        "2]}}}}",
        "[" * 50_000,
    ],
)
def test_a_manifest_that_names_too_much_is_not_believed(
    known: Zoo, tmp_path: Path, text: str
) -> None:
    (tmp_path / ".generated.json").write_text(text)
    write(known, tmp_path)
    assert (tmp_path / "models/net10.md").is_file()


def test_a_page_that_a_repository_brought_along_is_made_again(
    known: Zoo, tmp_path: Path, quick_figures: list[str]
) -> None:
    """With a manifest to which every file of it is up to date."""
    docs = tmp_path / "docs"
    write(known, docs)
    before, page = tree(docs), docs / "models/net10.md"
    figure = docs / "downloads/family-net-macs.png"
    manifest = json.loads((docs / MANIFEST).read_text())
    for path in (page, figure):
        path.write_bytes(path.read_bytes() + b" forged")
        name = path.relative_to(docs).as_posix()
        manifest["files"][name] = hashlib.sha256(path.read_bytes()).hexdigest()[:32]
    manifest["models"]["net10"]["files"]["models/net10.md"] = stamp(page)
    (docs / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    write(known, docs)
    assert tree(docs) == before


def test_models_without_a_known_source_are_always_made(
    toy: Zoo, tmp_path: Path, rendered_models: list[str]
) -> None:
    write(toy, tmp_path)
    write(toy, tmp_path)
    assert len(rendered_models) == 6 and digests(site_of(toy, Settings())) == {}


def test_a_model_that_went_takes_its_files_along(known: Zoo, tmp_path: Path) -> None:
    write(known, tmp_path)
    index = replace(known.index, entries=known.index.entries[:-1])
    written = write(replace(known, index=index), tmp_path)
    assert written.gone == ("lone",) and not list(tmp_path.rglob("lone*"))


def test_a_touched_page_is_looked_at(
    known: Zoo, tmp_path: Path, rendered_models: list[str]
) -> None:
    write(known, tmp_path)
    os.utime(tmp_path / "models/net10.md", (1, 1))
    rendered_models.clear()
    assert write(known, tmp_path).written == 0
    assert rendered_models == ["models/net10.md"]


def test_which_files_are_a_models(known: Zoo, tmp_path: Path) -> None:
    write(known, tmp_path)
    page_and_record = {"models/net10.md", "downloads/models/net10.json"}
    assert set(Manifest.read(tmp_path / MANIFEST).models["net10"].files) == page_and_record
    write(known, tmp_path, Settings(files=FILES))
    models = Manifest.read(tmp_path / MANIFEST).models
    asked = {"badges/net10.svg", "badges/net10/flops.json", "downloads/cards/net10.txt"}
    assert page_and_record | asked <= set(models["net10"].files)
    shared = {"families/net.md", "downloads/share/family-net.png"}
    assert set(models["families/net"].files) == shared
    own = [path for files in models.values() for path in files.files]
    assert len(own) == len(set(own))
    assert {"models/index.md", "downloads/models.json", "badges/index.svg"}.isdisjoint(own)
