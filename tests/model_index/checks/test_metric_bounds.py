"""Metrics that are too large: above what they can be, or above a metric that is never smaller."""

import pytest

from zoo.model_index.checks.lint import lint
from zoo.model_index.load import read_text


def messages(metrics: str, task: str = "Keypoint Detection") -> list[str]:
    result = f"{{Task: {task}, Dataset: COCO, Metrics: {{{metrics}}}}}"
    text = f"Models: [{{Name: a, Metadata: {{Training Memory (GB): 3}}, Results: [{result}]}}]"
    index, faults = read_text("index.yml", text)
    assert not faults
    return [finding.message for finding in lint(index) if finding.rule == "metric-bounds"]


@pytest.mark.parametrize(
    "metrics",
    [
        "AP: 0.749, AP@0.5: 0.902, AP@0.75: 0.83, AR: 0.8, AR@0.5: 0.94",
        "AP: 32.3, AP75: 21.8",  # the mean holds looser overlaps than 0.75
        "mIoU: 51.0, mIoU(ms+flip): 50.6",  # rare, and true
        "box AP: 26.7, mask AP: 26.9",
        "AP: 0.749, AP50: 0.749",
        "AP: 74.94, AP50: 74.9",  # equal to the printed digits
        "WER: 113.2, SSIM: 1, Perplexity: 8.6, FPS: 300",
    ],
)
def test_what_is_possible_is_no_finding(metrics: str) -> None:
    assert messages(metrics) == []


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ("SSIM: 30.9808, PSNR: 0.8", ["SSIM 30.9808: expected at most 1"]),
        ("mIoU: 781", ["mIoU 781%: expected at most 100%"]),
        (
            "AP: 0.76, AP50: 0.74",
            ["keypoint AP 76%: expected at most keypoint AP50 74% of the same result"],
        ),
        (
            "box AP75: 60.1, box AP50: 54",
            ["box AP75 60.1%: expected at most box AP50 54% of the same result"],
        ),
    ],
)
def test_what_is_impossible_is_a_finding(metrics: str, expected: list[str]) -> None:
    assert messages(metrics) == expected


def test_metrics_of_two_data_sets_are_not_compared() -> None:
    results = ", ".join(
        f"{{Task: Object Detection, Dataset: {data}, Metrics: {{{metric}}}}}"
        for data, metric in (("COCO", "AP50: 40"), ("VOC", "AP: 60"))
    )
    index, _ = read_text("index.yml", f"Models: [{{Name: a, Results: [{results}]}}]")
    assert lint(index) == []


def test_memory_in_megabytes_under_a_label_of_gigabytes() -> None:
    text = "Models: [{Name: a, Metadata: {Memory (GB): 3826}}]"
    index, _ = read_text("index.yml", text)
    (finding,) = lint(index)
    assert finding.message == "Training Memory 3826 GB: expected at most 1000 GB"
