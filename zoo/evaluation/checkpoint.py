"""Find the weights to evaluate and load them into the live model.

An index names weights; they are downloaded only with `--download`. Tensors are assigned in the way
that `zoo.weights.compare` reports: by name, after timm's own filter, or in their order.
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
from zoo.weights.compare import WeightsComparison, compare, filter_of, remove_wrappers
from zoo.weights.formats import Checkpoint, read
from zoo.weights.http.client import Client
from zoo.weights.http.download import download, file_digest
from zoo.weights.references import (
    NoSource,
    WeightsSource,
    index_folder,
    resolve_reference,
    stated_digest,
)
from zoo.weights.remote_files import probe_first

State = dict[str, torch.Tensor]


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
    if not entry.links and (hub := configuration.get("hf_hub_id")):
        candidates.append((f"hf:{hub}", resolve_reference(f"hf:{hub}")))
    local = [candidate for candidate in candidates if candidate[1].file]
    if usable := [*local, *(candidates if client else [])]:
        return _obtain(*usable[0], client)
    remote = [f"{reference} is an address: add --download" for reference, _ in candidates]
    reasons = [*remote, *missing] or ["the index names none; give a file with --weights FILE"]
    raise UsageError(f"{entry.name}: no local weights: {'; '.join(reasons)}")


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
    stated = stated_digest(reference)
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
        WeightsError: the file cannot be read, or its tensors are not the model's.
    """
    contents = inspect_file(weights.file)
    fit = compare(contents.tensors, entry.builder, trusted)
    if not fit.fits:
        counts = ", ".join(f"{number} {kind}" for kind, number in fit.counts.items() if number)
        matches = f"{fit.matched} of {fit.model} tensors of {entry.name} match"
        raise WeightsError(f"{weights.reference}: {matches}; {counts}")
    # Loaded only now that it is known to hold the model's tensors and no others.
    state = read_state_dict(weights.file, contents)
    built = builders.build_on_cpu(entry.builder, trusted)
    plain = {remove_wrappers(name): tensor for name, tensor in state.items()}
    problems = built.model.load_state_dict(ARRANGE[fit.how](plain, built, entry), strict=False)
    missing = [name for name in problems.missing_keys if not name.endswith("num_batches_tracked")]
    unexpected = problems.unexpected_keys
    if missing or unexpected:
        raise WeightsError(
            f"{weights.reference}: {len(missing)} missing, {len(unexpected)} unexpected"
        )
    return built, fit


def inspect_file(path: Path) -> Checkpoint:
    """Read the names and shapes of a file's tensors, not their values.

    Raises:
        WeightsError: it cannot be read, or its format cannot be loaded.
        Unreadable, NeedsMore: it is no checkpoint.
    """
    try:
        with path.open("rb") as file:
            contents = read(file, path.stat().st_size, path.name)
    except OSError as error:
        raise WeightsError(f"{path}: {error.strerror or error}") from error
    if contents.shards or not contents.format.startswith(tuple(LOADERS)):
        raise WeightsError(
            f"{path}: {contents.format} cannot be loaded; safetensors and torch files can"
        )
    return contents


def read_state_dict(path: Path, contents: Checkpoint) -> State:
    """Load the tensors of a safetensors or torch file; no code in the file is executed.

    Raises:
        WeightsError: it cannot be loaded.
    """
    try:
        state = LOADERS[contents.format.split()[0]](path)
        if contents.key:
            state = state[contents.key]
        return {name: item for name, item in state.items() if isinstance(item, torch.Tensor)}
    except (OSError, RuntimeError, KeyError, ValueError, AttributeError) as error:
        raise WeightsError(f"{path}: {type(error).__name__}: {error}") from error


def _load_safetensors(path: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(path)


def _load_torch(path: Path) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


LOADERS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "safetensors": _load_safetensors,
    "torch": _load_torch,
}


def _keep_names(state: State, built: BuiltModel, entry: Entry) -> State:
    return state


def _apply_filter(state: State, built: BuiltModel, entry: Entry) -> State:
    filter_fn = filter_of(entry.builder)
    assert filter_fn is not None  # `compare` has found that it fits
    filtered: State = filter_fn(state, built.model)
    return filtered


def _assign_in_order(state: State, built: BuiltModel, entry: Entry) -> State:
    return dict(zip(built.model.state_dict(), state.values(), strict=True))


ARRANGE: dict[str, Callable[[State, BuiltModel, Entry], State]] = {
    "names": _keep_names,
    "filter": _apply_filter,
    "order": _assign_in_order,
}
