"""Records of evaluations: what differs between the pipelines of two."""

from typing import Any

import msgspec
import pytest

from zoo.model_index.ledger.evaluation import DIFFERENCES, Evaluation, Share, differences

PREPROCESSING = {
    "input_size": [3, 224, 224],
    "crop_pct": 0.875,
    "crop_mode": "center",
    "interpolation": "bicubic",
    "resize": "pil",
    "mean": [0.485, 0.456, 0.406],
    "std": [0.229, 0.224, 0.225],
}
FIRST = Evaluation(
    dataset="digits",
    where="digits",
    images=10,
    seen=10,
    top1=Share(9, 9, 9),
    level=0.05,
    tolerance="0.1",
    preprocessing=PREPROCESSING,
    precision="fp32",
    device="cpu",
    weights="w.pth",
    sha256="0" * 64,
    fit="exact",
    resolved="net.v1",
    outputs=10,
    labels="index",
    predictions="0" * 64,
)


def with_settings(precision: str = "fp32", **settings: Any) -> Evaluation:
    return msgspec.structs.replace(
        FIRST, preprocessing=PREPROCESSING | settings, precision=precision
    )


def test_equal_pipelines_do_not_differ() -> None:
    assert list(differences(FIRST, with_settings())) == []


@pytest.mark.parametrize(
    ("setting", "value", "cause", "text"),
    [
        ("input_size", [3, 256, 288], "other input size", "size 256x288"),
        ("crop_pct", 1.0, "other crop", "crop 1"),
        ("crop_pct", 0.95, "other crop", "crop 0.95"),
        ("crop_mode", "squash", "other crop mode", "crop mode squash"),
        ("interpolation", "bilinear", "other interpolation", "bilinear"),
        ("resize", "tensor", "resized as a tensor", "on antialiased tensors"),
        ("mean", [0.5, 0.5, 0.5], "other mean", "mean 0.5, 0.5, 0.5"),
        ("std", [0.5, 0.25, 1], "other standard deviation", "std 0.5, 0.25, 1"),
        ("precision", "bf16", "other precision", "bf16"),
    ],
)
def test_one_setting_differs(setting: str, value: Any, cause: str, text: str) -> None:
    assert list(differences(FIRST, with_settings(**{setting: value}))) == [(cause, text)]


def test_images_that_the_first_resized_as_tensors() -> None:
    assert list(differences(with_settings(resize="tensor"), FIRST)) == [
        ("resized as a tensor", "on PIL images")
    ]


def test_a_setting_that_the_first_lacks() -> None:
    lacking = {key: value for key, value in PREPROCESSING.items() if key != "crop_mode"}
    first = msgspec.structs.replace(FIRST, preprocessing=lacking)
    assert list(differences(first, FIRST)) == [("other crop mode", "crop mode center")]


def test_all_differences_stand_in_the_order_of_the_settings() -> None:
    second = with_settings(
        precision="fp16",
        std=[1, 1, 1],
        mean=[0, 0, 0],
        resize="tensor",
        interpolation="nearest",
        crop_mode="border",
        crop_pct=0.9,
        input_size=[3, 96, 96],
    )
    assert list(differences(FIRST, second)) == [
        ("other input size", "size 96x96"),
        ("other crop", "crop 0.9"),
        ("other crop mode", "crop mode border"),
        ("other interpolation", "nearest"),
        ("resized as a tensor", "on antialiased tensors"),
        ("other mean", "mean 0, 0, 0"),
        ("other standard deviation", "std 1, 1, 1"),
        ("other precision", "fp16"),
    ]
    causes = [cause for cause, _ in differences(FIRST, second)]
    assert causes[:-1] == [cause for _, cause in DIFFERENCES]
