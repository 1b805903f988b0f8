"""`zoo compare` as a person types it: sides, matching, the table, formats, exit codes, messages."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from zoo.cli import app, main
from zoo.model_index.ledger.benchmark import Benchmark, Replicate
from zoo.model_index.ledger.store import Cell, Evidence, Ledger

BASE = (0.0100, 0.0101, 0.0099, 0.01005, 0.00995)
KEY: dict[str, Any] = {
    "device": "CPU X",
    "driver": None,
    "engine": "eager",
    "engine_version": "torch 2.11.0+cpu",
}
CONDITIONS: dict[str, Any] = {
    "engine": "eager",
    "engine_options": {},
    "device": "cpu",
    "precision": "fp32",
    "batch_size": 1,
    "input": "32x32 image",
    "channels_last": False,
    "threads": 2,
    "mode": "latency",
    "l2": "none",
}
ENVIRONMENT: dict[str, Any] = {"host": "a", "commit": "abc123f", "torch": "2.11.0+cpu"}


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Cell]:
    """Writes a benchmark to `<tmp_path>/<ledger>`; keywords change conditions, `key` and
    `environment` those."""
    monkeypatch.chdir(tmp_path)

    def write(
        folder: str = "ledger",
        model: str = "toy",
        times: Sequence[float] = BASE,
        *,
        key: dict[str, Any] | None = None,
        environment: dict[str, Any] | None = None,
        run: str = "one",
        failure: str = "",
        builder_version: str = "timm 1.0.20",
        **conditions: Any,
    ) -> Cell:
        keyed = KEY | (key or {})
        asked = CONDITIONS | conditions | {"key": keyed}
        cell = Cell(
            kind="bench",
            model=model,
            builder=f"timm:{model}",
            builder_version=builder_version,
            tool="zoo-bench/1",
            conditions=asked,
        )
        replicates = [
            Replicate(samples=[value], run=run, round=at) for at, value in enumerate(times)
        ]
        values = msgspec.to_builtins(
            Benchmark(
                mode="latency", batch_size=1, replicates=replicates, key=keyed, stopped="maximum"
            )
        )
        outcome: dict[str, Any] = {"outcome": "measured", "values": values}
        if failure:
            outcome = {"outcome": "failed", "values": {"failure": failure}, "error": failure}
        evidence = Evidence(cell=cell, environment=ENVIRONMENT | (environment or {}), **outcome)
        Ledger(folder).put(evidence)
        return cell

    return write


def zoo(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["compare", *arguments])


def message(
    arguments: Sequence[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """What standard error says through the error boundary of a command that exits with 2."""
    monkeypatch.setattr(sys, "argv", ["zoo", "compare", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    return capsys.readouterr().err.strip()


def times(factor: float) -> list[float]:
    return [value * factor for value in BASE]


def both(put: Callable[..., Cell]) -> None:
    """One ledger with two engines and two batch sizes: one slower, one the same; a third that
    failed."""
    put()
    put(engine="compile", key={"engine": "compile"}, times=times(1.2))
    put(batch_size=8)
    put(
        batch_size=8,
        engine="compile",
        key={"engine": "compile"},
        engine_options={"mode": "max-autotune"},
    )
    put(model="other", precision="fp16")
    put(model="other", precision="fp16", engine="compile", failure="unsupported")


def test_two_engines_of_one_ledger(put: Callable[..., Cell]) -> None:
    both(put)
    result = zoo("engine=eager", "engine=compile")
    assert result.exit_code == 0
    assert [line.split("\t") for line in result.stdout.splitlines()] == [
        ["All cells: cpu, 2 threads, 32x32, latency"],
        "Verdict,Model,Precision,Batch,B / A (95% interval),A,B,Processes,Note".split(","),
        ["failed", "other", "fp16", "1", "", "", "", "", "B: unsupported"],
        [
            *("slower", "toy", "fp32", "1"),
            *("1.200 (1.200 to 1.200)", "10.00 ms", "12.00 ms", "5 pairs", ""),
        ],
        [
            *("same", "toy", "fp32", "8"),
            *("1.000 (1.000 to 1.000)", "10.00 ms", "10.00 ms", "5 pairs", ""),
        ],
    ]
    assert (
        result.stderr
        == "engine=compile against engine=eager, 3 cells: 1 slower, 1 same, 1 failed\n"
    )


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ("slower", 1),
        ("faster", 0),
        ("faster,failed", 1),
        ("not comparable, inconclusive", 0),
        ("same", 1),
    ],
)
def test_it_fails_on_what_it_is_told_to(put: Callable[..., Cell], verdicts: str, code: int) -> None:
    both(put)
    assert zoo("engine=eager", "engine=compile", "--fail-on", verdicts).exit_code == code


def test_two_folders(put: Callable[..., Cell]) -> None:
    """Versions of the builder may differ, and so may the machine as long as it is alike."""
    put("old", channels_last=True)
    put("old", batch_size=64)
    put(
        "new",
        channels_last=True,
        builder_version="timm 1.0.21",
        environment={"host": "b"},
        run="two",
        times=times(0.9),
    )
    result = zoo("old", "new", "--format", "json")
    (document,) = json.loads(result.stdout)
    assert {
        name: document.pop(name) for name in ("a", "b", "interval", "p", "adjusted_p", "detectable")
    }.keys()
    assert document == {
        "model": "toy",
        "conditions": {
            "batch_size": 1,
            "channels_last": True,
            "device": "cpu",
            "engine": "eager",
            "engine_options": {},
            "input": "32x32 image",
            "l2": "none",
            "mode": "latency",
            "precision": "fp32",
            "threads": 2,
        },
        "verdict": "faster",
        "why": "",
        "ratio": pytest.approx(0.9),
        "paired": False,
    }
    assert result.stderr == "new against old, 1 cell: 1 faster; not examined: 1 cell only in old\n"


def test_the_sides_of_the_json(put: Callable[..., Cell]) -> None:
    a, b = put("old"), put("new", times=BASE[:1])
    (document,) = json.loads(zoo("old", "new", "--format", "json").stdout)
    interval = [pytest.approx(0.009902, abs=1e-6), pytest.approx(0.010098, abs=1e-6)]
    assert document["a"] == {
        "evidence": a.key,
        "seconds": 0.01,
        "interval": interval,
        "processes": 5,
    }
    assert document["b"] == {"evidence": b.key, "seconds": 0.01, "interval": None, "processes": 1}
    assert (document["verdict"], document["ratio"], document["p"]) == ("inconclusive", None, None)


def test_machines_that_are_not_alike_are_named(put: Callable[..., Cell]) -> None:
    put("old")
    put("new", key={"device": "CPU Y"}, environment={"host": "b"})
    result = zoo("old", "new", "--fail-on", "not comparable")
    assert result.exit_code == 1
    row = result.stdout.splitlines()[-1]
    assert row == "not comparable\t\t10.00 ms\t10.00 ms\t5 and 5\tdevice: CPU X / CPU Y"
    assert "not comparable" not in zoo("old:key.device=CPU X", "new:key.device=CPU Y").stdout


def test_two_versions_of_torch(put: Callable[..., Cell]) -> None:
    """In one ledger, by the beginning of the version; what it brings along may differ as well."""
    put()
    put(key={"engine_version": "torch 2.12.1, cuda 13.0"}, environment={"torch": "2.12.1"})
    put(key={"engine_version": "torch 2.1.2"}, environment={"torch": "2.1.2"})
    assert (
        zoo("torch=2.11", "torch=2.12").stderr == "torch=2.12 against torch=2.11, 1 cell: 1 same\n"
    )
    assert (
        zoo("torch=2.1", "torch=2.12.1").stderr
        == "torch=2.12.1 against torch=2.1, 1 cell: 1 same\n"
    )
    assert zoo("engine_version=torch 2.1.2", "engine_version=torch 2.11").stderr.endswith(
        ": 1 same\n"
    )


def test_an_engine_of_which_more_differs_than_the_package_that_is_named(
    put: Callable[..., Cell],
) -> None:
    for folder, openvino, torch in (("old", "2025.1", "2.11.0"), ("new", "2025.2", "2.12.1")):
        versions = {"torch": torch, "openvino": openvino}
        released = {"engine_version": f"openvino {openvino}, onnx 1.20.0, torch {torch}"}
        put(
            folder,
            key=released,
            environment={"torch": torch, "versions": versions},
            engine="openvino",
        )
    row = zoo("old:torch=2.11", "new:torch=2.12").stdout.splitlines()[-1]
    assert row.startswith("not comparable\t")
    assert row.endswith(
        "\tengine_version: openvino 2025.1, onnx 1.20.0, torch 2.11.0 "
        "/ openvino 2025.2, onnx 1.20.0, torch 2.12.1"
    )
    assert zoo("old:torch=2.11,openvino=2025.1", "new:torch=2.12,openvino=2025.2").stderr.endswith(
        ": 1 same\n"
    )


def test_two_devices_are_not_compared_unless_their_models_are_named(
    put: Callable[..., Cell],
) -> None:
    put()
    put(device="cuda", key={"device": "GPU Z", "driver": "570"})
    result = zoo("device=cpu", "device=cuda")
    row = result.stdout.splitlines()[-1]
    assert row.startswith("not comparable\t")
    assert row.endswith("\tdevice: CPU X / GPU Z; driver: unknown / 570")
    sides = ("device=cpu,key.device=CPU X,driver=null", "device=cuda,key.device=GPU Z,driver=570")
    assert ", 1 cell: 1 same" in zoo(*sides).stderr


def test_hosts_and_commits_of_two_folders(put: Callable[..., Cell]) -> None:
    put("runs:1")
    put("runs:1", batch_size=8, environment={"commit": "def456a"})
    put("two", environment={"host": "b"})
    put("two", batch_size=8, environment={"commit": "def456a", "host": "b"})
    assert zoo("runs:1:commit=abc", "two:commit=abc,host=b").stderr.startswith(
        "two:commit=abc,host=b against"
    )
    assert ", 1 cell: 1 same" in zoo("runs:1:commit=def", "two:commit=def").stderr
    assert ", 2 cells: 2 same" in zoo("runs:1", "two").stderr


def test_two_models_and_globs(put: Callable[..., Cell]) -> None:
    put()
    put(model="other", times=times(1.5))
    result = zoo("model=t*,engine_options={}", "model=other")
    name, _, row = result.stdout.splitlines()
    assert name == "toy / other, eager, cpu, 2 threads, fp32, batch 1, 32x32, latency"
    assert row.startswith("slower\t")


def test_options_of_an_engine(put: Callable[..., Cell]) -> None:
    put(engine_options={"mode": "default", "static": True}, channels_last=True, times=[2e-7] * 3)
    put(
        engine_options={"mode": "reduce-overhead"},
        channels_last=True,
        times=[2.5e-6] * 3,
        run="two",
    )
    sides = ("engine_options.mode=default", "engine_options.mode=reduce-overhead")
    name, _, row = zoo(*sides).stdout.splitlines()
    assert name == "toy, eager, cpu, 2 threads, fp32, batch 1, 32x32, channels last, latency"
    assert row == "slower\t12.500 (12.500 to 12.500)\t200.0 ns\t2.500 µs\t3 and 3"
    row = zoo(*sides, "--verbose").stdout.splitlines()[-1]
    assert row.split("\t")[2:4] == ["200.0 ns (200.0 to 200.0)", "2.500 µs (2.500 to 2.500)"]
    line = zoo(*sides, "--format", "csv").stdout.splitlines()[1]
    assert line.startswith(
        'toy,"eager, cpu, 2 threads, fp32, batch 1, 32x32, channels last, latency",slower,12'
    )


def test_two_versions_of_a_builder_stay_apart(put: Callable[..., Cell]) -> None:
    for version in ("timm 1.0.20", "timm 1.0.21"):
        put(builder_version=version)
        put(builder_version=version, engine="compile", key={"engine": "compile"})
    rows = zoo("engine=eager", "engine=compile").stdout.splitlines()[1:]
    assert [row.split("\t")[1] for row in rows] == [
        "Versions",
        "timm 1.0.20 zoo-bench/1",
        "timm 1.0.21 zoo-bench/1",
    ]
    assert zoo("builder_version=timm 1.0.20", "builder_version=timm 1.0.21").stderr.endswith(
        ", 2 cells: 2 same\n"
    )


def test_two_machines_in_one_ledger_have_to_be_named(
    put: Callable[..., Cell], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    both(put)
    put(key={"device": "CPU Y"}, environment={"host": "b"})
    text = message(["engine=eager", "engine=compile"], monkeypatch, capsys)
    differing = "several benchmarks of one cell of toy: they differ in key.device"
    assert text == f"zoo: engine=eager: {differing}; name one"
    assert zoo("engine=eager,key.device=CPU X", "engine=compile").stderr.endswith(
        "1 slower, 1 same, 1 failed\n"
    )


def test_gates(put: Callable[..., Cell], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both(put)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    slow = next(path for path in Path("ledger/bench/toy").iterdir() if "0.012" in path.read_text())
    cell = "cpu, 2 threads, fp32, batch 1, 32x32, latency"
    message = (
        f"toy: {cell}: slower, B / A 1.200 (1.200 to 1.200); A 10.00 ms (9.902 to 10.10), "
        "B 12.00 ms (11.88 to 12.12)"
    )
    title = cell.replace(",", "%2C")
    result = zoo(
        "engine=eager",
        "engine=compile",
        "--fail-on",
        "slower",
        "--format",
        "github",
        "--also",
        "junit=zoo.xml",
        "--also",
        "markdown=zoo.md",
    )
    assert result.exit_code == 1
    assert result.stdout == f"::error file={slow},line=1,col=1,title=toy%3A {title}::{message}\n"
    cases = ET.parse("zoo.xml").getroot().iter("testcase")
    assert [(case.get("classname"), [part.tag for part in case]) for case in cases] == [
        ("other", ["skipped"]),
        ("toy", ["failure"]),
        ("toy", []),
    ]
    assert Path("zoo.md").read_text().splitlines()[-1] == f"| {slow}:1 | slower | {message} |"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["ledger", "nowhere"],
            "nowhere: expected a folder of evidence or [FOLDER:]NAME=VALUE,...",
        ),
        (
            ["engine=", "engine=x"],
            "engine=: expected a folder of evidence or [FOLDER:]NAME=VALUE,...",
        ),
        (["no:engine=x", "ledger"], "no:engine=x: there is no folder no"),
        (["empty", "ledger"], "empty: no benchmarks in empty"),
        (
            ["ledger", "ledger"],
            "ledger and ledger share benchmarks; name in both what they differ in",
        ),
        (
            ["engine=eager", "threads=2"],
            "engine=eager and threads=2 share benchmarks; name in both what they differ in",
        ),
        (
            ["engine=eager", "engine=fast"],
            "engine=fast: no benchmark with engine 'fast' (compile, eager)",
        ),
        (
            ["engine=eager,host=b", "ledger"],
            "engine=eager,host=b: no benchmark with host 'b': did you mean a? (a)",
        ),
        (
            ["engine=eager,batch_size=8", "engine=compile,model=other"],
            "no cell of engine=eager,batch_size=8 is in engine=compile,model=other: "
            "the most similar cells differ in batch_size, builder, model, precision",
        ),
        (
            ["engin=eager", "engin=compile"],
            "engin=eager: no benchmark has 'engin': did you mean engine? (arguments, batch_size, "
            "builder, builder_version, "
            "channels_last, commit, device, driver, engine, engine_options, engine_version, host, "
            "input, key, l2, "
            "mode, model, precision, threads, tool, torch)",
        ),
        (
            ["ledger", "ledger", "--fail-on", "slow"],
            (
                "--fail-on: no 'slow': did you mean slower? (faster, slower, same, inconclusive, "
                "not comparable, failed)"
            ),
        ),
    ],
)
def test_what_cannot_be_compared_is_said(
    put: Callable[..., Cell],
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    both(put)
    Path("empty").mkdir()
    assert message(arguments, monkeypatch, capsys) == f"zoo: {said}"


def test_the_name_of_a_cell_has_the_options_of_its_engine(put: Callable[..., Cell]) -> None:
    for folder in ("old", "new"):
        put(
            folder,
            engine="compile",
            engine_options={"compile_mode": "max-autotune"},
            input="proposed",
            l2="cold",
        )
    assert zoo("old", "new").stdout.splitlines()[0] == (
        "toy, compile (max-autotune), cpu, 2 threads, fp32, batch 1, latency, cold cache"
    )


@pytest.mark.parametrize(("name", "values"), [("threads", (1, 2)), ("precision", ("fp32", "bf16"))])
def test_threads_and_precisions_are_of_the_key_and_may_be_asked_for(
    put: Callable[..., Cell], name: str, values: tuple[Any, Any]
) -> None:
    for value in values:
        put(key={name: value}, **{name: value})
    assert zoo(f"{name}={values[0]}", f"{name}={values[1]}").stderr.endswith(", 1 cell: 1 same\n")


def test_torch_is_not_imported(put: Callable[..., Cell]) -> None:
    both(put)
    probe = (
        "import sys; from zoo.cli import app;"
        "app(['compare', 'engine=eager', 'engine=compile'], standalone_mode=False);"
        "print(sorted({'torch', 'timm', 'numpy', 'scipy', 'pandas'} & set(sys.modules)))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
