"""`zoo build` and `zoo serve` run the code of a configuration only where somebody trusts it, and
write through no link."""

import subprocess
from pathlib import Path

import pytest

from tests.command import zoo_command
from zoo.cli.local_server import is_own_name

HOOK = "from pathlib import Path\nPath(__file__).with_name('mark').touch()\n"
CONFIGS = {
    "hooks": "hooks: [h.py]\n",
    "tag": "extra: {a: !!python/object/apply:os.mkdir [mark]}\n",
}
INDEX = "Models:\n- {Name: toy, Builder: 'none', Metadata: {Layers: 3}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "docs").mkdir(parents=True)
    (folder / "i.yml").write_text(INDEX)
    (folder / "h.py").write_text(HOOK)
    (folder / "mkdocs.yml").write_text("site_name: Nets\ntheme: {name: mkdocs}\n")
    return folder


def build(folder: Path, more: str = "") -> "subprocess.CompletedProcess[str]":
    command = zoo_command(f"build --index i.yml --no-verify {more}")
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("how", CONFIGS)
@pytest.mark.parametrize("command", ["build", "serve"])
def test_code_of_a_configuration_is_not_run(folder: Path, how: str, command: str) -> None:
    with (folder / "mkdocs.yml").open("a") as file:
        file.write(CONFIGS[how])
    done = subprocess.run(
        zoo_command(f"{command} --index i.yml --no-verify"),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2 and "zoo: mkdocs.yml:3: " in done.stderr
    assert "--trust-config or --config mkdocs.yml trusts it" in done.stderr
    assert not (folder / "mark").exists() and not (folder / "site").exists()


@pytest.mark.parametrize("option", ["--trust-config", "--config mkdocs.yml"])
def test_code_of_a_trusted_configuration_is_run(folder: Path, option: str) -> None:
    with (folder / "mkdocs.yml").open("a") as file:
        file.write(CONFIGS["hooks"])
    done = build(folder, option)
    assert done.returncode == 0, done.stderr
    assert (folder / "mark").exists() and (folder / "site" / "index.html").is_file()


@pytest.mark.parametrize("link", ["docs/downloads", "docs/models"])
def test_pages_are_not_written_through_a_link(folder: Path, link: str) -> None:
    outside = folder.parent / "outside"
    outside.mkdir()
    (folder / link).symlink_to(outside)
    for more in ("", "--config mkdocs.yml"):
        done = build(folder, more)
        assert done.returncode == 2 and f"zoo: {link}: " in done.stderr
        assert "leads out of" in done.stderr and not any(outside.iterdir())


@pytest.mark.parametrize("link", ["site", "site/assets", "site/zh"])
def test_a_site_is_not_built_through_a_link(folder: Path, link: str) -> None:
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "precious").write_text("text")
    (folder / link).parent.mkdir(exist_ok=True)
    (folder / link).symlink_to(outside)
    done = build(folder)
    assert done.returncode == 2 and f"zoo: {link}: this link leads out" in done.stderr
    assert [path.name for path in outside.iterdir()] == ["precious"]


def test_a_folder_elsewhere_is_built_where_it_is_named(folder: Path) -> None:
    (folder.parent / "real").mkdir()
    (folder.parent / "public").symlink_to("real")
    done = build(folder, f"--site {folder.parent}/public")
    assert done.returncode == 0, done.stderr
    assert (folder.parent / "real" / "index.html").is_file()


def test_no_file_of_the_folder_is_written_for_zensical(folder: Path) -> None:
    victim = folder.parent / "victim"
    victim.write_text("text")
    (folder / ".zensical.mkdocs.yml").symlink_to(victim)
    before = {path.name for path in folder.iterdir()} | {".cache", "site"}
    build(folder, "--builder zensical")
    assert victim.read_text() == "text"
    assert {path.name for path in folder.iterdir()} <= before


@pytest.mark.parametrize(
    ("header", "own"),
    [
        ("localhost:8000", True),
        ("127.0.0.1:8000", True),
        ("[::1]:8000", True),
        ("[::1]", True),
        ("192.168.0.7", True),
        ("zoo.example:8000", True),
        ("LOCALHOST", True),
        ("evil.example:8000", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example:8000", False),
        ("", False),
    ],
)
def test_the_server_answers_for_its_own_names(header: str, own: bool) -> None:
    assert is_own_name(header, "zoo.example") is own
