"""Facts about a model that pages, downloads and cards share: its recipe, its preprocessing, and the
subject of its code snippets."""

import re
from collections.abc import Mapping
from typing import Any

from zoo.model_index.dialects import openmmlab
from zoo.model_index.findings import Verdict
from zoo.model_index.load import is_embedded
from zoo.model_index.quantities.lookup import find
from zoo.model_index.quantities.table import TRAINING
from zoo.model_index.records.fields import Plain, fold_key
from zoo.model_index.records.records import Claim
from zoo.reporting.i18n.gettext import N_
from zoo.reporting.snippets.brief import brief
from zoo.reporting.snippets.commands import classifies_images
from zoo.reporting.snippets.inputs import input_snippets
from zoo.reporting.snippets.parts import WeightsFile
from zoo.reporting.snippets.snippets import Recipe, Snippet, Subject, snippets
from zoo.reporting.text.escape import web_address
from zoo.reporting.views.catalogue import Model, once

UNKNOWN = (Verdict.UNCHECKED, Verdict.ERROR)  # an accuracy that no evaluation judges
# Metadata that stands in the introduction of a page.
INTRODUCED = (N_("Architecture"), N_("Classes"), N_("Smallest Input"), N_("Fewest Frames"))
# A file beside the index, by its path.
FILE = re.compile(r"(?!/)[\w./-]+\.(?:safetensors|pth|pt|bin)")
NOT_RECIPE = ("tasks", *map(fold_key, INTRODUCED))  # the page shows these elsewhere
# Label, quantity of the index, key of the pretrained configuration.
PREPROCESSING = (
    (N_("Image size"), "image_size", "input_size"),
    (N_("Image size for testing"), None, "test_input_size"),
    (N_("Crop fraction"), "crop_pct", "crop_pct"),
    (N_("Crop fraction for testing"), None, "test_crop_pct"),
    (N_("Crop mode"), "crop_mode", "crop_mode"),
    (N_("Interpolation"), "interpolation", "interpolation"),
    (N_("Mean"), "mean", "mean"),
    (N_("Standard deviation"), "std", "std"),
    (N_("Classes"), None, "num_classes"),
)


@once
def subject(model: Model) -> Subject:
    """Return what code about the model names: its builder, and the exact model with its pretrained
    tag."""
    builder = model.entry.builder
    resolved = model.resolved or ""
    same_model = resolved.split(".")[0] == builder.name.split(".")[0]
    name = resolved if builder.kind == "timm" and same_model else builder.name
    settings = Recipe.from_entry(
        model.entry, model.configuration, evaluated_pipeline(model), model.wrong_claims
    )
    return Subject(
        builder=builder,
        name=name,
        recipe=settings,
        pretrained=not openmmlab.is_openmmlab_entry(model.entry),
        checkpoint=_find_checkpoint(model),
    )


def _find_checkpoint(model: Model) -> WeightsFile | None:
    """Return the first linked file that was inspected and holds the model's own tensors; None for
    builders that load weights by themselves, and for references that no code here spells."""
    if model.entry.builder.kind in ("timm", "torchvision"):
        return None
    for check in model.checks:
        address = str(check.claim.value)
        is_plain = web_address(address) or FILE.fullmatch(address)
        if check.claim.quantity == "weights" and check.verdict is Verdict.EXACT and is_plain:
            return WeightsFile(address, ships=is_embedded(model.entry.place))
    return None


def first_snippet(model: Model) -> str:
    """Return the few lines of code that the first screen shows; "" where none can be written,
    where the name builds another model, and where it is not known to build any."""
    if not model.built_by_name:
        return ""
    spec = model.input or model.entry.stated_input
    return brief(subject(model), spec, classifies=classifies_images(model.entry, model.input))


def code_snippets(model: Model) -> list[Snippet]:
    """Return code that uses the model: for a class of images all of it, else what runs and exports
    it; none where nothing says what the model takes, and where its name
    builds another model or is not known to build any."""
    if not model.built_by_name:
        return []
    if classifies_images(model.entry, model.input):
        return snippets(subject(model))
    spec = model.input or model.entry.stated_input
    return input_snippets(subject(model), spec) if spec else []


def evaluated_pipeline(model: Model) -> Mapping[str, Any] | None:
    """Return the preprocessing of the evaluation that judges an accuracy of the model; None
    without one."""
    documents = {document.cell.key: document.evaluation for document in model.evaluations}
    for check in model.checks:
        if check.claim.row.evaluated and check.finding.verdict not in UNKNOWN:
            evaluations = (documents.get(key) for key in check.finding.evidence)
            if own := next((item for item in evaluations if item and item.own), None):
                return own.preprocessing
    return None


def recipe(model: Model) -> list[tuple[str, Plain]]:
    """List how the model was trained: all Metadata of its entry that is no quantity, or one of the
    training."""
    return [
        (key, value)
        for key, value in model.entry.metadata.items()
        if ((row := find(key)) is None or row.key in TRAINING) and fold_key(key) not in NOT_RECIPE
    ]


def preprocessing(model: Model) -> list[tuple[str, Claim | None, object]]:
    """List the settings of the preprocessing: label, the index' claim, and the value of the
    pretrained configuration. Settings that neither states are omitted."""
    rows = []
    for label, quantity, key in PREPROCESSING:
        claim = model.entry.claim(quantity) if quantity else None
        configured = model.configuration.get(key)
        if claim or configured is not None:
            if key.endswith("input_size") and isinstance(configured, (list, tuple)):
                configured = "x".join(map(str, configured[-2:]))
            rows.append((label, claim, configured))
    return rows
