"""Scores of semantic and panoptic segmentation."""

from zoo.model_index.quantities.rows.metrics import percent_metric

SEMANTIC = "semantic segmentation"
PANOPTIC = "panoptic segmentation"

ROWS = (
    percent_metric(
        "miou",
        "mIoU",
        SEMANTIC,
        ("miou", "mean iou", "mean intersection over union", "m iou"),
    ),
    percent_metric("macc", "mAcc", SEMANTIC, ("macc", "mean class accuracy")),
    percent_metric(
        "pixel_accuracy",
        "Pixel Accuracy",
        SEMANTIC,
        ("pixel accuracy", "pixel acc", "pixacc", "aacc", "all pixel accuracy"),
    ),
    percent_metric("mdice", "mDice", SEMANTIC, ("mdice", "mean dice")),
    percent_metric("dice", "Dice", SEMANTIC, ("dice", "dice score", "dice coefficient")),
    percent_metric("pq", "PQ", PANOPTIC, ("pq", "panoptic quality")),
    percent_metric("sq", "SQ", PANOPTIC, ("sq", "segmentation quality")),
    percent_metric("rq", "RQ", PANOPTIC, ("rq", "recognition quality")),
)
