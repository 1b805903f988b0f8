"""Resolve a model's preprocessing, and list its neighbours: pipelines that differ in one setting.

The index takes precedence over the pretrained configuration, since the index's claim is checked. A
setting that neither states is timm's default. The transforms are timm's own.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from timm.data.constants import (
    DEFAULT_CROP_MODE,
    DEFAULT_CROP_PCT,
    IMAGENET_DEFAULT_MEAN,
    IMAGENET_DEFAULT_STD,
)
from timm.data.transforms import MaybePILToTensor, str_to_interp_mode
from timm.data.transforms_factory import create_transform
from torchvision import transforms

from zoo.model_index.errors import UsageError
from zoo.model_index.records.records import Entry

SIZE = (224, 224)
CROPS = (0.875, 0.9, 1.0)
FILTERS = ("bilinear", "bicubic")
STEP = 32  # pixels to the next size: the total stride of most networks
MODES = {1: "L", 3: "RGB"}
INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "box", "hamming", "lanczos")
CROP_MODES = ("center", "squash", "border")


class Preprocessing(msgspec.Struct, frozen=True, kw_only=True):
    """Settings that turn a decoded image into a tensor.

    input_size  (channels, height, width)
    mean, std   one number a channel, of pixels in 0..1
    resize      `pil`, or `tensor` for torchvision's antialiased resizing of tensors
    """

    input_size: tuple[int, int, int]
    crop_pct: float
    crop_mode: str
    interpolation: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    resize: str = "pil"

    @property
    def mode(self) -> str:
        """PIL's mode for the number of channels: grey for one."""
        return MODES[self.input_size[0]]

    def describe(self) -> str:
        """Describe it in one line, such as `224x224, crop 0.875 center, bicubic`."""
        size = "x".join(map(str, self.input_size[1:]))
        tensors = " on tensors" if self.resize == "tensor" else ""
        return f"{size}, crop {self.crop_pct:g} {self.crop_mode}, {self.interpolation}{tensors}"


def resolve(entry: Entry, configuration: Mapping[str, Any], channels: int) -> Preprocessing:
    """Resolve an entry's own preprocessing.

    Settings of the entry come first, then the pretrained configuration, then timm's defaults.

    Raises:
        UsageError: timm's pipeline does not support it.
    """

    def setting(key: str, default: Any) -> Any:
        claim = entry.claim(key)
        if claim is not None:
            return claim.value
        return default if configuration.get(key) is None else configuration[key]

    size = entry.image_size or tuple(configuration.get("input_size") or SIZE)[-2:]
    pre = Preprocessing(
        input_size=(channels, *size),
        crop_pct=float(setting("crop_pct", DEFAULT_CROP_PCT)),
        crop_mode=str(setting("crop_mode", DEFAULT_CROP_MODE)).lower(),
        interpolation=str(setting("interpolation", "bicubic")).lower(),
        mean=_channels(setting("mean", IMAGENET_DEFAULT_MEAN), channels),
        std=_channels(setting("std", IMAGENET_DEFAULT_STD), channels),
    )
    if problem := _problem(pre):
        raise UsageError(f"{entry.name}: {problem}")
    return pre


def list_defaults(entry: Entry, configuration: Mapping[str, Any]) -> list[str]:
    """List the settings that neither the entry nor its pretrained configuration states, by their
    names in `Preprocessing`."""
    names = ("crop_pct", "crop_mode", "interpolation", "mean", "std")
    sized = entry.image_size or configuration.get("input_size")
    return [*([] if sized else ["input_size"])] + [
        name for name in names if entry.claim(name) is None and configuration.get(name) is None
    ]


def _problem(pre: Preprocessing) -> str | None:
    """The first setting that timm's pipeline would reject or silently replace."""
    channels = pre.input_size[0]
    if channels not in MODES:
        supported = " or ".join(map(str, MODES))
        return f"images of {channels} channels: expected {supported} channels"
    if pre.interpolation not in INTERPOLATIONS:
        return f"interpolation {pre.interpolation!r}: expected {', '.join(INTERPOLATIONS)}"
    if pre.crop_mode not in CROP_MODES:
        return f"crop mode {pre.crop_mode!r}: expected {', '.join(CROP_MODES)}"
    if not pre.crop_pct > 0:
        return f"crop fraction {pre.crop_pct:g}: expected a number above 0"
    return "a standard deviation of 0" if 0 in pre.std else None


def _channels(value: Any, channels: int) -> tuple[float, ...]:
    """Parse `0.5`, `0.485, 0.456, 0.406` or a sequence into one number a channel.

    If the number of values is another one, every channel gets their mean.
    """
    numbers = tuple(map(float, value.split(",") if isinstance(value, str) else value))
    return numbers if len(numbers) == channels else (sum(numbers) / len(numbers),) * channels


def transform(pre: Preprocessing) -> transforms.Compose:
    """Build the transform of a PIL image to a tensor of bytes, (channels, height, width).

    timm's loader normalises batches of these tensors.
    """
    if pre.resize == "tensor":
        return transforms.Compose([MaybePILToTensor(), *_resize_tensor(pre)])
    return create_transform(
        pre.input_size,
        interpolation=pre.interpolation,
        mean=pre.mean,
        std=pre.std,
        crop_pct=pre.crop_pct,
        crop_mode=pre.crop_mode,
        use_prefetcher=True,
    )


def _resize_tensor(pre: Preprocessing) -> list[Any]:
    """Resize the tensor's shorter side to size / crop, antialiased, then crop the centre, as timm
    does with PIL images."""
    size = pre.input_size[1:]
    target = [math.floor(side / pre.crop_pct) for side in size]
    square = target[0] if target[0] == target[1] and pre.crop_mode != "squash" else target
    interpolation = str_to_interp_mode(pre.interpolation)  # type: ignore[no-untyped-call]
    resize = transforms.Resize(square, interpolation=interpolation, antialias=True)
    return [resize, transforms.CenterCrop(size)]


def neighbours(
    pre: Preprocessing, configuration: Mapping[str, Any]
) -> Iterator[tuple[str, Preprocessing]]:
    """Yield (difference, pipeline) for pipelines that differ in one setting, without repetition."""
    listed = {pre}
    for label, variant in _variants(pre, configuration):
        if variant not in listed:
            listed.add(variant)
            yield label, variant


def _variants(
    pre: Preprocessing, configuration: Mapping[str, Any]
) -> Iterator[tuple[str, Preprocessing]]:
    change = msgspec.structs.replace
    channels, height, width = pre.input_size
    for name in FILTERS:
        yield name, change(pre, interpolation=name)
    if pre.crop_mode != "border":
        for name in FILTERS:
            label = f"{name} on antialiased tensors"
            yield label, change(pre, interpolation=name, resize="tensor")
    for crop in CROPS:
        yield f"crop {crop:g}", change(pre, crop_pct=crop)
    tested, size = configuration.get("test_crop_pct"), configuration.get("test_input_size")
    if tested:
        yield f"crop {tested:g}, as for testing", change(pre, crop_pct=tested)
    if size:
        larger = change(pre, input_size=(channels, *size[-2:]))
        yield f"size {size[-1]}, as for testing", larger
        if tested:
            yield (
                f"size {size[-1]} and crop {tested:g}, as for testing",
                change(larger, crop_pct=tested),
            )
    if height == width and not configuration.get("fixed_input_size"):
        for side in (height - STEP, height + STEP):
            if side >= STEP:
                yield f"size {side}", change(pre, input_size=(channels, side, side))
    for mode in ("center", "squash"):
        yield mode, change(pre, crop_mode=mode)
