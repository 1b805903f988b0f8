"""Weights that are at hand: files beside the index and of installed packages are looked at without
being asked for."""

from collections.abc import Iterable
from pathlib import Path

from zoo.counting.measurer import weights_cell
from zoo.model_index.errors import LedgerError
from zoo.model_index.ledger.store import Ledger, pass_over
from zoo.model_index.records.records import Claim, Entry
from zoo.weights.references import NoSource, source


def unseen(entries: Iterable[Entry], ledger: Ledger) -> list[Entry]:
    """The entries with weights on this machine that the ledger does not have as they are now."""
    return [
        entry for entry in entries if any(_is_unseen(entry, link, ledger) for link in entry.links)
    ]


def folder_of(link: Claim) -> Path:
    """Where a path in an index file starts."""
    return Path(link.place.file).parent


def file_of(link: Claim) -> Path | None:
    """The file that a reference leads to on this machine; None for an address, or where it leads
    nowhere."""
    try:
        return source(link.raw.strip(), folder_of(link)).file
    except NoSource:
        return None


def stamp(path: Path) -> tuple[int, str]:
    """Size and time of a file, which stand for its state as size and ETag do for a remote one."""
    status = path.stat()
    return status.st_size, f"mtime:{status.st_mtime_ns}"


def _is_unseen(entry: Entry, link: Claim, ledger: Ledger) -> bool:
    path = file_of(link)
    if path is None:
        return False
    cell = weights_cell(entry, link)
    try:
        known = ledger.get(cell)
    except LedgerError as error:  # it stays as it is
        pass_over(ledger.path(cell), error)
        return False
    return known is None or (known.values.get("size"), known.values.get("etag")) != stamp(path)
