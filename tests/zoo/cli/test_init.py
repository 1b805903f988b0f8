"""`zoo init` in an empty and in an existing repository: what it writes, what it leaves alone, and
that it builds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from zoo.cli import app
from zoo.model_index.errors import ZooError
from zoo.model_index.load import load
from zoo.reporting.site.init import plan, write
from zoo.reporting.site.mkdocs_config import sites

FILES = {
    ".github/workflows/zoo.yml",
    ".gitignore",
    "mkdocs.yml",
    "model_index/models.yml",
    "overrides/main.html",
    "overrides/partials/alternate.html",
}


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def init(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["init", *arguments])


def test_an_empty_folder_gets_everything_and_its_index_is_true(tmp_path: Path) -> None:
    done = init(str(tmp_path / "new"))
    assert done.exit_code == 0 and files(tmp_path / "new") == FILES
    assert done.output.count(": written") == len(FILES) and f"cd {tmp_path / 'new'}" in done.output
    (site,) = sites(tmp_path / "new" / "mkdocs.yml", {})
    assert site.settings.hides_html and site.settings.name == "new model zoo"
    assert [entry.name for entry in load(site.index).entries] == ["dla46_c"]


def test_nothing_is_overwritten_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: mine\n")
    (tmp_path / ".gitignore").write_text("/site/\n")
    done = init(str(tmp_path))
    assert (tmp_path / "mkdocs.yml").read_text() == "site_name: mine\n"
    assert (tmp_path / ".gitignore").read_text() == "/site/\n"
    assert "mkdocs.yml: left alone: it is there" in done.output
    assert ".gitignore: left alone; it lacks /docs/.generated.json" in done.output
    before = {path: (tmp_path / path).read_bytes() for path in files(tmp_path)}
    again = init(str(tmp_path))
    assert again.exit_code == 0 and ": written" not in again.output
    assert {path: (tmp_path / path).read_bytes() for path in files(tmp_path)} == before


def test_an_index_that_is_there_is_used(tmp_path: Path) -> None:
    (tmp_path / "configs" / "net").mkdir(parents=True)
    (tmp_path / "configs" / "net" / "metafile.yml").write_text(
        "Collections: [{Name: Net}]\nModels: [{Name: net_8xb32, In Collection: Net, "
        "Metadata: {FLOPs: 1.0}}]\n"
    )
    (tmp_path / "other.yml").write_text("a: 1\n")
    done = init(str(tmp_path))
    assert "model_index/models.yml: left out: configs is the index" in done.output
    (site,) = sites(tmp_path / "mkdocs.yml", {})
    assert (
        site.index == (str(tmp_path / "configs"),) and "zoo verify --index configs" in done.output
    )


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    done = init(str(tmp_path), "--dry-run")
    assert done.output.count("would be written") == len(FILES) and files(tmp_path) == set()


@pytest.mark.parametrize(
    ("remote", "address", "pages", "ci"),
    [
        (
            "git@github.com:Acme/nets.git",
            "https://github.com/Acme/nets",
            "https://acme.github.io/nets/",
            ".github",
        ),
        (
            "https://github.com/acme/acme.github.io",
            "https://github.com/acme/acme.github.io",
            "https://acme.github.io/",
            ".github",
        ),
        (
            "ssh://git@gitlab.com/a/b.git",
            "https://gitlab.com/a/b",
            "https://a.gitlab.io/b/",
            ".gitlab-ci.yml",
        ),
        (
            "ssh://git@git.example.org:2222/group/repo.git",
            "https://git.example.org/group/repo",
            "",
            ".github",
        ),
        ("https://git.example.org/a/b", "https://git.example.org/a/b", "", ".github"),
        ("/srv/git/x.git", "", "", ".github"),
    ],
)
def test_the_remote_says_where_the_site_will_be(
    tmp_path: Path, remote: str, address: str, pages: str, ci: str
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text(f'[remote "origin"]\n\turl = {remote}\n')
    wanted = {one.path: one.text for one in plan(tmp_path)[0]}
    (tmp_path / "mkdocs.yml").write_text(wanted["mkdocs.yml"])
    assert (f"repo_url: {address}\n" in wanted["mkdocs.yml"]) == bool(address)
    assert any(path.startswith(ci) for path in wanted)
    write(tmp_path, plan(tmp_path)[0])
    (site,) = sites(tmp_path / "mkdocs.yml", {})
    assert site.settings.url == pages and site.settings.source == (
        f"{address}/blob/HEAD/" if address else ""
    )


@pytest.mark.parametrize("remote", ["git@github.com:a/b.git", "git@gitlab.com:a/b.git"])
def test_a_folder_of_any_name_gives_ci_files_that_are_yaml(tmp_path: Path, remote: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text(f'[remote "origin"]\n\turl = {remote}\n')
    folder = tmp_path / "my: models #1"
    folder.mkdir()
    (folder / "a.yml").write_text("Models: [{Name: net, Metadata: {FLOPs: 1 G}}]\n")
    (text,) = [one.text for one in plan(tmp_path)[0] if one.path.startswith((".github", ".gitlab"))]
    assert "zoo verify --index 'my: models #1'" in str(yaml.safe_load(text)).replace('"', "'")


def test_links_and_files_in_the_way_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / "overrides").symlink_to(tmp_path / "elsewhere")
    done = init(str(tmp_path / "repository"))
    assert "overrides/main.html: left alone: it is a link, or below one" in done.output
    assert list((tmp_path / "elsewhere").iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(ZooError, match="is no folder"):
        plan(tmp_path / "file")


def test_a_folder_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    wanted, _ = plan(tmp_path)
    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(
        ZooError, match=r"mkdocs\.yml: cannot be written: Permission denied|models\.yml: cannot"
    ):
        write(tmp_path, wanted)


def test_what_is_written_builds(tmp_path: Path) -> None:
    init(str(tmp_path))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "about.md").write_text("# About us\n")
    command = [sys.executable, "-m", "zoo", "build", "--no-verify"]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for page in (
        "index.html",
        "models/dla46_c/index.html",
        "explore/index.html",
        "about/index.html",
        "sitemap.xml",
    ):
        assert (tmp_path / "site" / page).is_file()
