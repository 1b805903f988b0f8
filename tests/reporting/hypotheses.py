"""Hypotheses of toy findings: a convention that fits, a slip that fits, and one that does not."""

from decimal import Decimal

from zoo.model_index.findings import Hypothesis

THOP = Hypothesis(
    causes=("thop", "photograph"),
    label="thop's convention at 2x3",
    rank=4,
    prediction=Decimal(10),
    residual=Decimal(0),
    fits=True,
    terms="",
    size=(2, 3),
)
SLIP = Hypothesis(
    causes=("slip",),
    label="with a slipped point",
    rank=3,
    prediction=Decimal(10),
    residual=Decimal(0),
    fits=True,
    wrong=True,
)
NONE = Hypothesis(
    causes=("far",),
    label="far off",
    rank=1,
    prediction=Decimal(99),
    residual=Decimal(-89),
    fits=False,
)
