"""The code on a model's page runs as it stands, given the files it names; weights aside, which are off-site."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from model_index.load import load
from reporting.snippets import Recipe, Subject, snippets
from zoo.builders import build

QUICK = ("dla46_c", "densenet264", "digits_cnn")
PARTS = ("use", "features", "fine-tune", "train")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """image.jpg, and train/ with two classes of four images: gradients, which need no download."""
    folder = tmp_path_factory.mktemp("snippets")
    Image.linear_gradient("L").convert("RGB").save(folder / "image.jpg")
    for number, name in enumerate(("cat", "dog")):
        (folder / "train" / name).mkdir(parents=True)
        for turn in range(4):
            Image.radial_gradient("L").rotate(90 * turn + number).convert("RGB").save(
                folder / f"train/{name}/{turn}.png"
            )
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
    if part == 0:
        assert len(done.stdout.strip().splitlines()) == 5


@pytest.mark.parametrize("part", range(4), ids=PARTS)
def test_snippets_of_a_timm_model(part: int, folder: Path) -> None:
    check("dla46_c", part, folder)


@pytest.mark.parametrize("part", range(2), ids=PARTS[:2])
def test_snippets_of_a_class_with_arguments(part: int, folder: Path) -> None:
    check("densenet264", part, folder)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(2, 4), ids=PARTS[2:])
@pytest.mark.parametrize("model", ["densenet264", "digits_cnn"])
def test_training_what_is_no_timm_model(model: str, part: int, folder: Path) -> None:
    check(model, part, folder)


@pytest.mark.parametrize("part", range(2), ids=PARTS[:2])
def test_snippets_of_a_model_of_grey_images(part: int, folder: Path) -> None:
    check("digits_cnn", part, folder)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4), ids=PARTS)
@pytest.mark.parametrize("model", [e.name for e in load().entries if e.name not in QUICK])
def test_snippets_of_every_other_model(model: str, part: int, folder: Path) -> None:
    check(model, part, folder)
