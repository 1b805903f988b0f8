"""The weights that are evaluated: which ones, are they at hand, and into the live model with them.

An index names weights, and its addresses are followed with `download` only. The file's tensors are
put into the model the way `zoo.weights.compare` found that they fit: by name, after timm's own
filter, or in their order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from zoo.model_index.errors import UsageError, ZooError
from zoo.model_index.records.records import Entry
from zoo.models import builders
from zoo.models.builders import Built
from zoo.weights.compare import WeightsComparison, compare, filter_of, unwrapped
from zoo.weights.formats import Checkpoint, read
from zoo.weights.http.client import Client
from zoo.weights.http.download import download
from zoo.weights.inspect import digest, first_answer
from zoo.weights.references import (
    NoSource,
    WeightsSource,
    index_folder,
    resolve_reference,
    stated_digest,
)

State = dict[str, torch.Tensor]


class WeightsError(ZooError):
    """Weights that cannot be read, or that do not fit the model."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A checkpoint on this machine: its reference, the file, and the SHA-256 of its bytes. `named`
    is one that a person named, whatever the index says."""

    reference: str
    file: Path
    sha256: str
    named: bool = False


def find_weights(
    entry: Entry, configuration: Mapping[str, object], named: str | None, client: Client | None
) -> Weights:
    """The weights to evaluate: those a person named, else the first of the index that is at hand,
    else the Hub's of the pretrained configuration. `client` fetches what is not at hand; None
    fetches nothing.

    Raises:
        UsageError: none is at hand and nothing may be fetched.
        WeightsError, NoSource, RemoteError, CacheError: they cannot be had.
    """
    if named is not None:
        return replace(_locate(named, resolve_reference(named), client), named=True)
    found, missing = [], []
    for link in entry.links:
        try:
            found.append(
                (link.raw.strip(), resolve_reference(link.raw.strip(), index_folder(link)))
            )
        except NoSource as error:
            missing.append(str(error))
    if not entry.links and (hub := configuration.get("hf_hub_id")):
        found.append((f"hf:{hub}", resolve_reference(f"hf:{hub}")))
    at_hand = [pair for pair in found if pair[1].file]
    if chosen := next(iter([*at_hand, *(found if client else [])]), None):
        return _locate(*chosen, client)
    waiting = [f"{text} is an address, --download fetches it" for text, _ in found]
    why = "; ".join([*waiting, *missing]) or "the index names none; --weights FILE names some"
    raise UsageError(f"{entry.name}: no weights at hand: {why}")


def pretrained_configuration(
    entry: Entry, named: str | None, trusted: tuple[str, ...] = ()
) -> Mapping[str, object]:
    """What `find_weights` needs of the pretrained configuration: nothing where a person or the index names
    weights.

    Raises:
        BuilderMissing, BuildError: as `zoo.models.builders.build`.
    """
    return {} if named or entry.links else builders.build(entry.builder, trusted).configuration


def _locate(text: str, where: WeightsSource, client: Client | None) -> Weights:
    if where.file:
        with where.file.open("rb") as file:
            weights = Weights(text, where.file, digest(file))
    elif client is None:
        raise UsageError(f"{text} is an address; --download fetches it")
    else:
        kept = download(client, first_answer(where, client))
        weights = Weights(text, kept.path, kept.sha256)
    stated = stated_digest(text)
    if stated and not weights.sha256.startswith(stated):
        raise WeightsError(
            f"{text}: its name says SHA-256 {stated}, the file has {weights.sha256[: len(stated)]}"
        )
    return weights


def load_model(
    entry: Entry, weights: Weights, trusted: tuple[str, ...] = ()
) -> tuple[Built, WeightsComparison]:
    """The live model on the CPU with these weights, in evaluation mode, and how they fitted.

    Raises:
        BuilderMissing, BuildError: the model cannot be built.
        WeightsError: the file cannot be read, or its tensors are not the model's.
    """
    found = inspect_file(weights.file)
    fit = compare(found.tensors, entry.builder, trusted)
    if not fit.fits:
        counts = ", ".join(f"{number} {kind}" for kind, number in fit.counts.items() if number)
        raise WeightsError(
            f"{weights.reference}: {fit.matched} of {fit.model} tensors of {entry.name} match; {counts}"
        )
    state = read_state_dict(
        weights.file, found
    )  # not before it is known to hold the model's tensors and no others
    built = builders.initialised(entry.builder, trusted)
    fitted = ARRANGE[fit.how](
        {unwrapped(name): value for name, value in state.items()}, built, entry
    )
    problems = built.model.load_state_dict(fitted, strict=False)
    missing = [name for name in problems.missing_keys if not name.endswith("num_batches_tracked")]
    if missing or problems.unexpected_keys:
        raise WeightsError(
            f"{weights.reference}: {len(missing)} missing, {len(problems.unexpected_keys)} unexpected"
        )
    return built, fit


def inspect_file(path: Path) -> Checkpoint:
    """What a file holds, without building any of it.

    Raises:
        WeightsError: it cannot be read, or is of a format that is not loaded.
        Unreadable, NeedsMore: it is no checkpoint.
    """
    try:
        with path.open("rb") as file:
            found = read(file, path.stat().st_size, path.name)
    except OSError as error:
        raise WeightsError(f"{path}: {error.strerror or error}") from error
    if found.shards or not found.format.startswith(tuple(LOADERS)):
        raise WeightsError(
            f"{path}: {found.format} is inspected, not loaded; safetensors and torch's files are"
        )
    return found


def read_state_dict(path: Path, found: Checkpoint) -> State:
    """The tensors of a safetensors or torch file that was described; nothing in the file is
    executed.

    Raises:
        WeightsError: it cannot be loaded.
    """
    try:
        state = LOADERS[found.format.split()[0]](path)
        if found.key:
            state = state[found.key]
        return {name: value for name, value in state.items() if isinstance(value, torch.Tensor)}
    except (OSError, RuntimeError, KeyError, ValueError, AttributeError) as error:
        raise WeightsError(f"{path}: {type(error).__name__}: {error}") from error


def _safetensors(path: Path) -> dict:
    from safetensors.torch import load_file

    return load_file(path)


def _torch(path: Path) -> dict:
    return torch.load(path, map_location="cpu", weights_only=True)


LOADERS: dict[str, Callable[[Path], dict]] = {"safetensors": _safetensors, "torch": _torch}


def _by_name(state: State, built: Built, entry: Entry) -> State:
    return state


def _filtered(state: State, built: Built, entry: Entry) -> State:
    filter_fn = filter_of(entry.builder)
    assert filter_fn is not None  # comparing found that it fits
    return filter_fn(state, built.model)


def _ordered(state: State, built: Built, entry: Entry) -> State:
    return dict(zip(built.model.state_dict(), state.values(), strict=True))


ARRANGE: dict[str, Callable[[State, Built, Entry], State]] = {
    "names": _by_name,
    "filter": _filtered,
    "order": _ordered,
}
