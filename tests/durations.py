"""A pytest plugin that writes the slowest tests of a run to a file: `pytest --slowest FILE`."""

from pathlib import Path

import pytest

SLOWEST = 30


class Durations:
    """Adds up set-up, call and tear-down of each test."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.seconds: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the time of one phase of a test."""
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration

    def pytest_sessionfinish(self) -> None:
        """Write the file, the slowest test first."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(slowest(self.seconds), encoding="utf-8")


def slowest(seconds: dict[str, float], count: int = SLOWEST) -> str:
    """The slowest tests as lines of seconds and test id, and the sum over all tests."""
    rows = sorted(seconds.items(), key=lambda row: -row[1])
    lines = [f"{duration:8.2f} s  {test}" for test, duration in rows[:count]]
    return "\n".join([*lines, f"{sum(seconds.values()):8.2f} s  {len(rows)} tests in all", ""])
