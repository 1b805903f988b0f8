"""No command imports a module of the working folder, in its own process or in one that it starts.

The folder has a file for every module that this environment can import; each notes when it is.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from importlib.metadata import packages_distributions
from pathlib import Path
from urllib.request import urlopen

import pytest

from zoo.cli import ledger
from zoo.cli.commands import COMMANDS

ROOT = Path(__file__).parents[3]
SCRIPT = """\
from zoo.cli import main
if __name__ == "__main__":
    main()
"""  # as pip writes it into `bin`
SHADOW = """\
import os
with open({mark!r}, "a") as file:
    file.write(f"{{__name__}} in process {{os.getpid()}}\\n")
raise ImportError("of the working folder")
"""
LIBRARY = """\
import sys
from zoo.cli import app
if __name__ == "__main__":
    app(sys.argv[1:])
"""  # a caller who sets no variable of the environment
UNINSTALLED = ("sitecustomize", "usercustomize", "conftest", "setup", "mpi4py", "ipdb", "tomli")
MODEL = "- {{Name: {name}, Builder: 'timm:{name}', Metadata: {{Parameters: 1}}}}\n"
MANY = (
    "resnet18 resnet34 resnet26 dla34 dla46_c mobilenetv3_small_050 lcnet_050 tinynet_e"
    " resnet14t mnasnet_small"
).split()
MKDOCS = "site_name: Nets\ntheme: {name: material, font: false}\n"
BENCH = "bench digits_cnn --replicates 2 --budget 20s"
# What is run of each command.
LINES = {
    "verify": (
        "verify --index one.yml",
        "verify --index many.yml",
        "verify --index one.yml -j 2",
        "verify --index one.yml --executor local",
    ),
    "check": ("check resnet18 --params 11.7M",),
    "count": ("count timm:resnet18", "count --index one.yml resnet18 --as fvcore"),
    "explain": ("explain resnet18 Parameters --index one.yml",),
    "weights": ("weights digits_cnn --offline",),
    "eval": ("eval digits_cnn --limit 128 --workers 2",),
    "bench": (BENCH,),
    "jobs": ("jobs",),
    "compare": ("compare ledger other",),
    "export": ("export digits_cnn", "export digits_cnn --to torch_export"),
    "list": ("list --index timm", "list"),
    "show": ("show dpn98",),
    "lint": ("lint one.yml",),
    "schema": ("schema",),
    "env": ("env",),
    "card": ("card dpn98",),
    "convert": ("convert --to csv",),
    "build": (
        "build --index one.yml",
        "build --index one.yml --no-verify --builder zensical",
    ),
    "serve": ("serve --index one.yml --no-verify --port {port}",),
    "add": ("add timm:resnet18 --dry-run -o new.yml",),
    "trust": ("trust --list",),
    "init": ("init new",),
    "ledger check": ("ledger check",),
    "ledger compact": ("ledger compact",),
}
# What starts processes that are not those of another line.
STARTING = (
    "verify --index many.yml",
    *LINES["eval"],
    "build --index one.yml --no-verify --builder zensical",
)
# What starts the same processes as one of these.
SLOW = (
    *(line for line in LINES["verify"] if line not in STARTING),
    *LINES["check"],
    *LINES["count"],
    *LINES["explain"],
    BENCH,
    *LINES["export"],
    "list --index timm",
    "build --index one.yml",
    *LINES["add"],
)


def test_every_command_has_a_line() -> None:
    below = {f"ledger {command.name}" for command in ledger.app.registered_commands}
    assert LINES.keys() == COMMANDS.keys() - {"ledger"} | below


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "mark"


@pytest.fixture
def folder(tmp_path: Path, mark: Path) -> Path:
    """A working folder with an index, a configuration, and a shadow of every module."""
    folder = tmp_path / "work"
    folder.mkdir()
    text = SHADOW.format(mark=str(mark))
    for name in {*sys.stdlib_module_names, *packages_distributions(), *UNINSTALLED}:
        if name.isidentifier():
            (folder / f"{name}.py").write_text(text)
    (folder / "one.yml").write_text("Models:\n" + MODEL.format(name="resnet18"))
    (folder / "many.yml").write_text("Models:\n" + "".join(MODEL.format(name=n) for n in MANY))
    (folder / "mkdocs.yml").write_text(MKDOCS)
    (folder / "docs").mkdir()
    for name in ("ledger", "other"):
        shutil.copytree(ROOT / "model_index" / "measured", folder / name)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "zoo").write_text(SCRIPT)
    return folder


def start(folder: Path, line: str) -> "subprocess.Popen[str]":
    environment = os.environ | {"ZOO_CACHE": str(folder.parent / "cache")}
    for name in ("PYTHONSAFEPATH", "PYTHONPATH"):
        environment.pop(name, None)
    return subprocess.Popen(
        [sys.executable, str(folder.parent / "bin" / "zoo"), *line.split()],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def check(folder: Path, mark: Path, line: str) -> None:
    process = start(folder, line)
    output, _ = process.communicate(timeout=300)
    assert not mark.exists(), line + mark.read_text() + output
    assert process.returncode in (0, 1), line + output
    assert "of the working folder" not in output, line


@pytest.mark.parametrize(
    "line", [*STARTING, *(pytest.param(line, marks=pytest.mark.slow) for line in SLOW)]
)
def test_nothing_of_the_working_folder_is_imported(folder: Path, mark: Path, line: str) -> None:
    check(folder, mark, line)


def test_nothing_of_the_working_folder_is_imported_by_what_starts_no_process(
    folder: Path, mark: Path
) -> None:
    lines = {line for name in LINES.keys() - {"serve"} for line in LINES[name]}
    for line in sorted(lines - {*STARTING, *SLOW}):
        check(folder, mark, line)


@pytest.mark.parametrize(
    "line",
    [
        "verify --index one.yml",
        pytest.param("verify --index many.yml", marks=pytest.mark.slow),
        pytest.param("list --index timm", marks=pytest.mark.slow),
        pytest.param("build --index one.yml --no-verify", marks=pytest.mark.slow),
    ],
)
def test_nothing_of_the_working_folder_is_imported_for_a_library_user(
    folder: Path, mark: Path, line: str
) -> None:
    (folder.parent / "bin" / "zoo").write_text(LIBRARY)
    check(folder, mark, line)


def test_nothing_of_the_working_folder_is_imported_by_the_server(folder: Path, mark: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = start(folder, LINES["serve"][0].format(port=port))
    try:
        deadline = time.monotonic() + 120
        page = b""
        while b"resnet18" not in page and time.monotonic() < deadline:
            time.sleep(0.2)
            with (
                suppress(OSError),
                urlopen(f"http://127.0.0.1:{port}/models/", timeout=5) as answer,
            ):
                page = answer.read()
        assert b"resnet18" in page
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert not mark.exists(), mark.read_text()
