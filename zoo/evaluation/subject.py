"""Prepare an entry for evaluation: find its data and weights, build the model, derive the
targets."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import nn

from zoo.evaluation import checkpoint
from zoo.evaluation.checkpoint_files import Weights, find_weights, pretrained_configuration
from zoo.evaluation.claim_scope import ImageSet
from zoo.evaluation.data_names import data_name, dataset_name
from zoo.evaluation.datasets import find
from zoo.evaluation.datasets.base import Images
from zoo.evaluation.inference import EvaluationError, Scorer, Setup
from zoo.evaluation.labels import files
from zoo.evaluation.labels.class_folders import settle_class_folders
from zoo.evaluation.labels.targets import Targets, build_targets
from zoo.evaluation.loop import pad_answers
from zoo.evaluation.options import EvaluationOptions
from zoo.evaluation.preprocessing import Preprocessing, resolve
from zoo.evaluation.probe import find_variation
from zoo.model_index.errors import UsageError
from zoo.model_index.records.records import Entry
from zoo.models import builders
from zoo.models.inputs import choose_input, object_to_input
from zoo.weights.http.client import Client


@dataclass(frozen=True, kw_only=True)
class EvaluationSubject:
    """A model with its weights on the device, the images to evaluate it on, and their targets.

    configuration  the pretrained configuration
    resolved       the architecture and pretrained tag that were built
    fit            how the checkpoint's tensors were matched with the model's
    outputs        how many outputs the model has
    pre            the entry's own preprocessing
    variation      what else than an image its outputs depend on; empty for nothing
    label_source   where labels or classes of the user come from; empty for the data set's own
    """

    entry: Entry
    model: nn.Module
    configuration: dict[str, Any]
    resolved: str
    weights: Weights
    fit: str
    images: Images
    targets: Targets
    outputs: int
    pre: Preprocessing
    label_source: str = ""
    conditions: dict[str, str] = field(default_factory=dict)
    variation: str = ""

    @property
    def image_set(self) -> ImageSet:
        """The images as claims name them."""
        images = self.images
        return ImageSet(images.dataset, images.split, images.where, self.conditions)

    @cached_property
    def data_digest(self) -> str:
        """Digest of the images' names, labels and sizes; the same for all pipelines."""
        return self.images.digest()[:16]

    @cached_property
    def stamp(self) -> str:
        """Digest of the modification times of the images' files."""
        return self.images.stamp()

    @cached_property
    def answers_digest(self) -> str:
        """Digest of the right outputs, the excluded images and the outputs that compete."""
        state = repr((self.targets.answers, sorted(self.targets.excluded), self.targets.subset))
        return hashlib.sha256(state.encode()).hexdigest()[:16]


def prepare_subject(
    entry: Entry, options: EvaluationOptions, client: Client | None
) -> EvaluationSubject:
    """Find data and weights of an entry, build the model and derive the targets.

    `client` downloads weights; None downloads nothing.

    Raises:
        UsageError, WeightsError, NoSource, RemoteError: data or weights cannot be had, or the model
            takes something else than one image.
        BuilderMissing, BuildError: the model cannot be built.
        EvaluationError: the model cannot run with its preprocessing.
    """
    _require_image(entry, options)
    images = find(
        data_name(entry, options.data),
        options.split,
        root=options.root,
        dataset=dataset_name(options.dataset, options.labels),
    )
    published = pretrained_configuration(entry, options.weights, options.trusted)
    weights = find_weights(entry, published, options.weights, client)
    built, fit = checkpoint.load_model(entry, weights, options.trusted)
    pre = resolve(entry, built.configuration, builders.input_channels(built, entry.builder))
    model = options.setup.prepare(built.model)
    outputs = _count_outputs(entry.name, model, pre, options.setup)
    if options.labels is None:
        images = settle_class_folders(images, outputs, options.class_folder, options.class_map)
    targets = build_targets(
        images,
        outputs,
        class_map=options.class_map,
        labels=options.labels,
        dataset=images.dataset,
    )
    return EvaluationSubject(
        entry=entry,
        model=model,
        configuration=built.configuration,
        resolved=built.resolved,
        weights=weights,
        fit=fit.how,
        images=images,
        targets=targets,
        outputs=outputs,
        pre=pre,
        label_source=label_source(options),
        conditions=dict(options.conditions),
        variation=find_variation(model, images, pre, options.setup, len(images)),
    )


def _require_image(entry: Entry, options: EvaluationOptions) -> None:
    """Refuse a model whose builder proposes something else than one image, before data are read.

    Raises:
        UsageError: it does.
        BuilderMissing, BuildError: the model cannot be built.
    """
    kind = builders.find_kind(entry.builder)
    if entry.input is not None or kind is None or not kind.proposes:
        return
    with suppress(builders.TooLarge):  # it is built again, with the memory that is free
        built = builders.build(entry.builder, options.trusted)
        if objection := object_to_input(choose_input(None, built).spec):
            raise UsageError(f"{entry.name}: {objection}")


def _count_outputs(name: str, model: nn.Module, pre: Preprocessing, setup: Setup) -> int:
    """Run the model on one blank image and count its outputs."""
    blank = torch.zeros((1, *pre.input_size), device=setup.device, dtype=setup.dtype)
    try:
        return Scorer(model, setup, pad_answers([()]), None).logits(blank).shape[1]
    except EvaluationError as error:
        raise EvaluationError(
            f"{name} cannot run at {pre.describe()} in {setup.precision}: {error}"
        ) from error


def label_source(options: EvaluationOptions) -> str:
    """Name the user's file of labels or classes; empty where the data set's own are used."""
    if options.labels and options.labels != files.REAL:
        return f"labels of {Path(options.labels).name}"
    return f"classes of {options.class_map.name}" if options.class_map else ""
