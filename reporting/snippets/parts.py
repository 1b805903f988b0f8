"""Parts of snippets: their subject, its settings, and the lines that several snippets share.

Names and arguments come from an index, so they enter the code only as Python literals.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from textwrap import dedent
from typing import Any

from zoo.model_index.records.fields import Plain, fold_key
from zoo.model_index.records.records import Builder, Entry

DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
# interpolations of both Pillow and torchvision
FILTERS = ("nearest", "bilinear", "bicubic", "box", "hamming", "lanczos")
# settings of a recipe: the field of the index, and its type
NUMBERS: dict[str, tuple[str, type]] = {
    "size": ("image size", int),
    "crop": ("crop pct", float),
    "learning_rate": ("lr", float),
    "momentum": ("momentum", float),
    "weight_decay": ("weight decay", float),
    "batch_size": ("batch size", int),
    "epochs": ("epochs", int),
    "step_size": ("lr step size", int),
    "gamma": ("lr gamma", float),
    "label_smoothing": ("label smoothing", float),
}
# by training technique; SGD for any other
OPTIMIZERS = {
    "adamw": "AdamW",
    "adam": "Adam",
    "rmsprop": "RMSprop",
}


class NoSnippet(ValueError):
    """The builder of the index cannot be written as code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The settings of a snippet; defaults are the usual ones for ImageNet.

    `recorded` names the fields that the index states. `size` is in pixels, `crop` the share of the
    shorter side.
    """

    size: int = 224
    crop: float = 0.875
    interpolation: str = "bilinear"
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
    channels: int = 3
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)
    recorded: frozenset[str] = frozenset()

    @classmethod
    def from_entry(cls, entry: Entry, configuration: Mapping[str, Any]) -> "Recipe":
        """Return the entry's settings where they are plain; timm's configuration goes before them,
        since timm's code uses it."""
        fields = {fold_key(key): value for key, value in entry.metadata.items()}
        stated: dict[str, Any] = {
            name: _number(fields.get(key), kind) for name, (key, kind) in NUMBERS.items()
        }
        stated = {name: value for name, value in stated.items() if value is not None}
        filters = (configuration.get("interpolation"), fields.get("interpolation"))
        techniques = _techniques(fields)
        optimizers = (name for key, name in OPTIMIZERS.items() if key in techniques)
        settings = stated | {
            "recorded": frozenset(stated),
            "interpolation": next((f for f in filters if f in FILTERS), "bilinear"),
            "optimizer": next(optimizers, "SGD"),
            "nesterov": "nesterov accelerated gradient" in techniques,
        }
        if "label smoothing" in techniques:
            settings.setdefault("label_smoothing", 0.1)
        for key in ("mean", "std"):
            if value := configuration.get(key):
                settings[key] = tuple(value)
        if size := configuration.get("input_size"):
            settings |= {"channels": size[0], "size": size[-1]}
        if crop := configuration.get("crop_pct"):
            settings["crop"] = crop
        return cls(**settings)

    @property
    def resized(self) -> int:
        """Return the shorter side before the crop, in pixels, as timm computes it."""
        return math.floor(self.size / self.crop)


@dataclass(frozen=True, slots=True)
class Subject:
    """The model of the snippets. `name` is timm's name of it, pretrained tag included."""

    builder: Builder
    name: str
    recipe: Recipe = field(default_factory=Recipe)
    pretrained: bool = True
    classes: int = 10

    @property
    def timm(self) -> bool:
        return self.builder.kind == "timm"


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


def imports(subject: Subject, *lines: str) -> str:
    """Write the imports of a snippet: these lines, and those of the builder."""
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
        weights = literal("DEFAULT") if pretrained else "None"
        arguments = [literal(builder.name), f"weights={weights}", *arguments]
        return f"models.get_model({', '.join(arguments)})"
    return f"{builder.name.partition(':')[2]}({', '.join(arguments)})"


def create_lines(subject: Subject) -> str:
    """Write the lines that create the model for use."""
    return f"model = {create_call(subject)}.eval()\n{load_comment(subject)}"


def load_comment(subject: Subject) -> str:
    """Write how to load weights into a class that brings none."""
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
    recipe = subject.recipe
    if subject.timm:
        return f"""
        config = timm.data.resolve_model_data_config(model)
        transform = timm.data.create_transform(**config, is_training={training})
        """
    mode = f"transforms.InterpolationMode.{recipe.interpolation.upper()}"
    return f"""
    transform = transforms.Compose([{greyscale(recipe)}
        transforms.Resize({recipe.resized}, {mode}),
        transforms.CenterCrop({recipe.size}),
        transforms.ToTensor(),
        transforms.Normalize({recipe.mean}, {recipe.std}),
    ])
    """


def greyscale(recipe: Recipe) -> str:
    """Write the transform to grey images, for a model of one channel."""
    return "transforms.Grayscale()," if recipe.channels == 1 else ""


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
