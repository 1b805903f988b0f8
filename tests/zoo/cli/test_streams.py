"""Every command with closed streams, full disks, readers that go and narrow encodings: its own exit
code or 2, and never a traceback."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from zoo.cli import FAULT, INTERRUPTED, NO_READER, USAGE, guard
from zoo.cli.commands import COMMANDS

ROOT = Path(__file__).parents[3]
INDEX = """\
Collections: [{Name: Näme}]
Models:
- Name: café-手写
  In Collection: Näme
  Weights: https://weights.invalid/é.pth
  Metadata: {Image Size: 8, Parameters: 11 M}
- Name: b写
  In Collection: none
"""
INDEXED = "--index m.yml"
ARGUMENTS = {
    "check": "nobody --params 5M",
    "count": f"nobody {INDEXED}",
    "verify": f"{INDEXED} --ledger l",
    "explain": f"café-手写 Parameters {INDEXED} --ledger l",
    "weights": f"café-手写 {INDEXED} --ledger l --offline",
    "eval": f"nobody {INDEXED} --ledger l --data .",
    "bench": f"nobody {INDEXED} --ledger l",
    "jobs": "--ledger l",
    "compare": "a b --ledger l",
    "export": f"nobody {INDEXED} --ledger l",
    "list": INDEXED,
    "show": f"café-手写 {INDEXED} --ledger l",
    "lint": INDEXED,
    "schema": "",
    "env": "",
    "card": f"café-手写 {INDEXED} --ledger l",
    "convert": "m.yml --to csv",
    "build": f"{INDEXED} --ledger l --no-verify --config none.yml",
    "add": f"nobody {INDEXED} --dry-run",
    "trust": "--list",
    "init": "--dry-run",
    "serve": f"{INDEXED} --ledger l --no-verify --config none.yml",
    "ledger": "check --ledger l",
}
EVERY = [f"{name} {arguments}" for name, arguments in ARGUMENTS.items()] + [
    "lint m.yml --format json",
    "lint m.yml --format junit",
    "lint m.yml --format markdown --baseline none.json",
    "--help",
    "--version",
    "nonsense",
    "list --nonsense",
]
FEW = ["list --index m.yml", "lint m.yml --format junit", "list --nonsense"]
TOGETHER = (
    ("", "<&- >&- 2>&-"),
    ("env -u HOME PYTHONIOENCODING=ascii:strict LC_ALL=C TERM=dumb", "<&- 2>/dev/full"),
)
APART = (
    ("", ">&-"),
    ("", "2>&-"),
    ("", "<&- >&- 2>&-"),
    ("", "2>/dev/full"),
    ("", "<&-"),
    ("env -u HOME", ""),
    ("env PYTHONIOENCODING=cp1252", ""),
    ("env PYTHONIOENCODING=ascii:strict LC_ALL=C TERM=dumb", ""),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "m.yml").write_text(INDEX, encoding="utf-8")
    (tmp_path / "l").mkdir()
    return tmp_path


def shell(
    folder: Path, command: str, before: str = "", after: str = ""
) -> "subprocess.CompletedProcess[bytes]":
    line = f"set -o pipefail; {before} '{sys.executable}' -m zoo {command} {after}"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONIOENCODING"}
    return subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )


def check(folder: Path, command: str, unchanged: Sequence[tuple[str, str]]) -> None:
    usual = shell(folder, command)
    assert usual.returncode in (0, 1, 2) and b"Traceback" not in usual.stderr
    for before, after in unchanged:
        done = shell(folder, command, before, after)
        assert (done.returncode, b"Traceback" in done.stderr) == (usual.returncode, False), (
            f"{before} {after}: {done.stderr.decode(errors='replace')}"
        )
    wrote = bool(usual.stdout)
    if os.path.exists("/dev/full"):
        done = shell(folder, command, after=">/dev/full")
        assert done.returncode == (2 if wrote else usual.returncode)
        assert b"Traceback" not in done.stderr
    done = shell(folder, command, after="| true")
    assert done.returncode in (usual.returncode, 128 + signal.SIGPIPE)
    assert b"Traceback" not in done.stderr and b"BrokenPipe" not in done.stderr


@pytest.mark.parametrize("command", FEW)
def test_some_commands_with_odd_streams(folder: Path, command: str) -> None:
    check(folder, command, APART)


@pytest.mark.slow
@pytest.mark.parametrize("command", EVERY)
def test_every_command_with_odd_streams(folder: Path, command: str) -> None:
    check(folder, command, TOGETHER)


def test_no_command_is_forgotten() -> None:
    assert set(ARGUMENTS) == set(COMMANDS)


def test_documents_are_utf_8_and_tables_are_readable_in_any_encoding(folder: Path) -> None:
    narrow = "env PYTHONIOENCODING=cp1252"
    rows = json.loads(shell(folder, "lint m.yml --format json", narrow).stdout.decode("utf-8"))
    assert any(row["model"] == "b写" for row in rows)
    ElementTree.fromstring(shell(folder, "lint m.yml --format junit", narrow).stdout)
    assert "Näme" in shell(folder, "convert m.yml --to csv", narrow).stdout.decode("utf-8")
    table = shell(folder, "list --index m.yml", narrow).stdout.decode("cp1252")
    assert "café-\\u624b\\u5199" in table


def test_a_closed_output_is_not_given_to_a_file(folder: Path) -> None:
    """Without an output, the next file that is opened would get its number, and what is printed."""
    (folder / "run.py").write_text(
        "from zoo.cli.output.streams import open_streams\nimport os\nopen_streams()\n"
        "file = open('evidence', 'w')\nos.write(1, b'printed')\nos.write(2, b'printed')\n"
    )
    line = f"'{sys.executable}' run.py <&- >&- 2>&-"
    code = subprocess.run(
        ["bash", "-c", line], cwd=folder, env={"PYTHONPATH": str(ROOT)}
    ).returncode
    assert (code, (folder / "evidence").read_text()) == (0, "")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ValueError("surprise"), FAULT),
        (MemoryError(), FAULT),
        (RecursionError(), FAULT),
        (SystemExit(0), FAULT),  # code that a command runs must not end it well
        (SystemExit(1), FAULT),
        (SystemExit("text"), FAULT),
        (GeneratorExit(), FAULT),
        (KeyboardInterrupt(), INTERRUPTED),
        (BrokenPipeError(), NO_READER),
        (OSError(28, "No space left on device"), USAGE),
    ],
    ids=repr,
)
def test_how_a_command_may_end(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def run() -> int:
        raise error

    assert guard(run) == code
    assert ("Traceback" in capsys.readouterr().err) is (code == FAULT)


def test_a_fault_of_zoo_exits_with_70(folder: Path) -> None:
    (folder / "run.py").write_text(
        "import sys\nimport zoo.cli.list as command\nfrom zoo.cli import main\n"
        "command.read_index = lambda paths: 1 // 0\nsys.argv = ['zoo', 'list', 'm.yml']\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, "run.py"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 70 and "ZeroDivisionError" in done.stderr
    assert done.stderr.endswith("zoo: this is a fault of zoo, please report it\n")
