"""torchvision's models of other inputs have the counts that torchvision publishes."""

import pytest

from zoo.counting.api import count


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text", "gmacs"),
    [
        ("r3d_18", "16x112x112 clip", 40.697),
        ("raft_small", "512x512 image pair", 47.655),
        ("ssd300_vgg16", "300x300 image list", 34.858),
        ("ssdlite320_mobilenet_v3_large", "320x320 image list", 0.583),
        ("fcos_resnet50_fpn", "800x800 image list", 128.207),
        ("retinanet_resnet50_fpn", "800x800 image list", 151.54),
    ],
)
def test_counts_are_those_that_torchvision_publishes(name: str, text: str, gmacs: float) -> None:
    cost = count(f"torchvision:{name}", text)
    assert not cost.trace.incomplete
    assert round(cost.macs / 1e9, 3) == gmacs


def test_a_two_stage_detector_is_counted_in_part() -> None:
    name = "torchvision:fasterrcnn_mobilenet_v3_large_320_fpn"
    cost = count(name, "320x320 image list")
    assert cost.trace.depends == "aten::nonzero in rpn"
    assert cost.macs > 0 and "a part only" in cost.remarks[0] and "--run" in cost.remarks[0]
