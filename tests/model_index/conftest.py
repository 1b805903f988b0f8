"""Reading small texts: what most tests of the index need."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from zoo.model_index.errors import IndexFaults
from zoo.model_index.load import load, read_text
from zoo.model_index.records.records import Index

Read = Callable[[str], tuple[Index, list[str]]]
Files = Callable[..., Index]


CPU_SECONDS = 30


@pytest.fixture
def cpu_limit() -> Iterator[None]:
    """End a test that computes for half a minute, however busy the machine is: on its input a
    linear algorithm takes less than a second, a quadratic one minutes."""

    def stop(number: int, frame: FrameType | None) -> None:
        pytest.fail(f"computed for {CPU_SECONDS} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


@pytest.fixture
def read() -> Read:
    """Read one YAML text as `f.yml`: what it states and its faults, printed."""

    def run(text: str) -> tuple[Index, list[str]]:
        index, faults = read_text("f.yml", text)
        return index, [str(fault) for fault in faults]

    return run


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Write files into an empty working folder and load the given paths, the first file for
    none."""
    monkeypatch.chdir(tmp_path)

    def run(contents: dict[str, str | bytes], *paths: str) -> Index:
        for name, text in contents.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(paths or [next(iter(contents))])

    return run


@pytest.fixture
def faults_of() -> Callable[[Callable[[], Index]], list[str]]:
    """Print the faults of a reading, whether there is something to examine beside them or not."""

    def run(read_index: Callable[[], Index]) -> list[str]:
        try:
            return list(map(str, read_index().faults))
        except IndexFaults as error:
            assert str(error).splitlines() == list(map(str, error.faults))
            return list(map(str, error.faults))

    return run
