"""Pages of tables that the settings name are a part of the index."""

from pathlib import Path

import pytest

from zoo.cli.settings import find_index_paths
from zoo.model_index.load import load
from zoo.model_index.settings.read import read_settings

PAGE = "| model | FLOPs |\n|---|---|\n| A | 4G |\n"


@pytest.mark.parametrize(
    ("settings", "paths"),
    [
        ('[tables]\npages = "README.md"\n', ["README.md", "@zoo.toml"]),
        ('index = "README.md"\n[tables]\npages = "*.md"\n', ["README.md", "*.md", "@zoo.toml"]),
        ('index = "i.yml"\n[tables]\npages = "README.md"\n', ["i.yml", "README.md", "@zoo.toml"]),
        ('index = "README.md"\n[tables.columns]\n', ["README.md", "@zoo.toml"]),
    ],
)
def test_pages_are_read_with_the_index(
    settings: str, paths: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("README.md").write_text(PAGE)
    Path("i.yml").write_text("Models:\n- {Name: m, Metadata: {FLOPs: 1G}}\n")
    Path("zoo.toml").write_text(settings)
    assert find_index_paths() == paths
    names = [entry.name for entry in load(paths).entries]
    assert names == (["m", "A"] if "i.yml" in paths else ["A"])


def test_settings_know_their_pages(tmp_path: Path) -> None:
    (tmp_path / "zoo.toml").write_text('[tables]\npages = ["a.md", "b/*.md"]\n')
    settings = read_settings(tmp_path / "zoo.toml")
    assert settings and (settings.has_tables, settings.pages) == (True, ("a.md", "b/*.md"))
