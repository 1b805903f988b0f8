"""Fixtures of the benchmarks' tests, for `zoo bench`: toy models and a worker that only
pretends; a terminal, and screens that are kept."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.terminal import Screen, run_in_terminal
from tests.zoo.bench.conftest import entries, items, pretender, toys

__all__ = ["entries", "items", "pretender", "toys"]

SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.fixture
def terminal() -> Callable[..., Screen]:
    """Runs a command in a terminal: `terminal("lint", "m.yml", columns=80).lines`."""
    return run_in_terminal


@pytest.fixture
def snapshot(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[str, Sequence[str]], None]:
    """Compares lines with `snapshots/NAME.txt`; `pytest --write-snapshots` writes that file.

    The test's folder is written as `TMP`, a number with a time or a version has to be removed by
    the test.
    """

    def compare(name: str, lines: Sequence[str]) -> None:
        file = SNAPSHOTS / f"{name}.txt"
        text = "".join(f"{line}\n" for line in lines).replace(str(tmp_path), "TMP")
        if request.config.getoption("--write-snapshots"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert text == (file.read_text(encoding="utf-8") if file.exists() else "")

    return compare
