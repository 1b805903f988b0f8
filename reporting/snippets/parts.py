"""Parts of snippets: their subject, its settings, and the lines that several snippets share.

Names and arguments come from an index, so they enter the code only as Python literals.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from textwrap import dedent
from typing import Any

from zoo.model_index.records.fields import Plain, fold_key
from zoo.model_index.records.records import Builder, Claim, Entry
from zoo.reporting.text.escape import web_address

DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
# interpolations of both Pillow and torchvision
FILTERS = ("nearest", "bilinear", "bicubic", "box", "hamming", "lanczos")
# settings of a pipeline in timm's words: the field, and how a value is read
SETTINGS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "crop_pct": ("crop", float),
    "crop_mode": ("mode", str),
    "interpolation": ("interpolation", str),
    "mean": ("mean", lambda values: tuple(map(float, values))),
    "std": ("std", lambda values: tuple(map(float, values))),
}
# settings of a recipe: the field of the index, and its type
NUMBERS: dict[str, tuple[str, type]] = {
    "learning_rate": ("lr", float),
    "momentum": ("momentum", float),
    "weight_decay": ("weight decay", float),
    "batch_size": ("batch size", int),
    "epochs": ("epochs", int),
    "step_size": ("lr step size", int),
    "gamma": ("lr gamma", float),
    "label_smoothing": ("label smoothing", float),
}
GREY = 'transform = lambda image: convert(image.convert("L"))'
# by training technique; SGD for any other
OPTIMIZERS = {
    "adamw": "AdamW",
    "adam": "Adam",
    "rmsprop": "RMSprop",
}


class NoSnippet(ValueError):
    """The builder of the index cannot be written as code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The preprocessing of an image; defaults are timm's, as `zoo eval` takes them.

    `size` is height and width in pixels, `crop` the share of the resized image that is kept. `mode`
    is `center`, `squash` or `border`. `evaluated` says that an evaluation ran with it.
    """

    size: tuple[int, int] = (224, 224)
    crop: float = 0.875
    mode: str = "center"
    interpolation: str = "bicubic"
    channels: int = 3
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)
    evaluated: bool = False

    @classmethod
    def from_settings(cls, *sources: Mapping[str, Any], evaluated: bool = False) -> "Pipeline":
        """Return the pipeline of settings in timm's words; of several sources the first that has a
        setting counts."""
        values: dict[str, Any] = {"evaluated": evaluated}
        for source in reversed(sources):
            for key, (name, convert) in SETTINGS.items():
                value = source.get(key)
                if value is not None and (key != "interpolation" or value in FILTERS):
                    values[name] = convert(value)
            if size := source.get("input_size"):
                values |= {"channels": int(size[0]), "size": (int(size[-2]), int(size[-1]))}
        return cls(**values)

    @property
    def input(self) -> str:
        """Return channels, height and width as code."""
        return ", ".join(map(str, (self.channels, *self.size)))

    @property
    def resized(self) -> tuple[int, int]:
        """Return height and width before the crop, in pixels, as timm computes them."""
        height, width = self.size
        return math.floor(height / self.crop), math.floor(width / self.crop)

    @property
    def plain(self) -> bool:
        """Whether torchvision's transforms do the same: the crop of a square, or squashing."""
        height, width = self.resized
        return self.mode == "squash" or (self.mode == "center" and height == width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The settings of a snippet; defaults are the usual ones for ImageNet.

    `recorded` names the fields of training that the index states.
    """

    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 1e-4
    batch_size: int = 256
    epochs: int = 90
    optimizer: str = "SGD"
    nesterov: bool = False
    step_size: int | None = None
    gamma: float = 0.1
    label_smoothing: float = 0.0
    pipeline: Pipeline = Pipeline()
    recorded: frozenset[str] = frozenset()

    @classmethod
    def from_entry(
        cls,
        entry: Entry,
        configuration: Mapping[str, Any],
        evaluated: Mapping[str, Any] | None = None,
        wrong: Collection[Claim] = (),
    ) -> "Recipe":
        """Return the entry's settings where they are plain; `wrong` claims are none of them.

        `evaluated` is the preprocessing of the evaluation behind the entry's accuracies. Without
        one it is the entry's, then the pretrained configuration's; timm's configuration goes
        first, since timm's code uses it.
        """
        fields = {fold_key(key): value for key, value in entry.metadata.items()}
        stated: dict[str, Any] = {
            name: _number(fields.get(key), kind) for name, (key, kind) in NUMBERS.items()
        }
        stated = {name: value for name, value in stated.items() if value is not None}
        techniques = _techniques(fields)
        optimizers = (name for key, name in OPTIMIZERS.items() if key in techniques)
        settings = stated | {
            "recorded": frozenset(stated),
            "optimizer": next(optimizers, "SGD"),
            "nesterov": "nesterov accelerated gradient" in techniques,
        }
        if "label smoothing" in techniques:
            settings.setdefault("label_smoothing", 0.1)
        if evaluated:
            pipeline = Pipeline.from_settings(evaluated, evaluated=True)
        else:
            channels = (configuration.get("input_size") or (3,))[0]
            stated_settings = _stated_settings(entry, channels, wrong)
            sources = [stated_settings, configuration]
            if entry.builder.kind == "timm":
                sources.reverse()
            pipeline = Pipeline.from_settings(*sources)
        return cls(pipeline=pipeline, **settings)


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """A file of weights that fits the model: its path or address; `ships` with this package."""

    file: str
    ships: bool = False

    @property
    def is_safetensors(self) -> bool:
        return self.file.endswith(".safetensors")

    def imports(self) -> tuple[str, ...]:
        """Write the imports that loading it needs."""
        ours = ("from importlib.resources import files",) if self.ships else ()
        return (*ours, *(("from safetensors.torch import load_file",) * self.is_safetensors))

    def load(self) -> str:
        """Write the line that loads it into `model`."""
        if web_address(self.file):
            state = f"torch.hub.load_state_dict_from_url({literal(self.file)}, weights_only=True)"
        else:
            path = literal(self.file)
            place = f'files("zoo.model_index") / "data" / {path}' if self.ships else path
            reads = self.is_safetensors
            state = f"load_file({place})" if reads else f"torch.load({place}, weights_only=True)"
        return f"model.load_state_dict({state})\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The model of the snippets. `name` is timm's name of it, pretrained tag included; `checkpoint`
    has the weights of a class that brings none."""

    builder: Builder
    name: str
    recipe: Recipe = field(default_factory=Recipe)
    pretrained: bool = True
    classes: int = 10
    checkpoint: WeightsFile | None = None

    @property
    def timm(self) -> bool:
        return self.builder.kind == "timm"

    @property
    def quantized(self) -> bool:
        """Whether these are quantized weights of torchvision, which run and do not train."""
        return self.builder.kind == "torchvision" and self.builder.name.startswith("quantized_")


def literal(value: object) -> str:
    """Write a value as a Python literal in which nothing ends a comment, a tag or a fence.

    Raises:
        NoSnippet: the value has no literal.
    """
    if isinstance(value, str):
        escapes = {
            "<": "\\x3c",
            ">": "\\x3e",
            "&": "\\x26",
            "`": "\\x60",
            "~": "\\x7e",
            "'": "\\x27",
        }
        inner = "".join(escapes.get(c) or ascii(c)[1:-1] for c in value)
        return '"' + inner.replace('"', '\\"') + '"'
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, dict):
        pairs = (f"{literal(key)}: {literal(part)}" for key, part in value.items())
        return "{" + ", ".join(pairs) + "}"
    raise NoSnippet(f"{type(value).__name__} has no literal")


def join_parts(*parts: str) -> str:
    """Join parts with an empty line between them."""
    return "\n\n".join(map(_flush, parts)) + "\n"


@lru_cache(maxsize=1024)  # most parts are the same for many models
def _flush(part: str) -> str:
    return dedent(part).strip("\n")


def imports(subject: Subject, *lines: str, loads: bool = True) -> str:
    """Write the imports of a snippet: these lines, those of the weights where it `loads` them, and
    those of the builder."""
    if subject.checkpoint and loads:
        lines = (*lines, *subject.checkpoint.imports())
    if subject.timm:
        return "\n".join(["import timm", *lines])
    if subject.builder.kind == "torchvision":
        return "\n".join([*lines, "from torchvision import models"])
    module, _, attribute = subject.builder.name.partition(":")
    if not DOTTED.fullmatch(module) or not DOTTED.fullmatch(attribute):
        raise NoSnippet(f"{subject.builder.name!r} is not package.module:callable")
    return "\n".join([*lines, f"from {module} import {attribute.split('.')[0]}"])


def create_call(subject: Subject, *extra: str, fresh: bool = False) -> str:
    """Write the call that creates the model, with `extra` arguments for timm; `fresh` has random
    weights."""
    pretrained, builder = subject.pretrained and not fresh, subject.builder
    if subject.timm:
        replaced = {part.partition("=")[0] for part in extra}
        remaining = {key: v for key, v in builder.arguments.items() if key not in replaced}
        arguments = [f"pretrained={pretrained}", *keywords(remaining), *extra]
        return f"timm.create_model({', '.join([literal(subject.name), *arguments])})"
    arguments = keywords(builder.arguments)
    if builder.kind == "torchvision":
        name, _, weights = builder.name.partition(".")
        stated = literal(weights or "DEFAULT") if pretrained else "None"
        whole = ["quantize=True"] if pretrained and subject.quantized else []
        arguments = [literal(name), f"weights={stated}", *whole, *arguments]
        return f"models.get_model({', '.join(arguments)})"
    return f"{builder.name.partition(':')[2]}({', '.join(arguments)})"


def create_lines(subject: Subject) -> str:
    """Write the lines that create the model for use."""
    return f"model = {create_call(subject)}.eval()\n{load_weights(subject)}"


def load_weights(subject: Subject) -> str:
    """Write the line that loads weights into a class that brings none; a comment where no file is
    known."""
    if subject.checkpoint:
        return subject.checkpoint.load()
    if subject.builder.kind in ("timm", "torchvision"):
        return ""
    load = 'model.load_state_dict(torch.load("weights.pth", weights_only=True))'
    return f"# {load}  # weights of your own\n"


def keywords(arguments: dict[str, object]) -> list[str]:
    """Write keyword arguments."""
    if not all(isinstance(key, str) and key.isidentifier() for key in arguments):
        return [f"**{literal(arguments)}"]
    return [f"{key}={literal(value)}" for key, value in arguments.items()]


def replace_head(replacement: str) -> str:
    """Write the lines that replace the last linear layer."""
    return f"""
    name, head = [(n, m) for n, m in model.named_modules() if isinstance(m, torch.nn.Linear)][-1]
    model.set_submodule(name, {replacement})
    """


def transform(subject: Subject, *, training: bool = False) -> str:
    """Write the lines that create `transform`, from an image to the model's input."""
    pipeline = subject.recipe.pipeline
    if subject.timm and (training or not pipeline.evaluated):
        return f"""
        config = timm.data.resolve_model_data_config(model)
        transform = timm.data.create_transform(**config, is_training={training})
        """
    remark = "  # as evaluated" if pipeline.evaluated else ""
    if needs_timm(subject):
        return f"""
        {"convert" if pipeline.channels == 1 else "transform"} = timm.data.create_transform({remark}
            input_size=({pipeline.input}),
            crop_pct={pipeline.crop},
            crop_mode={literal(pipeline.mode)},
            interpolation={literal(pipeline.interpolation)},
            mean={pipeline.mean},
            std={pipeline.std},
        )
        {GREY if pipeline.channels == 1 else ""}
        """
    height, width = pipeline.resized
    resized = (height, width) if pipeline.mode == "squash" else height
    mode = f"transforms.InterpolationMode.{pipeline.interpolation.upper()}"
    return f"""
    transform = transforms.Compose([{greyscale(pipeline)}{remark}
        transforms.Resize({resized}, {mode}),
        transforms.CenterCrop({side(pipeline)}),
        transforms.ToTensor(),
        transforms.Normalize({pipeline.mean}, {pipeline.std}),
    ])
    """


def needs_timm(subject: Subject) -> bool:
    """Whether the transform of images is timm's: for its own models, and for what torchvision's
    transforms do not do."""
    return subject.timm or not subject.recipe.pipeline.plain


def transform_import(subject: Subject) -> tuple[str, ...]:
    """Write the import that `transform` needs beside the builder's."""
    if subject.timm:
        return ()
    if needs_timm(subject):
        return ("import timm",)
    return ("from torchvision import transforms",)


def side(pipeline: Pipeline) -> int | tuple[int, int]:
    """Return the size of the input: one number for a square."""
    height, width = pipeline.size
    return height if height == width else pipeline.size


def greyscale(pipeline: Pipeline) -> str:
    """Write the transform to grey images, for a model of one channel."""
    return "transforms.Grayscale()," if pipeline.channels == 1 else ""


def _stated_settings(entry: Entry, channels: int, wrong: Collection[Claim]) -> dict[str, Any]:
    """Return the preprocessing that an entry states, in timm's words, without what is wrong."""
    settings: dict[str, Any] = {}
    size = entry.claim("image_size")
    if entry.image_size and size not in wrong:
        settings["input_size"] = (channels, *entry.image_size)
    for key in ("crop_pct", "crop_mode", "interpolation"):
        if (claim := entry.claim(key)) and claim not in wrong:
            settings[key] = str(claim.value).lower()
    for key in ("mean", "std"):
        if (claim := entry.claim(key)) and claim not in wrong:
            values = tuple(map(float, str(claim.value).split(",")))
            average = (sum(values) / len(values),)
            settings[key] = values if len(values) == channels else average * channels
    return settings


def _techniques(fields: Mapping[str, Plain]) -> set[str]:
    stated = fields.get("training techniques")
    listed = stated if isinstance(stated, list) else [stated]
    return {fold_key(technique) for technique in listed if isinstance(technique, str)}


def _number(value: object, kind: type) -> float | int | None:
    try:
        number = kind(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return number if number is not None and 0 < number < 10**6 else None
