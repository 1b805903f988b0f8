"""What stands on a model's page beside the claims: its trace, its settings, its recipe, its results
and its code."""

import json
import math
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from zoo.model_index.dialects import openmmlab
from zoo.model_index.quantities.table import BY_KEY, find
from zoo.model_index.quantities.value import agrees
from zoo.model_index.records.fields import Plain, fold_key
from zoo.model_index.records.records import Claim
from zoo.reporting.i18n.fields import paragraphs_of
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.snippets.commands import commands
from zoo.reporting.snippets.snippets import Recipe, Snippet, Subject, literal, snippets
from zoo.reporting.text.yaml_block import block
from zoo.reporting.views.catalogue import Catalogue, Check, Family, Model
from zoo.reporting.views.checkpoints import checkpoints
from zoo.reporting.views.evaluations import evaluated
from zoo.reporting.views.hypotheses import whys
from zoo.reporting.views.stages import stages
from zoo.reporting.views.trace_summary import by_class

NOT_RECIPE = ("architecture", "tasks")  # said elsewhere on the page
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


def context(catalogue: Catalogue, model: Model) -> dict[str, Any]:
    """What the template of a model's page needs beyond the model."""
    trace, about = model.trace, subject(model)
    collection = catalogue.zoo.index.collection(model.entry.collection)
    text = block(catalogue.zoo.index, model.entry)
    return {
        "whys": whys(model),
        "documented": {document.cell.key for document in model.documents},
        "checkpoints": checkpoints(model),
        "evaluations": evaluated(model),
        "operators": by_class(trace) if trace else [],
        "stages": stages(trace, model.parts) if trace else [],
        "layer_words": json.dumps(_layer_words(), ensure_ascii=False) if trace else "",
        "held": _held(model),
        "preprocessing": preprocessing(model),
        "recipe": recipe(model),
        "results": _results(model),
        "snippets": snippets(about),
        "commands": commands(model.entry),
        "code_name": literal(about.name),
        "description": paragraphs_of(model.entry, collection, "How It Works"),
        "limitations": paragraphs_of(model.entry, collection, "Limitations"),
        "intended": paragraphs_of(model.entry, collection, "Intended Use"),
        "block": Markup(text),
        "block_text": text.removeprefix("<!--\n").removesuffix("\n-->"),
    }


def _held(model: Model) -> dict[str, int]:
    """Numbers that are trained, those that are kept beside them, and parameters of modules that do
    not run."""
    parts = model.parts
    return {
        "trainable": sum(part.trainable for part in parts),
        "buffers": sum(part.buffers for part in parts),
        "unused": sum(part.parameters for part in parts if not part.ran),
    }


def _layer_words() -> dict[str, object]:
    """What the table of layers says once it is loaded."""
    return {
        "label": _("Layer by layer"),
        "itself": _("the model itself"),
        "failed": _("The layers could not be loaded: %(reason)s"),
        "columns": [
            _("Layer"), _("Type"), _("Calls"), _("Multiply-adds"), _("Share in percent"), _("Parameters"),
            _("Elements read"), _("Elements written"),
        ],
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Starter:
    """Where a reader of a family begins: its smallest model that code can be written for, on an
    image."""

    model: Model
    snippet: Snippet


def starter(family: Family) -> Starter | None:
    """None for a family that no code can be written for."""
    by_size = sorted(family.models, key=lambda model: model.parameters or math.inf)
    made = ((model, snippets(subject(model))) for model in by_size)
    return next((Starter(model, found[0]) for model, found in made if found), None)


def subject(model: Model) -> Subject:
    """What code about the model names: where it was built, the exact model with its pretrained
    tag."""
    builder = model.entry.builder
    resolved = model.values.get("resolved", "")
    name = (
        resolved
        if builder.kind == "timm" and resolved.split(".")[0] == builder.name.split(".")[0]
        else builder.name
    )
    recipe = Recipe.of(model.entry, model.configuration)
    return Subject(builder, name, recipe, pretrained=not openmmlab.theirs(model.entry))


def recipe(model: Model) -> list[tuple[str, Plain]]:
    """How the model was trained, as the index has it: what is in its Metadata and is no
    quantity."""
    return [
        (k, v)
        for k, v in model.entry.metadata.items()
        if not find(k) and fold_key(k) not in NOT_RECIPE
    ]


def preprocessing(model: Model) -> list[tuple[str, Claim | None, object]]:
    """Name, what the index claims, and what the pretrained configuration says; rows that nobody
    states are left out."""
    rows = []
    for name, quantity, key in PREPROCESSING:
        claim = model.entry.claim(quantity) if quantity else None
        configured = model.configuration.get(key)
        if claim or configured is not None:
            if key.endswith("input_size") and isinstance(configured, (list, tuple)):
                configured = "x".join(map(str, configured[-2:]))
            rows.append((name, claim, configured))
    return rows


@dataclass(frozen=True, slots=True)
class Beside:
    """One quantity on one data set, by publisher; `agree` is None where only one states it."""

    label: str
    dataset: str
    found: dict[str, Check]
    agree: bool | None


def _results(model: Model) -> dict[str, Any] | None:
    """What several publishers state, and every accuracy: quantities in rows, publishers in
    columns."""
    rows: dict[tuple[str, str], dict[str, Check]] = {}
    for check in model.checks:
        if check.claim.row.check not in ("benchmark", "builder", "checkpoint"):
            name = check.claim.quantity, check.claim.dataset or ""
            rows.setdefault(name, {}).setdefault(check.claim.publisher, check)
    shown = {
        name: found for name, found in rows.items() if len(found) > 1 or BY_KEY[name[0]].metric
    }
    publishers = {
        c.claim.publisher: c.claim.source for found in shown.values() for c in found.values()
    }
    made = [
        Beside(_(BY_KEY[key].label), data, found, _agree(found))
        for (key, data), found in shown.items()
    ]
    return {"rows": made, "publishers": publishers} if made else None


def _agree(found: dict[str, Check]) -> bool | None:
    """Whether all state one value, to the digits of the one that is printed most coarsely."""
    if len(found) < 2:
        return None
    claims = sorted(
        (c.claim for c in found.values()), key=lambda c: c.parsed.step or 0, reverse=True
    )
    return all(agrees(claims[0].parsed, claim.value) for claim in claims[1:])
