"""From options to cells, how long they take, and what is refused before anything runs."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from zoo.bench.conditions import CONDITIONS
from zoo.bench.plan import PROBE_SECONDS, PROCESS_SECONDS, Grid, Item, plan, total_seconds, validate
from zoo.model_index.errors import UsageError
from zoo.model_index.ledger.benchmark import Benchmark, Replicate
from zoo.model_index.ledger.store import Evidence, Ledger
from zoo.model_index.records.input_spec import image_input
from zoo.model_index.records.records import Entry

Items = Callable[..., list[Item]]


def test_every_combination_is_a_cell(items: Items) -> None:
    made = items(
        "Busy", "Talks", engines=("eager", "compile"), batch_sizes=(1, 4), modes=("latency", "cold")
    )
    names = ("engine", "batch_size", "mode")
    seen = [(item.cell.model, *(item.cell.conditions[name] for name in names)) for item in made]
    assert len(seen) == len(set(seen)) == 16
    assert seen[:3] == [
        ("busy", "eager", 1, "latency"),
        ("busy", "eager", 1, "cold"),
        ("busy", "eager", 4, "latency"),
    ]
    assert len({item.cell.key for item in made}) == 16
    assert tuple(made[0].cell.conditions) == CONDITIONS


def test_a_cell_says_all_that_was_asked(items: Items) -> None:
    (item,) = items(
        "Busy", engines=("compile",), channels_last=True, compile_mode="max-autotune", l2="cold"
    )
    assert item.cell.conditions == {
        "engine": "compile",
        "engine_options": {"compile_mode": "max-autotune"},
        "device": "cpu",
        "precision": "fp32",
        "batch_size": 1,
        "input": "8x8 image",
        "channels_last": True,
        "threads": 1,
        "mode": "latency",
        "l2": "cold",
    }
    assert (item.cell.kind, item.cell.tool, item.cell.builder) == (
        "bench",
        "zoo-bench/2",
        "benchtoys:Busy",
    )


def test_options_that_do_not_apply_make_no_other_cell(items: Items) -> None:
    (block,) = items("Busy", modes=("throughput",), l2="cold")
    assert block.cell.conditions["l2"] == "none"
    hints = [
        item.cell.conditions["engine_options"]
        for item in items("Busy", engines=("openvino",), modes=("latency", "throughput"))
    ]
    assert hints == [{"hint": "latency"}, {"hint": "throughput"}]


def test_a_machine_is_part_of_a_placed_cell(items: Items) -> None:
    (item,) = items("Busy")
    here, there = item.with_key({"device": "one CPU"}), item.with_key({"device": "another CPU"})
    assert here.conditions == item.cell.conditions | {"key": {"device": "one CPU"}}
    assert len({item.cell.key, here.key, there.key}) == 3


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"engines": ["turbo"]},
            "--engine: no 'turbo' (eager, compile, onnxruntime, openvino, tensorrt)",
        ),
        (
            {"devices": ["tpu"]},
            "--device: no 'tpu': did you mean cpu? (cpu, cuda, mps)",
        ),
        (
            {"devices": ["cuda:x"]},
            "--device: no 'cuda:x': did you mean cuda? (cpu, cuda, mps)",
        ),
        ({"precisions": ["int8"]}, "--precision: no 'int8' (fp32, fp16, bf16, amp, tf32)"),
        ({"modes": [""]}, "--mode: no '' (latency, throughput, device, cold, train)"),
        ({"l2": "warm"}, "--l2: no 'warm' (none, cold)"),
        ({"batch_sizes": [0]}, "--batch-size: expected whole numbers from 1, got 0"),
    ],
)
def test_what_does_not_exist_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        validate(Grid(**asked))
    assert str(caught.value) == message


def test_threads_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.bench.plan.available_cpus", lambda: [0, 1, 2, 3])
    monkeypatch.setattr("zoo.bench.plan.default_threads", lambda: 2)
    assert validate(Grid()).threads == 2
    assert validate(Grid(threads=4)).threads == 4
    with pytest.raises(
        UsageError, match="--threads: expected 1 to 4, the CPUs of this process, got 5"
    ):
        validate(Grid(threads=5))


def test_the_expected_time_is_a_guess_where_nothing_is_known(items: Items) -> None:
    made = items("Busy", "Talks", modes=("latency", "cold"))
    assert {(item.seconds, item.estimated) for item in made} == {(PROCESS_SECONDS, False)}
    assert (
        total_seconds(made, 10)
        == PROBE_SECONDS + 2 * PROCESS_SECONDS * 11 + 2 * PROCESS_SECONDS * 10
    )


def test_the_expected_time_comes_from_evidence(
    entries: Callable[..., list[Entry]], items: Items, tmp_path: Path
) -> None:
    ledger, asked = (
        Ledger(tmp_path / "ledger"),
        validate(Grid(batch_sizes=(1, 4), input=image_input((8, 8)), threads=1)),
    )
    first = items("Busy", batch_sizes=(1,))[0]
    walls = [Replicate(samples=[1.0], telemetry={"wall": seconds}) for seconds in (3.0, 4.0, 8.0)]
    record = Benchmark(mode="latency", batch_size=1, replicates=walls, key={}, stopped="maximum")
    there = first.with_key({"device": "elsewhere"})
    ledger.put(Evidence(cell=there, outcome="measured", values=msgspec.to_builtins(record)))
    one, four = plan(entries("Busy"), asked, ledger)
    assert (one.seconds, one.estimated) == (4.0, True)
    assert (four.seconds, four.estimated) == (
        4.0,
        True,
    )  # the model's other cell is a better guess than none


def test_planning_and_running_import_neither_torch_nor_numpy() -> None:
    code = (
        "import sys, zoo.bench.run, zoo.bench.plan, zoo.cli.bench, zoo.bench.subprocess_runner\n"
        "print(sorted({'torch', 'numpy', 'scipy', 'timm'} & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
        == "[]\n"
    )
