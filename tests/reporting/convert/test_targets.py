"""The table of targets: a module and a row are enough for another format."""

import json
import sys
from dataclasses import asdict
from types import ModuleType

import pytest

from zoo.model_index.records.records import Index
from zoo.reporting.convert import TARGETS, Target
from zoo.reporting.convert.claim_rows import claim_rows, count_losses
from zoo.reporting.convert.losses import Conversion
from zoo.reporting.views.catalogue import Catalogue, Zoo


def convert_to_jsonl(catalogue: Catalogue, folder: bool) -> Conversion:
    """All of a target for one JSON object a line."""
    index = catalogue.zoo.index
    lines = (json.dumps(asdict(row)) for row in claim_rows(index))
    return Conversion({"claims.jsonl": "\n".join(lines) + "\n"}, count_losses(index))


def test_a_module_and_a_row_are_a_target(corners: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("claims_jsonl")
    module.__dict__["convert"] = convert_to_jsonl
    monkeypatch.setitem(sys.modules, "claims_jsonl", module)
    monkeypatch.setitem(TARGETS, "jsonl", Target("claims_jsonl"))
    catalogue = Catalogue.of(Zoo(index=corners, findings=(), evidence={}, primary={}))
    jsonl, csv = (TARGETS[name].convert(catalogue, False) for name in ("jsonl", "csv"))
    rows = [json.loads(line) for line in jsonl.files["claims.jsonl"].splitlines()]
    assert len(rows) == sum(1 for entry in corners.entries for _ in entry.all_claims())
    assert rows[0]["model"] == "a" and rows[0]["value"] == "4100000000"
    assert jsonl.losses.rows() == csv.losses.rows()


@pytest.mark.parametrize("name", TARGETS)
def test_every_row_writes_files(name: str, corners: Index) -> None:
    assert (
        TARGETS[name]
        .convert(Catalogue.of(Zoo(index=corners, findings=(), evidence={}, primary={})), False)
        .files
    )
