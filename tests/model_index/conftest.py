"""Reading small texts: what most tests of the index need."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zoo.model_index.load import load, read_text
from zoo.model_index.records.records import Index

Read = Callable[[str], tuple[Index, list[str]]]
Files = Callable[..., Index]


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
