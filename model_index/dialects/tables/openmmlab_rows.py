"""The table of OpenMMLab's architectures that timm has too; adding one is adding a row or a value.

The names on the left are those of mmpretrain's model zoo, the ones on the right timm's registry.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class DataSet:
    """What a name's data set says: the number of classes, and the side of an image where no other
    is stated."""

    classes: int
    side: int | None = None


@dataclass(frozen=True, slots=True)
class ArchitectureRow:
    """A family of architectures: OpenMMLab's `name` and `timm`'s, with `{}` for each of the
    `values`.

    A value is `OURS`, `OURS=TIMMS` or either with `@SIDE`, the side of the input where nothing
    states one (224 without). A name may continue with the pre-training it needs,
    `vit-{}-p14_eva02`.

    `sides` are those that timm has names for, as `{side}` in `timm`, spelled `SIDE` or
    `SIDE=TIMMS`; models without them take any size. `arguments` are keyword arguments the
    architecture always takes. `classes` overrules the data set's, `in21k` is this family's
    ImageNet-21k, and `explicit` says that timm's default is not 1000 classes.
    """

    name: str
    timm: str
    values: str
    sides: str = ""
    _: KW_ONLY
    arguments: Mapping[str, Any] = field(default_factory=dict)
    classes: int | None = None
    in21k: DataSet | None = None
    explicit: bool = False


# Google's ImageNet-21k has two classes more than Microsoft's.
GOOGLE_21K = DataSet(21843, 224)

ROWS = (
    # convolutions
    ArchitectureRow("resnet{}", "resnet{}", "18 34 50 101 152"),
    ArchitectureRow("resnetv1c{}", "resnet{}c", "50 101 152"),
    ArchitectureRow("resnetv1d{}", "resnet{}d", "50 101 152"),
    ArchitectureRow("resnext{}", "resnext{}",
        "50-32x4d=50_32x4d 101-32x4d=101_32x4d 101-32x8d=101_32x8d"),
    ArchitectureRow("seresnet{}", "seresnet{}", "50 101 152"),
    ArchitectureRow("seresnext{}", "seresnext{}", "50-32x4d=50_32x4d 101-32x4d=101_32x4d"),
    ArchitectureRow("wide-resnet{}", "wide_resnet{}_2", "50 101"),
    ArchitectureRow("res2net{}", "res2net{}",
        "50-w14-s8=50_14w_8s 50-w26-s8=50_26w_8s 101-w26-s4=101_26w_4s"),
    ArchitectureRow("resnest{}", "resnest{}", "50=50d 101=101e@256 200=200e@320 269=269e@416"),
    ArchitectureRow("densenet{}", "densenet{}", "121 161 169 201"),
    ArchitectureRow("vgg{}", "vgg{}", "11 13 16 19 11bn=11_bn 13bn=13_bn 16bn=16_bn 19bn=19_bn"),
    ArchitectureRow("hrnet-{}", "hrnet_{}", "w18 w30 w32 w40 w44 w48 w64"),
    ArchitectureRow(
        "regnetx-{}", "regnetx_{}",
        "400mf=004 800mf=008 1.6gf=016 3.2gf=032 4.0gf=040 6.4gf=064 8.0gf=080 12gf=120",
    ),
    ArchitectureRow("repvgg-{}", "repvgg_{}",
        "A0=a0 A1=a1 A2=a2 B0=b0 B1=b1 B1g4=b1g4 B2=b2 B2g4=b2g4 B3=b3 B3g4=b3g4 D2se=d2se"),
    ArchitectureRow("mobileone-{}", "mobileone_{}", "s0 s1 s2 s3 s4"),
    ArchitectureRow("mobilenet-{}", "mobilenet{}",
        "v2=v2_100 v3-small=v3_small_100 v3-large=v3_large_100"),
    ArchitectureRow("mobilenet-v3-small-{}", "mobilenetv3_small_{}", "050 075"),
    # OpenMMLab's pads as TensorFlow does; in timm these are the models with `tf_`.
    ArchitectureRow("efficientnet-{}", "tf_efficientnet_{}",
        "b0 b1@240 b2@260 b3@300 b4@380 b5@456 b6@528 b7@600 b8@672 l2@800"),
    ArchitectureRow("efficientnet-{}", "tf_efficientnet_{}", "es em@240 el@300"),
    ArchitectureRow(
        "efficientnetv2-{}", "tf_efficientnetv2_{}",
        "b0 b1@240 b2@260 b3@300 s@384 m@480 l@480 xl@512",
        in21k=GOOGLE_21K,
    ),
    ArchitectureRow("csp{}", "csp{}", "darknet50=darknet53 resnet50 resnext50"),
    ArchitectureRow("inception-{}", "inception_{}", "v3@299"),
    ArchitectureRow("convmixer-{}", "convmixer_{}",
        "768-32=768_32 1024-20=1024_20_ks9_p14 1536-20=1536_20"),
    ArchitectureRow("convnext-{}", "convnext_{}", "tiny small base large xlarge"),
    ArchitectureRow("convnext-v2-{}", "convnextv2_{}", "atto femto pico nano tiny base large huge"),
    # convolutions and attention
    ArchitectureRow("edgenext-{}", "edgenext_{}",
        "xxsmall=xx_small@256 xsmall=x_small@256 small@256 small-usi=small@256"),
    ArchitectureRow("edgenext-{}", "edgenext_{}", "base@256 base-usi=base@256"),
    ArchitectureRow("efficientformer-{}", "efficientformer_{}", "l1 l3 l7"),
    ArchitectureRow("mobilevit-{}", "mobilevit_{}", "small=s@256 xsmall=xs@256 xxsmall=xxs@256"),
    # The published numbers are those of the model with one classifier, without the distilled one
    # beside it.
    ArchitectureRow("levit-{}", "levit_{}", "128s 128 192 256 384", arguments={"distilled": False}),
    ArchitectureRow("poolformer-{}", "poolformer_{}", "s12 s24 s36 m36 m48"),
    ArchitectureRow("davit-{}", "davit_{}", "tiny small base"),
    ArchitectureRow("mvitv2-{}", "mvitv2_{}", "tiny small base large"),
    ArchitectureRow("tinyvit-{}", "tiny_vit_{}_{side}", "5m 11m", "224", explicit=True),
    ArchitectureRow("tinyvit-{}", "tiny_vit_{}_{side}", "21m", "224 384 512", explicit=True),
    ArchitectureRow("twins-{}", "twins_{}",
        "pcpvt-small=pcpvt_small pcpvt-base=pcpvt_base pcpvt-large=pcpvt_large"),
    ArchitectureRow("twins-{}", "twins_{}",
        "svt-small=svt_small svt-base=svt_base svt-large=svt_large"),
    ArchitectureRow("xcit-{}-p16", "xcit_{}_p16_{side}",
        "nano-12=nano_12 tiny-12=tiny_12 small-12=small_12", "224 384"),
    ArchitectureRow("xcit-{}-p8", "xcit_{}_p8_{side}",
        "nano-12=nano_12 tiny-12=tiny_12 small-12=small_12", "224 384"),
    ArchitectureRow("xcit-{}-24-p16", "xcit_{}_24_p16_{side}", "tiny small medium large",
        "224 384"),
    ArchitectureRow("xcit-{}-24-p8", "xcit_{}_24_p8_{side}", "tiny small medium large", "224 384"),
    # windows and patches
    ArchitectureRow("swin-{}", "swin_{}_patch4_{side}", "tiny small", "224=window7_224"),
    ArchitectureRow("swin-{}", "swin_{}_patch4_{side}", "base large",
        "224=window7_224 384=window12_384"),
    ArchitectureRow("swinv2-{}-w8", "swinv2_{}_window8_{side}", "tiny@256 small@256 base@256",
        "256"),
    ArchitectureRow("swinv2-{}-w16", "swinv2_{}_window16_{side}", "tiny@256 small@256 base@256",
        "256"),
    ArchitectureRow("swinv2-{}-w12", "swinv2_{}_window12_{side}", "base@192 large@192", "192",
        explicit=True),
    ArchitectureRow("swinv2-{}-w16_in21k", "swinv2_{}_window12to16_192to{side}",
        "base@256 large@256", "256"),
    ArchitectureRow("swinv2-{}-w24_in21k", "swinv2_{}_window12to24_192to{side}",
        "base@384 large@384", "384"),
    ArchitectureRow("mlp-mixer-{}-p16", "mixer_{}16_{side}", "base=b large=l", "224"),
    ArchitectureRow("tnt-{}-p16", "tnt_{}_patch16_{side}", "small=s_legacy", "224"),
    ArchitectureRow("vit-{}-p16", "vit_{}_patch16_{side}", "tiny small base large", "224 384"),
    ArchitectureRow("vit-{}-p32", "vit_{}_patch32_{side}", "small base", "224 384"),
    ArchitectureRow("vit-{}-p32", "vit_{}_patch32_{side}", "large", "224 384", explicit=True),
    ArchitectureRow("vit-{}-p14", "vit_{}_patch14_{side}", "huge", "224", explicit=True),
    ArchitectureRow("vit-{}-p16_clip", "vit_{}_patch16_clip_{side}", "base", "224 384"),
    ArchitectureRow("vit-{}-p32_clip", "vit_{}_patch32_clip_{side}", "base", "224 384 448"),
    ArchitectureRow("vit-{}-p14_clip", "vit_{}_patch14_clip_{side}", "large huge", "224 336"),
    ArchitectureRow("vit-{}-p14_dinov2", "vit_{}_patch14_{side}",
        "small@518 base@518 large@518 giant@518", "518=dinov2",
        explicit=True),
    ArchitectureRow("vit-{}-p14_eva02", "eva02_{}_patch14_{side}", "tiny small", "224 336",
        explicit=True),
    ArchitectureRow("vit-{}-p14_eva02", "eva02_{}_patch14_{side}", "base large", "224 448",
        explicit=True),
    ArchitectureRow("vit-{}-p14_eva02-pre", "eva02_{}_patch14_{side}", "tiny small base large",
        "224", classes=0),
    ArchitectureRow("deit-{}", "deit_{}_patch16_{side}", "tiny small", "224"),
    ArchitectureRow("deit-{}", "deit_{}_patch16_{side}", "base", "224 384"),
    ArchitectureRow("deit-{}-distilled", "deit_{}_distilled_patch16_{side}", "tiny small", "224"),
    ArchitectureRow("deit-{}-distilled", "deit_{}_distilled_patch16_{side}", "base", "224 384"),
    ArchitectureRow("deit3-{}-p16", "deit3_{}_patch16_{side}", "small base large", "224 384"),
    ArchitectureRow("deit3-{}", "deit3_{}_{side}",
        "medium-p16=medium_patch16 huge-p14=huge_patch14", "224"),
    ArchitectureRow("beit-{}-p16", "beit_{}_patch16_{side}", "base large", "224 384"),
    ArchitectureRow("beit-{}-p16_cae", "beit_{}_patch16_{side}", "base", "224 384",
        arguments={"use_abs_pos_emb": True}),
    ArchitectureRow("beit-{}-p14", "eva_{}_patch14_{side}", "l=large", "196 336",
        in21k=DataSet(0)),
    ArchitectureRow("beit-{}-p14", "eva_{}_patch14_{side}", "g=giant", "224 336 560",
        in21k=DataSet(0)),
)  # fmt: skip
