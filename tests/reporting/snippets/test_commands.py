import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from zoo.model_index.load import load
from zoo.model_index.records.input_text import parse_input
from zoo.model_index.records.records import Builder, Entry
from zoo.reporting.snippets.commands import commands


def entry(name: str, **changed: object) -> Entry:
    return replace(load().select([name])[0], **changed)  # type: ignore[arg-type]


def codes(of: Entry) -> list[str]:
    return [command.code.strip() for command in commands(of)]


def test_weights_that_are_addresses_are_fetched() -> None:
    assert codes(entry("dpn98")) == [
        "zoo verify dpn98",
        "zoo eval dpn98 --data val --dataset ImageNet --download",
        "zoo bench dpn98",
        "zoo export dpn98 --download",
    ]
    assert codes(entry("digits_cnn"))[3] == "zoo export digits_cnn"
    assert codes(entry("efficientnet_lite0"))[3] == "zoo export efficientnet_lite0"


def test_a_model_without_weights_is_exported_with_random_ones() -> None:
    bare = entry("densenet264", fields={}, inherited={}, builder=Builder("callable", "a.b:C"))
    assert (
        codes(bare)[3] == "zoo export densenet264 --random" and "--download" not in codes(bare)[1]
    )
    assert (
        codes(replace(bare, builder=Builder("timm", "dpn98")))[3]
        == "zoo export densenet264 --download"
    )


def test_another_index_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "our models" / "a.yml"
    file.parent.mkdir()
    file.write_text("Models: [{Name: a b, Builder: 'timm:dpn98'}]", encoding="utf-8")
    (ours,) = load([file]).entries
    monkeypatch.chdir(tmp_path)
    assert codes(ours)[0] == "zoo verify 'a b' --index 'our models/a.yml'"
    monkeypatch.chdir("/")
    monkeypatch.chdir(Path(__file__).parent)
    assert (
        codes(ours)[0] == "zoo verify 'a b' --index a.yml"
    )  # where it lies is this machine's business


CONFIG = "configs/resnet/resnet50_8xb32_in1k.py"


@pytest.mark.parametrize(
    ("weights", "resources", "expected"),
    [
        (
            "https://a.example/mmclassification/v0/x.pth",
            "8x V100 GPUs",
            "mmpretrain {} --gpus 8 --launcher pytorch",
        ),
        ("https://a.example/mmdetection/v2.0/x.pth", "1x T4 GPU", "mmdet {}"),
        ("https://a.example/x.pth", "a cluster", "mmpretrain {}"),
    ],
)
def test_a_configuration_of_openmmlab_is_trained_by_mim(
    weights: str, resources: str, expected: str
) -> None:
    fields = {"Config": CONFIG, "Weights": weights}
    theirs = entry("digits_cnn", fields=fields, metadata={"Training Resources": resources})
    assert codes(theirs)[-1] == f"mim train {expected.format(CONFIG)}"


@pytest.mark.parametrize("config", ["a.py; rm -rf /", "$(x).py", "a.yml", ""])
def test_only_a_path_is_a_configuration(config: str) -> None:
    assert len(codes(entry("digits_cnn", fields={"Config": config}))) == 4


def test_a_name_stays_one_argument() -> None:
    hostile = replace(entry("digits_cnn"), name="a; $(b) 'c'")
    assert all(shlex.split(code)[2] == hostile.name for code in codes(hostile))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("224x224 image", ["verify", "eval", "bench", "export"]),
        ("16x112x112 clip", ["verify", "bench", "export"]),
        ("800x800 image list", ["verify", "bench"]),
    ],
)
def test_what_a_builder_proposes_decides_commands(given: str, expected: list[str]) -> None:
    """The entry itself states nothing."""
    found = commands(entry("dpn98"), parse_input(given))
    assert [command.code.split()[1] for command in found] == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["verify", "eval", "bench", "export"]),
        ({"Input": "16x112x112 clip"}, ["verify", "bench", "export"]),
        ({"Input": "800x800 image list"}, ["verify", "bench"]),
        ({"Metadata": {"Tasks": ["Object Detection"]}}, ["verify", "bench"]),
        (
            {"Metadata": {"Tasks": ["Semantic Segmentation"], "Image Size": 520}},
            ["verify", "bench", "export"],
        ),
        ({"Metadata": {"Tasks": ["image-classification"]}}, ["verify", "eval", "bench", "export"]),
        ({"Builder": "none"}, ["verify"]),
    ],
)
def test_commands_are_those_that_fit_the_model(
    tmp_path: Path, fields: dict[str, object], expected: list[str]
) -> None:
    file = tmp_path / "a.yml"
    model = {"Name": "a", "Builder": "timm:dpn98"} | fields
    file.write_text(json.dumps({"Models": [model]}), encoding="utf-8")
    (entry_of,) = load([file]).entries
    assert [line.split()[1] for line in codes(entry_of)] == expected


def test_a_registry_is_named_by_its_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path))
    file = tmp_path / "registry" / "torchvision-0.29.2-1.yml"
    file.parent.mkdir()
    file.write_text("Models: [{Name: a, Builder: 'torchvision:a.V1'}]", encoding="utf-8")
    (entry_of,) = load([file]).entries
    assert codes(entry_of)[0] == "zoo verify a --index torchvision"
