import hashlib
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from tests.reporting.columns import rows_of
from zoo.model_index.errors import UsageError, ZooError
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.schema.json_schema import schema
from zoo.reporting.pages.settings import CARDS, Settings
from zoo.reporting.site import build
from zoo.reporting.site.build import WriteResult, write
from zoo.reporting.site.manifest import MANIFEST
from zoo.reporting.views.catalogue import Zoo

pytestmark = pytest.mark.usefixtures("quick_figures")


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(p.relative_to(folder)): (p.stat().st_mtime_ns, p.read_bytes())
        for p in folder.rglob("*")
        if p.is_file()
    }


def without_last(zoo: Zoo) -> Zoo:
    return replace(zoo, index=replace(zoo.index, entries=zoo.index.entries[:-1]))


def test_a_second_run_writes_nothing(toy: Zoo, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    first = write(toy, docs)
    before = tree(docs)
    assert write(toy, docs) == WriteResult(0, first.written, 0)
    assert tree(docs) == before
    assert first.written == len(before) - 1  # the manifest is nobody's page


def test_evidence_that_was_read_again_gives_the_same_bytes(toy: Zoo, tmp_path: Path) -> None:
    """Fresh evidence has its keys as they were made and tuples; a document has sorted keys and
    lists."""
    configuration = {
        "std": (0.2, 0.2),
        "mean": (0.5, 1.0),
        "license": {"name": "mit", "address": "x"},
        "hf_hub_id": ("b", "a"),
        "input_size": (3, 32, 32),
        "crop_mode": {"z": (1, 2), "a": 0.5},
        "crop_pct": 1.0,
    }
    fresh = {
        key: msgspec.structs.replace(
            document,
            values=dict(reversed((document.values | {"configuration": configuration}).items())),
            environment={"torch": "2.9.0", "cpu": "toy", "memory_bytes": 2**34},
        )
        for key, document in toy.evidence.items()
    }
    ledger = Ledger(tmp_path / "ledger")
    for document in fresh.values():
        ledger.put(document)
    again = {key: read for key, document in fresh.items() if (read := ledger.get(document.cell))}
    first = write(replace(toy, evidence=fresh), tmp_path / "docs")
    assert write(replace(toy, evidence=again), tmp_path / "docs") == WriteResult(
        0, first.written, 0
    )


def test_what_is_written(toy: Zoo, tmp_path: Path) -> None:
    write(toy, tmp_path)
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert {
        "index.md", "models/index.md", "models/net10.md", "models/net20.md", "models/lone.md",
        "families/index.md", "families/net.md", "families/other.md", "findings/index.md",
        "downloads/models.csv", "downloads/models.json", "downloads/findings.json",
        "downloads/models/net10.json", "downloads/family-net-macs.png",
        "downloads/family-net-macs.svg", "assets/generated/zoo.css",
        "assets/generated/zoo.js",
    } <= files  # fmt: skip


def test_only_stale_files_of_its_own_are_removed(toy: Zoo, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    (docs / "models").mkdir(parents=True)
    (docs / "models/notes.md").write_text("by hand")
    write(toy, docs)
    assert write(without_last(toy), docs).removed == 4  # two pages, a picture and a record
    assert not (docs / "models/lone.md").exists() and not (docs / "families/other.md").exists()
    assert (docs / "models/notes.md").read_text() == "by hand" and (
        docs / "models/net10.md"
    ).exists()


def test_a_stale_file_that_somebody_changed_is_left(toy: Zoo, tmp_path: Path) -> None:
    write(toy, tmp_path)
    (tmp_path / "models/lone.md").write_text("changed")
    write(without_last(toy), tmp_path)
    assert (tmp_path / "models/lone.md").read_text() == "changed"


def test_a_manifest_cannot_reach_outside(toy: Zoo, tmp_path: Path) -> None:
    docs, outside = tmp_path / "docs", tmp_path / "outside.md"
    write(toy, docs)
    outside.write_text("mine")
    manifest = json.loads((docs / MANIFEST).read_text())
    manifest["files"]["../outside.md"] = hashlib.sha256(b"mine").hexdigest()[:32]
    (docs / MANIFEST).write_text(json.dumps(manifest))
    assert write(toy, docs).removed == 0 and outside.exists()


@pytest.mark.parametrize("torn", ["", "[]", '{"files": 3, "figures": {}}', "\x00"])
def test_a_torn_manifest_costs_nothing_but_work(toy: Zoo, tmp_path: Path, torn: str) -> None:
    first = write(toy, tmp_path)
    (tmp_path / MANIFEST).write_text(torn)
    assert write(toy, tmp_path) == WriteResult(0, first.written, 0)


def test_figures_are_drawn_only_when_their_data_changes(
    toy: Zoo, tmp_path: Path, quick_figures: list[str]
) -> None:
    write(toy, tmp_path)
    drawn = list(quick_figures)
    assert "family-net-macs" in drawn and len(set(drawn)) == len(drawn)
    write(toy, tmp_path)
    assert quick_figures == drawn
    os.remove(tmp_path / "downloads/family-net-macs.png")
    write(toy, tmp_path)
    assert quick_figures == [*drawn, "family-net-macs"]


def test_real_figures_are_written(
    toy: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    write(without_last(toy), tmp_path)
    assert (tmp_path / "downloads/family-net-macs.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_measured_still_renders(toy: Zoo, tmp_path: Path) -> None:
    write(Zoo(index=toy.index, findings=(), evidence={}, primary={}), tmp_path)
    page = (tmp_path / "models/net10.md").read_text()
    assert ">not measured</dd>" in page and "Not measured yet" in page
    family = (tmp_path / "families/net.md").read_text()
    assert ">net10</a>" in family and "<circle" not in family
    assert "Nothing is measured yet." in (tmp_path / "findings/index.md").read_text()


def test_an_empty_index_still_renders(tmp_path: Path, toy: Zoo) -> None:
    write(Zoo(index=type(toy.index)(), findings=(), evidence={}, primary={}), tmp_path)
    assert "There are no claims yet." in (tmp_path / "index.md").read_text()


def test_no_file_holds_a_path_of_this_machine(toy: Zoo, tmp_path: Path) -> None:
    folder = str(Path(toy.index.files[0]).parent).encode()
    write(toy, tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in files if folder in path.read_bytes()] == []
    page = (tmp_path / "models/net10.md").read_text()
    assert "toy.yml:20" in page.replace("<wbr>", "")


def test_downloads(toy: Zoo, tmp_path: Path) -> None:
    write(toy, tmp_path)
    models = rows_of((tmp_path / "downloads/models.json").read_text())
    assert models[0]["macs"] == 1_000_000 and "macs" not in models[2]
    assert json.loads((tmp_path / "downloads/findings.json").read_text()) == [
        f.to_dict() | {"file": "toy.yml"} for f in toy.findings
    ]
    assert json.loads((tmp_path / "downloads/model-index.schema.json").read_text()) == schema()
    lines = (tmp_path / "downloads/models.csv").read_text().splitlines()
    assert (
        lines[1].startswith(
            "net10,Net,Image Classification,Acme,1000000,2000000,explained,12345,12300,rounded,"
        )
        and len(lines) == 4
    )


def test_front_matter_is_the_kind_of_a_page_and_no_date_of_the_run(
    toy: Zoo, tmp_path: Path
) -> None:
    write(toy, tmp_path)
    for page in tmp_path.rglob("*.md"):
        assert re.match(
            r"---\nzoo: [a-z]+\nsearch: \{exclude: true\}\n([a-z]+: .+\n)*---\n\n\S",
            page.read_text(),
        ), page


def test_a_page_written_by_hand_is_not_overwritten(
    toy: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("index.md", "models/net10.md"):
        (tmp_path / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / name).write_text("# Mine\n")
    before = tree(tmp_path)
    with pytest.raises(
        UsageError, match=r"docs/index\.md, docs/models/net10\.md\. Move.*deleting them is safe"
    ):
        write(toy, Path("docs"))
    assert tree(tmp_path) == before


def test_a_generated_page_changed_by_hand_is_not_overwritten(toy: Zoo, tmp_path: Path) -> None:
    write(toy, tmp_path)
    (tmp_path / "models/net10.md").write_text("changed")
    before = tree(tmp_path)
    with pytest.raises(
        UsageError, match=r"models/net10\.md\. Move them away or delete them, then run again\.$"
    ):
        write(without_last(toy), tmp_path)
    assert tree(tmp_path) == before
    (tmp_path / "models/net10.md").unlink()
    assert write(toy, tmp_path).written == 1


def test_without_a_manifest_what_is_the_same_stays_and_what_differs_is_named(
    toy: Zoo, tmp_path: Path
) -> None:
    write(toy, tmp_path)
    (tmp_path / MANIFEST).unlink()
    with pytest.raises(
        UsageError, match=r"index\.md.*if these files were generated, deleting them is safe"
    ):
        write(without_last(toy), tmp_path)
    assert write(toy, tmp_path).written == 0
    assert write(without_last(toy), tmp_path).removed == 4


@pytest.mark.parametrize("done", [0, 1, 2, 7])
def test_a_killed_run_does_not_stand_in_the_way_of_another(
    toy: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    unmeasured, left, replace_ = (
        Zoo(index=toy.index, findings=(), evidence={}, primary={}),
        done,
        os.replace,
    )

    def stop(source: Path, target: Path) -> None:
        nonlocal left
        if not left:
            raise KeyboardInterrupt
        left -= 1
        replace_(source, target)

    write(unmeasured, tmp_path)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(build.os, "replace", stop)
        write(toy, tmp_path)
    write(without_last(toy), tmp_path)
    clean = tmp_path.with_name("clean")
    write(without_last(toy), clean)
    contents = [
        {name: data for name, (_, data) in tree(folder).items()} for folder in (tmp_path, clean)
    ]
    assert contents[0] == contents[1]


def test_a_file_in_the_place_of_a_folder_is_told(toy: Zoo, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(
        ZooError, match=r"models/index\.md: cannot be read or written: Not a directory"
    ):
        write(toy, tmp_path)
    assert set(tree(tmp_path)) == {"models"}


@pytest.mark.parametrize("step", ["replace", "mkdir", "unlink"])
def test_a_folder_that_refuses_is_told(
    toy: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    write(toy, tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "somewhere")

    monkeypatch.setattr(*((os, "replace", refuse) if step == "replace" else (Path, step, refuse)))
    with pytest.raises(ZooError, match="cannot be read or written: Permission denied"):
        write(without_last(toy), tmp_path)


def test_a_card_that_the_site_asks_for_is_a_download_of_the_models_page(
    toy: Zoo, tmp_path: Path
) -> None:
    write(toy, tmp_path, Settings(files=(CARDS,)))
    assert (tmp_path / "downloads/cards/net10.txt").read_text().startswith("---\nlicense: mit\n")
    link = '<a href="../../downloads/cards/net10.txt" download="README.md">Model card, a README.md'
    assert link in (tmp_path / "models/net10.md").read_text()
