"""Load weights into the live model; tensors are assigned in the way that `zoo.weights.compare`
reports."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from zoo.evaluation.checkpoint_files import Weights, WeightsError
from zoo.model_index.records.records import Entry
from zoo.models import builders
from zoo.models.builders import BuiltModel
from zoo.weights.compare import COUNTERS, WRONG, WeightsComparison, filter_of, find_match
from zoo.weights.formats import Checkpoint
from zoo.weights.formats.dtypes import kind_of
from zoo.weights.live_tensors import LiveTensors, describe_model
from zoo.weights.local_files import read_file
from zoo.weights.values import LOADERS, State, load_values


def load_model(
    entry: Entry, weights: Weights, trusted: tuple[str, ...] = ()
) -> tuple[BuiltModel, WeightsComparison]:
    """Build the model on the CPU, load the weights, and report how they match.

    Raises:
        BuilderMissing, BuildError: the model cannot be built.
        WeightsError, Unreadable: the file cannot be read, or its tensors are not the model's.
    """
    contents = inspect_file(weights.file)
    match = find_match(
        contents.tensors,
        entry.builder,
        trusted,
        tied=contents.tied,
        ordered=contents.ordered,
    )
    fit = match.comparison
    if not fit.fits:
        counts = ", ".join(
            f"{fit.counts[kind]} {words}" for kind, words in WRONG.items() if fit.counts[kind]
        )
        matches = f"{fit.matched} of {fit.model} tensors of {entry.name} match"
        raise WeightsError(f"{weights.reference}: {matches}; {counts}")
    # Loaded only now that it is known to hold the model's tensors and no others.
    state = load_values(weights.file, contents)
    state |= {name: state[kept] for name, kept in contents.tied.items()}
    state = {match.names[name]: value for name, value in state.items() if name in match.names}
    built = builders.build_on_cpu(entry.builder, trusted)
    try:
        _assign(state, built, fit, filter_of(entry.builder) if fit.how == "filter" else None)
    except WeightsError as error:
        raise WeightsError(f"{weights.reference}: {error}") from None
    return built, fit


def inspect_file(path: Path) -> Checkpoint:
    """Read the names and shapes of a file's tensors, not their values.

    Raises:
        WeightsError: it cannot be read, or its format cannot be loaded.
        Unreadable, NeedsMore: it is no checkpoint.
    """
    try:
        contents = read_file(path)
    except OSError as error:
        raise WeightsError(f"{path}: {error.strerror or error}") from error
    if contents.format not in LOADERS:
        raise WeightsError(
            f"{path}: {contents.format} cannot be loaded; safetensors and torch files can"
        )
    return contents


def _assign(
    state: State,
    built: BuiltModel,
    fit: WeightsComparison,
    filter_fn: Callable[[State, Any], State] | None,
) -> None:
    """Put values under the model's names into the model.

    Raises:
        WeightsError: they are not the model's, which shapes and types alone do not show.
    """
    live = describe_model(built.model)
    try:
        state = filter_fn(state, built.model) if filter_fn else state
        _check_values(state, live)
        problems = built.model.load_state_dict(state, strict=False)
    except WeightsError:
        raise
    # What timm's filters raise, and what torch raises about a shape or an element type.
    except Exception as error:
        line = (str(error).splitlines() or [""])[-1].strip()
        raise WeightsError(f"cannot be loaded: {type(error).__name__}: {line}") from error
    missing = [
        name
        for name in problems.missing_keys
        if name in live.tensors
        and not name.endswith(COUNTERS)
        and not live.partners[name] & state.keys()
    ]
    if missing or problems.unexpected_keys:
        raise WeightsError(f"{len(missing)} missing, {len(problems.unexpected_keys)} unexpected")


def _check_values(state: State, live: LiveTensors) -> None:
    """Refuse values that loading would change: of two tensors that the model has as one, and
    fractions for integers."""
    for name, value in state.items():
        for partner in sorted(live.partners.get(name, frozenset()) & state.keys()):
            if state[partner].shape == value.shape and not torch.equal(state[partner], value):
                raise WeightsError(f"{name} and {partner} differ; the live model has them as one")
        integer = name in live.tensors and kind_of(live.tensors[name].dtype) == "integer"
        if integer and value.is_floating_point() and bool((value.double() % 1).any()):
            raise WeightsError(f"{name} has fractions; the live model has integers")
