"""Terminals as people have them: 20 columns, no colours, no Unicode, sizes that are nonsense."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal import Screen
from zoo.cli.output.streams import PLAIN

INDEX = """\
Collections: [{Name: DPN}]
Models:
- Name: dpn98_of_a_long_name_that_fits_nowhere
  In Collection: DPN
  Builder: none
  Weights: https://weights.invalid/a_very_long_address_of_weights/dpn98-722954780.pth
  Metadata: {Parameters: '61,570,728', FLOPs: '11,671,217,152', Image Size: 224}
  Results:
  - {Task: Image Classification, Dataset: ImageNet, Metrics: {Top 1: 79.65%, Top 5: 60%}}
"""
NAME = "dpn98_of_a_long_name_that_fits_nowhere"
INDEXED = "--index m.yml"
COMMANDS = (
    f"list {INDEXED}",
    f"verify {INDEXED} --ledger l",
    f"verify {INDEXED} --ledger l --all",
    f"show {NAME} {INDEXED} --ledger l",
    f"explain {NAME} Parameters {INDEXED} --ledger l",
    "lint m.yml",
    f"weights {NAME} {INDEXED} --offline --ledger l",
    f"card {NAME} {INDEXED} --ledger l",
    "convert m.yml --to csv",
    "jobs --ledger l",
    "ledger check --ledger l",
    "env",
    "trust --list",
    "init --dry-run",
    "--help",
    "verify -h",
    "verfy",
    "list --nonsense",
    "count timm:test_resnet --ledger l",
    "check timm:test_resnet --params 471,706 --flops 3G",
    "add timm:test_resnet --dry-run -o new.yml",
    "eval digits_cnn --limit 128 --index demo --ledger l",
    "export digits_cnn --index demo --ledger l",
    "bench digits_cnn --plan --index demo --ledger l",
    "bench digits_cnn --replicates 2 --budget 10s --index demo --ledger l",
    "compare device=cpu device=cuda --index demo --ledger l",
    "build --no-verify --index m.yml --ledger l",
    "serve --port 1x",
)
QUICK = {f"list {INDEXED}", "lint m.yml", "list --nonsense"}
VARIABLES: tuple[dict[str, str], ...] = (
    {"TERM": "dumb"},
    {"NO_COLOR": "1"},
    {"COLUMNS": "0"},
    {"COLUMNS": "wide"},
    {"COLUMNS": "-5"},
    {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
)


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m.yml").write_text(INDEX)
    (tmp_path / "l").mkdir()
    monkeypatch.chdir(tmp_path)


def check(screen: Screen) -> str:
    text = "\n".join([*screen.lines, *screen.errors])
    assert screen.code in (0, 1, 2) and "Traceback" not in text, text
    return text


@pytest.mark.parametrize(
    "command",
    [pytest.param(c, marks=[] if c in QUICK else [pytest.mark.slow]) for c in COMMANDS],
)
@pytest.mark.usefixtures("in_folder")
def test_twenty_columns_break_no_number(command: str, terminal: Callable[..., Screen]) -> None:
    narrow = check(terminal(*command.split(), columns=20))
    wide = check(terminal(*command.split(), columns=200))
    for number in (*re.findall(r"\d+(?:,\d{3})+", wide), "61.57", "11.67", "79.65"):
        assert (number in narrow) == (number in wide)


@pytest.mark.parametrize("variables", VARIABLES, ids=str)
@pytest.mark.usefixtures("in_folder")
def test_odd_variables_are_no_fault(
    variables: dict[str, str], terminal: Callable[..., Screen]
) -> None:
    screen = terminal(*COMMANDS[0].split(), environment=variables, color=True)
    assert "61.57" in check(screen)
    if "TERM" in variables or "NO_COLOR" in variables:
        assert "\x1b[" not in "".join(screen.lines)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "utf-8"])
def test_signs_that_an_encoding_lacks_are_replaced(encoding: str) -> None:
    script = (
        "import sys\nfrom zoo.cli.output.streams import open_streams\nopen_streams()\n"
        "text = sys.argv[1]\nprint(text)\nprint(text, file=sys.stderr)\n"
    )
    text = "".join(PLAIN) + "\u624b"
    done = subprocess.run(
        [sys.executable, "-c", script, text],
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        check=True,
    )
    replaced = [c if _has(encoding, c) else PLAIN[c] for c in PLAIN]
    last = "\u624b" if encoding == "utf-8" else "\\u624b"
    expected = "".join([*replaced, last, "\n"])
    assert done.stdout.decode(encoding) == done.stderr.decode(encoding) == expected


def _has(encoding: str, character: str) -> bool:
    try:
        return bool(character.encode(encoding))
    except UnicodeEncodeError:
        return False
