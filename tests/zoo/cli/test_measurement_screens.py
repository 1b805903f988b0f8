"""Screens of the commands that measure, from records written here: 80 and 120 columns, narrow
terminals, nothing but ASCII."""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from zoo.api.evaluating import EvaluationResult
from zoo.bench.plan import Item
from zoo.bench.state import State
from zoo.cli import app
from zoo.cli.output import console
from zoo.cli.output.benchmark_plan import print_plan
from zoo.cli.output.benchmarks import print_states
from zoo.cli.output.evaluation import print_evaluation
from zoo.cli.output.jobs import print_jobs, print_runs
from zoo.cli.output.layout import measure
from zoo.cli.output.weights import print_model
from zoo.cluster.dispatch import JobState
from zoo.cluster.run_record import Job, Run
from zoo.cluster.status import Status
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger.benchmark import Benchmark, Replicate
from zoo.model_index.ledger.evaluation import Evaluation, Share
from zoo.model_index.ledger.store import Cell, Evidence, Ledger
from zoo.model_index.load import load
from zoo.model_index.records.records import Entry

INDEX = """
Models:
- Name: seresnext50_32x4d
  Builder: 'timm:seresnext50_32x4d'
  Weights: 'https://example.org/models/seresnext50_32x4d-a260b3a4.pth'
  Metadata: {File Size: 110 MB}
  Results:
  - Task: Image Classification
    Dataset: ImageNet
    Metrics: {Top 1 Accuracy: 81.27%, Top 5 Accuracy: 95.62%}
- {Name: dla34, Builder: 'timm:dla34'}
"""
TIMES = (0.0162, 0.0164, 0.0161, 0.0163, 0.0165)
CONDITIONS: dict[str, Any] = {
    "engine": "eager",
    "engine_options": {},
    "device": "cpu",
    "precision": "fp32",
    "batch_size": 1,
    "input": "proposed",
    "channels_last": False,
    "threads": 2,
    "mode": "latency",
    "l2": "none",
    "key": {"device": "CPU X", "engine": "eager", "quota": None},
}


def cell(entry: Entry, **conditions: Any) -> Cell:
    return Cell(
        kind="bench",
        model=entry.name,
        builder=str(entry.builder),
        builder_version="timm 1.0.20",
        tool="zoo-bench/1",
        conditions=CONDITIONS | conditions,
    )


def replicates(
    times: Sequence[float], calls: int = 1, flags: Sequence[str] = ()
) -> list[Replicate]:
    return [
        Replicate(samples=[value] * calls, flags=list(flags), run="one", round=number)
        for number, value in enumerate(times)
    ]


def state(entry: Entry, times: Sequence[float] = TIMES, calls: int = 1, **fields: Any) -> State:
    """A cell with these medians; `flags` and what a `State` has, else conditions."""
    flags = fields.pop("flags", ())
    own = {name: fields.pop(name) for name in (*fields,) if name in State.__dataclass_fields__}
    place = cell(entry, **fields)
    given = {"stopped": "precise", "memory": {"host_peak": 551 * 2**20}} | own
    item = Item(entry, place, 10.0, estimated=False)
    return State(item=item, cell=place, replicates=replicates(times, calls, flags), **given)


def one_cell(entries: list[Entry], folder: Path) -> None:
    flags = ["warmup_not_converged", "busy machine"]
    print_states([state(entries[0], TIMES, 100, stopped="budget", flags=flags)])


def one_process(entries: list[Entry], folder: Path) -> None:
    print_states([state(entries[0], TIMES[:1], stopped="budget")])


def many_cells(entries: list[Entry], folder: Path) -> None:
    print_states(
        [
            state(entries[0]),
            state(entries[0], [0.13, 0.12, 0.14, 0.13, 0.15], batch_size=8, stopped="maximum"),
            state(entries[1], engine="onnxruntime", flags=["throttled"]),
            state(entries[1], [], engine="onnxruntime", batch_size=8, stopped="budget"),
            state(
                entries[1],
                [],
                batch_size=128,
                stopped=None,
                failure="out of memory",
                error="the kernel killed the process because memory ran out",
            ),
        ]
    )


def plan(entries: list[Entry], folder: Path) -> None:
    obstacle = "tensorrt is not installed: pip install 'model-zoo-ledger[tensorrt]'"
    items = [
        Item(entries[0], cell(entries[0]), 12.0, estimated=True),
        Item(entries[0], cell(entries[0], batch_size=8), 10.0, estimated=False),
        Item(entries[0], cell(entries[0], engine="tensorrt", device="cuda"), 10.0, False, obstacle),
    ]
    print_plan(items, 10, 30.0, "table")


def comparison(entries: list[Entry], folder: Path) -> None:
    ledger = Ledger(folder / "ledger")
    rows = (("eager", 1, 1.0), ("eager", 8, 8.0), ("compile", 1, 0.8), ("compile", 8, 8.1))
    for engine, batch, factor in rows:
        flags = ["busy machine"] if batch == 8 else []
        key = CONDITIONS["key"] | {"engine": engine}
        place = cell(entries[0], engine=engine, batch_size=batch, key=key)
        times = [
            factor * time * (1 + 0.02 * (engine == "compile") * (number % 2))
            for number, time in enumerate(TIMES)
        ]
        values = Benchmark(
            mode="latency",
            batch_size=batch,
            replicates=replicates(times, flags=flags),
            key=key,
            stopped="maximum",
        )
        ledger.put(Evidence(cell=place, outcome="measured", values=msgspec.to_builtins(values)))
    sides = ("engine=eager", "engine=compile", "--ledger", str(ledger.folder))
    sys.stdout.write(CliRunner().invoke(app, ["compare", *sides]).stdout)


def checkpoints(entries: list[Entry], folder: Path) -> None:
    (entry, _) = entries
    size, link = entry.claim("file_size"), entry.links[0]
    assert size
    values = {
        "address": link.raw,
        "size": 110_614_417,
        "sha256": "a260b3a40f82f4d5d0d9b7d6b3a1b1b5a4c1d6c7b7f1e2d3c4b5a69788796a5b",
        "sha256_by": "the host's entity tag",
        "format": "torch zip",
        "tensors": [["conv1.weight", "float32", [64, 3, 7, 7]], ["step", "int64", []]],
        "transferred": 65_536,
        "seen": "2026-11-28T09:00:00+00:00",
    }
    findings = [
        Finding(claim=link, verdict=Verdict.EXACT, reason="2 tensors are the live model's"),
        Finding(
            claim=size, verdict=Verdict.MISMATCH, reason="the file has 110,614,417 bytes, 0.6% more"
        ),
    ]
    print_model(entry, findings, [values], tensors=False)


def evaluation(entries: list[Entry], folder: Path) -> None:
    (entry, _) = entries
    pre = {
        "input_size": [3, 224, 224],
        "crop_pct": 0.875,
        "crop_mode": "center",
        "interpolation": "bicubic",
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
    }
    values = Evaluation(
        dataset="ImageNet-1k",
        split="validation",
        where="/data/imagenet",
        images=50_000,
        seen=6_400,
        top1=Share(5_210, 40_100, 41_200),
        top5=Share(6_120, 47_500, 48_200),
        level=0.01,
        tolerance="0.5",
        defaults=["crop_mode", "interpolation", "mean"],
        preprocessing=pre,
        precision="fp32",
        device="cpu",
        weights="seresnext50_32x4d-a260b3a4.pth",
        sha256="a260b3a4",
        fit="names",
        resolved="seresnext50_32x4d.racm_in1k",
        outputs=1000,
        labels="the WordNet ids of the folders are ImageNet's classes",
        unread=1,
        faults=[("unread", "n01440764/ILSVRC2012_val_00000293.JPEG", "truncated")],
        predictions="x.parquet",
        stopped="decided",
    )
    place = Cell(
        kind="eval",
        model=entry.name,
        builder=str(entry.builder),
        builder_version="timm 1.0.20",
        conditions={},
        tool="zoo-eval/2",
    )
    evidence = Evidence(cell=place, outcome="measured", values=msgspec.to_builtins(values))
    top1, top5 = entry.claim("top1"), entry.claim("top5")
    assert top1 and top5
    findings = [
        Finding(claim=top1, verdict=Verdict.CONSISTENT, reason="inside 80.20 to 82.40%"),
        Finding(claim=top5, verdict=Verdict.MISMATCH, reason="between 95.00 and 96.40% at 99%"),
    ]
    moment = datetime(2026, 11, 28, tzinfo=UTC)
    print_evaluation(EvaluationResult(entry, evidence, (), findings, ()), moment)


def jobs(entries: list[Entry], folder: Path) -> None:
    waiting = Job("4711_0", 0, ["seresnext50_32x4d", "dla34"], [])
    lost = Job("4711_1", 1, ["dla34"], [], tries=2)
    run = Run(
        identity="k3w9",
        executor="slurm",
        command="zoo bench 'seresnext*' dla34 --device cuda --executor slurm --partition gpu",
        submitted_at="2026-11-28T09:00:00+00:00",
        jobs=[waiting, lost],
        ledger=str(folder / "ledger"),
    )
    states = [
        JobState(run, waiting, Status("pending", "Resources")),
        JobState(run, lost, Status("lost", "the job ended without writing its result", "node17")),
    ]
    print_runs([(run, states)])
    print_jobs(run, states)


SCREENS = {
    "bench_one": one_cell,
    "bench_one_process": one_process,
    "bench_many": many_cells,
    "bench_plan": plan,
    "compare": comparison,
    "weights": checkpoints,
    "eval": evaluation,
    "jobs": jobs,
}


@pytest.fixture
def show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str, int], list[str]]:
    """Prints a screen as in a terminal of so many columns: `show("weights", 80)`."""
    folder = tmp_path / "nets"  # whose name is the publisher
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("index.yml").write_text(INDEX)
    entries = list(load(["index.yml"]).entries)
    monkeypatch.setattr(console, "MANNER", console.Manner())

    def lines(name: str, columns: int) -> list[str]:
        monkeypatch.setattr(console, "width", lambda *, error=False: columns)
        SCREENS[name](entries, folder)
        return capsys.readouterr().out.splitlines()

    return lines


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", SCREENS)
def test_screens(
    name: str,
    columns: int,
    show: Callable[[str, int], list[str]],
    snapshot: Callable[[str, Sequence[str]], None],
) -> None:
    lines = show(name, columns)
    assert max(map(measure, lines)) <= columns
    assert len(lines) <= 20
    snapshot(f"{name}_{columns}", lines)


@pytest.mark.parametrize("name", SCREENS)
def test_twenty_columns_break_no_number(name: str, show: Callable[[str, int], list[str]]) -> None:
    """Words are the same as on a wide screen, and whole."""
    narrow, wide = " ".join(show(name, 20)).split(), " ".join(show(name, 400)).split()
    numbers = {word.strip(",;()") for word in wide if word[:1].isdigit()}
    assert numbers <= {word.strip(",;()") for word in narrow}


@pytest.mark.parametrize("name", SCREENS)
def test_all_of_it_is_ascii(name: str, show: Callable[[str, int], list[str]]) -> None:
    assert "\n".join(show(name, 80)).isascii()
