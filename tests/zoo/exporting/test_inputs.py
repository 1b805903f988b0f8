"""Exports of models that take something else than one image."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.command import zoo_command
from tests.zoo.feedable import INPUTS, MODULE
from zoo.exporting.export import ExportError, ExportOptions, export
from zoo.exporting.preflight import check_export
from zoo.model_index.errors import UsageError
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.load import load
from zoo.model_index.records.input_text import parse_input
from zoo.model_index.records.records import Entry

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Entry]:
    """An entry of a toy and its Input; the working directory is empty."""
    (tmp_path / "feedable.py").write_text(MODULE)
    sys.modules.pop("feedable", None)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")

    def make(name: str, spelling: str = "") -> Entry:
        stated = spelling or INPUTS.get(name, "8x8 image")
        row = f"- Name: {name}\n  Builder: feedable:{name}\n  Input: '{stated}'\n"
        (tmp_path / "index.yml").write_text(f"Models:\n{row}")
        return load([tmp_path / "index.yml"]).entries[0]

    return make


def options(**changes: Any) -> ExportOptions:
    given = {"format": "torch_export", "random": True, "trusted": ("feedable",)}
    return ExportOptions(**(given | changes))


@pytest.mark.parametrize("format", ["onnx", "torch_export"])
@pytest.mark.parametrize("name", ["Clip", "Pair", "Text"])
def test_files_take_what_the_model_takes(
    name: str, format: str, entry: Callable[..., Entry], tmp_path: Path
) -> None:
    written = export(entry(name), options(format=format), Ledger(tmp_path / "ledger"))
    values = written.evidence.values
    assert values["input"] == written.evidence.cell.conditions["input"] == INPUTS[name]
    assert list(values["output"]) == ["1", "2", "3", "7", "16"]
    assert values["preprocessing"] is None
    if format == "onnx":
        graph = onnx.load(written.path)
        names = [row.name for row in graph.graph.input]
        expected = {
            "Clip": ["input"],
            "Pair": ["input_1", "input_2"],
            "Text": ["input", "attention_mask", "pixel_values"],
        }
        assert names == expected[name]
        metadata = {row.key: row.value for row in graph.metadata_props}
        assert metadata["input"] == INPUTS[name]


def test_an_input_of_the_options_replaces_that_of_the_index(
    entry: Callable[..., Entry], tmp_path: Path
) -> None:
    asked = options(input=parse_input("6x6 image"))
    written = export(entry("Clip"), asked, Ledger(tmp_path / "ledger"))
    assert written.evidence.values["input"] == "3x6x6 clip"


def test_a_list_of_images_has_a_fixed_length(entry: Callable[..., Entry], tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    written = export(entry("Detector"), options(batch_size=2), ledger)
    program = torch.export.load(str(written.path)).module()
    images = [torch.randn(3, 8, 8), torch.randn(3, 8, 8)]
    assert [sorted(row) for row in program(images)] == [["boxes", "scores"]] * 2


def test_what_the_index_rules_out_is_refused_before_torch_is_imported(
    entry: Callable[..., Entry],
) -> None:
    detector = entry("Detector")
    for changes, reason in (
        (
            {"format": "onnx", "batch_size": 1},
            "a graph of ONNX takes tensors, and this model takes a list of images (8x8 image list, "
            "{place})",
        ),
        (
            {},
            "no graph leaves the number of images of a list open; --static writes a file for the "
            "one of --batch-size (8x8 image list, {place})",
        ),
    ):
        with pytest.raises(UsageError) as caught:
            check_export(detector, options(**changes), download=False)
        assert str(caught.value) == f"Detector: {reason.format(place=detector.input_place)}"


@pytest.mark.parametrize(
    ("name", "spelling", "format", "message"),
    [
        (
            "Clip",
            "8x8 image",
            "onnx",
            r"Clip: it cannot run at batch 1, given 8x8 \(.*index.yml:4\): RuntimeError: .*",
        ),
        (
            "Text",
            "6 tokens, mask=6 tokens",
            "onnx",
            r"Text: it cannot run at batch 1, given 6 tokens, mask=6 tokens \(.*\): TypeError: .*",
        ),
        (
            "Odd",
            "",
            "torch_export",
            "Odd: expected tensors in the model's output, got object; it cannot be compared",
        ),
    ],
)
def test_what_cannot_be_exported_says_why(
    name: str,
    spelling: str,
    format: str,
    message: str,
    entry: Callable[..., Entry],
    tmp_path: Path,
) -> None:
    ledger = Ledger(tmp_path / "ledger")
    with pytest.raises(ExportError, match=f"^{message}$"):
        export(entry(name, spelling), options(format=format), ledger)
    (document,) = ledger.of("export", name)
    assert document.outcome == "failed"


def test_a_list_that_only_the_builder_proposes_is_refused_before_the_model_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "index.yml").write_text(
        "Models:\n- {Name: a, Builder: 'torchvision:ssdlite320_mobilenet_v3_large'}\n"
    )
    monkeypatch.chdir(tmp_path)
    (detector,) = load(["index.yml"]).entries
    monkeypatch.setattr("zoo.exporting.export.eager_outputs", lambda *_: pytest.fail("it runs"))
    with pytest.raises(ExportError) as caught:
        export(detector, options(format="onnx"), Ledger(tmp_path / "ledger"))
    assert str(caught.value) == (
        "a: a graph of ONNX takes tensors, and this model takes a list of images (320x320 image "
        "list)"
    )


MODELS = (("r3d_18", "4x32x32 clip"), ("raft_small", "128x128 image pair"))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "given"), MODELS)
@pytest.mark.parametrize("format", ["onnx", "torch_export"])
def test_models_of_torchvision(
    name: str, given: str, format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "index.yml").write_text(
        f"Models:\n- {{Name: a, Builder: 'torchvision:{name}', Input: {given}}}\n"
    )
    monkeypatch.chdir(tmp_path)
    (entry_,) = load(["index.yml"]).entries
    written = export(entry_, options(format=format, batch_size=1), Ledger(tmp_path / "ledger"))
    assert written.evidence.values["input"] == given


def test_a_constructor_that_never_ends_is_stopped(
    entry: Callable[..., Entry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a process of its own: an alarm is a matter of the whole process."""
    entry("Endless")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    options = "--index ../index.yml --trust feedable --to torch_export --random"
    command = zoo_command(f"export Endless {options} --ledger ledger --time-limit 3")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode not in (0, -signal.SIGALRM), done.stderr
    assert "feedable:Endless: it was not built within 3 s; --time-limit allows more" in done.stderr
    assert "Traceback" not in done.stderr and Ledger(Path("ledger")).of("export", "Endless") == []
