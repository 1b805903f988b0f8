"""The files that `zoo export` writes, read back with the formats' own tools; and that no wrong file
is left."""

import hashlib
import io
import json
import re
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import zoo
from zoo.evaluation.checkpoint import load_model
from zoo.evaluation.checkpoint_files import find_weights
from zoo.exporting.export import ExportError, ExportOptions, NotWritten, export
from zoo.model_index.errors import UsageError
from zoo.model_index.ledger.store import Ledger, dump
from zoo.model_index.load import load
from zoo.model_index.records.records import Entry
from zoo.models import builders
from zoo.models.extras import MissingExtra

onnxruntime = pytest.importorskip("onnxruntime")
onnx = pytest.importorskip("onnx")

MODELS = """
import torch
from torch import nn

class Small(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5))

class Otherwise(Small):
    def forward(self, x):
        output = super().forward(x)
        return output + 1 if torch.compiler.is_exporting() else output

class Inverse(nn.Module):
    def forward(self, x):
        return torch.linalg.inv(x)

class Pairs(nn.Module):
    def forward(self, x):
        assert len(x) in (1, 2, 3, 7, 16), "one of these"
        return x.flatten(1)

class SecondOtherwise(nn.Module):
    def forward(self, x):
        y = x.flatten(1)
        return {"logits": y, "aux": [y + 1 if torch.compiler.is_exporting() else y]}

class Draws(nn.Module):
    def forward(self, x):
        return nn.functional.dropout(x.flatten(1))

class Branches(nn.Module):
    def forward(self, x):
        y = x.flatten(1)
        return y if x.shape[0] < 6 else y - y.mean(0, keepdim=True)

class TrainedNorm(nn.Module):
    # the second output passes a norm that stays in training mode
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(192)
    def train(self, mode=True):
        super().train(mode)
        self.norm.train()
        return self
    def forward(self, x):
        y = x.flatten(1)
        return y, self.norm(torch.cat([y, y * 2 + 1]))[: len(y)]

class Broken(nn.Module):
    def forward(self, x):
        raise RuntimeError("no forward today")
"""
INDEX = """
Models:
{}
"""
TRUSTED = ("exportable",)


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Entry]:
    """An entry whose builder is a class of `MODELS`, at 8x8; the working directory is empty."""
    (tmp_path / "exportable.py").write_text(MODELS)
    sys.modules.pop("exportable", None)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")

    def make(name: str) -> Entry:
        path = tmp_path / "index.yml"
        row = f"- Name: {name}\n  Builder: exportable:{name}\n  Metadata:\n    Image Size: 8\n"
        path.write_text(INDEX.format(row))
        return load([path]).entries[0]

    return make


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


def options(**changes: Any) -> ExportOptions:
    """Random weights in the format that is quickest to write, where nothing else is given."""
    return ExportOptions(
        **({"format": "torch_export", "random": True, "trusted": TRUSTED} | changes)
    )


def files() -> list[str]:
    return sorted(path.name for path in Path.cwd().iterdir())


@pytest.fixture(scope="module")
def digits() -> Entry:
    return load().select(["digits_cnn"])[0]


@pytest.fixture(scope="module")
def exported(
    digits: Entry, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """The embedded network as ONNX, and the values of the evidence."""
    folder = tmp_path_factory.mktemp("digits")
    written = export(
        digits, ExportOptions(output=folder / "deep" / "digits.onnx"), Ledger(folder / "ledger")
    )
    assert written.path == folder / "deep" / "digits.onnx"
    assert written.previous is None
    (stored,) = Ledger(folder / "ledger").of("export", "digits_cnn")
    assert dump(stored) == dump(written.evidence)
    return written.path, written.evidence.values


def test_an_onnx_file_does_what_the_model_does(
    exported: tuple[Path, dict[str, Any]], digits: Entry
) -> None:
    weights = find_weights(digits, {}, None, None)
    model, _ = load_model(digits, weights)
    session = onnxruntime.InferenceSession(str(exported[0]), providers=["CPUExecutionProvider"])
    for batch in (1, 2, 7):
        images = torch.rand(batch, 1, 8, 8) * 2 - 1
        with torch.inference_mode():
            expected = model.model(images)
        (output,) = session.run(["output"], {"input": images.numpy()})
        assert torch.allclose(torch.from_numpy(output), expected, atol=1e-4)


def test_an_onnx_file_says_what_it_is(exported: tuple[Path, dict[str, Any]], digits: Entry) -> None:
    graph = onnx.load(exported[0])
    onnx.checker.check_model(graph, full_check=True)
    metadata = {row.key: row.value for row in graph.metadata_props}
    assert graph.opset_import[0].version == 18
    assert json.loads(metadata.pop("preprocessing")) == {
        "input_size": [1, 8, 8],
        "crop_pct": 1.0,
        "crop_mode": "center",
        "interpolation": "bilinear",
        "mean": [0.5],
        "std": [0.5],
        "resize": "pil",
    }
    assert metadata == {
        "model": "digits_cnn",
        "resolved": "zoo.examples.digits:DigitsCNN",
        "builder": "zoo.examples.digits:DigitsCNN",
        "builder_version": builders.version(digits.builder),
        "weights": "digits_cnn.safetensors",
        "weights_sha256": exported[1]["weights_sha256"],
        "input": "8x8 image",
        "precision": "fp32",
        "batch_size": "any",
        "exported_by": f"zoo {zoo.__version__}",
    }


def test_evidence_says_what_was_written(
    exported: tuple[Path, dict[str, Any]], digits: Entry
) -> None:
    path, values = exported
    data = path.read_bytes()
    assert values["sha256"] == hashlib.sha256(data).hexdigest()
    assert values["bytes"] == len(data)
    assert values["weights_sha256"] == find_weights(digits, {}, None, None).sha256
    assert list(values["output"]) == ["1", "2", "3", "7", "16"]
    assert all(output["ok"] and output["max_abs"] < 1e-4 for output in values["output"].values())
    (stored,) = Ledger(path.parent.parent / "ledger").of("export", "digits_cnn")
    assert stored.cell.tool == "zoo-export/3"
    assert stored.cell.conditions == {
        "format": "onnx",
        "opset": 18,
        "precision": "fp32",
        "dynamic": True,
        "batch_size": None,
        "input": "8x8 image",
        "weights": values["weights_sha256"],
    }
    assert stored.environment["onnxruntime"] == onnxruntime.__version__


def test_a_file_says_nothing_of_this_machine(
    exported: tuple[Path, dict[str, Any]], entry: Callable[[str], Entry], ledger: Ledger
) -> None:
    written = export(entry("Small"), options(), ledger)
    for data in (exported[0].read_bytes(), written.path.read_bytes()):
        for folder in (
            Path(zoo.__file__).parent,
            Path(torch.__file__).parent,
            Path(__file__).parent,
            Path.cwd(),
        ):
            assert str(folder).encode() not in data


def test_the_same_export_has_the_same_bytes(entry: Callable[[str], Entry], ledger: Ledger) -> None:
    first = export(entry("Small"), options(), ledger)
    again = export(entry("Small"), options(force=True), ledger)
    assert first.previous is None
    assert again.previous == again.evidence.values["sha256"] == first.evidence.values["sha256"]
    assert files() == ["Small.pt2"]
    assert len(ledger.of("export", "Small")) == 1


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_an_archive_of_torch_export(
    precision: str, entry: Callable[[str], Entry], ledger: Ledger
) -> None:
    written = export(entry("Small"), options(precision=precision), ledger)
    extra = {"metadata.json": ""}
    program = torch.export.load(io.BytesIO(written.path.read_bytes()), extra_files=extra)
    metadata = json.loads(extra["metadata.json"])
    assert (metadata["weights"], metadata["weights_sha256"], metadata["precision"]) == (
        "random",
        "",
        precision,
    )
    assert written.evidence.cell.conditions["weights"] == "random, seed 0"
    assert written.evidence.cell.conditions["opset"] is None
    dtype = {"fp32": torch.float32, "fp16": torch.float16}[precision]
    for batch in (1, 5):
        output = program.module()(torch.zeros(batch, 3, 8, 8, dtype=dtype))
        assert output.shape == (batch, 5)
        assert output.dtype is dtype


def test_a_file_for_one_batch_size(entry: Callable[[str], Entry], ledger: Ledger) -> None:
    written = export(entry("Pairs"), options(batch_size=3), ledger)
    assert list(written.evidence.values["output"]) == ["3"]
    assert written.evidence.cell.conditions["batch_size"] == 3
    program = torch.export.load(io.BytesIO(written.path.read_bytes())).module()
    assert program(torch.zeros(3, 3, 8, 8)).shape == (3, 192)
    with pytest.raises(AssertionError, match="3"):
        program(torch.zeros(2, 3, 8, 8))


def test_onnx_in_half_precision_and_another_opset(
    entry: Callable[[str], Entry], ledger: Ledger
) -> None:
    written = export(entry("Small"), options(format="onnx", precision="fp16", opset=20), ledger)
    graph = onnx.load(written.path)
    assert graph.opset_import[0].version == written.evidence.values["opset"] == 20
    assert graph.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.FLOAT16
    output = written.evidence.values["output"]["3"]
    assert 0 < output["max_abs"] < output["tolerance"]


FAULTS = [
    (
        "Otherwise",
        "torch_export",
        (
            r"Otherwise: at batch 1 the output differs by 1 from eager float32's; "
            r"[\d.e-]+ is allowed; nothing was written"
        ),
    ),
    (
        "Inverse",
        "onnx",
        (
            "Inverse: no ONNX graph in opset 18: DispatchError: "
            "No ONNX function found for <OpOverload.*linalg_inv_ex.*"
        ),
    ),
    ("Pairs", "torch_export", "Pairs: its code does not treat every batch size alike.*"),
    (
        "SecondOtherwise",
        "torch_export",
        r"SecondOtherwise: at batch 1 output 2 of 2 differs by 1 from eager float32's; .*",
    ),
    (
        "TrainedNorm",
        "onnx",
        r"TrainedNorm: at batch 1 output 2 of 2 differs by .* from eager float32's; .*",
    ),
    (
        "Draws",
        "torch_export",
        r"Draws: no file can be compared with it: two calls of the model on the same batch .*",
    ),
    *(
        (
            "Branches",
            format,
            r"Branches: its code does not treat every batch size alike: torch.export suggests "
            r"batch = Dim\('batch', max=5\); --static writes a file for the one of --batch-size",
        )
        for format in ("onnx", "torch_export")
    ),
    (
        "Broken",
        "torch_export",
        r"Broken: it cannot run at batch 1, given 8x8: RuntimeError: no forward today",
    ),
]


@pytest.mark.parametrize(
    ("name", "format", "message"), FAULTS, ids=[f"{row[0]}-{row[1]}" for row in FAULTS]
)
def test_what_cannot_be_exported_is_kept_as_evidence_and_leaves_no_file(
    name: str, format: str, message: str, entry: Callable[[str], Entry], ledger: Ledger
) -> None:
    with pytest.raises(ExportError, match=f"^{message}$") as caught:
        export(entry(name), options(format=format), ledger)
    assert files() == []
    (stored,) = ledger.of("export", name)
    assert stored.outcome == "failed"
    assert f"{name}: {stored.error}" == str(caught.value)


def test_a_wrong_file_does_not_replace_one_that_is_there(
    entry: Callable[[str], Entry], ledger: Ledger
) -> None:
    Path("Otherwise.pt2").write_text("mine")
    with pytest.raises(ExportError):
        export(entry("Otherwise"), options(force=True), ledger)
    assert files() == ["Otherwise.pt2"]
    assert Path("Otherwise.pt2").read_text() == "mine"


def test_a_file_that_is_there_stays_unless_forced(
    entry: Callable[[str], Entry], ledger: Ledger
) -> None:
    Path("real").write_text("mine")
    Path("real").chmod(0o600)
    Path("link.pt2").symlink_to("real")
    with pytest.raises(UsageError, match=r"^link\.pt2: the file exists; --force replaces it$"):
        export(entry("Small"), options(output=Path("link.pt2")), ledger)
    assert Path("real").read_text() == "mine"
    export(entry("Small"), options(output=Path("link.pt2"), force=True), ledger)
    assert Path("link.pt2").is_symlink()
    assert Path("real").read_bytes().startswith(b"PK")
    assert Path("real").stat().st_mode & 0o777 == 0o600


def test_a_folder_and_the_index_are_no_place_for_it(
    entry: Callable[[str], Entry], ledger: Ledger, tmp_path: Path
) -> None:
    with pytest.raises(
        UsageError, match=re.escape(f"--output: expected a file's path, got '{tmp_path}'")
    ):
        export(entry("Small"), options(output=tmp_path), ledger)
    model, place = entry("Small"), tmp_path / "index.yml"
    before = place.read_text()
    with pytest.raises(UsageError, match=re.escape(f"{place}: the index was read from this file")):
        export(model, options(output=place, force=True), ledger)
    assert place.read_text() == before


def test_a_full_disk_is_said_and_leaves_nothing(
    entry: Callable[[str], Entry], ledger: Ledger
) -> None:
    """A limit on the size of files gives the same error, at the same place, as a disk without
    room."""
    model = entry("Small")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(NotWritten, match=r"/Small\.pt2: cannot be written: File too large$"):
            export(model, options(), ledger)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files() == []
    assert ledger.of("export", "Small") == []  # nothing was learned about the model


CONTRADICTIONS = [
    ({"format": "tflite"}, "--to: no 'tflite' (onnx, torch_export)"),
    ({"precision": "bf16"}, "--precision: no 'bf16' (fp32, fp16)"),
    ({"weights": "a.pth"}, "--random and --weights exclude each other"),
    ({"opset": 18}, "--opset: the format torch_export has no opsets"),
]


@pytest.mark.parametrize(
    ("values", "message"), CONTRADICTIONS, ids=[next(iter(row)) for row, _ in CONTRADICTIONS]
)
def test_options_that_contradict_each_other(
    values: dict[str, Any], message: str, entry: Callable[[str], Entry], ledger: Ledger
) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        export(entry("Small"), options(**values), ledger)


def test_without_weights_it_says_what_to_do(entry: Callable[[str], Entry], ledger: Ledger) -> None:
    message = (
        "Small: no local weights: the index names none; give a file with --weights FILE; "
        "--random exports random weights"
    )
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        export(entry("Small"), options(random=False), ledger)


def test_a_missing_package_is_no_evidence(
    entry: Callable[[str], Entry], ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    message = r"^onnxruntime is not installed: pip install 'model-zoo-ledger\[onnx\]'$"
    with pytest.raises(MissingExtra, match=message):
        export(entry("Small"), options(format="onnx"), ledger)
    assert ledger.of("export", "Small") == []


def test_the_command(
    entry: Callable[[str], Entry], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from zoo.cli import main

    entry("Small")
    index = ["--index", str(tmp_path / "index.yml"), "--trust", "exportable", "--ledger", "ledger"]
    arguments = [
        "Small",
        "--to",
        "torch_export",
        "--quiet",
        "--random",
        "--static",
        "--batch-size",
        "2",
        *index,
    ]

    def run(*words: str) -> tuple[object, str, str]:
        sys.argv = ["zoo", "export", *words]
        with pytest.raises(SystemExit) as stop:
            main()
        return stop.value.code, *capsys.readouterr()

    code, out, err = run(*arguments)
    assert (code, err) == (0, "")
    data = Path("Small.pt2").read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    first, checked, *lines = out.splitlines()
    assert first == f"Small.pt2  {len(data):,} bytes"
    assert re.fullmatch(
        r"checked  at batch 2: at most 0 from eager float32, at least [\d.e-]+ is allowed", checked
    )
    assert lines == [
        f"SHA-256  {digest}",
        "format   torch_export, fp32, batch size 2, 8x8 image",
        "model    exportable:Small",
        "weights  random",
    ]
    assert run(*arguments) == (2, "", "zoo: Small.pt2: the file exists; --force replaces it\n")
    assert f"SHA-256  {digest}, as the last time" in run(*arguments, "--force")[1]
    (stored,) = Ledger("ledger").of("export", "Small")
    command = (
        "zoo export Small --to torch_export --batch-size 2 --precision "
        "fp32 --static --random --force"
    )
    assert stored.command.startswith(f"{command} --index ")
    assert stored.command.endswith(" --trust exportable")
