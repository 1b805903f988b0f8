"""Find the weights to evaluate and load them into the live model.

An index names weights; they are downloaded only with `--download`. Tensors are assigned in the way
that `zoo.weights.compare` reports.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from zoo.model_index.errors import UsageError, ZooError
from zoo.model_index.records.records import Entry
from zoo.models import builders
from zoo.models.builders import BuiltModel
from zoo.weights.compare import COUNTERS, WRONG, WeightsComparison, filter_of, find_match
from zoo.weights.formats import Checkpoint
from zoo.weights.formats.dtypes import kind_of
from zoo.weights.http.client import Client
from zoo.weights.http.download import download, file_digest
from zoo.weights.live_tensors import LiveTensors, describe_model
from zoo.weights.local_files import read_file
from zoo.weights.references import (
    NoSource,
    WeightsSource,
    index_folder,
    resolve_reference,
    stated_digest,
)
from zoo.weights.remote_files import probe_first
from zoo.weights.values import LOADERS, State, load_values


class WeightsError(ZooError):
    """Weights that cannot be read, or that do not fit the model."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A checkpoint on this machine.

    reference  the path, address or `hf:` reference that names it
    sha256     of the file's bytes
    explicit   whether the user named it, instead of the index
    """

    reference: str
    file: Path
    sha256: str
    explicit: bool = False


def find_weights(
    entry: Entry, configuration: Mapping[str, object], explicit: str | None, client: Client | None
) -> Weights:
    """Find the weights to evaluate.

    The user's `explicit` choice comes first, then the first of the index that is a local file, then
    the Hub's weights of the pretrained configuration. `client` downloads; None downloads nothing.

    Raises:
        UsageError: there is no local file and nothing may be downloaded.
        WeightsError, NoSource, RemoteError, CacheError: the weights cannot be had.
    """
    if explicit is not None:
        return replace(_obtain(explicit, resolve_reference(explicit), client), explicit=True)
    candidates, missing = [], []
    for link in entry.links:
        reference = link.raw.strip()
        try:
            candidates.append((reference, resolve_reference(reference, index_folder(link))))
        except NoSource as error:
            missing.append(str(error))
    if not entry.links and (hub := hub_reference(configuration)):
        candidates.append((hub, resolve_reference(hub)))
    local = [candidate for candidate in candidates if candidate[1].file]
    if usable := [*local, *(candidates if client else [])]:
        return _obtain(*usable[0], client)
    remote = [f"{reference} is an address: add --download" for reference, _ in candidates]
    reasons = [*remote, *missing] or ["the index names none; give a file with --weights FILE"]
    raise UsageError(f"{entry.name}: no local weights: {'; '.join(reasons)}")


def hub_reference(configuration: Mapping[str, object]) -> str:
    """Return the Hub's weights of a pretrained configuration, as a reference; empty without any."""
    hub = configuration.get("hf_hub_id")
    return f"hf:{hub}" if hub else ""


def list_pretrained(configuration: Mapping[str, object]) -> list[str]:
    """List the references to the weights of a pretrained configuration: the Hub's, an address."""
    names = (hub_reference(configuration), str(configuration.get("url") or ""))
    return [name for name in names if name]


def pretrained_configuration(
    entry: Entry, explicit: str | None, trusted: tuple[str, ...] = ()
) -> Mapping[str, object]:
    """The pretrained configuration, empty where the user or the index names weights.

    Raises:
        BuilderMissing, BuildError: as `zoo.models.builders.build`.
    """
    return {} if explicit or entry.links else builders.build(entry.builder, trusted).configuration


def _obtain(reference: str, location: WeightsSource, client: Client | None) -> Weights:
    """Hash a local file or download it, and compare with the digest in its name."""
    if location.file:
        weights = Weights(reference, location.file, file_digest(location.file))
    elif client is None:
        raise UsageError(f"{reference} is an address: add --download")
    else:
        cached = download(client, probe_first(location, client))
        weights = Weights(reference, cached.path, cached.sha256)
    stated = stated_digest(reference, weights.sha256)
    if stated and not weights.sha256.startswith(stated):
        actual = weights.sha256[: len(stated)]
        raise WeightsError(f"{reference}: its name says SHA-256 {stated}, the file has {actual}")
    return weights


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
