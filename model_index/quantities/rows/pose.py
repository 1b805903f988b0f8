"""Scores of pose estimation and optical flow: shares of right keypoints, and distances."""

from zoo.model_index.quantities.parse import parse_number
from zoo.model_index.quantities.rows.metrics import LOWER, number_metric, percent_metric

POSE = "pose estimation"
FLOW = "optical flow"

ROWS = (
    percent_metric("pck", "PCK", POSE, ("pck",), threshold=True),
    percent_metric("pckh", "PCKh", POSE, ("pckh",), threshold=True),
    percent_metric("auc", "AUC", "", ("auc", "roc auc", "area under the curve")),
    percent_metric("nme", "NME", POSE, ("nme", "normalized mean error"), better=LOWER, most=None),
    number_metric("mpjpe", "MPJPE", POSE, ("mpjpe",), parse=parse_number, better=LOWER, unit="mm"),
    number_metric(
        "p_mpjpe",
        "P-MPJPE",
        POSE,
        ("p mpjpe", "pa mpjpe"),
        parse=parse_number,
        better=LOWER,
        unit="mm",
    ),
    number_metric(
        "epe",
        "EPE",
        FLOW,
        ("epe", "aepe", "end point error", "endpoint error", "average endpoint error"),
        parse=parse_number,
        better=LOWER,
        unit="px",
    ),
    percent_metric("fl_all", "Fl-all", FLOW, ("fl all", "flall"), better=LOWER),
)
