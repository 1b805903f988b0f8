"""The code on a model's page runs as it stands, given the files it names; weights aside, which are
off-site.

Each piece runs in a process of its own, forked from one that has imported torch already: importing
takes longer than most of them.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy
import pytest
import torch
from PIL import Image

from tests.zoo.feedable import INPUTS, MODULE
from zoo.evaluation.datasets import find
from zoo.evaluation.inference import Setup, load_batches
from zoo.evaluation.preprocessing import Preprocessing
from zoo.model_index.load import load
from zoo.model_index.records.input_text import parse_input
from zoo.model_index.records.records import Builder
from zoo.models.builders import build
from zoo.reporting.snippets.brief import brief
from zoo.reporting.snippets.commands import commands
from zoo.reporting.snippets.inputs import input_snippets
from zoo.reporting.snippets.parts import WeightsFile
from zoo.reporting.snippets.snippets import Recipe, Subject, snippets

QUICK = ("dla46_c", "densenet264", "digits_cnn")
ASKED: list["subprocess.Popen[str]"] = []  # one while the tests of this file run
WARM = """
import json, os, runpy, signal, sys
import timm, torch, torchvision
for line in sys.stdin:
    arguments, folder = json.loads(line)
    if (child := os.fork()) == 0:
        signal.alarm(300)
        os.chdir(folder)
        for number, name in enumerate((os.devnull, "output.txt", "errors.txt")):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC), number)
        module = arguments[0] == "-m"
        sys.argv = arguments[module:]
        sys.path[0] = "" if module else folder
        if module:
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(arguments[0], run_name="__main__")
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
PARTS = ("use", "features", "fine-tune", "train", "evaluate", "export", "deploy")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """image.jpg, and train/ and val/ with two classes of four images: gradients, which need no
    download."""
    folder = tmp_path_factory.mktemp("snippets")
    Image.linear_gradient("L").resize((320, 250)).rotate(30).convert("RGB").save(
        folder / "image.jpg"
    )
    for number, name in enumerate(("cat", "dog")):
        for part in ("train", "val"):
            (folder / part / name).mkdir(parents=True)
            for turn in range(4):
                picture = Image.radial_gradient("L").rotate(90 * turn + number).convert("RGB")
                picture.save(folder / f"{part}/{name}/{turn}.png")
    return folder


@pytest.fixture(scope="module", autouse=True)
def warm() -> Iterator[None]:
    """The process that `run` asks."""
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    asked = subprocess.Popen(
        [sys.executable, "-c", WARM],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    ASKED.append(asked)
    with asked:
        yield
        ASKED.clear()


def run(arguments: list[str], folder: Path) -> tuple[int, str, str]:
    """What `python` does with these arguments, `-m module ...` or a script's: exit code, output and
    complaints."""
    (asked,) = ASKED
    assert asked.stdin and asked.stdout
    asked.stdin.write(json.dumps([arguments, str(folder)]) + "\n")
    asked.stdin.flush()
    code = int(asked.stdout.readline())
    return code, (folder / "output.txt").read_text(), (folder / "errors.txt").read_text()


def check(model: str, part: int, folder: Path, start: str = "") -> str:
    """Run one snippet as a file, with the arguments the page gives it, few epochs and small
    batches; its output."""
    (entry,) = load().select([model])
    recipe = Recipe.from_entry(entry, build(entry.builder).configuration)
    subject = Subject(
        builder=entry.builder, name=entry.builder.name, recipe=recipe, pretrained=False, classes=2
    )
    snippet = snippets(subject)[part]
    few = ["--epochs", "1", "--batch-size", "4"] if snippet.command else []
    script = folder / "train.py"
    script.write_text(start + snippet.code, encoding="utf-8")
    code, output, errors = run([*(shlex.split(snippet.command)[1:] or [script.name]), *few], folder)
    assert code == 0, f"{snippet.heading}\n{snippet.code}\n{errors}"
    assert output.strip()
    return output


def classes_of(model: str, folder: Path) -> None:
    """The exported file names the classes that the live model names, with the same seed's
    weights."""
    seeded = "import torch\ntorch.manual_seed(0)\n"
    live = check(model, PARTS.index("use"), folder, seeded)
    check(model, PARTS.index("export"), folder, seeded)
    deployed = check(model, PARTS.index("deploy"), folder)
    assert [line.split()[:2] for line in live.splitlines()] == [
        line.split() for line in deployed.splitlines()
    ]
    assert len(deployed.splitlines()) == 5


TRAINED = PARTS.index("fine-tune")


@pytest.mark.parametrize(
    "part",
    [p if p != TRAINED else pytest.param(p, marks=pytest.mark.slow) for p in range(5)],
    ids=PARTS[:5],
)
def test_snippets_of_a_timm_model(part: int, folder: Path) -> None:
    check("dla46_c", part, folder)


@pytest.mark.slow
def test_what_is_exported_names_the_same_classes(folder: Path) -> None:
    classes_of("digits_cnn", folder)


@pytest.mark.slow
@pytest.mark.parametrize("model", [e.name for e in load().entries if e.name != "digits_cnn"])
def test_every_other_model_is_exported_to_the_same_classes(model: str, folder: Path) -> None:
    classes_of(model, folder)


@pytest.mark.parametrize("part", [0, pytest.param(1, marks=pytest.mark.slow)], ids=PARTS[:2])
def test_snippets_of_a_class_with_arguments(part: int, folder: Path) -> None:
    check("densenet264", part, folder)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(2, 5), ids=PARTS[2:5])
@pytest.mark.parametrize("model", ["densenet264", "digits_cnn"])
def test_training_what_is_no_timm_model(model: str, part: int, folder: Path) -> None:
    check(model, part, folder)


def run_first(subject: Subject, given: str | None, folder: Path) -> str:
    """Run the code of the first screen as it is printed; its output."""
    spec = parse_input(given) if given else None
    code = brief(subject, spec, classifies=spec is None)
    (folder / "first.py").write_text(_stay_offline(subject.builder, code), encoding="utf-8")
    status, output, errors = run(["first.py"], folder)
    assert status == 0, f"{code}\n{errors}"
    return output


@pytest.mark.parametrize("model", ["dla46_c", "densenet264"])
def test_the_code_of_the_first_screen_names_classes(model: str, folder: Path) -> None:
    (entry,) = load().select([model])
    recipe = Recipe.from_entry(entry, build(entry.builder).configuration)
    name = entry.builder.name
    subject = Subject(builder=entry.builder, name=name, recipe=recipe, pretrained=False)
    assert "indices=tensor(" in run_first(subject, None, folder)


def test_the_code_of_the_first_screen_loads_the_weights_that_ship(folder: Path) -> None:
    """Random weights would name other classes each time."""
    (entry,) = load().select(["digits_cnn"])
    recipe = Recipe.from_entry(entry, build(entry.builder).configuration)
    weights = WeightsFile(entry.weights[0], ships=True)
    name = entry.builder.name
    subject = Subject(builder=entry.builder, name=name, recipe=recipe, checkpoint=weights)
    first, again = (run_first(subject, None, folder) for _ in range(2))
    assert first == again and "indices=tensor(" in first


@pytest.mark.parametrize(
    ("builder", "given"),
    [
        (Builder("torchvision", "resnet18"), None),
        *((Builder("callable", f"feedable:{name}"), INPUTS[name]) for name in ("Pair", "Text")),
        pytest.param(
            Builder("torchvision", "ssdlite320_mobilenet_v3_large"),
            "320x320 image list",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            Builder("torchvision", "lraspp_mobilenet_v3_large"),
            "64x64 image",
            marks=pytest.mark.slow,
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Builder) else str(value),
)
def test_the_code_of_the_first_screen_of_other_models(
    builder: Builder, given: str | None, folder: Path
) -> None:
    (folder / "feedable.py").write_text(MODULE)
    subject = Subject(builder=builder, name=builder.name, pretrained=False)
    assert run_first(subject, given, folder).strip()


@pytest.mark.parametrize("part", range(2), ids=PARTS[:2])
def test_snippets_of_a_model_of_grey_images(part: int, folder: Path) -> None:
    check("digits_cnn", part, folder)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5), ids=PARTS[:5])
@pytest.mark.parametrize("model", [e.name for e in load().entries if e.name not in QUICK])
def test_snippets_of_every_other_model(model: str, part: int, folder: Path) -> None:
    check(model, part, folder)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        *((name, 0) for name in ("Pair", "Detector", "Text")),
        *(pytest.param(name, 1, marks=pytest.mark.slow) for name in ("Clip", "Pair", "Text")),
    ],
)
def test_snippets_of_what_takes_no_single_image(name: str, part: int, folder: Path) -> None:
    (folder / "feedable.py").write_text(MODULE)
    outputs = feed(Builder("callable", f"feedable:{name}"), INPUTS[name], part, folder)
    expected = {
        "Pair": "output[0] (1, 4, 6, 6)\noutput[1] (1, 4)\n",
        "Detector": "output[0]['boxes'] (4, 6)\noutput[0]['scores'] (3,)\n",
        "Text": "output['logits'] (1, 6, 50)\noutput['hidden'] (1, 6, 8)\n",
    }
    assert outputs.endswith(WRITTEN) if part else outputs == expected[name]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "given", "part"),
    [
        ("r3d_18", "8x64x64 clip", 0),
        ("r3d_18", "8x64x64 clip", 1),
        ("raft_small", "128x128 image pair", 0),
        ("raft_small", "128x128 image pair", 1),
        ("ssdlite320_mobilenet_v3_large", "320x320 image list", 0),
        ("fasterrcnn_mobilenet_v3_large_320_fpn", "320x320 image list", 0),
        ("lraspp_mobilenet_v3_large", "64x64 image", 0),
    ],
)
def test_snippets_of_models_of_torchvision(name: str, given: str, part: int, folder: Path) -> None:
    outputs = feed(Builder("torchvision", name), given, part, folder)
    assert outputs.endswith(WRITTEN) if part else outputs.startswith("output")


WRITTEN = "model.pt2 and model.onnx are written\n"


def feed(builder: Builder, given: str, part: int, folder: Path) -> str:
    """Run one snippet of a model that takes such an input; its output."""
    subject = Subject(builder=builder, name=builder.name, pretrained=False)
    snippet = input_snippets(subject, parse_input(given))[part]
    (folder / "run.py").write_text(_stay_offline(builder, snippet.code))
    code, output, errors = run(["run.py"], folder)
    assert code == 0, f"{snippet.code}\n{errors}"
    return output


def _stay_offline(builder: Builder, code: str) -> str:
    """Backbones of detection and segmentation bring weights where none are refused."""
    backbone = "rcnn" in builder.name or "lraspp" in builder.name or "ssd" in builder.name
    return code.replace("weights=None", "weights=None, weights_backbone=None") if backbone else code


TINY = """
from torch import nn

class Net(nn.Sequential):
    def __init__(self, channels=3):
        super().__init__(nn.Conv2d(channels, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(4, 10))
"""
NET = Builder("callable", "tinynet:Net")
GREY = Builder("callable", "tinynet:Net", {"channels": 1})
TIMM = Builder("timm", "dla46_c")


def preprocessing(**settings: Any) -> Preprocessing:
    usual = {
        "input_size": (3, 32, 32),
        "crop_pct": 0.875,
        "crop_mode": "center",
        "interpolation": "bicubic",
        "mean": (0.485, 0.456, 0.406),
        "std": (0.229, 0.224, 0.225),
    }
    return Preprocessing(**(usual | settings))


@pytest.mark.parametrize(
    ("builder", "pre"),
    [
        (NET, preprocessing()),
        (NET, preprocessing(interpolation="bilinear", crop_pct=0.9, mean=(0.5,) * 3)),
        (NET, preprocessing(crop_mode="squash", crop_pct=1.0, input_size=(3, 32, 48))),
        (NET, preprocessing(crop_mode="border", std=(0.5,) * 3)),
        (NET, preprocessing(input_size=(3, 48, 32), interpolation="lanczos")),
        (GREY, preprocessing(input_size=(1, 8, 8), mean=(0.3,), std=(0.2,))),
        (GREY, preprocessing(input_size=(1, 8, 8), mean=(0,), std=(1,), crop_mode="border")),
        (TIMM, preprocessing(interpolation="nearest")),
        (TIMM, preprocessing(crop_mode="squash", crop_pct=0.95, input_size=(3, 64, 64))),
    ],
    ids=lambda part: part.describe() if isinstance(part, Preprocessing) else str(part),
)
def test_the_snippet_does_to_an_image_what_the_evaluation_did(
    builder: Builder, pre: Preprocessing, folder: Path
) -> None:
    (folder / "tinynet.py").write_text(TINY)
    (entry,) = load().select(["digits_cnn"])
    stated = msgspec.json.decode(msgspec.json.encode(pre))  # as the ledger has it
    recipe = Recipe.from_entry(replace(entry, builder=builder), {}, stated)
    subject = Subject(builder=builder, name=builder.name, recipe=recipe, pretrained=False)
    script = folder / "use.py"
    script.write_text(snippets(subject)[0].code + '\ntorch.save(image, "input.pt")\n')
    code, _, errors = run([script.name], folder)
    assert code == 0, errors
    (folder / "alone" / "0").mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / "image.jpg", folder / "alone" / "0" / "image.jpg")
    setup = Setup(torch.device("cpu"), "fp32", 1, 0)
    images = find(str(folder / "alone"), None)
    ((batch, *_),) = load_batches(images, numpy.array([0]), pre, setup)
    torch.testing.assert_close(torch.load(folder / "input.pt"), batch, atol=1e-5, rtol=0)


def test_commands_of_a_page_run(folder: Path, tmp_path: Path) -> None:
    """Those of digits_cnn, whose weights ship; `zoo bench` runs in its own tests, so here its plan
    is made."""
    (entry,) = load().select(["digits_cnn"])
    for command in commands(entry):
        arguments = shlex.split(command.code)
        assert arguments[0] == "zoo"
        options = {
            "bench": ["--plan"],
            "eval": ["--class-map", str(classes(tmp_path))],
            "verify": [],
        }
        more = options.get(arguments[1], [])
        code, _, errors = run(["-m", "zoo", *arguments[1:], *more], folder)
        assert code in (0, 1) and "Traceback" not in errors, f"{command.code}{errors}"
    assert (folder / "digits_cnn.onnx").is_file()


def classes(folder: Path) -> Path:
    path = folder / "classes.json"
    path.write_text('{"cat": 0, "dog": 1}')
    return path
