"""Words that stand in tables of packages which know no languages, marked here so that they are
translated.

A test holds each list against its table.
"""

from collections.abc import Iterable

from zoo.model_index.reading.yaml_nodes import Plain
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.text.format import flat

QUANTITIES = (
    N_("FLOPs"), N_("Parameters"), N_("Layers"), N_("Image Size"), N_("Crop Pct"), N_("Interpolation"), N_("Crop Mode"),
    N_("Mean"), N_("Std"), N_("Inference Time"), N_("Throughput"), N_("Builder"), N_("ID"), N_("Weights"),
    N_("File Size"), N_("Top 1 Accuracy"), N_("Top 5 Accuracy"), N_("Reference Top 1 Accuracy"),
    N_("Reference Top 5 Accuracy"),
)  # fmt: skip
CLASSES = (
    N_("convolution"), N_("linear"), N_("matmul"), N_("attention"), N_("bias"), N_("normalisation"), N_("pooling"),
    N_("activation"), N_("elementwise"), N_("other"),
)  # fmt: skip
MODES = (N_("latency"), N_("throughput"), N_("device"), N_("cold"), N_("train"))
KEYS = (N_("Architecture"), N_("Tasks"))
TASKS = (
    N_("Image Classification"), N_("Object Detection"), N_("Semantic Segmentation"), N_("Instance Segmentation"),
    N_("Image Retrieval"), N_("Pose Estimation"), N_("Depth Estimation"), N_("Self-Supervised Image Classification"),
)  # fmt: skip


def tasks_of(value: Plain) -> str:
    """Tasks of an index in the page's language, as far as they are known; others as they are
    stated."""
    return ", ".join(_(flat(task)) for task in (value if isinstance(value, list) else [value]))


def translated(labels: Iterable[str]) -> str:
    """Labels in the page's language, by commas."""
    return ", ".join(map(_, labels))
