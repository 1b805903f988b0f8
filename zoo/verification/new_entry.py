"""Describe a live model as an entry of an index: what was measured, and what its library states."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from zoo.counting.measurer import Measurer
from zoo.model_index.errors import UsageError
from zoo.model_index.records.records import Builder, Entry
from zoo.models.libraries import LIBRARIES
from zoo.models.registries import REGISTRIES
from zoo.models.registries.timm import SETTINGS, print_size
from zoo.verification.context import gather_context
from zoo.verification.live_model import LiveModel

ARXIV = re.compile(r"arxiv:\s*(\S+)", re.IGNORECASE)
DIGITS = 4  # of a crop fraction


def measure_entry(entry: Entry, measurer: Measurer) -> LiveModel:
    """Count the model of an entry.

    Raises:
        UsageError: it cannot be built or counted, or nothing states its input.
    """
    context = gather_context(entry, measurer)
    if context.live is None:
        raise UsageError(f"{entry.name}: {context.obstacle.reason}")
    if context.live.input_is_assumed:
        raise UsageError(f"{entry.builder}: nothing states its input; --input '224 image' does")
    return context.live


def describe_entry(live: LiveModel, name: str, family: str | None) -> dict[str, Any]:
    """Return the fields of a new entry, in their order: the builder with its pretrained tag, counts
    at the model's own input, and the preprocessing, licence, paper and weights that the library's
    configuration states."""
    configuration = live.configuration
    fields: dict[str, Any] = {"Name": name}
    if family:
        fields["In Collection"] = family
    fields["Builder"] = _describe_builder(live)
    if not live.input.is_image:
        fields["Input"] = str(live.input)
    settings = dict(_describe_settings(configuration))
    if size := live.entry.image_size:
        settings["Image Size"] = print_size(size)
    fields["Metadata"] = dict(_describe_counts(live)) | settings
    if licence := configuration.get("license"):
        fields["License"] = str(licence)
    if paper := _find_paper(configuration):
        fields["Paper"] = paper
    fields |= _find_published(live.entry.builder)
    if weights := _find_weights(configuration):
        fields["Weights"] = weights
    return fields


def _describe_builder(live: LiveModel) -> str | dict[str, Any]:
    builder = live.entry.builder
    if builder.kind in LIBRARIES and not live.registry.note:
        # with its tag, whatever the default will be
        builder = Builder(builder.kind, live.name, builder.arguments)
    if builder.arguments:
        return {"Name": str(builder), "Arguments": dict(builder.arguments)}
    return str(builder)


def _describe_counts(live: LiveModel) -> Iterator[tuple[str, Any]]:
    """Yield multiply-adds, where they are complete, and parameters."""
    counts = live.counts
    if counts.trace.macs and not counts.problem:
        yield "FLOPs", counts.trace.macs
    yield "Parameters", sum(part.parameters for part in counts.parts)


def _describe_settings(configuration: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if size := configuration.get("input_size"):
        yield "Image Size", print_size(size[-2:])
    for label, key in SETTINGS.items():
        value = configuration.get(key)
        if isinstance(value, (tuple, list)):
            yield label, list(value)
        elif isinstance(value, float):
            yield label, round(value, DIGITS)
        elif value not in (None, ""):
            yield label, value


def _find_paper(configuration: Mapping[str, Any]) -> str:
    """Return the address of the paper that a configuration names by its number of arXiv."""
    ids = configuration.get("paper_ids")
    first = ids[0] if isinstance(ids, (tuple, list)) and ids else ids
    match = ARXIV.fullmatch(str(first or ""))
    return f"https://arxiv.org/abs/{match[1]}" if match else ""


def _find_published(builder: Builder) -> dict[str, Any]:
    """Return license and paper of a model of torchvision, as its registry states them."""
    if builder.kind != "torchvision":
        return {}
    stated = REGISTRIES[builder.kind].describe(builder.name)
    return {key: stated[key] for key in ("License", "Paper") if key in stated}


def _find_weights(configuration: Mapping[str, Any]) -> str:
    """Return the address of the weights, else their repository on the Hugging Face Hub."""
    hub = configuration.get("hf_hub_id")
    return str(configuration.get("url") or (f"hf:{hub}" if hub else ""))
