"""torchvision's registry: the published weights of every model, with all that is published of
them."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from zoo.models.builders.torchvision_weights import (
    DEFAULT,
    describe_settings,
    find_float_form,
    find_input,
    list_names,
    list_weights,
)
from zoo.models.registries.registry import Fields, Registry
from zoo.models.registries.timm import SETTINGS, print_size

if TYPE_CHECKING:
    from torchvision.models import WeightsEnum

# Part of torchvision.models -> tasks of its models; all other modules classify images. Instances
# and keypoints are found beside boxes.
TASKS = {
    "detection.mask_rcnn": ["Object Detection", "Instance Segmentation"],
    "detection.keypoint_rcnn": ["Object Detection", "Keypoint Detection"],
    "detection": ["Object Detection"],
    "segmentation": ["Semantic Segmentation"],
    "video": ["Video Classification"],
    "optical_flow": ["Optical Flow Estimation"],
}
CLASSIFICATION = ["Image Classification"]
ACCURACIES = {"acc@1": "Top 1 Accuracy", "acc@5": "Top 5 Accuracy"}
DATASETS = {"ImageNet-1K": "ImageNet"}
# The first paper that the text of a function links.
PAPER = re.compile(r"`([^`<]+?)\s*<https?://(arxiv\.org/abs/[^>\s]+)>`_")
MARKUP = re.compile(r"`([^`<]+?)\s*<[^>]+>`_+|:\w+:`~?([^`]+)`")


def _names() -> list[str]:
    return [name for model in list_names() for name in (model, *_weights_of(model))]


def _weights_of(model: str) -> list[str]:
    return [f"{model}.{weights}" for weights in list_weights(model)]


def _has(name: str) -> bool:
    model, dot, weights = name.partition(".")
    return model in list_names() and (
        not dot or weights == DEFAULT or weights in list_weights(model)
    )


def _entries() -> Iterator[Fields]:
    """Yield a model for each weights; its collection is the module of its function."""
    for model in list_names():
        for name in _weights_of(model):
            heading = {"Name": name, "In Collection": _module(model)}
            yield heading | {"Builder": f"torchvision:{name}"} | describe_weights(name)


def _module(model: str) -> str:
    """Return where a model's function stands below torchvision.models: `detection.ssd`."""
    from torchvision import models

    module: str = models.get_model_builder(model).__module__
    return module.removeprefix("torchvision.models.")


def describe_weights(name: str) -> Fields:
    """Return the fields of `resnet50.IMAGENET1K_V2`, or of the default weights of `resnet50`."""
    from torchvision import models

    model, _, tag = name.partition(".")
    weights = models.get_model_weights(model)[tag or DEFAULT]
    tasks = _tasks(_module(model))
    fields: Fields = {}
    if spec := find_input(weights):
        fields["Input"] = str(spec)
    fields["Metadata"] = {"Tasks": list(tasks)} | dict(_metadata(weights))
    if results := list(_results(weights, tasks[0])):
        fields["Results"] = results
    fields["Weights"] = weights.url
    if licence := weights.meta.get("license"):
        fields["License"] = licence
    if paper := PAPER.search(models.get_model_builder(model).__doc__ or ""):
        title = " ".join(paper[1].split())
        fields["Paper"] = {"Title": title, "URL": f"https://{paper[2]}"}
    if text := _describe(weights):
        fields["Description"] = text
    return fields


def _tasks(module: str) -> list[str]:
    return TASKS.get(module) or TASKS.get(module.partition(".")[0], CLASSIFICATION)


def _metadata(weights: "WeightsEnum") -> Iterator[tuple[str, Any]]:
    """Yield the published numbers, the settings of the transforms and the recipe.

    `_ops` counts 10^9 multiply-adds, `_file_size` 2^20 bytes under the name of MB.
    """
    meta, settings = weights.meta, describe_settings(weights)
    yield "Parameters", meta["num_params"]
    yield "FLOPs", f"{meta['_ops']} G"
    yield "File Size", f"{meta['_file_size']} MB"
    if size := settings.get("input_size"):
        yield "Image Size", print_size(size[-2:])
    for label, key in SETTINGS.items():
        if value := settings.get(key):
            yield label, [*value] if isinstance(value, tuple) else value
    if classes := settings.get("num_classes"):
        yield "Classes", classes
    yield "Smallest Input", print_size(meta["min_size"])
    if frames := meta.get("min_temporal_size"):
        yield "Fewest Frames", frames
    if backend := meta.get("backend"):
        yield "Backend", backend
    yield "Recipe", meta["recipe"]


def _results(weights: "WeightsEnum", task: str) -> Iterator[Fields]:
    """Yield the metrics of each data set, under torchvision's names where no quantity is known."""
    for dataset, values in weights.meta["_metrics"].items():
        metrics = {
            ACCURACIES.get(key, key): f"{value}%" if key in ACCURACIES and value == value else value
            for key, value in values.items()
        }
        yield {"Task": task, "Dataset": DATASETS.get(dataset, dataset), "Metrics": metrics}


def _describe(weights: "WeightsEnum") -> str:
    """Return what torchvision says of weights as plain text, and whose counts it publishes."""
    text = MARKUP.sub(lambda link: link[1] or link[2], weights.meta.get("_docs", ""))
    sentences = [" ".join(text.replace("`", "").split())]
    if form := find_float_form(weights):
        model, original = form
        sentences.append(f"Parameters and FLOPs are those of {model}.{original.name}.")
    return " ".join(filter(None, sentences))


TORCHVISION = Registry(
    headline="torchvision",
    docs="https://docs.pytorch.org/vision/stable/models.html",
    format=1,
    names=_names,
    has=_has,
    describe=describe_weights,
    entries=_entries,
)
