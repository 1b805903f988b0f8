"""torchvision's registry as an index: every published number of every weights, once."""

import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import torchvision
import yaml
from torchvision import models
from typer.testing import CliRunner

from zoo.cli import app
from zoo.model_index.checks.lint import lint
from zoo.model_index.errors import UsageError
from zoo.model_index.load import load
from zoo.model_index.records.records import Entry, Index
from zoo.models import registries
from zoo.models.registry_entries import add_entries

LABELS = {"acc@1": "Top 1 Accuracy", "acc@5": "Top 5 Accuracy"}
QUANTITIES = {"Parameters": "num_params", "FLOPs": "_ops", "File Size": "_file_size"}
UNITS = {"Parameters": 1, "FLOPs": 10**9, "File Size": 10**6}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("registry") / "torchvision.yml"
    path.write_text(registries.render("torchvision", torchvision.__version__))
    return path


@pytest.fixture(scope="module")
def index(file: Path) -> Index:
    return load([file])


def weights() -> Iterator[tuple[str, Any]]:
    for name in models.list_models():
        for member in models.get_model_weights(name):
            yield f"{name}.{member.name}", member


def find_entry(index: Index, name: str) -> Entry:
    (entry,) = index.select([name])
    return entry


def test_every_weights_is_an_entry(index: Index) -> None:
    assert index.faults == ()
    assert [entry.name for entry in index.entries] == [name for name, _ in weights()]
    assert all(str(entry.builder) == f"torchvision:{entry.name}" for entry in index.entries)


def test_every_published_number_stands_in_the_file_as_it_is_published(
    index: Index, file: Path
) -> None:
    """Parameters, FLOPs and file size are claims; of metrics, those that a quantity is known of."""
    listed = yaml.safe_load(file.read_text())["Models"]
    numbers = 0
    for (_, member), entry, fields in zip(weights(), index.entries, listed, strict=True):
        for label, key in QUANTITIES.items():
            (claim,) = [c for c in entry.claims if c.label == label]
            assert claim.number == Decimal(str(member.meta[key])) * UNITS[label]
            numbers += 1
        published = member.meta["_metrics"].values()
        for result, metrics in zip(fields["Results"], published, strict=True):
            for key, value in metrics.items():
                stated = str(result["Metrics"][LABELS.get(key, key)])
                assert stated == ("nan" if math.isnan(value) else stated)
                assert math.isnan(value) or float(stated.removesuffix("%")) == value
                numbers += 1
    total = sum(3 + sum(map(len, m.meta["_metrics"].values())) for _, m in weights())
    assert numbers == total
    if torchvision.__version__.startswith("0.29."):
        assert (len(index.entries), numbers) == (166, 827)


def test_an_entry_says_what_the_package_says(index: Index) -> None:
    entry = find_entry(index, "vit_b_16.IMAGENET1K_SWAG_E2E_V1")
    assert {claim.quantity: claim.raw for claim in entry.claims} == {
        "parameters": "86859496",
        "flops": "55.484 G",
        "file_size": "331.398 MB",
        "image_size": "384",
        "crop_pct": "1.0",
        "interpolation": "bicubic",
        "mean": "0.485, 0.456, 0.406",
        "std": "0.229, 0.224, 0.225",
        "top1": "85.304%",
        "top5": "97.65%",
    }
    assert entry.collection == "vision_transformer"
    assert entry.metadata["Tasks"] == ["Image Classification"]
    assert entry.metadata["Classes"] == "1000"
    assert entry.fields["License"] == "https://github.com/facebookresearch/SWAG/blob/main/LICENSE"
    assert entry.fields["Paper"] == {
        "Title": "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
        "URL": "https://arxiv.org/abs/2010.11929",
    }
    assert entry.weights[0].endswith("vit_b_16_swag-9ac1b537.pth")


def test_what_is_no_image_is_an_input_and_every_metric_is_a_claim(index: Index) -> None:
    flow = find_entry(index, "raft_large.C_T_V1")
    assert str(flow.input) == "512x512 image pair"
    assert {claim.quantity for claim in flow.claims} == {
        "parameters",
        "flops",
        "file_size",
        "image_size",
        "epe",
        "fl_all",
        "other:per image epe",
    }
    results = flow.fields["Results"]
    assert isinstance(results, list) and isinstance(results[2], dict)
    assert results[2]["Metrics"] == {"per_image_epe": "5.0172", "fl_all": "17.4506"}
    assert str(find_entry(index, "r3d_18.KINETICS400_V1").input) == "16x112x112 clip"
    keypoints = find_entry(index, "keypointrcnn_resnet50_fpn.COCO_V1")
    assert keypoints.metadata["Tasks"] == ["Object Detection", "Keypoint Detection"]


def test_accuracies_that_are_not_a_number_are_no_claims_and_no_faults(index: Index) -> None:
    entry = find_entry(index, "vgg16.IMAGENET1K_FEATURES")
    assert not {claim.quantity for claim in entry.claims} & {"top1", "top5"}
    (result,) = entry.fields["Results"]  # type: ignore[misc]
    assert result["Metrics"] == {"Top 1 Accuracy": ".nan", "Top 5 Accuracy": ".nan"}  # type: ignore[index]


def test_quantized_weights_say_whose_counts_they_publish(index: Index) -> None:
    text = find_entry(index, "quantized_resnet50.IMAGENET1K_FBGEMM_V1").text("description") or ""
    assert text.endswith("Parameters and FLOPs are those of resnet50.IMAGENET1K_V1.")


def test_one_model_is_read_by_the_same_functions() -> None:
    read, names, notes = add_entries(
        Index(),
        ["torchvision:resnet18", "torchvision:resnet50.IMAGENET1K_V1", "resnet34.IMAGENET1K_V1"],
    )
    assert names == (
        "torchvision:resnet18",
        "torchvision:resnet50.IMAGENET1K_V1",
        "torchvision:resnet34.IMAGENET1K_V1",
    )
    assert notes == ["resnet34.IMAGENET1K_V1: torchvision:resnet34.IMAGENET1K_V1"]
    assert [len(entry.claims) for entry in read.entries] == [10, 10, 10]
    assert read.entries[1].claim("top1").raw == "76.13%"  # type: ignore[union-attr]
    with pytest.raises(UsageError, match=r"torchvision:resnet50\.IMAGENET1K_V1 or .*121 models"):
        add_entries(Index(), ["torchvision:resnet50.IMAGENET1K_V9"])


def test_it_is_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path))
    monkeypatch.setattr(registries, "_render_in_subprocess", lambda *_: file.read_text())
    (path,) = registries.resolve_paths(["torchvision"])
    assert Path(path).parent == tmp_path / "registry"
    monkeypatch.setattr(registries, "_render_in_subprocess", None)
    assert registries.resolve_paths(["torchvision"]) == [path]


def test_lint_finds_the_one_oddity(index: Index) -> None:
    """The file of GoogLeNet holds heads that its parameters do not include."""
    findings = [(item.rule, item.model) for item in lint(index)]
    assert findings == [("file-size", "googlenet.IMAGENET1K_V1")]


def test_what_is_no_claim_is_shown(file: Path) -> None:
    def show(name: str) -> str:
        command = ["show", name, "--all", "--index", str(file)]
        return CliRunner().invoke(app, command).stdout

    assert "Top 1 Accuracy on ImageNet\tnot a number" in show("vgg16.IMAGENET1K_FEATURES")
    assert "34.6" in show("maskrcnn_resnet50_fpn.COCO_V1")
