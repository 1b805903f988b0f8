"""The parts of the benchmark of the site: what it copies, what a browser is sent, what lies on the
disk."""

import gzip
import subprocess
import urllib.request
from pathlib import Path

from benchmarks.sites.copies import renamed
from benchmarks.sites.disk import by_model
from benchmarks.sites.plain import as_markdown
from benchmarks.sites.transfer import Transfer, serve
from benchmarks.sites.tree import COPIED, Tree, list_committed

FAMILY = """\
Collections:
- Name: net
Models:
- Name: net10
  In Collection: net
"""


def test_what_a_build_wrote_is_not_copied(tmp_path: Path) -> None:
    root, folder = tmp_path / "checkout", tmp_path / "copy"
    for name in ("mkdocs.yml", "docs/start.md", "reporting/theme/main.html"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("committed")
    subprocess.run(["git", "init", "-q", root], check=True)
    subprocess.run(["git", "-C", root, "add", "."], check=True)
    (root / "docs" / "index.md").write_text("generated")
    (root / "docs" / "start.md").write_text("edited")
    assert "docs/index.md" not in list_committed(root, COPIED)
    Tree(root, Path("python")).copy_site(folder)
    copied = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert copied == {"mkdocs.yml", "docs/start.md", "reporting/theme/main.html"}
    assert (folder / "docs" / "start.md").read_text() == "edited"


def test_copies_have_names_of_their_own() -> None:
    first = renamed(FAMILY, 7, 2, collection=True)
    assert "- Name: net.2\n" in first and "- Name: net10.c7\n  In Collection: net.2\n" in first
    assert renamed(FAMILY, 8, 2, collection=False).startswith("Models:\n- Name: net10.c8\n")


def test_texts_are_sent_compressed_and_counted_so(tmp_path: Path) -> None:
    page = "<p>words</p>" * 100
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "index.html").write_text(page)
    with serve(tmp_path) as (address, sent), urllib.request.urlopen(f"{address}a/") as answer:
        body = answer.read()
    assert gzip.decompress(body).decode() == page
    assert sent == {"a/index.html": len(body)}


def test_the_themes_files_are_not_ours() -> None:
    sizes = {"models/a/index.html": 10, "assets/generated/zoo.css": 5, "assets/javascripts/b.js": 3}
    sent = Transfer({**sizes, "search/search_index.json": 100})
    assert (sent.all, sent.ours) == (118, 115)


def test_files_of_a_model_are_counted_wherever_they_lie(tmp_path: Path) -> None:
    for name in ("models/a.c1/index.html", "downloads/models/a.c1.json", "badges/a.c1/top1.svg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("12345")
    (tmp_path / "models" / "index.html").write_text("all models")
    ((name, disk),) = by_model(tmp_path).items()
    assert (name, disk.files, disk.size) == ("a.c1", 3, 15) and disk.blocks >= disk.size


def test_the_peers_page_has_our_words() -> None:
    ours = "<!--zoo:\n<table><tr><th>a</th></tr><tr><td>b|c</td></tr></table>\n:zoo--><p>text</p>"
    assert "| a |\n|---|\n| b/c |" in as_markdown(ours) and "text" in as_markdown(ours)
