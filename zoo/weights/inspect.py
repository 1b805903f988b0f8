"""From the weights that an index names to evidence: what the ledger has is asked for again, what it
lacks is read.

An unchanged file (same size and ETag) is not read again; it is only seen. All files are asked for
at once, a few at a time from each host; comparing with the live model comes after, one model after
the other.
"""

import hashlib
import shlex
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urljoin

import msgspec

from zoo.model_index.errors import LedgerError, NoAnswer, Refused, Status, ZooError
from zoo.model_index.ledger.store import Cell, Evidence, Ledger, Outcome
from zoo.model_index.records.records import Entry
from zoo.models import builders, environment
from zoo.models.cells import weights_cell
from zoo.weights.compare import compare
from zoo.weights.formats import Checkpoint, NeedsMore, Tensor, merged, read
from zoo.weights.http.client import Client
from zoo.weights.http.download import download
from zoo.weights.http.response import Identity, RemoteFile
from zoo.weights.references import (
    NoSource,
    WeightsSource,
    file_state,
    index_folder,
    local_file,
    resolve_reference,
)

AT_ONCE = 8  # files that are read at the same time
CHUNK = 1 << 20
ABSENT = frozenset((401, 403, 404))  # the Hub answers 401 for a file that is not there
Watch = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectOptions:
    """How far inspecting may go: `offline` uses evidence only, `download` fetches whole files where
    that is needed, `allow_hosts` lifts the check of addresses for these hosts, `cache` is where
    downloads are kept."""

    offline: bool = False
    download: bool = False
    fresh: bool = False
    allow_hosts: tuple[str, ...] = ()
    cache: Path | None = None
    trusted: Collection[str] = ()
    flags: str = ""
    patience: float = 30.0  # seconds of asking again in all, for each question
    progress: Callable[[str, int, int], None] | None = (
        None  # a download's name, bytes done and bytes in all
    )


@dataclass(slots=True)
class Read:
    """What was learned about one source, before it is compared with a model."""

    values: dict[str, Any] = field(default_factory=dict)
    kind: str = ""  # of the failure, "" where there is none
    error: str | None = None

    @property
    def tensors(self) -> list[Tensor]:
        return [
            Tensor(name, dtype, tuple(shape))
            for name, dtype, shape in self.values.get("tensors", ())
        ]


class Inspector:
    """Answers weights cells from a ledger and, unless offline, by looking at the files."""

    def __init__(self, ledger: Ledger, options: InspectOptions = InspectOptions()):
        self.ledger, self.options = ledger, options
        self.evidence: dict[str, Evidence] = {}
        self.unkept: list[tuple[Evidence, str]] = []  # what the ledger could not take, and why
        self.looked = self.unchanged = self.transferred = 0

    def inspect(
        self, entries: Iterable[Entry], watch: Watch = lambda name: None, *, local: bool = False
    ) -> None:
        """Look at all weights of these entries, or at those only that are files here; the ledger
        has them then."""
        if self.options.offline:
            return
        links = [
            (entry, link)
            for entry in entries
            for link in entry.links
            if not local or local_file(link)
        ]
        found = [(entry, link, weights_cell(entry, link)) for entry, link in links]
        wanted = [one for one in found if self._may_be_told(one[2])]
        known = [None if self.options.fresh else self.ledger.get(cell) for *_, cell in wanted]
        with (
            Client(self.options.allow_hosts, patience=self.options.patience) as client,
            ThreadPoolExecutor(AT_ONCE) as pool,
        ):
            jobs = [
                pool.submit(
                    look,
                    link.raw.strip(),
                    index_folder(link),
                    client,
                    self.options,
                    old.values if old else None,
                )
                for (_, link, _), old in zip(wanted, known, strict=True)
            ]
            for (entry, _, cell), old, job in zip(wanted, known, jobs, strict=True):
                watch(entry.name)
                self._keep(entry, cell, old, job.result())

    def _keep(self, entry: Entry, cell: Cell, old: Evidence | None, found: Read) -> None:
        self.looked += 1
        self.transferred += found.values.get("transferred", 0)
        if found.kind == "elsewhere":  # nothing was learned: another machine may know more
            return
        now = datetime.now(UTC).isoformat(timespec="seconds")
        known = {key: value for key, value in old.values.items() if key != "lost"} if old else {}
        if old and found.values.pop("unchanged", False):
            self.unchanged += 1
            evidence = msgspec.structs.replace(old, values=known | {"seen": now})
        elif (
            old and old.outcome == "measured" and found.kind == "no answer"
        ):  # what was learned before stays
            evidence = msgspec.structs.replace(old, values=known | {"lost": found.error})
        else:
            values = found.values | {"seen": now}
            if found.error is None and found.tensors:
                values["comparison"] = self._compared(entry, found.tensors)
            outcome: Outcome = "failed" if found.error else "measured"
            values |= {"failure": found.kind} if found.kind else {}
            evidence = Evidence(
                cell=cell, outcome=outcome, values=values, error=found.error, environment=environment.describe(),
                command=f"zoo verify {shlex.quote(entry.name)}{self.options.flags} --weights --fresh", started_at=now,
            )  # fmt: skip
        self.evidence[cell.key] = evidence
        try:
            self.ledger.put(evidence)
        except LedgerError as error:
            self.unkept.append((evidence, str(error)))

    def _may_be_told(self, cell: Cell) -> bool:
        """Whether the ledger has no document there that must stay; one that a later version wrote
        is passed over."""
        try:
            self.ledger.get(cell)
        except LedgerError as error:
            self.ledger.skip(self.ledger.path(cell), error)
            return False
        return True

    def _compared(self, entry: Entry, tensors: Sequence[Tensor]) -> dict[str, Any]:
        try:
            return msgspec.to_builtins(compare(tensors, entry.builder, self.options.trusted))
        except builders.BuildError as error:
            return {"error": str(error)}


def look(
    text: str,
    folder: Path | None,
    client: Client,
    options: InspectOptions,
    known: dict[str, Any] | None = None,
) -> Read:
    """What a reference leads to: does it answer, how large, which format and tensors, which digest.

    `known` are values of an earlier look. Nothing raises: a failure is what was found.
    """
    found = Read({"address": text})
    try:
        where = resolve_reference(text, folder)
        if where.file:
            _local(where.file, found, known)
        else:
            _remote(where, client, options, found, known)
    except NeedsMore as error:
        hint = "; such a file is not read" if options.download else "; --download fetches it"
        found.kind, found.error = "needs more", f"{error}{hint}"
        found.values["needs"] = error.bytes
    except (ZooError, OSError) as error:
        found.kind = next(kind for types, kind in KINDS if isinstance(error, types))
        found.error = (
            str(error) if isinstance(error, ZooError) else f"{text}: {error.strerror or error}"
        )
    return found


KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (NoSource, "elsewhere"),
    (Refused, "refused"),
    (Status, "status"),
    (NoAnswer, "no answer"),
    (BaseException, "unreadable"),
)


def _local(path: Path, found: Read, known: dict[str, Any] | None) -> None:
    """A file on this machine: all of it is at hand, so its digest is computed."""
    size, state = file_state(path)
    if known and (known.get("size"), known.get("etag")) == (size, state) and "failure" not in known:
        found.values["unchanged"] = True
        return
    found.values |= {"size": size, "etag": state, "transferred": 0}
    with path.open("rb") as file:
        found.values |= {"sha256": digest(file), "sha256_by": "computed"}
        checkpoint = read(file, size, path.name)
    shards = {name: _opened(path.parent / name) for name in checkpoint.shards}
    _described(merged(checkpoint, shards) if shards else checkpoint, found)


def _opened(path: Path) -> Checkpoint:
    with path.open("rb") as file:
        return read(file, path.stat().st_size, path.name)


def _remote(
    where: WeightsSource,
    client: Client,
    options: InspectOptions,
    found: Read,
    known: dict[str, Any] | None,
) -> None:
    earlier = {key: (known or {}).get(key) for key in ("size", "etag", "modified")}
    answer = first_answer(where, client, Identity(**earlier))
    if known and answer.unchanged and "failure" not in known:
        found.values["unchanged"] = True
        return
    found.values |= {
        "place": answer.place, "size": answer.size, "etag": answer.etag, "modified": answer.modified,
        "https": answer.secure and answer.url.startswith("https:"), "transferred": 0,
    }  # fmt: skip
    if answer.sha256:
        found.values |= {"sha256": answer.sha256, "sha256_by": "stated by the host"}
    try:
        checkpoint = _read_remote(answer, where.name, client, found)
    except NeedsMore:
        if not options.download:
            raise
        tell = options.progress
        kept = download(
            client,
            answer,
            options.cache,
            (lambda done, size: tell(where.name, done, size)) if tell else None,
        )
        found.values |= {"sha256": kept.sha256, "sha256_by": "computed"}
        found.values["transferred"] += answer.size or 0
        checkpoint = _opened(kept.path)
    _described(checkpoint, found)


def _read_remote(answer: RemoteFile, name: str, client: Client, found: Read) -> Checkpoint:
    """What a remote file holds, and the files that an index of shards names beside it."""
    if not answer.ranges:
        raise NeedsMore(
            f"{answer.place}: the server sends whole files only, {answer.size} bytes",
            answer.size or 0,
        )
    with client.open(answer) as file:
        try:
            checkpoint = read(file, answer.size or 0, name)
        finally:
            found.values["transferred"] += file.transferred
    if not checkpoint.shards:
        return checkpoint
    shards = {}
    for shard in checkpoint.shards:
        beside = client.probe(urljoin(answer.url, shard))
        shards[shard] = _read_remote(beside, shard, client, found)
        found.values["size"] = found.values["size"] + (beside.size or 0)
    return merged(checkpoint, shards)


def first_answer(where: WeightsSource, client: Client, known: Identity | None = None) -> RemoteFile:
    """The answer of the first address that has one; a file that is not there is no answer while
    there are others."""
    for address in where.addresses[:-1]:
        try:
            return client.probe(address, known)
        except Status as error:
            if error.status not in ABSENT:
                raise
    return client.probe(where.addresses[-1], known)


def digest(file: BinaryIO) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    sha = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(CHUNK):
        sha.update(chunk)
    file.seek(0)
    return sha.hexdigest()


def _described(checkpoint: Checkpoint, found: Read) -> None:
    found.values |= {
        "format": checkpoint.format,
        "key": checkpoint.key,
        "notes": list(checkpoint.notes),
        "tensors": [
            [tensor.name, tensor.dtype, list(tensor.shape)] for tensor in checkpoint.tensors
        ],
    }
