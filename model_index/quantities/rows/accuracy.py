"""Accuracies of image classification."""

from zoo.model_index.quantities.parse import parse_percent
from zoo.model_index.quantities.quantity import Quantity, TableColumn
from zoo.model_index.quantities.show import show_percent

ACCURACY = "In percent; a bare number up to 1 is a fraction."

ROWS = (
    Quantity(
        key="top1",
        label="Top 1 Accuracy",
        unit="%",
        parse=parse_percent,
        show=show_percent,
        check="accuracy",
        spellings=("top 1 accuracy", "top1", "top 1", "top1 accuracy", "accuracy top 1", "acc@1"),
        metric=True,
        description=ACCURACY,
        evaluated=True,
        at_most="top5",
        better=1,
        column=TableColumn(heading="Top-1", axis=True, facet="range"),
        badge=True,
    ),
    Quantity(
        key="top5",
        label="Top 5 Accuracy",
        unit="%",
        parse=parse_percent,
        show=show_percent,
        check="accuracy",
        spellings=("top 5 accuracy", "top5", "top 5", "top5 accuracy", "accuracy top 5", "acc@5"),
        metric=True,
        description=ACCURACY,
        evaluated=True,
        better=1,
        column=TableColumn(heading="Top-5", axis=True),
        badge=True,
    ),
    Quantity(
        key="reference_top1",
        label="Reference Top 1 Accuracy",
        unit="%",
        parse=parse_percent,
        show=show_percent,
        check="accuracy",
        spellings=("reference top 1 accuracy", "reference top1"),
        metric=True,
        description=ACCURACY,
        at_most="reference_top5",
        better=1,
        badge=True,
    ),
    Quantity(
        key="reference_top5",
        label="Reference Top 5 Accuracy",
        unit="%",
        parse=parse_percent,
        show=show_percent,
        check="accuracy",
        spellings=("reference top 5 accuracy", "reference top5"),
        metric=True,
        description=ACCURACY,
        better=1,
        badge=True,
    ),
)
