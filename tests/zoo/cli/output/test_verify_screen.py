"""`zoo verify dpn98` on a real terminal: one screen, whole numbers, narrow and in ASCII."""

import re
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import zoo_command
from tests.terminal import Screen

ROOT = Path(__file__).parents[4]
CLAIMS = ("15.00 G", "22.220 G", "58.460 M")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A ledger with the counts of the model and its family."""
    folder = str(tmp_path_factory.mktemp("ledger"))
    command = zoo_command(f"verify dpn98 --index demo --ledger {folder}")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    return folder


@pytest.fixture
def verify(
    terminal: Callable[..., Screen], ledger: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Screen]:
    monkeypatch.chdir(ROOT)
    command = ("verify", "dpn98", "--index", "demo", "--ledger", ledger)
    return lambda *more, **options: terminal(*command, *more, **options)


def test_it_is_one_screen_of_80_columns(verify: Callable[..., Screen]) -> None:
    screen = verify()
    lines = [*screen.lines, *screen.errors]
    assert screen.code == 1 and len(lines) <= 30
    assert max(map(len, screen.lines)) <= 80
    assert lines[0] == "dpn98   timm:dpn98.mx_in1k: 11.67 GMACs at 224x224, 61.57 M parameters"
    standings = [line.split()[0] for line in lines if line[:1] in ("w", "r", "u")]
    assert standings == ["wrong"] * 3 + ["right", "unknown"]
    text = "\n".join(lines)
    assert all(claim in text for claim in CLAIMS) and "use 11.67 GMACs (-22.2%)" in text
    for command in ("zoo bench dpn98", "zoo eval dpn98 --data PATH"):
        assert command in text
    assert lines[-1] == "3 wrong, 7 right, 23 unknown of 33 claims"
    assert "model_index/data/dpn.yml:251" in text and "Traceback" not in text


@pytest.mark.parametrize("columns", [20, 40, 80, 120])
@pytest.mark.parametrize("more", [(), ("--all",), ("--exact",)], ids=["", "all", "exact"])
def test_no_number_is_broken(
    verify: Callable[..., Screen], columns: int, more: tuple[str, ...]
) -> None:
    screen, wide = verify(*more, columns=columns), verify(*more, columns=200)
    assert screen.code == 1 and "Traceback" not in "\n".join(screen.errors)
    words = [Counter(" ".join(part.lines).replace(",", " ").split()) for part in (wide, screen)]
    assert words[0] - words[1] == Counter()


def test_ascii_alone_loses_nothing(verify: Callable[..., Screen]) -> None:
    plain = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    for columns in (20, 80):
        screens = verify(columns=columns, environment=plain), verify(columns=columns)
        assert without_progress(screens[0]) == without_progress(screens[1])


def without_progress(screen: Screen) -> Screen:
    """Leave out the lines that a slow machine has more of: they end in the seconds so far."""
    errors = [line for line in screen.errors if not re.search(r"\[\d+ s\]$", line)]
    return screen._replace(errors=errors)
