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
    """The slowest tests and files as lines of seconds and name, and the sum over all tests."""
    files: dict[str, float] = {}
    for test, duration in seconds.items():
        file = test.partition("::")[0]
        files[file] = files.get(file, 0.0) + duration
    lines = [
        f"{duration:8.2f} s  {name}"
        for durations in (seconds, files)
        for name, duration in sorted(durations.items(), key=lambda row: -row[1])[:count]
    ]
    return "\n".join([*lines, f"{sum(seconds.values()):8.2f} s  {len(seconds)} tests in all", ""])
