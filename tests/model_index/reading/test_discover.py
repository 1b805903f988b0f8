"""Which files of a folder are an index: what other tools have is skipped, what is one is
not."""

import os
from pathlib import Path

import pytest

from zoo.model_index.errors import UsageError
from zoo.model_index.reading.globs import MOST, SearchBudget, find_matches

ONE = "Models:\n- Name: a\n  Metadata: {FLOPs: 1}\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yml", ONE),
        ("a.YML", ONE),
        ("a.yml", "\ufeff" + ONE),
        ("a.yml", "{Models: [{Name: a, Metadata: {FLOPs: 1}}]}"),
        ("a.json", '{"Type": "model-index", "Models": [{"Name": "a", "Metadata": {"FLOPs": 1}}]}'),
        ("a.md", f"text\n<!--\nType: model-index\n{ONE}-->"),
        ("a.mdx", "---\nmodel-index:\n- name: a\n  results: []\n---\n"),
    ],
)
def test_an_index_is_found_in_a_folder(files, name: str, text: str) -> None:
    index = files({f"in/sub/{name}": text, "in/other.yml": "jobs: {import: x}"}, "in")
    assert ([entry.name for entry in index.entries], index.passed) == (["a"], ())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("train.yaml", "model:\n  name: resnet50\ndata:\n  library: webdataset\n"),
        ("schema.yml", "version: 2\nmodels:\n- name: orders\n  columns: [{name: id}]\n"),
        ("ci.yml", "import: [docker]\nstages: [test]\n"),
        ("dbt.yml", "models: {shop: {materialized: view}}\n"),
        ("post.md", "---\ntitle: a\ntags: [x]\nflops: lots\n---\n"),
        ("words.md", "`<!--` begins a comment\nType: model-index\n-->"),
    ],
)
def test_what_other_tools_have_is_passed_over(files, name: str, text: str) -> None:
    index = files({f"in/{name}": text, "in/a.yml": ONE}, "in")
    assert ([entry.name for entry in index.entries], index.files) == (["a"], ("in/a.yml",))
    assert index.passed in ((), (f"in/{name}",))


def test_links_out_of_a_folder_are_passed_over(files, tmp_path: Path) -> None:
    outside = tmp_path / "out"
    outside.mkdir()
    (outside / "b.yml").write_text(ONE.replace("a", "b"))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.yml").symlink_to(outside / "b.yml")
    (tmp_path / "in" / "folder").symlink_to(outside)
    index = files({"in/a.yml": ONE}, "in")
    assert ([entry.name for entry in index.entries], index.passed) == (["a"], ("in/link.yml",))


@pytest.mark.parametrize(
    "pattern", ["**/*.yaml", "*/../*/../*/../*/../*/../*/../*/../*/../m.yaml", "a/**/b/**/*.yaml"]
)
def test_a_pattern_searches_no_folder_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        os.symlink(".", name)
    for number in range(8):
        Path(f"d{number}").mkdir()
    budget = SearchBudget()
    assert find_matches(pattern, looked=budget) == []
    assert MOST - budget.left <= 100  # entries searched, of 10 in the folder


def test_patterns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("x/a.yml", "x/y/b.yml", "x/.hidden/c.yml", "x/y/.d.yml", "z.yml"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    found = {
        p: [str(file) for file in find_matches(p)]
        for p in ("**/*.yml", "x/*", "x/**", "*/y/?.yml", "z.yml", "no*")
    }
    assert found == {
        "**/*.yml": ["x/a.yml", "x/y/b.yml", "z.yml"],
        "x/*": ["x/a.yml"],
        "x/**": ["x/a.yml", "x/y/b.yml"],
        "*/y/?.yml": ["x/y/b.yml"],
        "z.yml": ["z.yml"],
        "no*": [],
    }
    assert find_matches(str(tmp_path / "x" / "*.yml")) == [tmp_path / "x" / "a.yml"]


def test_a_glob_that_matches_nothing(files) -> None:
    with pytest.raises(UsageError, match=r"^n\*\.yml: no file matches$"):
        files({"a.yml": ONE}, "n*.yml")


def test_a_fifo_beside_a_card_is_passed_over(files, tmp_path: Path) -> None:
    (tmp_path / ".eval_results").mkdir()
    os.mkfifo(tmp_path / ".eval_results" / "a.yaml")
    assert len(files({"README.md": "---\nlicense: mit\ntags: [timm]\n---\n"}).entries) == 1
