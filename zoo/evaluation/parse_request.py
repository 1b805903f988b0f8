"""Parse a request to evaluate: from plain data to the options of an evaluator."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.evaluation.request import EvalRequest
from zoo.models.command_line import flags_of, flags_of_code, flags_of_values

if TYPE_CHECKING:
    from zoo.evaluation.distributed import Ranks
    from zoo.evaluation.inference import Setup
    from zoo.evaluation.options import EvaluationOptions


def options_of(request: EvalRequest, ranks: "Ranks") -> "EvaluationOptions":
    """Return the evaluator's options, with the flags that reproduce an evaluation."""
    from zoo.evaluation.options import EvaluationOptions

    setup = _setup(request, ranks)
    return EvaluationOptions(
        setup=setup,
        data=request.data,
        split=request.split,
        root=_path(request.root),
        dataset=request.dataset,
        conditions=parse_conditions(request.condition),
        class_map=_path(request.class_map),
        class_folder=parse_class_folder(request.class_folder),
        labels=request.labels,
        weights=request.weights,
        seed=request.seed,
        limit=request.limit,
        check=request.check,
        tolerance=parse_tolerance(request.tolerance),
        level=parse_confidence(request.confidence),
        sensitivity=request.sensitivity,
        fresh=request.fresh,
        trusted=request.trust,
        flags=_flags(request, setup.device.type),
    )


def parse_conditions(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return name and value of each condition of the data.

    Raises:
        UsageError: not NAME=VALUE, or a name that claims do not have.
    """
    from zoo.evaluation.claim_scope import CONDITIONS
    from zoo.model_index.errors import UsageError

    pairs = [tuple(part.strip() for part in text.partition("=")[::2]) for text in texts]
    for text, (name, value) in zip(texts, pairs, strict=True):
        if name not in CONDITIONS or not value:
            names = ", ".join(f"{row}=VALUE" for row in CONDITIONS)
            raise UsageError(f"--condition: expected {names}, got {text!r}")
    return tuple((name, value) for name, value in pairs)


def parse_class_folder(text: str | None) -> str | None:
    """Return the checked value of --class-folder.

    Raises:
        UsageError: it is neither `outer` nor `inner`.
    """
    from zoo.model_index.errors import UsageError

    if text not in (None, "outer", "inner"):
        raise UsageError(f"--class-folder: expected outer or inner, got {text!r}")
    return text


def parse_confidence(confidence: float) -> float:
    """Return the probability of being wrong.

    Raises:
        UsageError: not between 0 and 1.
    """
    from zoo.model_index.errors import UsageError

    if not 0 < confidence < 1:
        raise UsageError(
            f"--confidence: expected a number between 0 and 1 such as 0.99, got {confidence}"
        )
    return round(1 - confidence, 12)


def parse_tolerance(text: str) -> Decimal:
    """Return the tolerance in percentage points.

    Raises:
        UsageError: no number from 0 to 100.
    """
    from zoo.model_index.errors import UsageError

    try:
        points = Decimal(text)
    except InvalidOperation:
        points = Decimal(-1)
    if not points.is_finite() or not 0 <= points <= 100:
        raise UsageError(
            f"--tolerance: expected points between 0 and 100 such as 0.5, got {text!r}"
        )
    return points


def _setup(request: EvalRequest, ranks: "Ranks") -> "Setup":
    """Return device, precision, batch size and workers, with `auto` resolved.

    Raises:
        UsageError: a device that is not there.
    """
    import torch

    from zoo.evaluation.inference import Setup, select_device

    device = request.device
    if device == "auto" and torch.cuda.is_available():
        device = "cuda"
    elif device == "auto":
        device = "mps" if torch.backends.mps.is_available() else "cpu"
    selected = select_device(device, ranks.local)
    return Setup(selected, request.precision, request.batch_size, request.workers)


def _flags(request: EvalRequest, device: str) -> str:
    names = (
        "data",
        "split",
        "root",
        "dataset",
        "class_map",
        "class_folder",
        "labels",
        "weights",
        "device",
        "precision",
        "batch_size",
        "seed",
    )
    values = {name: getattr(request, name) for name in names} | {"device": device}
    stated = {f"--{name.replace('_', '-')}": value for name, value in values.items()}
    return flags_of_values(stated) + flags_of(
        ("--condition", request.condition),
        *flags_of_code(request.index, request.trust),
    )


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
