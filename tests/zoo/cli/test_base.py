"""The base: the wheel alone in an empty environment, and the same with all else hidden."""

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tests.wheel import ROOT, Environment
from zoo.cli.commands import COMMANDS as PROGRAMS
from zoo.model_index.load import RECORDS
from zoo.models.extras import PACKAGES, install_command
from zoo.reporting.convert import TARGETS

MOST_BYTES = 40_000_000
MEASURED = str(RECORDS)
# What the base does, each with its exit code.
COMMANDS = {
    "--help": 0,
    "--version": 0,
    "list": 0,
    "lint": 0,
    "lint misspelt.yml": 1,
    **{f"lint --format {format}": 0 for format in ("json", "junit", "sarif", "github", "markdown")},
    "show dpn98": 0,
    "schema": 0,
    "env": 0,
    "card dpn98": 0,
    **{f"convert --to {target} --output {target}/": 0 for target in TARGETS},
    "compare --ledger MEASURED batch_size=1 batch_size=8": 0,
    "ledger check --ledger MEASURED": 0,
    "bench dla34 --plan": 2,
    "init": 0,
    "trust --list": 0,
    **{f"{name} --help": 0 for name in PROGRAMS},
}
# What it does not do, each with the extra that does.
MISSING = {
    "verify dla34": "live",
    "verify --jobs 2": "live",
    "verify --weights dla34": "live",
    "verify digits_cnn": "live",
    "verify --counter fvcore dla34": "fvcore",
    "verify dla34 --executor local": "cluster",
    "verify dla34 --index timm": "live",
    "explain dpn98": "live",
    "count timm:resnet18": "live",
    "check resnet18 --flops 1.8G": "live",
    "add timm:resnet18": "live",
    "weights dla34": "weights",
    "weights --offline dla34": "weights",
    "eval digits_cnn": "eval",
    "bench dla34": "live",
    "export dla34": "live",
    "build": "site",
    "serve": "site",
    "jobs": "cluster",
    "ledger compact --ledger MEASURED": "parquet",
}
HIDING = """
import importlib.metadata, json, sys
hidden = json.loads(sys.argv.pop(1))
sys.modules |= dict.fromkeys(hidden)
version = importlib.metadata.version
def visible(name):
    if name in hidden:
        raise importlib.metadata.PackageNotFoundError(name)
    return version(name)
importlib.metadata.version = visible
from zoo.cli import main
main()
"""


def typed(command: str) -> list[str]:
    return [MEASURED if word == "MEASURED" else word for word in command.split()]


def test_every_command_is_tried() -> None:
    tried = {line.split()[0] for line in (*COMMANDS, *MISSING) if not line.endswith("--help")}
    assert set(PROGRAMS) - tried == set()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "misspelt.yml").write_text(
        "Models:\n- {Name: dla34, Metadata: {Paramters: 15.7 M}}\n"
    )
    return tmp_path


def hide(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command where no package of any extra can be imported."""
    hidden = json.dumps([module for modules in PACKAGES.values() for module in modules])
    return subprocess.run(
        [sys.executable, "-c", HIDING, hidden, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_the_base_imports_no_package_of_an_extra(command: str, folder: Path) -> None:
    done = hide(typed(command), folder)
    assert done.returncode == COMMANDS[command], done.stderr


@pytest.mark.parametrize("command", MISSING)
def test_a_command_says_which_extra_it_lacks(command: str, folder: Path) -> None:
    done = hide(typed(command), folder)
    assert done.returncode == 2, done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("zoo: ") and "Traceback" not in done.stderr, done.stderr
    assert last.endswith(f": {install_command(MISSING[command])}")
    assert not (folder / "ledger").exists()  # that something is missing is no evidence


INDEX = """
Models:
- Name: dla34
  Metadata: {Parameters: 15.7 M, FLOPs: 3.07 G, Image Size: 224}
- Name: digits_cnn
  Builder: zoo.examples.digits:DigitsCNN
  Metadata: {Parameters: 1}
"""
VERIFY = "verify --index index.yml --ledger measured".split()


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with an index and a ledger that has all evidence of it, and what verify says."""
    folder = tmp_path_factory.mktemp("measured")
    (folder / "index.yml").write_text(INDEX)
    done = subprocess.run(
        [sys.executable, "-m", "zoo", *VERIFY], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    return folder, done.stdout


def test_evidence_is_judged_without_the_library_that_was_measured(
    measured: tuple[Path, str],
) -> None:
    folder, output = measured
    done = hide(VERIFY, folder)
    assert (done.returncode, done.stdout) == (1, output), done.stderr
    shown = hide(["show", "dla34", *VERIFY[1:]], folder)
    assert shown.returncode == 0 and "Measured\t3.06 GMACs, 15.74 M parameters" in shown.stdout
    fresh = hide([*VERIFY, "--fresh"], folder)
    assert fresh.returncode == 2 and fresh.stderr.endswith(f": {install_command('live')}\n")


def test_the_base_judges_evidence(base: "Environment", measured: tuple[Path, str]) -> None:
    folder, output = measured
    done = base.zoo(*VERIFY, folder=folder)
    assert (done.returncode, done.stdout) == (1, output), done.stderr


@pytest.fixture(scope="module")
def base(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel and what it requires."""
    environment = Environment(tmp_path_factory.mktemp("base"))
    reached = environment.install("mdurl")
    if reached.returncode:
        why = reached.stderr.strip().splitlines()[-1]
        pytest.skip(f"no package index can be reached: {why}")
    done = environment.install(str(wheel))
    assert done.returncode == 0, done.stderr
    return environment


def test_the_base_is_small(base: Environment) -> None:
    names = {item.name.lower() for item in metadata.distributions(path=[str(base.packages)])}
    assert "model-zoo-ledger" in names
    assert names.isdisjoint({"torch", "numpy", "babel", "mkdocs", "matplotlib", "urllib3"})
    assert base.size() <= MOST_BYTES


def test_the_base_does_its_commands(base: Environment, folder: Path) -> None:
    for command, code in COMMANDS.items():
        done = base.zoo(*typed(command), folder=folder)
        assert done.returncode == code, (command, done.stderr)


def test_the_base_says_what_the_others_need(base: Environment, folder: Path) -> None:
    for command, extra in MISSING.items():
        done = base.zoo(*typed(command), folder=folder)
        assert done.returncode == 2, (command, done.stderr)
        assert done.stderr.endswith(f": {install_command(extra)}\n"), command
