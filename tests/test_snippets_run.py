"""The code on a model's page runs as it stands, given the files it names; weights aside, which are off-site."""

import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from model_index.load import load
from reporting.snippets import Recipe, Subject, commands, snippets
from zoo.builders import build

QUICK = ("dla46_c", "densenet264", "digits_cnn")
PARTS = ("use", "features", "fine-tune", "train", "evaluate", "export", "deploy")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """image.jpg, and train/ and val/ with two classes of four images: gradients, which need no download."""
    folder = tmp_path_factory.mktemp("snippets")
    Image.linear_gradient("L").convert("RGB").save(folder / "image.jpg")
    for number, name in enumerate(("cat", "dog")):
        for part in ("train", "val"):
            (folder / part / name).mkdir(parents=True)
            for turn in range(4):
                picture = Image.radial_gradient("L").rotate(90 * turn + number).convert("RGB")
                picture.save(folder / f"{part}/{name}/{turn}.png")
    return folder


def check(model: str, part: int, folder: Path) -> None:
    (entry,) = load().select([model])
    recipe = replace(Recipe.of(entry, build(entry.builder).configuration), epochs=1, batch_size=4)
    subject = Subject(entry.builder, entry.builder.name, recipe, pretrained=False, classes=2)
    snippet = snippets(subject)[part]
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", snippet.code], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{snippet.heading}\n{snippet.code}\n{done.stderr}"
    assert done.stdout.strip()
    if PARTS[part] in ("use", "deploy"):
        assert len(done.stdout.strip().splitlines()) == 5


@pytest.mark.parametrize("part", range(5), ids=PARTS[:5])
def test_snippets_of_a_timm_model(part: int, folder: Path) -> None:
    check("dla46_c", part, folder)


def test_what_is_exported_is_deployed(folder: Path) -> None:
    for part in (PARTS.index("export"), PARTS.index("deploy")):
        check("digits_cnn", part, folder)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["dla46_c", "densenet264"])
def test_other_kinds_of_models_are_exported_and_deployed(model: str, folder: Path) -> None:
    for part in (PARTS.index("export"), PARTS.index("deploy")):
        check(model, part, folder)


@pytest.mark.parametrize("part", range(2), ids=PARTS[:2])
def test_snippets_of_a_class_with_arguments(part: int, folder: Path) -> None:
    check("densenet264", part, folder)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(2, 5), ids=PARTS[2:5])
@pytest.mark.parametrize("model", ["densenet264", "digits_cnn"])
def test_training_what_is_no_timm_model(model: str, part: int, folder: Path) -> None:
    check(model, part, folder)


@pytest.mark.parametrize("part", range(2), ids=PARTS[:2])
def test_snippets_of_a_model_of_grey_images(part: int, folder: Path) -> None:
    check("digits_cnn", part, folder)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5), ids=PARTS[:5])
@pytest.mark.parametrize("model", [e.name for e in load().entries if e.name not in QUICK])
def test_snippets_of_every_other_model(model: str, part: int, folder: Path) -> None:
    check(model, part, folder)


def test_commands_of_a_page_run(folder: Path, tmp_path: Path) -> None:
    """Those of digits_cnn, whose weights ship; `zoo bench` runs in its own tests, so here its plan is made."""
    (entry,) = load().select(["digits_cnn"])
    for command in commands(entry):
        arguments = shlex.split(command.code)
        assert arguments[0] == "zoo"
        options = {"bench": ["--plan"], "eval": ["--class-map", str(classes(tmp_path))], "verify": []}
        more = options.get(arguments[1], [])
        line = [sys.executable, "-m", "zoo", *arguments[1:], *more]
        told = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
        assert told.returncode in (0, 1) and "Traceback" not in told.stderr, f"{command.code}{told.stderr}"
    assert (folder / "digits_cnn.onnx").is_file()


def classes(folder: Path) -> Path:
    path = folder / "classes.json"
    path.write_text('{"cat": 0, "dog": 1}')
    return path


def test_a_configuration_of_openmmlab_is_trained_by_mim() -> None:
    (entry,) = load().select(["digits_cnn"])
    named = replace(entry, fields={**entry.fields, "Config": "configs/resnet/resnet50_8xb32_in1k.py"})
    assert commands(named)[-1].code == "mim train mmpretrain configs/resnet/resnet50_8xb32_in1k.py\n"
    hostile = replace(entry, fields={**entry.fields, "Config": "a.py; rm -rf /"})
    assert len(commands(hostile)) == len(commands(entry))
