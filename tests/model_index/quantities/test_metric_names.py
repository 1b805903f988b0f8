"""What the name of a metric means, and what it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.model_index.quantities.metric_names import find_metric

TASK = ("image-classification",)


@pytest.mark.parametrize(
    ("name", "kind", "quantity", "split"),
    [
        ("Accuracy", None, "top1", ""),
        ("Acc.", None, "top1", ""),
        ("Accuracy", "accuracy", "top1", ""),
        (None, "accuracy", "top1", ""),
        (None, "top_5_accuracy", "top5", ""),
        ("Accuracy", "top_5_accuracy", "top5", ""),
        ("Top-1 Acc", "accuracy", "top1", ""),
        ("Top-5 Acc", "accuracy", "top5", ""),
        ("Accuracy@5", "accuracy", "top5", ""),
        ("Accuracy (top-5)", "accuracy", "top5", ""),
        ("Top-1 Accuracy (Val)", "accuracy", "top1", "validation"),
        ("Top-5 Accuracy (Val)", "accuracy", "top5", "validation"),
        ("Training Accuracy", "accuracy", "top1", "train"),
        ("Reference Top 1 Accuracy", None, "reference_top1", ""),
    ],
)
def test_a_name_that_is_understood(
    name: str | None, kind: str | None, quantity: str, split: str
) -> None:
    metric = find_metric(name, kind, TASK)
    conditions = (("split", split),) if split else ()
    assert metric and (metric.row.key, metric.conditions) == (quantity, conditions)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Balanced Accuracy", "accuracy"),
        ("Top-1 Error", "accuracy"),
        ("Mean per-class accuracy", "accuracy"),
        ("kNN Accuracy", "accuracy"),
        ("Legal Move Rate", "accuracy"),
        ("Top-3 Accuracy", "accuracy"),
        ("Top-10 Accuracy", "accuracy"),
        ("Accuracy@10", "accuracy"),
        ("Top Accuracy", "accuracy"),
        ("Accuracy top", "accuracy"),
        ("Top-1 and Top-5 Accuracy", "accuracy"),
        ("Train and test accuracy", "accuracy"),
        ("Test", "accuracy"),
        ("Accuracy", "balanced_accuracy"),
        ("Accuracy", "f1"),
        ("Mean", None),
        ("Image Size", None),
    ],
)
def test_a_name_that_is_another_metric(name: str, kind: str | None) -> None:
    metric = find_metric(name, kind, TASK)
    assert (
        metric and metric.is_other and (metric.row.label, metric.row.check) == (name, "unmeasured")
    )


def test_a_metric_without_a_name_is_none() -> None:
    assert find_metric(None, None, TASK) is find_metric(" ", None, TASK) is None


@pytest.mark.parametrize(
    ("name", "kind", "key"),
    [
        ("Balanced Accuracy", "accuracy", "other:balanced accuracy"),
        ("Accuracy", "balanced_accuracy", "other:balanced accuracy"),
        ("word_prec", None, "other:word prec"),
    ],
)
def test_another_metric_is_a_quantity_under_its_own_name(
    name: str, kind: str | None, key: str
) -> None:
    metric = find_metric(name, kind, TASK)
    assert metric and metric.row.key == key


@pytest.mark.parametrize(
    ("name", "task", "key", "conditions"),
    [
        ("box AP", None, "box_ap", ()),
        ("bbox_mAP_50", None, "box_ap50", ()),
        ("AP@0.5", "Body 2D Keypoint", "keypoint_ap50", ()),
        ("AP@.50", None, "ap50", ()),
        ("AP (M)", "Animal 2D Keypoint", "keypoint_ap_medium", ()),
        ("APs", "object-detection", "box_ap_small", ()),
        ("AP", "Instance Segmentation", "mask_ap", ()),
        ("AP", "3D Object Detection", "ap", ()),
        ("AP@[.5:.95]", "object-detection", "box_ap", ()),
        ("box<br/>AP", None, "box_ap", ()),
        ("mAP", "Object Detection", "map", ()),
        ("mIoU", None, "miou", ()),
        ("mIoU(ms+flip)", None, "miou", (("test scale", "multiple"), ("flip", "yes"))),
        ("mIoU (ss)", None, "miou", (("test scale", "single"),)),
        ("val mIoU", None, "miou", (("split", "validation"),)),
        ("PCK@0.2", None, "pck", (("threshold", "0.2"),)),
        ("PCKh@0.7", None, "pckh", (("threshold", "0.7"),)),
        ("PSNR (Y)", None, "psnr", (("channel", "Y"),)),
        ("Test WER", None, "wer", (("split", "test"),)),
        ("rougeLsum", None, "rougelsum", ()),
        ("Total Iters\\*", None, "iterations", ()),
        ("word_acc", None, "word_accuracy", ()),
        ("Accuracy", "text-classification", "accuracy", ()),
        ("Training Memory (GB)", None, "training_memory", ()),
        ("mIoU (Y)", None, "other:miou (y)", ()),
        ("5-shot F1", None, "f1", (("shots", "5"),)),
        ("Exact Match (zero-shot)", None, "exact_match", (("shots", "0"),)),
        ("Zero-shot Top-1", None, "other:zero shot top 1", ()),
        ("Top-1 (flip)", None, "other:top 1 (flip)", ()),
        ("AR@1000", None, "other:ar@1000", ()),
        ("Mean@0.1", None, "other:mean@0.1", ()),
        ("mean Top 1 Accuracy", None, "other:mean top 1 accuracy", ()),
        ("train val mIoU", None, "other:train val miou", ()),
    ],
)
def test_metrics_of_many_tasks(
    name: str, task: str | None, key: str, conditions: tuple[tuple[str, str], ...]
) -> None:
    metric = find_metric(name, None, (task,))
    assert metric and (metric.row.key, metric.conditions) == (key, conditions)


@pytest.mark.parametrize(
    ("guesses", "quantity"),
    [(None, "top1"), ("1", "top1"), ("5", "top5"), ("3", "other:accuracy")],
)
def test_arguments_say_which_guesses_count(guesses: str | None, quantity: str | None) -> None:
    metric = find_metric(None, "accuracy", TASK, guesses)
    assert (metric and metric.row.key) == quantity


def test_a_bare_accuracy_of_another_task_is_no_top_1() -> None:
    assert find_metric("Accuracy", None, ("text-classification", None)).row.key == "accuracy"
    assert find_metric("Top-1 Accuracy", None, ("video classification",))


def test_percent_in_a_name_is_a_unit() -> None:
    assert find_metric("Accuracy (%)", None, TASK).unit == "%"


@given(
    st.text(max_size=60), st.sampled_from(["", "AP", "mIoU", "PCK", "PSNR", "5-shot F1", "top-1"])
)
def test_any_name_is_read(text: str, name: str) -> None:
    metric = find_metric(f"{name}{text}", None, TASK)
    assert metric is None or metric.is_other or metric.row.spellings or metric.row.metric
    if metric and not metric.is_other and not text.strip():
        assert metric == find_metric(name, None, TASK)
