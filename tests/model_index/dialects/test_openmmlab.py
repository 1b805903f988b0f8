"""OpenMMLab's names: the timm model and the input size each stands for, and what is left alone."""

import pytest

from zoo.model_index.dialects.openmmlab import VARIANTS, parse_name
from zoo.model_index.dialects.tables.openmmlab_rows import ROWS
from zoo.model_index.records.records import Builder


@pytest.mark.parametrize(
    ("name", "timms", "arguments", "side"),
    [
        ("resnet50_8xb32_in1k", "resnet50", {}, 224),
        ("resnet50_8xb256-rsb-a1-600e_in1k", "resnet50", {}, 224),
        ("resnet50_mocov2-pre_8xb32-linear-steplr-100e_in1k", "resnet50", {}, 224),
        ("resnet50_8xb8_cub", "resnet50", {"num_classes": 200}, 448),
        ("resnetv1d101_8xb32_in1k", "resnet101d", {}, 224),
        ("convnext-tiny_32xb128-noema_in1k", "convnext_tiny", {}, 224),
        ("convnext-base_in21k-pre-3rdparty_in1k-384px", "convnext_base", {}, 384),
        ("convnext-base_in21k-pre_3rdparty_in1k_384px", "convnext_base", {}, 384),
        ("convnext-xlarge_3rdparty_in21k", "convnext_xlarge", {"num_classes": 21841}, 224),
        ("convnext-v2-atto_fcmae-pre_3rdparty_in1k", "convnextv2_atto", {}, 224),
        ("regnetx-1.6gf_8xb128_in1k", "regnetx_016", {}, 224),
        ("repvgg-B1g4_8xb32_in1k", "repvgg_b1g4", {}, 224),
        ("levit-128s_3rdparty_in1k", "levit_128s", {"distilled": False}, 224),
        ("tnt-small-p16_3rdparty_in1k", "tnt_s_legacy_patch16_224", {}, 224),
        ("vit-base-p16_in21k-pre_3rdparty_in1k-384px", "vit_base_patch16_384", {}, 384),
        ("vit-base-p16_mff-800e-pre_8xb128-coslr-100e_in1k", "vit_base_patch16_224", {}, 224),
        ("vit-base-p16_8xb8_in1k-448px", "vit_base_patch16_224", {"img_size": 448}, 448),
        (
            "vit-huge-p14_mae-1600e-pre_8xb128-coslr-50e_in1k",
            "vit_huge_patch14_224",
            {"num_classes": 1000},
            224,
        ),
        ("vit-base-p32_clip-openai-pre_3rdparty_in1k-384px", "vit_base_patch32_clip_384", {}, 384),
        ("vit-small-p14_dinov2-pre_3rdparty", "vit_small_patch14_dinov2", {"num_classes": 0}, 518),
        ("vit-tiny-p14_eva02-pre_in21k", "eva02_tiny_patch14_224", {"num_classes": 0}, 224),
        ("beit-base-p16_beitv2-pre_8xb128-coslr-100e_in1k", "beit_base_patch16_224", {}, 224),
        ("beit-g-p14_3rdparty-eva_30m", "eva_giant_patch14_224", {"num_classes": 0}, 224),
        (
            "beit-l-p14_3rdparty-eva_in21k",
            "eva_large_patch14_196",
            {"img_size": 224, "num_classes": 0},
            224,
        ),
        ("beit-l-p14_eva-pre_3rdparty_in1k-196px", "eva_large_patch14_196", {}, 196),
        ("deit-base_224px-pre_3rdparty_in1k-384px", "deit_base_patch16_384", {}, 384),
        ("swin-large_8xb8_cub-384px", "swin_large_patch4_window12_384", {"num_classes": 200}, 384),
        ("swin-base_3rdparty_in1k-384", "swin_base_patch4_window12_384", {}, 384),
        ("swinv2-base-w16_3rdparty_in1k-256px", "swinv2_base_window16_256", {}, 256),
        (
            "swinv2-base-w16_in21k-pre_3rdparty_in1k-256px",
            "swinv2_base_window12to16_192to256",
            {},
            256,
        ),
        (
            "swinv2-base-w12_3rdparty_in21k-192px",
            "swinv2_base_window12_192",
            {"num_classes": 21841},
            192,
        ),
        ("efficientnet-b4_3rdparty_8xb32_in1k", "tf_efficientnet_b4", {}, 380),
        ("efficientnetv2-s_3rdparty_in1k", "tf_efficientnetv2_s", {}, 384),
        ("efficientnetv2-s_3rdparty_in21k", "tf_efficientnetv2_s", {"num_classes": 21843}, 224),
    ],
)
def test_a_name(name: str, timms: str, arguments: dict[str, object], side: int) -> None:
    assert parse_name(name) == (Builder("timm", timms, arguments), (side, side))


@pytest.mark.parametrize(
    "name",
    [
        "resnet18_8xb16_cifar10",
        "resnet50_8xb16_cifar100",
        "resnet101-csra_1xb16_voc07",
        "resnet50-arcface_inshop",
        "mff_vit-base-p16_8xb512-amp-coslr-300e_in1k",
        "beit_beit-base-p16_8xb256-amp-coslr-300e_in1k",
        "simclr_resnet50_16xb256-coslr-200e_in1k",
        "repvgg-B1g2_8xb32_in1k",
        "van-tiny_3rdparty_in1k",
        "resnext152-32x4d_8xb32_in1k",
        "vit-base-p16_sam-pre_3rdparty_sa1b",
        "resnet18",  # without a data set nothing says what the classifier is
        "_in1k",
        "",
        "3rdparty",
    ],
)
def test_what_timm_does_not_have(name: str) -> None:
    assert parse_name(name) == (Builder("openmmlab", name), None)


def test_a_size_is_read_from_the_name_of_any_model() -> None:
    assert parse_name("van-b4_3rdparty_in1k-384px") == (
        Builder("openmmlab", "van-b4_3rdparty_in1k-384px"),
        (384, 384),
    )
    assert parse_name("a_3rdparty_in1k-0384px")[1] is None


def test_no_architecture_stands_twice() -> None:
    assert len(VARIANTS) == sum(len(row.values.split()) for row in ROWS)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("Config: configs/a/b.py", True),
        ("config: ' b.py ', Metadata: {FLOPs: 1}", True),
        ("Config: configs/a/b.yaml", False),
        ("Config: [b.py]", False),
        ("Config: ", False),
        ("Config: b.py, Builder: 'timm:a'", False),
        ("Config: b.py, Metadata: {ID: a}", False),
        ("Paper: x", False),
    ],
)
def test_which_entries_are_openmmlabs(read, fields: str, expected: bool) -> None:
    index, faults = read(f"Models: [{{Name: a, {fields}}}]")
    assert not faults
    assert (index.entries[0].publisher == "OpenMMLab") is expected


def test_an_entry_with_a_configuration(read) -> None:
    part, faults = read(
        "Models:\n"
        "- {Name: vit-base-p16_in21k-pre_3rdparty_in1k-384px, Config: configs/a.py}\n"
        "- {Name: resnet50_8xb8_cub, Metadata: {Image Size: 96}, CONFIG: configs/a.py}\n"
        "- {Name: resnet50_8xb8_cub, Metadata: {ID: resnet50}, Config: configs/a.py}\n"
        "- {Name: resnet50_8xb8_cub, Builder: 'timm:resnet18', Config: configs/a.py}\n"
        "- {Name: resnet50_8xb8_cub}\n"
    )
    assert not faults
    assert [
        (str(e.builder), e.builder.arguments, e.named_size, e.image_size) for e in part.entries
    ] == [
        ("timm:vit_base_patch16_384", {}, (384, 384), (384, 384)),
        ("timm:resnet50", {"num_classes": 200}, (448, 448), (96, 96)),
        ("timm:resnet50", {}, None, None),
        ("timm:resnet18", {}, None, None),
        ("timm:resnet50_8xb8_cub", {}, None, None),
    ]


def test_a_configuration_may_be_named_without_its_suffix(files) -> None:
    name = "c2d_r50-in1k-pre_8xb32-16x4x1-100e_kinetics400-rgb"
    text = f"Models: [{{Name: {name}, Config: configs/recognition/c2d/{name}}}]"
    (entry,) = files({"a.yml": text}).entries
    assert (str(entry.builder), entry.publisher) == (f"openmmlab:{name}", "OpenMMLab")


METAFILE = """
Collections: [{Name: HRNet, Metadata: {Training Memory (GB): 4.4}}]
Models:
- Name: hrnet_mpii
  In Collection: HRNet
  Config: configs/hrnet.py
  Metadata:
    Epochs: 210
    inference time (ms/im):
    - {value: 50.76, hardware: V100, batch size: 1, mode: FP32}
    - {value: 81.3, hardware: T4, batch size: 1, mode: FP16}
  Results:
  - {Task: Body 2D Keypoint, Dataset: MPII, Metrics: {Mean: 0.9, Mean@0.1: 0.33, Ank: 83.1}}
  - {Task: Body 2D Keypoint, Dataset: COCO, Metrics: {AP: 0.749, AP@0.5: 0.902}}
"""


def test_every_number_of_a_metafile_is_a_claim(files) -> None:
    (entry,) = files({"metafile.yml": METAFILE}).entries
    assert [(c.quantity, c.dataset, str(c.value)) for c in entry.claims] == [
        ("training_memory", None, "4400000000.0"),
        ("epochs", None, "210"),
        ("inference_time", None, "50.76"),
        ("inference_time", None, "81.3"),
        ("other:mean", "MPII", "0.9"),
        ("other:mean@0.1", "MPII", "0.33"),
        ("other:ank", "MPII", "83.1"),
        ("keypoint_ap", "COCO", "74.900"),
        ("keypoint_ap50", "COCO", "90.200"),
    ]
    times = [c for c in entry.claims if c.quantity == "inference_time"]
    assert [dict(c.conditions)["hardware"] for c in times] == ["V100", "T4"]
    assert {claim.row.check for claim in entry.claims} == {"unmeasured", "benchmark"}
