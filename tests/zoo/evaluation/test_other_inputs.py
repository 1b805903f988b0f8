"""A model that takes something else than one image is refused before data are read."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from zoo.cli import app
from zoo.evaluation import subject
from zoo.evaluation.inference import Setup
from zoo.evaluation.options import EvaluationOptions
from zoo.model_index.errors import UsageError
from zoo.model_index.records.records import Entry

OBJECTION = "it takes 16x112x112 clip, and this command gives a model one image"


def test_where_only_the_builder_says_it(
    read: Callable[[str], list[Entry]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_data(*names: object, **options: object) -> None:
        raise AssertionError("the data are read")

    monkeypatch.setattr(subject, "find", read_data)
    (entry,) = read("Models:\n- {Name: a, Builder: 'torchvision:r3d_18'}\n")
    with pytest.raises(UsageError, match=f"^a: {OBJECTION}$"):
        subject.prepare_subject(
            entry,
            EvaluationOptions(data="nowhere", setup=Setup(torch.device("cpu"), "fp32", 1, 0)),
            None,
        )


def test_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("index.yml").write_text(
        "Models:\n- {Name: a, Builder: 'torchvision:r3d_18', Weights: w.pth}\n"
        "- {Name: b, Builder: 'timm:resnet18', Input: 8x8x8 clip}\n"
        "- {Name: c, Builder: 'timm:resnet18'}\n"
    )
    Path("w.pth").write_bytes(b"")
    Path("val/cat").mkdir(parents=True)
    arguments = ["eval", "a", "b", "c", "--data", "val", "--index", "index.yml"]
    result = CliRunner().invoke(app, arguments)
    said = [line for line in result.stderr.splitlines() if "and this command" in line]
    assert said == [
        f"zoo: a: {OBJECTION}",
        "zoo: b: it takes 8x8x8 clip (index.yml:3), and this command gives a model one image",
    ]
    assert result.exit_code == 2
    assert "c: no local weights" in result.stderr
