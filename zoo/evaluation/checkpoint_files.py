"""Find the file of the weights to evaluate: that of the user, of the index, or of the Hub.

Weights are downloaded only with `--download`. Nothing here imports torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from zoo.model_index.errors import UsageError, ZooError
from zoo.model_index.records.records import Entry
from zoo.models import builders
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
    choice = _choose(entry, configuration, explicit, client is not None)
    return replace(_obtain(*choice, client), explicit=explicit is not None)


def check_weights(entry: Entry, explicit: str | None, *, download: bool) -> None:
    """Refuse an entry of which index and file names alone say that it has no weights here.

    Raises:
        UsageError, NoSource: as `find_weights`.
    """
    if explicit or entry.links or not download:
        _choose(entry, {}, explicit, download)


def _choose(
    entry: Entry, configuration: Mapping[str, object], explicit: str | None, download: bool
) -> tuple[str, WeightsSource]:
    """Return the reference to the weights, and where it leads."""
    if explicit is not None:
        return explicit, _require_file(explicit, resolve_reference(explicit), download)
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
    if usable := [*local, *(candidates if download else [])]:
        return usable[0]
    remote = [f"{reference} is an address: add --download" for reference, _ in candidates]
    reasons = [*remote, *missing] or [_explain_none(entry, download)]
    raise UsageError(f"{entry.name}: no local weights: {'; '.join(reasons)}")


def _explain_none(entry: Entry, download: bool) -> str:
    reason = "the index names none; give a file with --weights FILE"
    published = entry.builder.kind == "timm" and not download
    return f"{reason}, or add --download for those of timm" if published else reason


def _require_file(reference: str, source: WeightsSource, download: bool) -> WeightsSource:
    if source.file is None and not download:
        raise UsageError(f"{reference} is an address: add --download")
    return source


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
    if location.file or client is None:
        file = _require_file(reference, location, download=False).file
        assert file is not None
        weights = Weights(reference, file, file_digest(file))
    else:
        cached = download(client, probe_first(location, client))
        weights = Weights(reference, cached.path, cached.sha256)
    stated = stated_digest(reference, weights.sha256)
    if stated and not weights.sha256.startswith(stated):
        actual = weights.sha256[: len(stated)]
        raise WeightsError(f"{reference}: its name says SHA-256 {stated}, the file has {actual}")
    return weights
