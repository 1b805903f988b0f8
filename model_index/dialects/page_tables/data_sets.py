"""Names of data sets, tasks and pre-training as headings, captions and headers spell them."""

import re

# A pattern, and what the data set is called.
DATA_SETS = tuple(
    (re.compile(rf"(?<![\w-]){pattern}(?![\w-])", re.IGNORECASE), name)
    for pattern, name in (
        (r"(?:ImageNet|IN|INet)[- ]?(?:21|22)k", "ImageNet-21k"),
        (r"(?:ImageNet|IN)[- ]?V2", "ImageNet-V2"),
        (r"(?:ImageNet|IN)[- ]?ReaL", "ImageNet ReaL"),
        (r"(?:ImageNet|IN)[- ]A", "ImageNet-A"),
        (r"(?:ImageNet|IN)[- ]R", "ImageNet-R"),
        (r"(?:ImageNet|IN)[- ](?:C|Sketch)", "ImageNet-Sketch"),
        (r"(?:ImageNet|IN|INet)[- ]?1k", "ImageNet"),
        (r"ImageNet(?:-2012)?", "ImageNet"),
        (r"CIFAR[- ]?100", "CIFAR-100"),
        (r"CIFAR[- ]?10", "CIFAR-10"),
        (r"(?:MS[- ]?)?COCO(?:[- ]?2017)?", "COCO"),
        (r"LVIS", "LVIS"),
        (r"ADE20K", "ADE20K"),
        (r"Cityscapes", "Cityscapes"),
        (r"(?:Pascal )?VOC(?:[- ]?20(?:07|12))?", "Pascal VOC"),
        (r"Objects?365", "Objects365"),
        (r"Kinetics[- ]?(?:400|600|700)", "Kinetics"),
        (r"iNaturalist(?:[- ]?20\d\d)?", "iNaturalist"),
    )
)
SKETCH_OR_CORRUPTED = re.compile(r"[- ]C$", re.IGNORECASE)
EXACT = frozenset({"Kinetics", "iNaturalist", "COCO", "Pascal VOC"})
# What a page writes of weights that were trained before on other data.
TRAINED = re.compile(r"\b(?:pre[- ]?)?train(?:ed|ing)?\b|pre-?train", re.IGNORECASE)
TUNED = re.compile(
    r"fine[- ]?tun(?:ed|ing)\s+(?:at|with|on)\s+(\d{3,4}(?:\s?[x×]\s?\d{3,4})?)", re.IGNORECASE
)
TASKS = (
    (re.compile(r"classification|ImageNet|CIFAR", re.IGNORECASE), "Image Classification"),
    (re.compile(r"panoptic", re.IGNORECASE), "Panoptic Segmentation"),
    (re.compile(r"instance segmentation|mask r-?cnn", re.IGNORECASE), "Instance Segmentation"),
    (re.compile(r"semantic segmentation", re.IGNORECASE), "Semantic Segmentation"),
    (re.compile(r"keypoint|pose estimation", re.IGNORECASE), "Keypoint Detection"),
    (re.compile(r"object detection|r-?cnn|retinanet", re.IGNORECASE), "Object Detection"),
    (re.compile(r"\bdetection\b|\bdetectors?\b", re.IGNORECASE), "Object Detection"),
)


def take_data_set(text: str) -> tuple[str, str | None]:
    """Return a text without the name of a data set in it, and the name; None where there is
    none."""
    for pattern, name in DATA_SETS:
        if match := pattern.search(text):
            return f"{text[: match.start()]} {text[match.end() :]}", _name(match[0], name)
    return text, None


def find_data_set(text: str) -> str | None:
    """Return the name of the data set that a text names; None where there is none."""
    return take_data_set(text)[1]


def find_task(text: str) -> str | None:
    """Return the task that a text names; None where there is none."""
    return next((task for pattern, task in TASKS if pattern.search(text)), None)


def _name(printed: str, name: str) -> str:
    """Return a data set's name: with its number where the numbers are sets of their own."""
    if SKETCH_OR_CORRUPTED.search(printed):
        return "ImageNet-C"
    return printed if name in EXACT else name
