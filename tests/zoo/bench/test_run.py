"""Rounds, records and outcomes, with a worker that only pretends and a clock that only it moves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zoo.bench.messages import MISSING, WorkerAnswer, WorkerJob
from zoo.bench.plan import Item
from zoo.bench.protocol import Stopping
from zoo.bench.run import BenchmarkProgress, BenchmarkRun, RunLimits
from zoo.bench.state import State
from zoo.model_index.errors import LedgerError
from zoo.model_index.ledger.store import Evidence, Ledger

Items = Callable[..., list[Item]]


@pytest.fixture
def run(tmp_path: Path, pretender: Any) -> Callable[..., BenchmarkRun]:
    def made(**fields: Any) -> BenchmarkRun:
        given = {
            "ledger": Ledger(tmp_path / "ledger"),
            "run_worker": pretender,
            "trusted": ("benchtoys",),
            "clock": pretender.clock,
        } | fields
        return BenchmarkRun(**given)

    return made


def noisy(job: WorkerJob, count: int) -> float:
    return 1.0 + 0.3 * (count % 3)


def documents(folder: Path) -> list[Evidence]:
    return list(Ledger(folder / "ledger").all("bench"))


def test_cells_take_turns_and_every_process_is_asked_for_once(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any
) -> None:
    pretender.seconds = noisy
    states = run().measure(items("Busy", "Talks", "Wanders"))
    order = pretender.asked("replicate")
    rounds = [order[at : at + 3] for at in range(0, 30, 3)]
    assert len(order) == 30
    assert all(sorted(each) == ["busy", "talks", "wanders"] for each in rounds)
    assert all(rounds[at] == rounds[at + 1][::-1] for at in range(0, 10, 2))
    assert len({tuple(each) for each in rounds}) > 2
    assert sorted(pretender.asked("memory")) == ["busy", "talks", "wanders"]
    assert len(pretender.asked("probe")) == 1
    assert [state.stopped for state in states] == ["maximum"] * 3


def test_what_a_record_says(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any, tmp_path: Path
) -> None:
    run(flags=" --trust benchtoys", identity="abc").measure(items("Busy"))
    (document,) = documents(tmp_path)
    record = document.benchmark
    assert record
    assert (record.stopped, record.seconds, len(record.replicates)) == ("precise", 1.0, 5)
    assert [(each.run, each.round) for each in record.replicates] == [
        ("abc", number) for number in range(5)
    ]
    assert record.key == {
        "device": "Pretended CPU",
        "engine": "eager",
        "quota": None,
        "precision": "fp32",
        "threads": 1,
    }
    assert record.output == {"max_abs": 0.0, "tolerance": 0.1, "samples": 1.0}
    assert record.memory == {"allocated": None, "host_peak": 1 << 20}
    assert record.energy == {}
    assert (record.resolved, record.input, record.shapes) == ("toy", "8x8 image", [[1, 3, 8, 8]])
    assert document.environment == {"cpu": "Pretended CPU", "settings": {"threads": 1}}
    assert document.seconds == 50.0
    assert document.command == (
        "zoo bench busy --engine eager --device cpu --precision fp32 --batch-size 1 --mode "
        "latency --threads 1 "
        "--input '8x8 image' --trust benchtoys"
    )
    assert [job.check for job in pretender.jobs if job.purpose == "replicate"] == [True] + [
        False
    ] * 4


def test_a_cold_start_has_no_memory_pass(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any
) -> None:
    run().measure(items("Busy", modes=("cold",)))
    assert (len(pretender.asked("memory")), len(pretender.asked("replicate"))) == (0, 5)


def test_a_throttled_process_is_kept_and_run_again(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any
) -> None:
    pretender.flags = {2: ["throttled"], 3: ["throttled"]}
    (state,) = run().measure(items("Busy"))
    assert (state.stopped, len(state.replicates)) == ("precise", 7)
    assert [bool(each.flags) for each in state.replicates] == [
        False,
        True,
        True,
        False,
        False,
        False,
        False,
    ]


def test_what_is_complete_is_not_measured_again(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any
) -> None:
    run().measure(items("Busy"))
    asked = len(pretender.jobs)
    (state,) = run().measure(items("Busy"))
    assert (state.reused, len(state.replicates)) == (True, 5)
    assert [job.purpose for job in pretender.jobs[asked:]] == ["probe"]
    (again,) = run(fresh=True).measure(items("Busy"))
    assert (again.reused, len(pretender.asked("replicate"))) == (False, 10)


def test_an_interruption_keeps_everything_but_the_process_in_flight(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any, tmp_path: Path
) -> None:
    pretender.seconds, pretender.interrupt_at = noisy, 8
    with pytest.raises(KeyboardInterrupt):
        run(identity="first").measure(items("Busy", "Talks"))
    before = {each.cell.model: each.benchmark for each in documents(tmp_path)}
    assert sorted(len(each.replicates) for each in before.values() if each) in (
        [3, 4],
        [3, 3],
        [4, 4],
    )
    assert {each.stopped for each in before.values() if each} == {"interrupted"}
    kept = sum(len(each.replicates) for each in before.values() if each)
    pretender.interrupt_at = None
    asked = len(pretender.asked("replicate"))
    states = run(identity="second").measure(items("Busy", "Talks"))
    assert len(pretender.asked("replicate")) - asked == 20 - kept
    assert len(pretender.asked("memory")) == 2
    for state in states:
        record = before[state.cell.model]
        assert record and state.replicates[: len(record.replicates)] == record.replicates
        assert [each.round for each in state.replicates] == list(range(10))


def test_two_machines_keep_two_records(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any, tmp_path: Path
) -> None:
    run().measure(items("Busy"))
    pretender.failing["eager"] = WorkerAnswer(
        key={"device": "Another CPU", "engine": "eager", "quota": None}
    )
    run().measure(items("Busy"))
    assert sorted(
        each.benchmark.key["device"] for each in documents(tmp_path) if each.benchmark
    ) == ["Another CPU", "Pretended CPU"]


def test_time_that_is_up_stops_every_cell(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any
) -> None:
    pretender.seconds = noisy
    states = run(limits=RunLimits(stopping=Stopping(10, more=True), budget=65.0)).measure(
        items("Busy", "Talks")
    )
    assert [state.stopped for state in states] == ["budget", "budget"]
    assert sorted(len(state.replicates) for state in states) == [2, 2]
    assert pretender.now <= 65


def test_a_cell_that_was_not_reached_leaves_no_record(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any, tmp_path: Path
) -> None:
    states = run(limits=RunLimits(budget=15.0)).measure(items("Busy", "Talks"))
    assert sorted(len(state.replicates) for state in states) == [0, 1]
    assert len(documents(tmp_path)) == 1


def test_with_little_time_an_interval_comes_before_the_memory(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any
) -> None:
    (state,) = run(limits=RunLimits(budget=25.0)).measure(items("Busy"))
    assert (len(state.replicates), state.memory, state.stopped) == (2, {}, "budget")
    (state,) = run(limits=RunLimits(budget=35.0)).measure(items("Busy"))
    assert (len(state.replicates), bool(state.memory), state.stopped) == (4, True, "budget")


def test_a_guess_is_not_below_what_starting_takes(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any
) -> None:
    """A process of 30 s that is guessed at 10 s would end after a budget of 20 s."""
    pretender.probe_wall, pretender.each = 30.0, 30.0
    (state,) = run(limits=RunLimits(budget=20.0)).measure(items("Busy"))
    assert (state.replicates, state.stopped, pretender.now) == ([], "budget", 0)


def test_a_builder_that_is_not_trusted_starts_no_process(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any, tmp_path: Path
) -> None:
    (state,) = run(trusted=()).measure(items("Busy"))
    assert (state.failure, state.error) == (
        MISSING,
        "benchtoys:Busy is code named by the index; it runs with --trust benchtoys",
    )
    assert (pretender.jobs, documents(tmp_path)) == ([], [])


def test_a_budget_buys_more_processes_where_they_are_needed(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any
) -> None:
    pretender.seconds = lambda job, count: noisy(job, count) if job.model == "busy" else 1.0
    states = run(limits=RunLimits(stopping=Stopping(10, more=True), budget=9999.0)).measure(
        items("Busy", "Talks")
    )
    assert [(state.stopped, len(state.replicates)) for state in states] == [
        ("maximum", 30),
        ("precise", 5),
    ]


FAILED = ("out of memory", "timeout", "wrong output", "not deterministic", "raised", "crashed")


@pytest.mark.parametrize("failure", FAILED)
def test_a_failure_is_recorded_and_the_others_go_on(
    failure: str, items: Items, run: Callable[..., BenchmarkRun], pretender: Any, tmp_path: Path
) -> None:
    pretender.failing["busy"] = WorkerAnswer(failure=failure, error="why it was so")
    busy, talks = run().measure(items("Busy", "Talks", batch_sizes=(4,)))
    assert (busy.failure, talks.stopped) == (failure, "precise")
    document = next(each for each in documents(tmp_path) if each.cell.model == "busy")
    assert (document.outcome, document.error) == ("failed", "why it was so")
    assert document.values == {"failure": failure, "mode": "latency", "batch_size": 4}
    asked = len(pretender.jobs)
    assert run().measure(items("Busy", "Talks", batch_sizes=(4,)))[0].reused
    assert [job.purpose for job in pretender.jobs[asked:]] == ["probe"]


def test_what_was_measured_before_a_failure_is_kept(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any, tmp_path: Path
) -> None:
    def seconds(job: WorkerJob, count: int) -> float:
        pretender.failing["busy"] = WorkerAnswer(
            failure="crashed", error="the process was killed by SIGSEGV"
        )
        return 1.0

    pretender.seconds = seconds
    run().measure(items("Busy"))
    (document,) = documents(tmp_path)
    assert (document.outcome, document.values["failure"]) == ("failed", "crashed")
    assert [each["samples"] for each in document.values["replicates"]] == [[1.0]]


def test_an_engine_that_is_not_installed_is_an_outcome_and_tried_again(
    items: Items,
    run: Callable[..., BenchmarkRun],
    pretender: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    missing = {"openvino": "install openvino"}
    monkeypatch.setattr("zoo.bench.run.explain_engine", lambda name, device: missing.get(name, ""))
    states = run().measure(items("Busy", engines=("eager", "openvino")))
    assert [(state.stopped, state.failure, state.error) for state in states] == [
        ("precise", None, None),
        (None, "unsupported", "install openvino"),
    ]
    assert len(documents(tmp_path)) == 2
    assert {job.engine for job in pretender.jobs} == {"eager"}
    missing.clear()
    states = run().measure(items("Busy", engines=("eager", "openvino")))
    assert [state.stopped for state in states] == ["precise", "precise"]
    assert {each.outcome for each in documents(tmp_path)} == {"measured"}
    assert len(documents(tmp_path)) == 2


def test_a_model_that_may_not_be_built_leaves_no_record(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any, tmp_path: Path
) -> None:
    pretender.failing["busy"] = WorkerAnswer(
        failure=MISSING, error="it runs with --trust benchtoys"
    )
    (state,) = run().measure(items("Busy"))
    assert (state.failure, state.saved, documents(tmp_path)) == (MISSING, False, [])


def test_a_ledger_that_cannot_be_written_stops_the_run(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any, tmp_path: Path
) -> None:
    (tmp_path / "ledger").write_text("a file where the folder should be")
    with pytest.raises(LedgerError, match=r"cannot (read|write) evidence"):
        run().measure(items("Busy"))


def test_energy_is_asked_for_last(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any, tmp_path: Path
) -> None:
    run(limits=RunLimits(energy=True)).measure(items("Busy"))
    assert [job.purpose for job in pretender.jobs] == [
        "probe",
        *["replicate"] * 2,
        "memory",
        *["replicate"] * 3,
        "energy",
    ]


@pytest.mark.parametrize(("budget", "measured"), [(80.0, False), (90.0, True)])
def test_energy_takes_its_loops_besides_a_process(
    budget: float, measured: bool, items: Items, run: Callable[..., BenchmarkRun], pretender: Any
) -> None:
    """Six processes of 10 s, then one more of 10 s with 15 s of loops."""
    run(limits=RunLimits(energy=True, budget=budget)).measure(items("Busy"))
    assert bool(pretender.asked("energy")) == measured


def test_progress_tells_cells_and_time(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any
) -> None:
    seen: list[BenchmarkProgress] = []
    run(watch=seen.append).measure(items("Busy", "Talks"))
    assert [(each.done, each.cells) for each in seen] == [(0, 2)] * 8 + [(1, 2), (2, 2)]
    assert [each.left for each in seen] == [190, 180, 170, 160, 150, 140, 130, 120, 60, 0]
    states: list[State] = [each.state for each in seen]
    assert {state.cell.model for state in states} == {"busy", "talks"}


def test_two_runs_of_one_cell_keep_the_processes_of_both(
    items: Items, run: Callable[..., BenchmarkRun], pretender: Any, tmp_path: Path
) -> None:
    """The other measures the same cell while this one waits for its third process."""
    other = run(identity="other", limits=RunLimits(stopping=Stopping(3)))
    alone = pretender.__call__

    def meanwhile(job: WorkerJob, timeout: float) -> WorkerAnswer:
        second = job.purpose == "replicate" and len(pretender.asked("replicate")) == 2
        if second and not other.states:
            other.ask = alone
            other.measure(items("Busy"))
        return alone(job, timeout)

    (state,) = run(
        identity="this", run_worker=meanwhile, limits=RunLimits(stopping=Stopping(5))
    ).measure(items("Busy"))
    (document,) = documents(tmp_path)
    assert document.benchmark
    runs = [each.run for each in document.benchmark.replicates]
    assert (
        sorted(set(runs)) == ["other", "this"]
        and runs.count("other") == 1
        and len(runs) == len(state.replicates)
    )
    assert len({(each.run, each.round) for each in state.replicates}) == len(runs) >= 4


def test_what_is_measured_anew_replaces_what_was_there_and_not_what_comes_meanwhile(
    items: Items, run: Callable[..., BenchmarkRun], tmp_path: Path
) -> None:
    run(identity="old").measure(items("Busy"))
    run(identity="new", fresh=True).measure(items("Busy"))
    (document,) = documents(tmp_path)
    assert document.benchmark and {each.run for each in document.benchmark.replicates} == {"new"}
