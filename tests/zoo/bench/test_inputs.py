"""Benchmarks of models that take something else than one image."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.zoo.feedable import INPUTS, MODULE
from zoo.bench import model_under_test as under_test
from zoo.bench.availability import explain_cell
from zoo.bench.engines.errors import NoTensor, Unsupported
from zoo.bench.messages import WorkerJob
from zoo.bench.parse_request import read_stated_input
from zoo.bench.plan import Grid, find_obstacles, plan, stated_input, validate
from zoo.bench.run import BenchmarkRun, RunLimits
from zoo.bench.state import command_options
from zoo.bench.subprocess_runner import run_worker
from zoo.bench.worker import answer_job
from zoo.model_index.errors import UsageError
from zoo.model_index.ledger.benchmark import unit_of_rate
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.records.input_text import parse_input
from zoo.model_index.records.records import Entry
from zoo.models import builders

TIMEOUT = 120.0


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "feedable.py").write_text(MODULE)
    sys.modules.pop("feedable", None)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.fixture
def feed(models: Path, quick: Any) -> Callable[..., WorkerJob]:
    def make(name: str, **fields: Any) -> WorkerJob:
        given: dict[str, Any] = {
            "purpose": "replicate",
            "model": name.lower(),
            "builder": ("callable", f"feedable:{name}"),
            "trusted": ["feedable"],
            "input": INPUTS.get(name, "8x8 image"),
            "batch_size": 3,
            "sampling": quick,
        }
        return WorkerJob(**(given | fields))

    return make


@pytest.mark.parametrize("name", INPUTS)
def test_each_kind_of_input_is_given_and_its_outputs_compared(
    name: str, feed: Callable[..., WorkerJob]
) -> None:
    job = feed(name)
    subject = under_test.build(job)
    expected = under_test.expected_outputs(job, subject)
    assert subject.given == job.input
    assert all(3 in shape[:1] or name == "Detector" for shape in subject.shapes)
    engine = under_test.prepare_engine(job, under_test.build(job))
    compared = under_test.compare_outputs(job, engine.outputs(), expected)
    assert compared["max_abs"] == 0 and compared["outputs"] == len(expected)
    assert compared["samples"] == 3
    wrong = [expected[0] + 1, *expected[1:]]
    with pytest.raises(under_test.WrongOutput):
        under_test.compare_outputs(job, wrong, expected)


def test_the_first_samples_are_compared_first(feed: Callable[..., WorkerJob]) -> None:
    """Of a list the outputs of the first samples are not the first rows, so all are compared."""
    for name, rows in (("Text", 8), ("Detector", 12)):
        job = feed(name, batch_size=12, device="cuda")
        subject = under_test.build(job)
        expected = under_test.expected_outputs(job, subject)
        outputs = under_test.expected_outputs(feed(name, batch_size=12), under_test.build(job))
        assert under_test.compare_outputs(job, outputs, expected)["samples"] == rows


def test_inputs_are_the_same_for_one_seed(feed: Callable[..., WorkerJob]) -> None:
    first, again, other = (under_test.build(feed("Text", seed=seed)).inputs for seed in (1, 1, 2))
    pairs = list(zip(first.tensors().values(), again.tensors().values(), strict=True))
    assert all(torch.equal(left, right) for left, right in pairs)
    assert not torch.equal(first.tensors()["input"], other.tensors()["input"])


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_runtimes_of_onnx_take_several_tensors(engine: str, feed: Callable[..., WorkerJob]) -> None:
    pytest.importorskip(engine)
    pytest.importorskip("onnxscript")
    for name in ("Pair", "Text"):
        job = feed(name, engine=engine)
        subject = under_test.build(job)
        expected = under_test.expected_outputs(job, subject)
        runtime = under_test.prepare_engine(job, subject)
        runtime.run()
        runtime.synchronise()
        assert under_test.compare_outputs(job, runtime.outputs(), expected)["samples"] == 3


@pytest.mark.slow
@pytest.mark.parametrize("name", INPUTS)
def test_a_compiled_model_takes_each_kind_of_input(
    name: str, feed: Callable[..., WorkerJob]
) -> None:
    job = feed(name, engine="compile")
    subject = under_test.build(job)
    expected = under_test.expected_outputs(job, subject)
    engine = under_test.prepare_engine(job, subject)
    assert under_test.compare_outputs(job, engine.outputs(), expected)["outputs"] == len(expected)


MODELS = {
    "r3d_18": "4x32x32 clip",
    "raft_small": "128x128 image pair",
    "ssdlite320_mobilenet_v3_large": "320x320 image list",
    "fasterrcnn_mobilenet_v3_large_320_fpn": "320x320 image list",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_models_of_torchvision(name: str, feed: Callable[..., WorkerJob]) -> None:
    builder = ("torchvision", name)
    job = feed(name, builder=builder, input=MODELS[name], batch_size=1)
    subject = under_test.build(job)
    assert subject.given == MODELS[name]
    expected = under_test.expected_outputs(job, subject)
    engine = under_test.prepare_engine(job, subject)
    assert under_test.compare_outputs(job, engine.outputs(), expected)["max_abs"] == 0


def test_an_engine_that_takes_no_list_says_so(
    feed: Callable[..., WorkerJob], read: Callable[[str], list[Entry]], tmp_path: Path
) -> None:
    reason = (
        "a graph of ONNX takes tensors, and this model takes a list of images (8x8 image list); "
        "eager and compile run it"
    )
    with pytest.raises(Unsupported) as caught:  # where only the builder knows
        under_test.build(feed("Detector", engine="onnxruntime"))
    assert str(caught.value) == reason
    text = "Models:\n- {Name: a, Builder: 'timm:resnet18', Input: 8x8 image list}\n"
    grid = validate(Grid(engines=("eager", "onnxruntime"), threads=1))
    items = find_obstacles(plan(read(text), grid, Ledger(tmp_path / "ledger")), ())
    assert [item.obstacle for item in items] == ["", reason]


def test_what_a_model_cannot_take_is_named(feed: Callable[..., WorkerJob]) -> None:
    job = feed("Clip", input="8x8 image", place="zoo.yml:7")
    with pytest.raises(under_test.ForwardFailure) as caught:
        under_test.expected_outputs(job, under_test.build(job))
    assert caught.value.failure == "raised"
    assert str(caught.value).startswith("given 8x8 image (zoo.yml:7), it raised IndexError: ")


def test_an_output_that_nobody_can_read_is_named(feed: Callable[..., WorkerJob]) -> None:
    job = feed("Odd")
    with pytest.raises(NoTensor, match=r"got object; it cannot be compared$"):
        under_test.expected_outputs(job, under_test.build(job))


def test_a_model_larger_than_the_free_memory_is_no_evidence(
    feed: Callable[..., WorkerJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builders, "free_memory", lambda: 8 << 20)
    monkeypatch.setattr("zoo.bench.worker._measurements", lambda: {"replicate": under_test.build})
    answer = answer_job(feed("Huge"))
    assert (answer.failure, answer.error) == (
        "missing",
        "feedable:Huge: its parameters and buffers take more than the 0.00781 GiB of memory that "
        "are free",
    )


def test_a_constructor_that_never_ends_is_stopped(feed: Callable[..., WorkerJob]) -> None:
    answer = run_worker(feed("Endless"), 6.0)
    assert (answer.failure, answer.error) == ("timeout", "no answer within 6 s")


def test_another_input_is_another_cell(read: Callable[[str], list[Entry]], tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")

    def cell(text: str, given: str = "") -> dict[str, Any]:
        grid = validate(Grid(threads=1, input=parse_input(given) if given else None))
        (item,) = plan(read(f"Models:\n- {text}\n"), grid, ledger)
        return {"key": item.cell.key, "input": item.cell.conditions["input"]} | {
            "command": command_options(item.cell).partition("--threads 1")[2]
        }

    plain = cell("{Name: a, Builder: 'timm:resnet18'}")
    clip = cell("{Name: a, Builder: 'timm:resnet18', Input: 16x8x8 clip}")
    smaller = cell("{Name: a, Builder: 'timm:resnet18', Input: 16x8x8 clip}", "4x4 image")
    assert [row["input"] for row in (plain, clip, smaller)] == [
        "proposed",
        "16x8x8 clip",
        "16x4x4 clip",
    ]
    assert len({row["key"] for row in (plain, clip, smaller)}) == 3
    assert (plain["command"], clip["command"]) == ("", " --input '16x8x8 clip'")


def test_a_size_that_is_a_claim_is_no_input(read: Callable[[str], list[Entry]]) -> None:
    """Of a callable, which proposes nothing, it is."""
    size = "Metadata: {Image Size: 96}"
    library, callable_ = read(
        f"Models:\n- {{Name: a, Builder: 'timm:resnet18', {size}}}\n"
        f"- {{Name: b, Builder: 'feedable:Clip', {size}}}\n"
    )
    assert stated_input(library, None) is None
    assert str(stated_input(callable_, None)) == "96x96 image"


def test_the_input_is_stated_once() -> None:
    assert str(read_stated_input("224x285", None)) == "224x285 image"
    assert str(read_stated_input(None, "5 tokens")) == "5 tokens"
    assert read_stated_input(None, None) is None
    with pytest.raises(UsageError, match=r"^--input and --input-size both state the input$"):
        read_stated_input("8", "5 tokens")
    with pytest.raises(UsageError, match=r"^--input: expected an input such as "):
        read_stated_input(None, "nonsense")


@pytest.mark.parametrize(
    ("spelling", "unit"),
    [
        ("", "images/s"),
        ("224x224 image", "images/s"),
        ("224x224 image list", "images/s"),
        ("16x112x112 clip", "samples/s"),
        ("512 tokens with mask", "samples/s"),
        ("8x8 image, 5 tokens", "samples/s"),
        ("what a newer version wrote", "samples/s"),
    ],
)
def test_throughput_is_of_images_only_where_it_is(spelling: str, unit: str) -> None:
    assert unit_of_rate(spelling) == unit


@pytest.mark.slow
def test_a_run_writes_what_the_model_was_given(
    models: Path, read: Callable[[str], list[Entry]], tmp_path: Path, quick: Any
) -> None:
    entries = read("Models:\n- {Name: a, Builder: 'feedable:Wave', Input: 40 samples}\n")
    ledger = Ledger(tmp_path / "ledger")
    items = plan(entries, validate(Grid(threads=1, batch_sizes=(2,))), ledger)
    assert not explain_cell(items[0].cell.conditions)
    limits = RunLimits(stopping=RunLimits().stopping.__class__(1), sampling=quick)
    (state,) = BenchmarkRun(ledger=ledger, limits=limits, trusted=("feedable",)).measure(items)
    assert (state.failure, state.error) == (None, None)
    (document,) = ledger.of("bench", "a")
    record = document.benchmark
    assert record and record.rate_unit == "samples/s"
    assert (record.input, record.shapes) == ("40 samples", [[2, 40]])
    assert document.cell.conditions["input"] == "40 samples"
