"""Average precision and recall of detectors: boxes, masks, keypoints; and scores of tracking."""

from collections.abc import Iterator

from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.rows.metrics import percent_metric

DETECTION = "object detection"
TRACKING = "object tracking"
# Of each kind: its key, its label, its task and the words that name it; the first has no word.
KINDS = (
    ("", "", DETECTION, ("",)),
    ("box_", "box ", DETECTION, ("box ", "bbox ", "b ")),
    ("mask_", "mask ", "instance segmentation", ("mask ", "segm ")),
    ("keypoint_", "keypoint ", "pose estimation", ("keypoint ", "keypoints ", "kp ", "kpt ")),
)
# Of each form: its key, its label, and how it is spelled. COCO's AP is the mean over ten overlaps.
FORMS = (
    ("ap", "AP", ("ap", "ap 50 95", "map 50 95", "average precision")),
    ("ap50", "AP50", ("ap50",)),
    ("ap75", "AP75", ("ap75",)),
    ("ap_small", "APs", ("aps", "ap s", "ap small")),
    ("ap_medium", "APm", ("apm", "ap m", "ap medium")),
    ("ap_large", "APl", ("apl", "ap l", "ap large")),
    ("ar", "AR", ("ar", "ar 50 95", "average recall")),
    ("ar50", "AR50", ("ar50",)),
    ("ar75", "AR75", ("ar75",)),
)
# The form at the overlap of one half alone, which no stricter or mean one exceeds.
LOOSEST = {"ap": "ap50", "ap75": "ap50", "ar": "ar50", "ar75": "ar50"}


def _kinds() -> Iterator[Quantity]:
    for prefix, kind, task, words in KINDS:
        for form, label, spelled in FORMS:
            spellings = [word + spelling for word in words for spelling in spelled]
            if kind:  # `mAP` alone may be VOC's; with a kind it is COCO's
                spellings += [
                    word + spelling.replace("ap", "map", 1)
                    for word in words
                    for spelling in spelled
                    if spelling.startswith("ap")
                ]
            yield percent_metric(
                prefix + form,
                kind + label,
                task,
                tuple(spellings),
                at_most=prefix + LOOSEST[form] if form in LOOSEST else "",
            )


ROWS = (
    *_kinds(),
    percent_metric("map", "mAP", DETECTION, ("map", "mean ap", "mean average precision")),
    percent_metric("map50", "mAP50", DETECTION, ("map50",)),
    percent_metric("map75", "mAP75", DETECTION, ("map75",)),
    percent_metric("nds", "NDS", "3d object detection", ("nds", "nuscenes detection score")),
    percent_metric("mota", "MOTA", TRACKING, ("mota",)),
    percent_metric("idf1", "IDF1", TRACKING, ("idf1",)),
    percent_metric("hota", "HOTA", TRACKING, ("hota",)),
)
