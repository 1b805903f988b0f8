"""Files of models that nothing changed stay, and a build with them is the build without them."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from reporting import pages
from reporting.kept import digests, owned
from reporting.pages import site_of
from reporting.settings import Settings
from reporting.site import write
from reporting.view import Zoo

pytestmark = pytest.mark.usefixtures("quick_figures")


@pytest.fixture
def known(toy: Zoo) -> Zoo:
    """The toy zoo whose findings have known sources."""
    return replace(toy, digests={entry.place: entry.name for entry in toy.index.entries})


@pytest.fixture
def rendered_models(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lists the model pages that are made."""
    made: list[str] = []
    usual = pages.render

    def render(page: pages.Page, settings: Settings) -> str:
        if page.template == "model.md.j2":
            made.append(page.path)
        return usual(page, settings)

    monkeypatch.setattr(pages, "render", render)
    return made


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name[0] != "."}


def test_a_second_run_makes_no_page_of_a_model(known: Zoo, tmp_path: Path, rendered_models: list[str]) -> None:
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
    changed = replace(known, findings=known.findings[1:], digests={**known.digests, entry.place: "other"})
    write(changed, tmp_path / "a")
    assert rendered_models == ["models/net10.md"]
    write(changed, tmp_path / "b")
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


@pytest.mark.parametrize("path", ["models/net10.md", "downloads/models/net10.json", "badges/net10/flops.svg"])
def test_a_file_that_is_missing_is_made_again(
    known: Zoo, tmp_path: Path, rendered_models: list[str], path: str
) -> None:
    write(known, tmp_path)
    before = tree(tmp_path)
    (tmp_path / path).unlink()
    rendered_models.clear()
    write(known, tmp_path)
    assert rendered_models == ["models/net10.md"] and tree(tmp_path) == before


def test_settings_and_templates_are_part_of_it(known: Zoo, tmp_path: Path, rendered_models: list[str]) -> None:
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


def test_models_without_a_known_source_are_always_made(toy: Zoo, tmp_path: Path, rendered_models: list[str]) -> None:
    write(toy, tmp_path)
    write(toy, tmp_path)
    assert len(rendered_models) == 6 and digests(site_of(toy, Settings())) == {}


def test_a_model_that_went_takes_its_files_along(known: Zoo, tmp_path: Path) -> None:
    write(known, tmp_path)
    index = replace(known.index, entries=known.index.entries[:-1])
    written = write(replace(known, index=index), tmp_path)
    assert written.gone == ("lone",) and not list(tmp_path.rglob("lone*"))


def test_a_touched_page_is_looked_at(known: Zoo, tmp_path: Path, rendered_models: list[str]) -> None:
    write(known, tmp_path)
    os.utime(tmp_path / "models/net10.md", (1, 1))
    rendered_models.clear()
    assert write(known, tmp_path).written == 0
    assert rendered_models == ["models/net10.md"]


def test_which_files_are_a_models() -> None:
    paths = ["models/a.md", "models/index.md", "downloads/models/a.json", "downloads/layers/a.csv", "badges/a.svg",
             "badges/a/flops.json", "downloads/cards/a.txt", "downloads/models.json", "badges/index.svg"]  # fmt: skip
    assert owned(paths, ["a"]) == {"a": [path for path in paths if "/a" in path]}
