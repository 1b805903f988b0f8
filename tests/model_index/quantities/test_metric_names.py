"""What the name of a metric means, and what it does not."""

import pytest

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
    assert metric and (metric.row.key, metric.split) == (quantity, split)


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
        (None, "f1"),
        ("Mean", None),
        ("Image Size", None),
        (None, None),
    ],
)
def test_a_name_that_is_another_metric(name: str | None, kind: str | None) -> None:
    assert find_metric(name, kind, TASK) is None


@pytest.mark.parametrize(
    ("guesses", "quantity"), [(None, "top1"), ("1", "top1"), ("5", "top5"), ("3", None)]
)
def test_arguments_say_which_guesses_count(guesses: str | None, quantity: str | None) -> None:
    metric = find_metric(None, "accuracy", TASK, guesses)
    assert (metric and metric.row.key) == quantity


def test_a_bare_accuracy_of_another_task_is_no_claim() -> None:
    assert find_metric("Accuracy", None, ("text-classification", None)) is None
    assert find_metric("Top-1 Accuracy", None, ("video classification",))


def test_percent_in_a_name_is_a_unit() -> None:
    assert find_metric("Accuracy (%)", None, TASK).unit == "%"
