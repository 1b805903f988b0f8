"""Metrics of one task on one data set: which there are, and which claims stand on each."""

from pathlib import Path

import pytest

from zoo.model_index.errors import UsageError
from zoo.model_index.load import load
from zoo.model_index.records.leaderboards import (
    Leaderboard,
    LeaderboardMetric,
    Leaderboards,
)
from zoo.model_index.records.records import Index

INDEX = """
Library: {Name: Zoo}
Models:
- Name: a
  Results:
  - {Task: Object Detection, Dataset: COCO, Metrics: {box AP: 39.4, Speed: 3}}
  - {Task: Instance Segmentation, Dataset: COCO, Metrics: {mask AP: 35}}
- Name: b
  Results:
  - {Task: object-detection, Dataset: coco, Metrics: {box AP: 41.5, AP50: 60}}
  - {Task: Object Detection, Dataset: LVIS v1, Metrics: {box AP: 30}}
- Name: c
  Results:
  - {Dataset: COCO, Metrics: {box AP: 50}}
  - Task: Semantic Segmentation
    Dataset: Cityscapes
    Metrics: {mIoU: 78.1, mIoU(ms+flip): 79.2}
"""
COCO = Leaderboard("Object Detection", "COCO")


@pytest.fixture
def index(tmp_path: Path) -> Index:
    (tmp_path / "m.yml").write_text(INDEX)
    return load([tmp_path / "m.yml"])


def test_leaderboards_come_by_the_number_of_their_models(index: Index) -> None:
    """A number without a task stands where the others of its data set do; spellings are one."""
    leaderboards = Leaderboards(index.entries)
    assert [str(board) for board in leaderboards.boards] == [
        "Object Detection on COCO",
        "Instance Segmentation on COCO",
        "Object Detection on LVIS v1",
        "Semantic Segmentation on Cityscapes",
    ]
    assert [leaderboards.count_models(board) for board in leaderboards.boards] == [3, 1, 1, 1]
    metrics = leaderboards.metrics(COCO)
    assert [metric.key for metric in metrics] == ["box_ap", "box_ap50"]
    assert leaderboards.metrics(None) == []


def test_conditions_are_metrics_of_their_own(index: Index) -> None:
    leaderboards = Leaderboards(index.entries)
    board = leaderboards.choose(dataset="cityscapes")
    assert board
    plain, tested = leaderboards.metrics(board)
    assert plain == LeaderboardMetric("miou")
    assert tested.conditions == (("flip", "yes"), ("test scale", "multiple"))
    values = [next(leaderboards.claims_on(index.entries[2], board, m)).raw for m in (plain, tested)]
    assert values == ["78.1", "79.2"]
    assert list(leaderboards.claims_on(index.entries[2], COCO, plain)) == []


def test_how_a_model_was_trained_is_no_condition_of_its_numbers(tmp_path: Path) -> None:
    text = (
        "Models: [{Name: a, Results: [{Task: T, Dataset: D, Metrics: {box AP: [{value: 40, "
        "lr sched: 1x, test size: 800}, {value: 42, lr sched: 3x, test size: 800}]}}]}]"
    )
    (tmp_path / "m.yml").write_text(text)
    leaderboards = Leaderboards(load([tmp_path / "m.yml"]).entries)
    (board,) = leaderboards.boards
    (metric,) = leaderboards.metrics(board)
    assert metric == LeaderboardMetric("box_ap", (("test size", "800"),))


def test_a_metric_that_no_row_knows_makes_no_leaderboard(tmp_path: Path) -> None:
    text = "Models: [{Name: a, Results: [{Task: T, Dataset: D, Metrics: {Odd: 3}}]}]"
    (tmp_path / "m.yml").write_text(text)
    leaderboards = Leaderboards(load([tmp_path / "m.yml"]).entries)
    assert leaderboards.boards == () and len(leaderboards.with_metric("other:odd")) == 1


def test_a_leaderboard_is_chosen_by_parts_of_its_names(index: Index) -> None:
    leaderboards = Leaderboards(index.entries)
    assert leaderboards.choose() == COCO
    assert leaderboards.choose("detection", "lvis") == Leaderboard("Object Detection", "LVIS v1")
    assert leaderboards.choose("instance") == Leaderboard("Instance Segmentation", "COCO")
    with pytest.raises(UsageError, match="no task 'tracking'"):
        leaderboards.choose("tracking")
    with pytest.raises(UsageError, match=r"no data set 'Cityscape z'.*Cityscapes"):
        leaderboards.choose(dataset="Cityscape z")
    assert Leaderboards([]).choose() is None


def test_the_size_of_the_model_is_no_condition_of_its_metric(tmp_path: Path) -> None:
    page = tmp_path / "results-imagenet.csv"
    page.write_text(
        "model,img_size,top1,top1_err,top5,top5_err,param_count,crop_pct,interpolation\n"
        "resnet50.a1_in1k,224,80.382,19.618,94.598,5.402,25.56,0.950,bicubic\n"
        "resnet50.a1_in1k,288,81.240,18.760,95.112,4.888,25.56,1.000,bicubic\n"
        "resnet18.a1_in1k,288,73.156,26.844,91.04,8.96,11.69,1.000,bicubic\n"
    )
    index = load([page])
    leaderboards = Leaderboards(index.entries)
    (board,) = leaderboards.boards
    assert leaderboards.usual_conditions(board, "top1") == ()
    usual = LeaderboardMetric("top1")
    own = [str(c.value) for e in index.entries for c in leaderboards.claims_on(e, board, usual)]
    assert own == ["80.382", "73.156"]
    larger = LeaderboardMetric("top1", (("crop pct", "1.000"), ("input size", "288")))
    assert larger in leaderboards.metrics(board)
