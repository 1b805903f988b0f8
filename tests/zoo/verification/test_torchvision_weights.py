"""All that torchvision publishes of parameters, FLOPs and files is judged: none of it is wrong."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from zoo.cli import app
from zoo.counting.measurer import Measurer
from zoo.model_index.findings import Finding
from zoo.model_index.ledger.store import Ledger
from zoo.models.registry_entries import read_registry
from zoo.verification.verify import verify

JUDGED = ("Parameters", "FLOPs", "File Size")
DEPENDS = "depends on the data"


def judge(name: str, folder: Path) -> dict[str, Finding]:
    """Return the findings on parameters, FLOPs and file size of published weights."""
    (entry,) = read_registry("torchvision", name).entries
    findings = verify([entry], Measurer(Ledger(folder)))[0][1]
    return {f.claim.label: f for f in findings if f.claim.label in JUDGED}


@pytest.mark.parametrize(
    "name",
    [
        "mnasnet0_5.IMAGENET1K_V1",
        "regnet_y_400mf.IMAGENET1K_V2",
        "lraspp_mobilenet_v3_large.COCO_WITH_VOC_LABELS_V1",
        "r3d_18.KINETICS400_V1",
        "raft_small.C_T_V2",
        "quantized_shufflenet_v2_x0_5.IMAGENET1K_FBGEMM_V1",
    ],
)
def test_counts_of_each_kind_are_right(name: str, tmp_path: Path) -> None:
    findings = judge(name, tmp_path)
    verdicts = {label: str(findings[label].verdict) for label in ("Parameters", "FLOPs")}
    assert verdicts == {"Parameters": "exact", "FLOPs": "rounded"}, findings


@pytest.mark.parametrize(
    ("name", "flops"),
    [
        ("ssdlite320_mobilenet_v3_large.COCO_V1", "rounded"),
        ("fasterrcnn_mobilenet_v3_large_320_fpn.COCO_V1", "unchecked"),
    ],
)
def test_a_second_stage_depends_on_the_data(name: str, flops: str, tmp_path: Path) -> None:
    findings = judge(name, tmp_path)
    assert findings["Parameters"].verdict == "exact"
    assert findings["FLOPs"].verdict == flops, findings["FLOPs"].reason


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Any]]]:
    """The findings of `zoo verify --index torchvision`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("whole"))
        command = ["verify", "--index", "torchvision", "--jobs", "2", "--format", "json"]
        yield json.loads(CliRunner().invoke(app, command).stdout)


@pytest.mark.slow
def test_no_number_of_torchvision_is_wrong(rows: list[dict[str, Any]]) -> None:
    """166 of 166 are built; FLOPs of two-stage detectors alone are unknown."""
    assert {row["standing"] for row in rows} == {"right", "unknown"}
    assert not [row for row in rows if row["verdict"] == "error"]
    verdicts = Counter((row["quantity"], row["verdict"]) for row in rows)
    assert verdicts["Parameters", "exact"] == 166
    unknown = [row for row in rows if row["quantity"] == "FLOPs" and row["standing"] == "unknown"]
    assert all(DEPENDS in row["reason"] and "rcnn" in row["model"] for row in unknown)
    assert len(unknown) <= 12
    assert verdicts["FLOPs", "rounded"] + len(unknown) == 166


@pytest.mark.slow
def test_files_hold_the_state_dict_or_one_of_three_oddities(rows: list[dict[str, Any]]) -> None:
    sizes = [row for row in rows if row["quantity"] == "File Size"]
    counts = Counter(row["verdict"] for row in sizes)
    assert counts == {"consistent": 149, "explained": 3, "unchecked": 14}
    assert {row["model"]: row["cause"] for row in sizes if row["verdict"] == "explained"} == {
        "googlenet.IMAGENET1K_V1": "auxiliary heads, MiB as MB",
        "wide_resnet101_2.IMAGENET1K_V1": "half precision, MiB as MB",
        "wide_resnet50_2.IMAGENET1K_V1": "half precision, MiB as MB",
    }
    unknown = [row["model"] for row in sizes if row["verdict"] == "unchecked"]
    assert all(model.startswith("quantized_") for model in unknown)
    assert all(row["estimate"] and row["use"] is None for row in sizes if row["cause"])
