"""The columns of metrics: one task and one data set at a time, none of them empty."""

from collections.abc import Callable
from pathlib import Path

import pytest

import zoo
from zoo.api.listing.table import ModelTable
from zoo.model_index.errors import UsageError

INDEX = """
Library: {Name: Zoo}
Models:
- Name: a
  Metadata:
    Training Memory (GB): 3.7
    Epochs: 12
    inference time (ms/im): [{value: 50.76, hardware: V100}]
  Results:
  - {Task: Object Detection, Dataset: COCO, Metrics: {box AP: 39.4, Odd Score: 3}}
- Name: b
  Metadata:
    inference time (ms/im): [{value: 81.3, hardware: V100}, {value: 9, hardware: A100}]
  Results:
  - {Task: Object Detection, Dataset: COCO, Metrics: {box AP: 41.5}}
  - {Task: Panoptic Segmentation, Dataset: COCO, Metrics: {PQ: 50.25}}
- Name: c
  Metadata: {inference time (ms/im): [{value: 7, hardware: A100}]}
  Results:
  - {Task: Object Detection, Dataset: LVIS, Metrics: {box AP: 22.5}}
- Name: d
  Results:
  - Task: Semantic Segmentation
    Dataset: Cityscapes
    Metrics: {mIoU: 78.1, mIoU(ms+flip): 79.2}
"""


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., ModelTable]:
    (tmp_path / "m.yml").write_text(INDEX)
    return lambda **options: zoo.list_models(
        tmp_path / "m.yml", ledger=tmp_path / "ledger", **options
    )


def headings(table: ModelTable) -> list[str]:
    return [column.heading for column in table.columns]


def test_by_default_the_leaderboard_of_most_models(table: Callable[..., ModelTable]) -> None:
    shown = table()
    assert headings(shown) == ["Model", "box AP (%)"]
    assert [row["box_ap"] for row in shown.to_dicts()] == [39.4, 41.5, None, None]
    assert str(shown.metrics.board) == "Object Detection on COCO"
    assert [str(board) for board in shown.metrics.list_others()] == [
        "Panoptic Segmentation on COCO",
        "Object Detection on LVIS",
        "Semantic Segmentation on Cityscapes",
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"where": "box_ap>40"}, ["b"]),
        ({"task": "detection", "sort": "box_ap"}, ["b", "a", "c"]),
        ({"dataset": "lvis"}, ["c"]),
        ({"dataset": "COCO", "sort": "-box_ap"}, ["a", "b"]),
        ({"where": "pq>50"}, ["b"]),
        ({"where": 'miou>78 and "mIoU(ms+flip)">79'}, None),
        ({"where": "miou>78"}, ["d"]),
    ],
)
def test_filter_and_order(
    table: Callable[..., ModelTable], options: dict[str, str], expected: list[str] | None
) -> None:
    if expected is None:
        with pytest.raises(UsageError, match="expected a column"):
            table(**options)
        return
    assert [row["name"] for row in table(**options).to_dicts()] == expected


def test_a_metric_of_another_data_set_says_so(table: Callable[..., ModelTable]) -> None:
    shown = table(columns=["PQ", "miou", "mIoU(ms+flip)", "box ap"])
    assert headings(shown) == [
        "PQ on COCO (%)",
        "mIoU on Cityscapes (%)",
        "mIoU on Cityscapes (%)",
        "box AP (%)",
    ]
    assert [column.key for column in shown.columns] == [
        "pq",
        "miou",
        "miou (flip yes, test scale multiple)",
        "box_ap",
    ]
    assert shown.to_dicts()[3]["miou (flip yes, test scale multiple)"] == 79.2
    assert shown.setups == {"miou (flip yes, test scale multiple)": "flip yes, test scale multiple"}
    assert shown.columns[0].show(shown.rows[1].cell(shown.columns[0]).value) == "50.25"


def test_what_is_asked_for_stands_beside_the_usual_columns(
    table: Callable[..., ModelTable],
) -> None:
    assert headings(table(sort="pq", limit=1)) == ["Model", "box AP (%)", "PQ on COCO (%)"]
    shown = table(columns="name,epochs,training memory,odd score")
    assert headings(shown) == ["Model", "Epochs", "Training Memory (GB)", "Odd Score"]
    assert shown.to_dicts()[0]["other:odd score"] == 3


def test_published_speeds_of_one_column_have_the_same_conditions(
    table: Callable[..., ModelTable],
) -> None:
    shown = table(columns="name,inference_time")
    assert [row["inference_time"] for row in shown.to_dicts()] == [50.76, 81.3, None, None]
    assert shown.setups == {"inference_time": "hardware V100"}
    assert headings(shown)[1] == "Inference Time (ms)"


def test_a_wrong_name_is_an_error(table: Callable[..., ModelTable]) -> None:
    with pytest.raises(UsageError, match="no task 'tracking'"):
        table(task="tracking")
    with pytest.raises(UsageError, match="no column 'odd scores'"):
        table(columns="odd scores")


def test_an_impossible_accuracy_is_in_no_column(tmp_path: Path) -> None:
    metrics = "Results: [{Task: Image Classification, Dataset: ImageNet, Metrics: {%s}}]"
    swapped = metrics % "Top 1 Accuracy: 0.98%, Top 5 Accuracy: 18.58%"
    good = metrics % "Top 1 Accuracy: 75.1%, Top 5 Accuracy: 92.5%"
    index = tmp_path / "m.yml"
    index.write_text(f"Models:\n- {{Name: swapped, {swapped}}}\n- {{Name: good, {good}}}\n")
    rows = zoo.list_models(index, ledger=tmp_path / "ledger", sort="top1").to_dicts()
    assert [(row["name"], row["top1"]) for row in rows] == [("good", 75.1), ("swapped", None)]
