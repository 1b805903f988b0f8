"""What a header cell means: quantity, unit, conditions, part."""

import pytest

from zoo.model_index.dialects.page_tables.header import Role, read_header

KNOWN = [
    ("params (M)", "parameters", "M", ()),
    ("#params", "parameters", "", ()),
    ("#Param.", "parameters", "", ()),
    ("Params, M", "parameters", "M", ()),
    ("Parameters (million)", "parameters", "M", ()),
    ("mparams", "parameters", "M", ()),
    ("param_count", "parameters", "", ()),
    ("FLOPs (B)", "flops", "G", ()),
    ("GFLOPS", "flops", "G", ()),
    ("Madds (M)", "flops", "M", ()),
    ("FLOPs@224", "flops", "", (("input size", "224"),)),
    ("Acc@1(%)", "top1", "%", ()),
    ("Top-1 Acc", "top1", "", ()),
    ("Top-1 accuracy (%)", "top1", "%", ()),
    ("Reference Top-1 Acc", "reference_top1", "", ()),
    ("image_size", "image_size", "", ()),
    ("size (pixels)", "image_size", "", ()),
    ("resolution", "image_size", "", ()),
    ("box AP", "box_ap", "", ()),
    ("kp. AP", "keypoint_ap", "", ()),
    ("mIoU", "miou", "", ()),
    ("inference time (s/im)", "inference_time", "s", ()),
    ("time(ms) bs=1", "inference_time", "ms", (("batch size", "1"),)),
    ("Inf time (fps)", "throughput", "fps", ()),
    ("throughput (im/s)", "throughput", "images/s", ()),
    ("train mem (GB)", "training_memory", "GB", ()),
    ("模型大小(M)", "file_size", "MB", ()),
    ("Size (MB)", "file_size", "MB", ()),
    ("Activations (M)", "activations", "M", ()),
    ("Speed CPU ONNX (ms)", "inference_time", "ms", (("hardware", "CPU ONNX"),)),
    (
        "SD855 time(ms) bs=1, thread=2",
        "inference_time",
        "ms",
        (("batch size", "1"), ("threads", "2"), ("hardware", "SD855")),
    ),
]


@pytest.mark.parametrize(("text", "quantity", "unit", "conditions"), KNOWN)
def test_a_header_means_a_quantity(
    text: str, quantity: str, unit: str, conditions: tuple[tuple[str, str], ...]
) -> None:
    meaning = read_header(text)
    assert meaning.row is not None
    found = meaning.row.key, meaning.unit, meaning.conditions
    assert found == (quantity, unit, conditions)


@pytest.mark.parametrize(
    "text",
    [
        "Acc gain",
        "top1_err",
        "Top-1 error (%)",
        "lr sched",
        "model id",
        "embed_dim",
        "train time (s/iter)",
        "Depth",
        "Mean",
        "ID",
        "FLOPs (%)",
        "Weights",
        "Opset version",
        "Zero-shot top-1",
    ],
)
def test_a_word_that_is_not_understood_makes_it_another_quantity(text: str) -> None:
    assert read_header(text).role is Role.OPEN


def test_a_count_of_a_tower_is_of_a_part() -> None:
    meanings = [read_header(text) for text in ("image_mparams", "text_gflops", "total params")]
    assert [meaning.part for meaning in meanings] == ["image", "text", ""]
    assert [meaning.row and meaning.row.key for meaning in meanings] == [
        "parameters",
        "flops",
        "parameters",
    ]


def test_a_header_may_name_a_data_set() -> None:
    assert read_header("ImageNet-V2 top-1").dataset == "ImageNet-V2"
    assert read_header("IN-1K Acc@1").dataset == "ImageNet"
    assert read_header("COCO box AP").dataset == "COCO"


def test_the_task_says_what_a_bare_accuracy_is() -> None:
    known = read_header("Accuracy", "Image Classification").row
    assert known and known.key == "top1"
    other = read_header("Accuracy").row
    assert other is None or other.key != "top1"
