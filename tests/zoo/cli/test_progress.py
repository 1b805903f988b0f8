"""Progress of long work where nobody watches a bar: lines on standard error, and none elsewhere."""

import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from zoo.cli.output import progress
from zoo.cli.output.progress import describe, show_entries, show_progress, show_step


@pytest.fixture
def wait_for_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], list[str]]:
    """Return a function that waits for a line with a text, and returns all lines until then."""
    monkeypatch.setattr(progress, "FIRST", 0.01)
    monkeypatch.setattr(progress, "EVERY", 0.01)
    printed: list[str] = []

    def wait(text: str) -> list[str]:
        deadline = time.monotonic() + 30
        while not any(text in line for line in printed) and time.monotonic() < deadline:
            out, err = capsys.readouterr()
            assert out == ""
            printed.extend(err.splitlines())
            time.sleep(0.01)
        return printed

    return wait


def test_the_work_is_named_before_its_first_update(
    wait_for_line: Callable[[str], list[str]],
) -> None:
    with show_progress("counting") as bars:
        assert "counting [0 s]" in wait_for_line("counting")
        bars.update("counting", 3, 12, label="dpn98")
        assert "counting: 3 of 12, dpn98 [0 s]" in wait_for_line("3 of 12")


def test_work_inside_other_work_is_the_one_that_is_named(
    wait_for_line: Callable[[str], list[str]],
) -> None:
    with show_progress("verifying"):
        with show_step("writing pages"):
            assert wait_for_line("writing pages")
        wait_for_line("verifying")[:] = []
        assert "writing" not in "".join(wait_for_line("verifying"))


def test_models_that_nobody_named_are_siblings(
    wait_for_line: Callable[[str], list[str]],
) -> None:
    with show_entries("verifying", 1) as advance:
        for name in ("dpn98", "dpn68", "dpn92"):
            advance(SimpleNamespace(name=name))  # type: ignore[arg-type]
        line = "siblings: 2, dpn92, siblings show the family's convention [0 s]"
        assert line in wait_for_line("siblings")


def test_short_work_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress("counting") as bars, show_step("reading"):
        bars.update("counting", 1, 2)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "state, line",
    [
        (("counting", 0, 1, "dpn98", "", 0.5), "counting: dpn98"),
        (("counting", 3, 1200, "dpn98", "", 1), "counting: 3 of 1,200, dpn98"),
        (("counting", 3, 12, "dpn98", "", 30), "counting: 3 of 12, dpn98, 1 min 30 s left"),
        (("probing", 0, None, "", "", 5), "probing"),
        (("a.pth", 3, 12, "", "MB", 1), "a.pth: 3 of 12, MB"),
    ],
)
def test_a_line_says_what_is_done_and_left(state: tuple[object, ...], line: str) -> None:
    assert describe(*state) == line  # type: ignore[arg-type]
