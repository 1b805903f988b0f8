"""The preprocessing of an image classifier on one line."""

from collections.abc import Sequence

from zoo.reporting.i18n.gettext import _
from zoo.reporting.snippets.commands import classifies_images
from zoo.reporting.snippets.parts import Pipeline
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.model_facts import preprocessing, subject


def preprocessing_line(model: Model) -> str:
    """Return size, crop, mean and standard deviation: `resize 256, bicubic · crop 224, centre`.

    "" for a model that names no class of an image, and where nobody states any preprocessing.
    """
    if model.another or not classifies_images(model.entry, model.input):
        return ""
    if not preprocessing(model):
        return ""
    pipeline = subject(model).recipe.pipeline
    parts = (
        _("resize %(size)s", size=_sides(pipeline.resized)) + f", {pipeline.interpolation}",
        _("crop %(size)s", size=_sides(pipeline.size)) + _mode(pipeline),
        _("mean %(numbers)s", numbers=_channels(pipeline.mean)),
        _("std %(numbers)s", numbers=_channels(pipeline.std)),
    )
    return " · ".join(parts)


def _mode(pipeline: Pipeline) -> str:
    modes = {"center": _("centre"), "squash": _("squash"), "border": _("border")}
    mode = modes.get(pipeline.mode)
    return f", {mode}" if mode else ""


def _sides(size: tuple[int, int]) -> str:
    height, width = size
    return str(height) if height == width else f"{height}×{width}"


def _channels(values: Sequence[float]) -> str:
    """Return the numbers of the channels; one where all have the same."""
    shown = [f"{value:.3f}".rstrip("0").rstrip(".") for value in values]
    return " ".join(shown if len(set(shown)) > 1 else shown[:1])
