"""Records of benchmarks: what is derived from raw samples, and what is not."""

from pathlib import Path

import msgspec
import pytest

from zoo.model_index.ledger.benchmark import Benchmark, Replicate, interval, outliers, quantile
from zoo.model_index.ledger.store import Cell, Evidence, Ledger, dump


def benchmark(*replicates: Replicate, **fields: object) -> Benchmark:
    given = {"mode": "latency", "batch_size": 4, "key": {}, "stopped": "maximum"} | fields
    return Benchmark(replicates=list(replicates), **given)  # type: ignore[arg-type]


def test_the_process_is_the_replicate() -> None:
    record = benchmark(
        Replicate(samples=[1.0, 9.0, 2.0]), Replicate(samples=[4.0]), Replicate(samples=[3.0, 3.0])
    )
    assert record.medians == [2.0, 4.0, 3.0]
    assert (record.seconds, record.rate) == (3.0, 4 / 3)


def test_a_sample_of_several_calls_counts_each() -> None:
    record = benchmark(Replicate(samples=[1.0, 2.0, 3.0], calls=10))
    assert record.seconds == 0.2
    assert record.quantile(0.5) is None


def test_the_interval_is_students_of_log_medians() -> None:
    low, high = interval([0.98, 1.0, 1.02, 1.01, 0.99]) or (0, 0)
    assert (low, high) == pytest.approx((0.98039, 1.01980), abs=1e-4)
    assert interval([1.0]) is None


def test_two_processes_that_differ_widely_give_no_interval() -> None:
    assert interval([1.0, 1.1]) is not None
    assert interval([1.0, 3.0]) is None  # one of 10^-3 to 10^3 says nothing


def test_quantiles_exist_where_their_bound_does() -> None:
    assert quantile([], 0.5) is None
    assert [quantile(range(count), 0.9) for count in (28, 29)] == [None, 26]
    assert [quantile(range(count), 0.99) for count in (298, 299)] == [None, 296]
    assert [quantile(range(count), 0.5) for count in (4, 5)] == [None, 2]


def test_outliers_are_counted_by_tukeys_fences() -> None:
    assert outliers([1.0, 2.0, 3.0]) == (0, 0)
    assert outliers([10.0, 11.0, 12.0, 13.0, 14.0]) == (0, 0)
    assert outliers([10.0, 11.0, 12.0, 13.0, 17.0]) == (
        1,
        0,
    )  # quartiles 11 and 13, so fences at 16 and 19
    assert outliers([10.0, 11.0, 12.0, 13.0, 20.0]) == (0, 1)
    assert outliers([1.0] * 9 + [1.1]) == (0, 1)
    record = benchmark(
        Replicate(samples=[10.0, 11.0, 12.0, 13.0, 17.0]), Replicate(samples=[1.0] * 9 + [1.1])
    )
    assert record.outliers == (1, 1)


def test_flags_of_all_processes_once() -> None:
    flagged = [
        Replicate(samples=[1.0], flags=flags)
        for flags in (["throttled"], [], ["steal", "throttled"])
    ]
    assert benchmark(*flagged).flags == ["throttled", "steal"]


def test_a_document_has_a_line_a_process(tmp_path: Path) -> None:
    cell = Cell(
        kind="bench", model="m", builder="timm:m", builder_version="timm 1", tool="zoo-bench/1"
    )
    record = benchmark(Replicate(samples=[0.5] * 300), Replicate(samples=[0.25] * 300))
    evidence = Evidence(cell=cell, outcome="measured", values=msgspec.to_builtins(record))
    assert sum("0.5" in line or "0.25" in line for line in dump(evidence).splitlines()) == 2
    Ledger(tmp_path).put(evidence)
    read = Ledger(tmp_path).get(cell)
    assert read and read.benchmark == record


def test_a_document_that_holds_something_else_is_measured_again(tmp_path: Path) -> None:
    cell = Cell(
        kind="bench", model="m", builder="timm:m", builder_version="timm 1", tool="zoo-bench/1"
    )
    Ledger(tmp_path).put(Evidence(cell=cell, outcome="measured", values={"mode": "latency"}))
    assert Ledger(tmp_path).get(cell) is None


def test_a_failed_cell_measured_nothing() -> None:
    cell = Cell(
        kind="bench", model="m", builder="timm:m", builder_version="timm 1", tool="zoo-bench/1"
    )
    assert Evidence(cell=cell, outcome="failed", values={"failure": "timeout"}).benchmark is None
