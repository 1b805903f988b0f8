"""Describe a remote checkpoint: a file, or an index with its shards at the same server.

Of a file only the bytes that list its tensors are read, where its server sends parts.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

from zoo.model_index.errors import Status
from zoo.weights.formats import Checkpoint, NeedsMore, Unreadable, merge_shards, read
from zoo.weights.http.client import Client
from zoo.weights.http.download import Progress, download
from zoo.weights.http.response import RemoteFile
from zoo.weights.identity import Identities, Identity, describe_files
from zoo.weights.local_files import read_file
from zoo.weights.references import WeightsSource

ABSENT = frozenset((401, 403, 404))  # the Hub answers 401 for a file that does not exist
Report = Callable[[str, int, int], None]  # name, bytes that have arrived, bytes in all


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


class RemoteReader:
    """Reads the files of one remote checkpoint, and adds what it learns to `values`.

    With `fetch`, a file of which a part is not enough is downloaded into the folder `cache`, and
    `report` gets the progress.
    """

    def __init__(
        self,
        client: Client,
        values: dict[str, Any],
        *,
        fetch: bool = False,
        cache: Path | None = None,
        report: Report | None = None,
    ):
        self.client, self.values = client, values
        self.fetch, self.cache, self.report = fetch, cache, report
        self.files: Identities = {}

    def describe(self, source: WeightsSource, stored: Identities) -> Checkpoint | None:
        """Read which tensors a checkpoint holds.

        Returns None where all files are in the states `stored`, and nothing was read.

        Raises:
            RemoteError, CacheError: a file cannot be had.
            Unreadable, NeedsMore: a file is no checkpoint, or is needed whole.
        """
        first, *shards = stored or {"": Identity()}
        file = probe_first(source, self.client, stored.get(first))
        if file.unchanged and all(
            self.client.probe(_address(file, name), stored[name]).unchanged for name in shards
        ):
            return None
        self.values |= {
            "place": file.place,
            "https": file.secure and file.url.startswith("https:"),
            "transferred": 0,
        }
        if file.sha256:
            self.values |= {"sha256": file.sha256, "sha256_by": "stated by the host"}
        checkpoint = self._read(file, _name(file))
        for name, size in checkpoint.beside.items():
            self._check_data(file, name, size)
        if not checkpoint.shards:
            return checkpoint
        return merge_shards(
            checkpoint,
            {
                name: self._read(self.client.probe(_address(file, name)), name)
                for name in checkpoint.shards
            },
        )

    def _check_data(self, model: RemoteFile, name: str, size: int) -> None:
        """Refuse a file of values that is shorter than the tensors in it; none of it is read."""
        data = self.client.probe(_address(model, name))
        self.files[name] = Identity(size=data.size, etag=data.etag, modified=data.modified)
        self.values |= describe_files(self.files)
        if data.size is not None and data.size < size:
            raise Unreadable(f"{data.place}: it has {data.size} bytes, its tensors need {size}")

    def _read(self, file: RemoteFile, name: str) -> Checkpoint:
        """Read a file by parts, or download it where they are not enough and that is allowed."""
        identity = Identity(size=file.size, etag=file.etag, modified=file.modified)
        self.files[name] = identity
        self.values |= describe_files(self.files)
        try:
            return self._read_parts(file, name)
        except NeedsMore:
            if not self.fetch:
                raise
        copy = download(self.client, file, self.cache, self._progress_of(name))
        if len(self.files) == 1:
            self.values |= {"sha256": copy.sha256, "sha256_by": "computed"}
        self.values["transferred"] += file.size or 0
        return read_file(copy.path)

    def _read_parts(self, file: RemoteFile, name: str) -> Checkpoint:
        size = file.size or 0
        if not file.ranges:
            known = "" if file.size is None else f", {file.size} bytes"
            reason = f"the server sends whole files only{known}"
            raise NeedsMore(f"{file.place}: {reason}", size)
        with self.client.open(file) as opened:
            try:
                return read(opened, size, name)
            finally:
                self.values["transferred"] += opened.transferred

    def _progress_of(self, name: str) -> Progress | None:
        report = self.report
        return (lambda length, size: report(name, length, size)) if report else None


def _name(file: RemoteFile) -> str:
    return WeightsSource("", (file.url,)).name


def _address(index: RemoteFile, shard: str) -> str:
    return urljoin(index.url, quote(shard))
