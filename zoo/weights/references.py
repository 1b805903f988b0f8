"""Resolve references to checkpoints: what an index or a person writes, as addresses or a file.

https://example.org/net-5b90dec4.pth   an address
hf:timm/dpn98.mx_in1k                  a repository of the Hugging Face Hub; @REVISION and
                                       /FILE are optional
package:NAME/path/in/it.pth            a file of an installed Python package
net.pth                                a file beside the index
"""

import importlib.metadata
import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from zoo.model_index.errors import LedgerError, ZooError
from zoo.model_index.ledger.store import Evidence, Ledger
from zoo.model_index.records.records import Claim, Entry
from zoo.models import builders
from zoo.models.cells import weights_cell
from zoo.weights.digests import digest_in_name
from zoo.weights.identity import identify_files, read_identities

HUB = "https://huggingface.co"
# In order of preference.
HUB_FILES = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
HUB_NAME = re.compile(
    r"hf:(?://)?(?P<repository>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+?))?(?:/(?P<file>[\w./-]+))?"
)
SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):")


class NoSource(ZooError):
    """A reference that cannot be resolved on this machine; it says nothing about the checkpoint."""


@dataclass(frozen=True, slots=True)
class WeightsSource:
    """Where a checkpoint is: addresses, of which the first that answers is used, or a local
    file."""

    text: str
    addresses: tuple[str, ...] = ()
    file: Path | None = None

    @property
    def name(self) -> str:
        """The file's name, without the address's query."""
        if self.file:
            return self.file.name
        return re.split(r"[?#]", self.addresses[0])[0].rstrip("/").rpartition("/")[2]


def stated_digest(text: str, actual: str | None = None) -> str | None:
    """Return the beginning of the SHA-256 that the file name of a reference states; see
    `zoo.weights.digests.digest_in_name`. A repository's name is no file's name."""
    path = re.split(r"[?#]", text)[0]
    if path.lower().startswith("hf:"):
        match = HUB_NAME.fullmatch(path)
        path = (match and match["file"]) or ""
    return digest_in_name(path.rpartition("/")[2], actual)


def resolve_reference(text: str, folder: Path | None = None) -> WeightsSource:
    """Resolve a reference.

    `folder` is that of the index file that holds the reference; a path must not leave it. None
    stands for a path that a person typed.

    Raises:
        NoSource: an unknown scheme, a missing package or file, or a path that leaves the folder.
    """
    scheme = SCHEME.match(text)
    if scheme is None or (folder is None and Path(text).is_file()):
        return WeightsSource(text, file=_resolve_file(text, folder))
    match scheme["scheme"].lower():
        case "http" | "https":
            return WeightsSource(text, (text,))
        case "hf":
            return WeightsSource(text, _hub_addresses(text))
        case "package":
            return WeightsSource(text, file=_resolve_package_file(text.partition(":")[2]))
        case unknown:
            raise NoSource(f"{text}: the scheme {unknown} is not supported")


def _hub_addresses(text: str) -> tuple[str, ...]:
    match = HUB_NAME.fullmatch(text)
    if match is None or ".." in text:
        raise NoSource(f"{text}: expected hf:OWNER/NAME, optionally with @REVISION and /FILE")
    files = [match["file"]] if match["file"] else HUB_FILES
    base = f"{HUB}/{match['repository']}/resolve/{match['revision'] or 'main'}"
    return tuple(f"{base}/{file}" for file in files)


def _resolve_package_file(text: str) -> Path:
    name, _, path = text.partition("/")
    try:
        files = importlib.metadata.files(name) or []
    except importlib.metadata.PackageNotFoundError:
        raise NoSource(f"the package {name} is not installed") from None
    for file in files:
        if file.as_posix() == path and ".." not in file.parts:
            return Path(str(file.locate()))
    raise NoSource(f"the package {name} has no file {path}")


def _resolve_file(text: str, folder: Path | None) -> Path:
    if "\0" in text:
        raise NoSource(f"{text!r}: not a path")
    path = Path(text) if folder is None else folder / text
    if folder is not None:
        root, real = os.path.realpath(folder), os.path.realpath(path)
        if os.path.commonpath([root, real]) != root:
            raise NoSource(f"{text}: is outside the index's folder; such files are not read")
    if not path.is_file():
        raise NoSource(f"{text}: no such file" + (" beside the index" if folder else ""))
    return path


def index_folder(link: Claim) -> Path:
    """Return the folder of the index file, which relative paths start from."""
    return Path(link.place.file).parent


def local_file(link: Claim) -> Path | None:
    """Return the file on this machine that a link leads to; None for an address or no file."""
    try:
        return resolve_reference(link.raw.strip(), index_folder(link)).file
    except NoSource:
        return None


def is_comparison_due(evidence: Evidence, entry: Entry, trusted: Collection[str]) -> bool:
    """Return whether a checkpoint was not compared with its model for want of trust that is given
    now."""
    comparison = evidence.values.get("comparison") or {}
    return comparison.get("gap") == "untrusted" and builders.package(entry.builder) in trusted


def entries_with_new_files(
    entries: Iterable[Entry], ledger: Ledger, trusted: Collection[str] = ()
) -> list[Entry]:
    """Return the entries with weights on this machine that the ledger lacks in their present
    state."""
    return [
        entry
        for entry in entries
        if any(_has_new_file(entry, link, ledger, trusted) for link in entry.links)
    ]


def _has_new_file(entry: Entry, link: Claim, ledger: Ledger, trusted: Collection[str]) -> bool:
    path = local_file(link)
    if path is None:
        return False
    cell = weights_cell(entry, link)
    try:
        evidence = ledger.get(cell)
    except LedgerError as error:  # an unreadable document stays as it is
        ledger.skip(ledger.path(cell), error)
        return False
    if evidence is None or is_comparison_due(evidence, entry, trusted):
        return True
    stored = read_identities(evidence.values)
    return identify_files(path, stored) != stored
