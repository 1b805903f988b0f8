"""The table of engines: a row and a class are enough for another engine."""

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from zoo.bench.engines import ENGINES, EngineRow, all_packages, create_engine, training_engines
from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.errors import Unsupported
from zoo.bench.messages import WorkerJob
from zoo.bench.plan import Grid, combinations, validate
from zoo.bench.timing_modes import require_training


class Turbo:
    """An engine of another package."""


@pytest.fixture
def row(monkeypatch: pytest.MonkeyPatch) -> Iterator[EngineRow]:
    module = ModuleType("turbo_engine")
    module.__dict__["Turbo"] = Turbo
    row = EngineRow(factory="turbo_engine:Turbo", packages=("turbo",), options=("hint",))
    monkeypatch.setitem(sys.modules, "turbo_engine", module)
    monkeypatch.setitem(ENGINES, "turbo", row)
    yield row


def test_a_row_and_a_class_are_an_engine(row: EngineRow) -> None:
    assert isinstance(create_engine("turbo"), Turbo)
    assert "turbo" in all_packages()
    grid = validate(Grid(engines=["turbo", "eager"], modes=["throughput"], threads=1))
    turbo, eager = combinations(grid, None)
    assert (turbo.engine_options, eager.engine_options) == ({"hint": "throughput"}, {})


def test_an_engine_that_only_infers_says_so(row: EngineRow) -> None:
    with pytest.raises(
        Unsupported, match=r"^turbo only infers; the mode train needs eager or comp"
    ):
        require_training(WorkerJob(purpose="replicate", engine="turbo"))


@pytest.mark.parametrize("name", ENGINES)
def test_rows_fit_their_classes(name: str) -> None:
    assert set(ENGINES[name].options) <= set(EngineOptions.__dataclass_fields__)
    assert hasattr(create_engine(name), "wrap") == (name in training_engines())
