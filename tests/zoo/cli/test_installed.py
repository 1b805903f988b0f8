"""What is installed: the base commands work in any folder, and the wheel has all files."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.wheel import list_sources

ROOT = Path(__file__).parents[3]
STRANGERS = ("reporting", "model_index", "tests")
COMMANDS = (
    ("--version",),
    ("list", "dpn98"),
    ("show", "dpn98"),
    ("lint", "--format", "json"),
    ("env",),
    ("schema",),
    ("convert", "--to", "csv"),
    ("card", "dpn98"),
)
SCRIPT = "from zoo.cli import main\nmain()\n"
ALIEN = ("ZOO_HOST", "ZOO_API_TOKEN", "ZOO_PAGER")  # another program named zoo reads these


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with packages of somebody else, which must not be imported."""
    for name in STRANGERS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ImportError('of the folder')\n")
    (tmp_path / "script.py").write_text(SCRIPT)
    return tmp_path


def console(name: str) -> list[str]:
    """The console script beside this Python."""
    return [str(Path(sys.executable).with_name(name))]


@pytest.mark.parametrize(
    "program",
    [
        console("zoo"),
        console("zoo-ledger"),
        console("model-zoo-ledger"),
        [sys.executable, "-m", "zoo"],
        [sys.executable, "script.py"],
    ],
    ids=["zoo", "zoo-ledger", "model-zoo-ledger", "module", "script"],
)
def test_base_commands_work_in_any_folder(folder: Path, program: list[str]) -> None:
    for command in COMMANDS:
        done = subprocess.run(
            [*program, *command], cwd=folder, capture_output=True, text=True, timeout=120
        )
        assert done.returncode in ((0, 1) if command[0] == "lint" else (0,)), done.stderr
        assert done.stdout and "of the folder" not in done.stderr


def test_a_wheel_has_one_package_and_all_its_files(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        contents = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {name.partition("/")[0] for name in contents} == {"zoo"}
    installed = {name if name.startswith("zoo/") else f"zoo/{name}" for name in list_sources()}
    assert installed - contents == set()


def test_no_variable_of_another_program_is_read() -> None:
    for package in ("zoo", "model_index", "reporting"):
        for path in (ROOT / package).rglob("*"):
            if path.suffix in (".py", ".html", ".yml", ".js") and path.is_file():
                text = path.read_text(encoding="utf-8")
                assert not [name for name in ALIEN if name in text], path


def test_variables_of_another_program_change_nothing(folder: Path) -> None:
    alien = dict.fromkeys(ALIEN, "nonsense")
    outputs = [
        subprocess.run(
            [*console("zoo"), "list", "dpn98"], cwd=folder, env=environment, capture_output=True
        ).stdout
        for environment in (os.environ | {}, os.environ | alien)
    ]
    assert outputs[0] == outputs[1] != b""
