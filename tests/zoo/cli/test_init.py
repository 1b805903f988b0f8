"""`zoo init` in an empty and in an existing repository: what it writes, what it leaves alone, and
that it builds."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from zoo.cli import app
from zoo.model_index.errors import ZooError
from zoo.model_index.load import load
from zoo.model_index.settings.find import find_settings
from zoo.model_index.settings.read import read_settings
from zoo.reporting.site.init import THEME, plan, write
from zoo.reporting.site.mkdocs_config import sites

FILES = {
    ".github/workflows/zoo.yml",
    ".gitignore",
    "mkdocs.yml",
    "model_index/models.yml",
    "zoo.toml",
    *(f"overrides/{path.relative_to(THEME).as_posix()}" for path in THEME.rglob("*.html")),
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
    settings = read_settings(tmp_path / "new" / "zoo.toml")
    assert settings is not None and settings.values == {"index": ("model_index",)}
    index = load([tmp_path / "new" / path for path in settings.values["index"]])
    assert [entry.name for entry in index.entries] == ["dla46_c"]
    ignored = (tmp_path / "new" / ".gitignore").read_text().split()
    assert "/ledger/" in ignored and "/site/" in ignored


def test_nothing_is_overwritten_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: mine\n")
    (tmp_path / ".gitignore").write_text("/site/\n")
    done = init(str(tmp_path))
    assert (tmp_path / "mkdocs.yml").read_text() == "site_name: mine\n"
    ignored = (tmp_path / ".gitignore").read_text()
    assert ignored.startswith("/site/\n/ledger/\n") and ignored.count("/site/") == 1
    assert "mkdocs.yml: left alone: it is there" in done.output
    assert ".gitignore: added to" in done.output
    before = {path: (tmp_path / path).read_bytes() for path in files(tmp_path)}
    again = init(str(tmp_path))
    assert again.exit_code == 0 and not re.search(": (written|added)", again.output)
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
    settings = read_settings(tmp_path / "zoo.toml")
    assert settings is not None and settings.values == {"index": ("configs",)}
    assert "  zoo verify\n" in done.output and "zoo trust " not in done.output


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
    assert "zoo verify --trust-settings --ledger" in str(yaml.safe_load(text))
    (text,) = [one.text for one in plan(tmp_path)[0] if one.path == "zoo.toml"]
    assert tomllib.loads(text) == {"index": ["my: models #1"]}


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
        "robots.txt",
    ):
        assert (tmp_path / "site" / page).is_file()
    # without an address there is no map of addresses, and nobody's machine is named
    assert not list((tmp_path / "site").glob("sitemap.*"))
    for path in (tmp_path / "site").rglob("*.[hxtj]*"):
        text = path.read_text(encoding="utf-8", errors="replace")
        assert "http://127.0.0.1" not in text and str(tmp_path) not in text, path


PROJECTS = {
    "[project]\nname = 'nets'\n": True,
    "[tool.ruff]\nline-length = 99": True,
    "[tool]\n": True,
    "tool = {ruff = {}}\n": False,
    "no TOML\n": False,
}


@pytest.mark.parametrize("text", PROJECTS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_project_gets_a_table(tmp_path: Path, text: str, end: str) -> None:
    before = text.replace("\n", end).encode()
    (tmp_path / "pyproject.toml").write_bytes(before)
    (tmp_path / "pyproject.toml").chmod(0o640)
    done = init(str(tmp_path))
    after = (tmp_path / "pyproject.toml").read_bytes()
    assert (after != before) == PROJECTS[text] and after.startswith(before)
    assert (tmp_path / "zoo.toml").exists() != PROJECTS[text]
    if PROJECTS[text]:
        assert "pyproject.toml: added to" in done.output
        assert tomllib.loads(after.decode())["tool"]["zoo"] == {"index": ["model_index"]}
        assert (tmp_path / "pyproject.toml").stat().st_mode & 0o777 == 0o640
        assert (b"\r\n" in after) == (end == "\r\n" and "\n" in text)
        assert "left alone: it has [tool.zoo]" in init(str(tmp_path)).output


OWN = """\
import torch
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 2, 3, bias=False)
    def forward(self, x):
        return self.conv(x)
"""


@pytest.mark.parametrize("folder", [".", pytest.param("src", marks=pytest.mark.slow)])
def test_the_ci_file_passes_with_own_builders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    package = tmp_path / folder / "mynets"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(OWN)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "net.yml").write_text(
        "Models:\n- Name: net\n  Builder: mynets:Net\n  Metadata: {Parameters: 54, Image Size: 8}\n"
    )
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'mynets'\n")
    done = init(str(tmp_path))
    assert "  zoo trust   # lets the index call mynets\n  zoo verify\n" in done.output
    settings = find_settings(tmp_path)
    assert settings is not None and settings.values == {
        "index": ("models",),
        "trust": ("mynets",),
        "path": (folder,),
    }
    workflow = yaml.safe_load((tmp_path / ".github" / "workflows" / "zoo.yml").read_text())
    commands = [step["run"] for step in workflow["jobs"]["zoo"]["steps"] if "run" in step]
    assert "pip install ." in commands
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path / "temporary"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    for command in (line for line in commands if line.startswith("zoo ")):
        done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0 and "not obeyed" not in done.stderr, done.stderr
    assert (tmp_path / "site" / "models" / "net" / "index.html").is_file()
    assert not (tmp_path / "ledger").exists()
