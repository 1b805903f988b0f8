"""Counts are read of a ledger once, and of the user's cache after that."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from zoo.api.listing.ledger_counts import LedgerCounts, read_counts
from zoo.model_index.errors import LedgerError
from zoo.model_index.ledger.evidence import Cell, Evidence
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.ledger.trace import Part, Row, Trace
from zoo.model_index.load import load
from zoo.model_index.records.records import Entry

CONV = "torch.nn.modules.conv.Conv2d"


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    path = tmp_path / "index.yml"
    path.write_text("Models: [{Name: net, Builder: 'timm:net', Metadata: {Image Size: 32}}]\n")
    return load([path]).entries[0]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


def count(
    macs: int, version: str = "timm 1", at: str = "2026-01-01", **conditions: object
) -> Evidence:
    """A count of `timm:net` at 32x32."""
    row = Row("conv2d", "convolution", "stem", CONV, macs, 1, 1, 0, 9)
    return Evidence(
        cell=Cell(
            kind="count",
            model="net",
            builder="timm:net",
            builder_version=version,
            conditions={"input": "32x32 image"} | conditions,
            tool="zoo-count/4",
        ),
        outcome="measured",
        values={
            "resolved": "net.v1",
            "parts": [list(Part("stem", CONV, 9, 9, 0, 0))],
            "registry": {},
            "input": "32x32 image",
            "input_from": "proposed",
            "configuration": {"license": "mit"},
            "trace": Trace(((1, 3, 32, 32),), (row,)).to_lists(),
        },
        started_at=f"{at}T00:00:00+00:00",
    )


class Opener:
    """Opens a ledger, and counts the documents that are read of it."""

    def __init__(self, ledger: Ledger):
        self.ledger, self.reads = ledger, 0

    def read(self, path: Path) -> Evidence | None:
        self.reads += 1
        return self.ledger.read(path)

    def __call__(self) -> "Opener":
        return self


@pytest.fixture
def reading(ledger: Ledger) -> Callable[[], tuple[LedgerCounts, int]]:
    """Reads the counts, and says how many documents that took."""

    def read() -> tuple[LedgerCounts, int]:
        opener = Opener(ledger)
        return read_counts(ledger.folder, opener), opener.reads  # type: ignore[arg-type]

    return read


def test_a_document_is_read_once(
    ledger: Ledger, entry: Entry, reading: Callable[[], tuple[LedgerCounts, int]]
) -> None:
    assert reading()[0].find(entry) is None
    path = ledger.put(count(5))
    counts, reads = reading()
    found = counts.find(entry)
    assert found and (found.macs, found.parameters, found.license, reads) == (5, 9, "mit", 1)
    assert reading()[1] == 0
    ledger.put(count(6, "timm 2", "2026-02-01"))
    counts, reads = reading()
    assert (counts.find(entry).macs, reads) == (6, 1), "the newest"
    ledger.put(count(70))
    assert reading()[1] == 1, "a document that was measured again"
    path.unlink()
    assert reading()[1] == 0


def test_a_count_of_something_else_is_not_the_models(
    ledger: Ledger, entry: Entry, reading: Callable[[], tuple[LedgerCounts, int]]
) -> None:
    ledger.put(count(1, form="fused"))
    ledger.put(count(2, input="64x64 image"))
    ledger.put(count(3, input="proposed"))
    assert reading()[0].find(entry) is None
    ledger.put(count(4, at="2999-01-01"))  # of a clock that is wrong
    ledger.put(count(5, "timm 2", at="2020-01-01"))
    assert reading()[0].find(entry).macs == 5


def test_what_is_no_evidence_is_skipped_in_every_run(
    ledger: Ledger, entry: Entry, reading: Callable[[], tuple[LedgerCounts, int]]
) -> None:
    path = ledger.put(count(5))
    path.write_text("{}")
    for _ in range(2):
        ledger.skipped.clear()
        assert reading()[0].find(entry) is None
        assert path in ledger.skipped


def test_a_torn_cache_costs_a_reading(
    ledger: Ledger,
    entry: Entry,
    reading: Callable[[], tuple[LedgerCounts, int]],
    user_cache: Path,
) -> None:
    ledger.put(count(5))
    reading()
    for text in ("", "[]", '{"format": 0, "files": {}}', '{"format": 2, "files": {"x": 1}}'):
        for file in (user_cache / "counts").iterdir():
            file.write_text(text)
        counts, reads = reading()
        assert (counts.find(entry).macs, reads) == (5, 1)


def test_a_ledger_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="cannot be read as a ledger: Not a directory"):
        read_counts(tmp_path / "file", lambda: Ledger(tmp_path))


def checkpoint(parameters: int | None, address: str = "net.pth", outcome: str = "measured"):
    """What was inspected of a file of `timm:net`."""
    cell = Cell(
        kind="weights",
        model="net",
        builder="timm:net",
        builder_version="timm 1",
        conditions={"address": address},
        tool="zoo-weights/3",
    )
    values = {"contents": {"parameters": parameters}}
    return Evidence(
        cell=cell, outcome=outcome, values=values, started_at="2026-01-01T00:00:00+00:00"
    )


def test_the_parameters_of_a_checkpoint_stand_for_a_model_that_was_not_counted(
    ledger: Ledger, tmp_path: Path, reading: Callable[[], tuple[LedgerCounts, int]]
) -> None:
    path = tmp_path / "index.yml"

    def find(links: str) -> int | None:
        path.write_text(f"Models: [{{Name: net, Builder: 'timm:net', Weights: {links}}}]\n")
        found = reading()[0].find(load([path]).entries[0])
        return found.parameters if found else None

    for unknown in (
        checkpoint(None),
        checkpoint(3, outcome="failed"),
        checkpoint(3, "net-00001-of-00002.safetensors"),
    ):
        ledger.put(unknown)
        assert find("net.pth") is None
    ledger.put(checkpoint(7))
    assert (find("net.pth"), find("[net.pth, head.pth]")) == (7, None)
    ledger.put(count(5, input="proposed"))
    assert find("net.pth") == 9


def test_a_count_of_another_model_than_the_name_asks_for_is_none(
    ledger: Ledger, entry: Entry, reading: Callable[[], tuple[LedgerCounts, int]]
) -> None:
    other = count(1000)
    registry = {"named": {"name": "net48", "arguments": {}}}
    ledger.put(msgspec.structs.replace(other, values=other.values | {"registry": registry}))
    counts, _ = reading()
    assert counts.find(entry) is None
