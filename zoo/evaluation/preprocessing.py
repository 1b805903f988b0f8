"""How an image becomes a model's input, and the neighbours of that: pipelines that differ by one
setting.

The index goes before the pretrained configuration, since it is the index's claim that is checked;
what neither states is timm's default. The transforms are timm's own.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from timm.data import create_transform
from timm.data.constants import (
    DEFAULT_CROP_MODE,
    DEFAULT_CROP_PCT,
    IMAGENET_DEFAULT_MEAN,
    IMAGENET_DEFAULT_STD,
)
from timm.data.transforms import MaybePILToTensor, str_to_interp_mode
from torchvision import transforms

from zoo.model_index.errors import UsageError
from zoo.model_index.records.records import Entry

SIZE = (224, 224)
CROPS = (0.875, 0.9, 1.0)
FILTERS = ("bilinear", "bicubic")
STEP = 32  # pixels to the next size: what most networks divide their input by
MODES = {1: "L", 3: "RGB"}
INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "box", "hamming", "lanczos")
CROP_MODES = ("center", "squash", "border")


class Preprocessing(msgspec.Struct, frozen=True):
    """From a decoded image to a tensor. `input_size` is (channels, height, width); `resize` is
    `pil`, or `tensor` for torchvision's antialiased resizing of tensors; `mean` and `std` have one
    number a channel, of pixels in 0..1."""

    input_size: tuple[int, int, int]
    crop_pct: float
    crop_mode: str
    interpolation: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    resize: str = "pil"

    @property
    def mode(self) -> str:
        """PIL's name of the colours: grey for one channel."""
        return MODES[self.input_size[0]]

    def describe(self) -> str:
        """`224x224, crop 0.875 center, bicubic`."""
        size = "x".join(map(str, self.input_size[1:]))
        tensors = " on tensors" if self.resize == "tensor" else ""
        return f"{size}, crop {self.crop_pct:g} {self.crop_mode}, {self.interpolation}{tensors}"


def resolve(entry: Entry, configuration: Mapping[str, Any], channels: int) -> Preprocessing:
    """The entry's own preprocessing: what it states, then the pretrained configuration, then timm's
    defaults.

    Raises:
        UsageError: timm's pipeline cannot do it.
    """

    def setting(key: str, default: Any) -> Any:
        claim = entry.claim(key)
        if claim is not None:
            return claim.value
        return default if configuration.get(key) is None else configuration[key]

    size = entry.image_size or tuple(configuration.get("input_size") or SIZE)[-2:]
    return _checked(
        entry.name,
        Preprocessing(
            (channels, *size),
            float(setting("crop_pct", DEFAULT_CROP_PCT)),
            str(setting("crop_mode", DEFAULT_CROP_MODE)).lower(),
            str(setting("interpolation", "bicubic")).lower(),
            _channels(setting("mean", IMAGENET_DEFAULT_MEAN), channels),
            _channels(setting("std", IMAGENET_DEFAULT_STD), channels),
        ),
    )


def _checked(name: str, pre: Preprocessing) -> Preprocessing:
    """The same, where timm's pipeline can do it and would not do something else in silence.

    Raises:
        UsageError: it cannot.
    """
    problems = {
        f"images of {pre.input_size[0]} channels are not read; those of {' and '.join(map(str, MODES))} are": (
            pre.input_size[0] not in MODES
        ),
        f"interpolation {pre.interpolation!r}: expected {', '.join(INTERPOLATIONS)}": (
            pre.interpolation not in INTERPOLATIONS
        ),
        f"crop mode {pre.crop_mode!r}: expected {', '.join(CROP_MODES)}": pre.crop_mode
        not in CROP_MODES,
        f"crop fraction {pre.crop_pct:g}: expected one above 0": not pre.crop_pct > 0,
        "a standard deviation of 0": 0 in pre.std,
    }
    for problem, there in problems.items():
        if there:
            raise UsageError(f"{name}: {problem}")
    return pre


def _channels(value: Any, channels: int) -> tuple[float, ...]:
    """A number for each channel, of `0.5`, `0.485, 0.456, 0.406` or a sequence; their mean where
    they do not fit."""
    numbers = tuple(map(float, value.split(",") if isinstance(value, str) else value))
    return numbers if len(numbers) == channels else (sum(numbers) / len(numbers),) * channels


def transform(pre: Preprocessing) -> transforms.Compose:
    """From a PIL image to a tensor of bytes, (channels, height, width); timm's loader normalises
    batches of them."""
    if pre.resize == "tensor":
        return transforms.Compose([MaybePILToTensor(), *_resized_tensor(pre)])
    return create_transform(
        pre.input_size,
        interpolation=pre.interpolation,
        mean=pre.mean,
        std=pre.std,
        crop_pct=pre.crop_pct,
        crop_mode=pre.crop_mode,
        use_prefetcher=True,
    )


def _resized_tensor(pre: Preprocessing) -> list[Any]:
    """The shorter side to size / crop on the tensor, antialiased, then the centre; as timm's on PIL
    images."""
    size = pre.input_size[1:]
    target = [math.floor(side / pre.crop_pct) for side in size]
    square = target[0] if target[0] == target[1] and pre.crop_mode != "squash" else target
    resize = transforms.Resize(
        square, interpolation=str_to_interp_mode(pre.interpolation), antialias=True
    )
    return [resize, transforms.CenterCrop(size)]


def neighbours(
    pre: Preprocessing, configuration: Mapping[str, Any]
) -> Iterator[tuple[str, Preprocessing]]:
    """Pipelines that differ from this one in one setting: (what is otherwise, pipeline), without
    repetition."""
    seen = {pre}
    for label, changed in _variants(pre, configuration):
        if changed not in seen:
            seen.add(changed)
            yield label, changed


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
