"""Describe the checkpoint that a reference leads to: answer, size, digest, format and tensors.

A file whose size and ETag did not change is not read again. Of a remote file only the bytes that
list its tensors are read.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from zoo.model_index.errors import NoAnswer, Refused, Status, ZooError
from zoo.weights.formats import Checkpoint, NeedsMore, Tensor, merge_shards, read
from zoo.weights.http.client import Client
from zoo.weights.http.download import Progress, download, file_digest
from zoo.weights.http.response import Identity, RemoteFile
from zoo.weights.references import NoSource, WeightsSource, file_state, resolve_reference

ABSENT = frozenset((401, 403, 404))  # the Hub answers 401 for a file that does not exist
# Kinds of failure by type of error; the first that matches counts.
FAILURES: tuple[tuple[type[BaseException], str], ...] = (
    (NoSource, "elsewhere"),
    (Refused, "refused"),
    (Status, "status"),
    (NoAnswer, "no answer"),
    (BaseException, "unreadable"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectOptions:
    """How far an inspection may go.

    `offline` uses evidence only, `download` fetches whole files where that is necessary,
    `allow_hosts` lifts the check of addresses for these hosts, `cache` is the folder of downloads.
    `patience` bounds the seconds of repeating one request. `progress` gets a download's name, the
    bytes that have arrived, and the bytes in all.
    """

    offline: bool = False
    download: bool = False
    fresh: bool = False
    allow_hosts: tuple[str, ...] = ()
    cache: Path | None = None
    trusted: Collection[str] = ()
    flags: str = ""
    patience: float = 30.0
    progress: Callable[[str, int, int], None] | None = None


@dataclass(slots=True)
class CheckpointFacts:
    """What is known about one checkpoint, before it is compared with a model.

    `failure` is the kind of a failure, or empty. `unchanged` says that the previous values still
    hold.
    """

    values: dict[str, Any] = field(default_factory=dict)
    failure: str = ""
    error: str | None = None
    unchanged: bool = False

    @property
    def tensors(self) -> list[Tensor]:
        rows = self.values.get("tensors", ())
        return [Tensor(name, dtype, tuple(shape)) for name, dtype, shape in rows]


def describe_reference(
    text: str,
    folder: Path | None,
    client: Client,
    options: InspectOptions,
    previous: dict[str, Any] | None = None,
) -> CheckpointFacts:
    """Describe the checkpoint that a reference leads to; a failure is part of the facts.

    `previous` are the values of an earlier description.
    """
    facts = CheckpointFacts({"address": text})
    try:
        source = resolve_reference(text, folder)
        if source.file:
            _describe_local(source.file, facts, previous)
        else:
            _describe_remote(source, client, options, facts, previous)
    except NeedsMore as error:
        hint = "; such files cannot be read" if options.download else "; --download fetches it"
        facts.failure, facts.error = "needs more", f"{error}{hint}"
        facts.values["needs"] = error.bytes
    except (ZooError, OSError) as error:
        facts.failure = next(kind for types, kind in FAILURES if isinstance(error, types))
        facts.error = (
            str(error) if isinstance(error, ZooError) else f"{text}: {error.strerror or error}"
        )
    return facts


def _describe_local(path: Path, facts: CheckpointFacts, previous: dict[str, Any] | None) -> None:
    """Describe a file on this machine, with its digest."""
    size, state = file_state(path)
    stored = (previous.get("size"), previous.get("etag")) if previous else None
    if previous and stored == (size, state) and "failure" not in previous:
        facts.unchanged = True
        return
    facts.values |= {"size": size, "etag": state, "transferred": 0}
    facts.values |= {"sha256": file_digest(path), "sha256_by": "computed"}
    checkpoint = _read_file(path)
    shards = {name: _read_file(path.parent / name) for name in checkpoint.shards}
    _add_tensors(merge_shards(checkpoint, shards) if shards else checkpoint, facts)


def _read_file(path: Path) -> Checkpoint:
    with path.open("rb") as file:
        return read(file, path.stat().st_size, path.name)


def _describe_remote(
    source: WeightsSource,
    client: Client,
    options: InspectOptions,
    facts: CheckpointFacts,
    previous: dict[str, Any] | None,
) -> None:
    state = {key: (previous or {}).get(key) for key in ("size", "etag", "modified")}
    file = probe_first(source, client, Identity(**state))
    if previous and file.unchanged and "failure" not in previous:
        facts.unchanged = True
        return
    facts.values |= {
        "place": file.place,
        "size": file.size,
        "etag": file.etag,
        "modified": file.modified,
        "https": file.secure and file.url.startswith("https:"),
        "transferred": 0,
    }
    if file.sha256:
        facts.values |= {"sha256": file.sha256, "sha256_by": "stated by the host"}
    try:
        checkpoint = _read_remote(file, source.name, client, facts)
    except NeedsMore:
        if not options.download:
            raise
        copy = download(client, file, options.cache, _progress_of(source.name, options))
        facts.values |= {"sha256": copy.sha256, "sha256_by": "computed"}
        facts.values["transferred"] += file.size or 0
        checkpoint = _read_file(copy.path)
    _add_tensors(checkpoint, facts)


def _progress_of(name: str, options: InspectOptions) -> Progress | None:
    report = options.progress
    return (lambda length, size: report(name, length, size)) if report else None


def _read_remote(file: RemoteFile, name: str, client: Client, facts: CheckpointFacts) -> Checkpoint:
    """Read the tensors of a remote file, and of the shards that it lists."""
    size = file.size or 0
    if not file.ranges:
        reason = f"the server sends whole files only, {file.size} bytes"
        raise NeedsMore(f"{file.place}: {reason}", size)
    with client.open(file) as opened:
        try:
            checkpoint = read(opened, size, name)
        finally:
            facts.values["transferred"] += opened.transferred
    if not checkpoint.shards:
        return checkpoint
    shards = {}
    for shard in checkpoint.shards:
        remote = client.probe(urljoin(file.url, shard))
        shards[shard] = _read_remote(remote, shard, client, facts)
        facts.values["size"] = facts.values["size"] + (remote.size or 0)
    return merge_shards(checkpoint, shards)


def probe_first(
    source: WeightsSource, client: Client, previous: Identity | None = None
) -> RemoteFile:
    """Probe the addresses of a source, and return the first file that exists."""
    for address in source.addresses[:-1]:
        try:
            return client.probe(address, previous)
        except Status as error:
            if error.status not in ABSENT:
                raise
    return client.probe(source.addresses[-1], previous)


def _add_tensors(checkpoint: Checkpoint, facts: CheckpointFacts) -> None:
    facts.values |= {
        "format": checkpoint.format,
        "key": checkpoint.key,
        "notes": list(checkpoint.notes),
        "tensors": [
            [tensor.name, tensor.dtype, list(tensor.shape)] for tensor in checkpoint.tensors
        ],
    }
