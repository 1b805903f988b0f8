"""What stands on a model's page beside the claims: its trace, its settings, its recipe, its results and its code."""

from typing import Any

from markupsafe import Markup

from model_index.nodes import Plain, folded
from model_index.quantities import find
from model_index.records import Claim
from reporting.block import block
from reporting.checkpoints import checkpoints
from reporting.evaluated import evaluated
from reporting.snippets import Recipe, Subject, snippets
from reporting.traced import by_class, by_module
from reporting.view import Catalogue, Check, Model
from reporting.why import whys

NOT_RECIPE = ("architecture", "tasks")  # said elsewhere on the page
PREPROCESSING = (
    ("Image size", "image_size", "input_size"),
    ("Image size for testing", None, "test_input_size"),
    ("Crop fraction", "crop_pct", "crop_pct"),
    ("Crop fraction for testing", None, "test_crop_pct"),
    ("Crop mode", "crop_mode", "crop_mode"),
    ("Interpolation", "interpolation", "interpolation"),
    ("Mean", "mean", "mean"),
    ("Standard deviation", "std", "std"),
    ("Classes", None, "num_classes"),
)


def context(catalogue: Catalogue, model: Model) -> dict[str, Any]:
    """What the template of a model's page needs beyond the model."""
    trace = model.trace
    return {
        "whys": whys(model),
        "checkpoints": checkpoints(model),
        "evaluations": evaluated(model),
        "operators": by_class(trace) if trace else [],
        "modules": by_module(trace, model.parts) if trace else [],
        "unused": sum(part.parameters for part in model.parts if not part.ran),
        "preprocessing": preprocessing(model),
        "recipe": recipe(model),
        "results": _results(model),
        "snippets": snippets(subject(model)),
        "block": Markup(block(catalogue.zoo.index, model.entry)),
    }


def subject(model: Model) -> Subject:
    """What code about the model names: where it was built, the exact model with its pretrained tag."""
    builder = model.entry.builder
    resolved = model.values.get("resolved", "")
    name = resolved if builder.kind == "timm" and resolved.split(".")[0] == builder.name.split(".")[0] else builder.name
    return Subject(builder, name, Recipe.of(model.entry, model.configuration))


def recipe(model: Model) -> list[tuple[str, Plain]]:
    """How the model was trained, as the index has it: what is in its Metadata and is no quantity."""
    return [(k, v) for k, v in model.entry.metadata.items() if not find(k) and folded(k) not in NOT_RECIPE]


def preprocessing(model: Model) -> list[tuple[str, Claim | None, object]]:
    """Name, what the index claims, and what the pretrained configuration says; rows that nobody states are left out."""
    rows = []
    for name, quantity, key in PREPROCESSING:
        claim = model.entry.claim(quantity) if quantity else None
        configured = model.configuration.get(key)
        if claim or configured is not None:
            if key.endswith("input_size") and isinstance(configured, (list, tuple)):
                configured = "x".join(map(str, configured[-2:]))
            rows.append((name, claim, configured))
    return rows


def _results(model: Model) -> dict[str, Any] | None:
    """Accuracies by quantity and data set in rows, by publisher in columns."""
    rows: dict[tuple[str, str], dict[str, Check]] = {}
    publishers: dict[str, str | None] = {}
    for check in model.checks:
        if check.claim.row.metric:
            name = check.claim.row.label, check.claim.dataset or ""
            rows.setdefault(name, {}).setdefault(check.claim.publisher, check)
            publishers[check.claim.publisher] = check.claim.source
    return {"rows": rows, "publishers": publishers} if rows else None
