"""Fixtures shared by the tests of the live side."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from zoo.counting.measurer import Measurer
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.load import load
from zoo.model_index.records.records import Entry, Index

TOY = '''
from torch import nn

class Toy(nn.Sequential):
    """8 filters of 3x3 on 3 channels with bias, batch norm, pooling to 1x1, linear layer to 10."""
    def __init__(self, width=8):
        super().__init__(nn.Conv2d(3, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10))

class Broken(nn.Module):
    def forward(self, x):
        raise RuntimeError("no forward today")

def make():
    return Toy()

def not_a_module():
    return 42

def explode():
    raise ValueError("boom")
'''


@pytest.fixture(autouse=True)
def broken_pipes() -> Iterator[None]:
    """The command line lets a broken pipe end the process; the tests' own goes on."""
    yield
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


@pytest.fixture(scope="session")
def descendants() -> Callable[[int], set[int]]:
    """Finds the processes below one, in /proc."""

    def below(pid: int) -> set[int]:
        parents = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it ended meanwhile
                parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        found, more = {pid}, {pid}
        while more := {child for child, parent in parents.items() if parent in more} - found:
            found |= more
        return found - {pid}

    return below


@pytest.fixture(scope="session")
def embedded() -> Index:
    """The index that ships with the package."""
    return load()


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the import path with the module `toyzoo`."""
    (tmp_path / "toyzoo.py").write_text(TOY)
    sys.modules.pop("toyzoo", None)  # another test's, from another folder
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], list[Entry]]:
    """Entries of an index given as YAML text."""

    def entries(text: str) -> list[Entry]:
        path = tmp_path / "index.yml"
        path.write_text(text)
        return list(load([path]).entries)

    return entries


@pytest.fixture
def measurer(tmp_path: Path) -> Measurer:
    """A measurer on an empty ledger that trusts the toy module."""
    return Measurer(Ledger(tmp_path / "ledger"), trusted=("toyzoo",))
