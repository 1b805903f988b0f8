"""All findings as JSON and CSV."""

import csv
import io
import json
from collections.abc import Callable

from zoo.model_index.findings import Finding, Verdict
from zoo.reporting.downloads.findings import COLUMNS, findings_csv, findings_json
from zoo.reporting.views.catalogue import Zoo
from zoo.reporting.views.places import PublicPlaces


def test_both_files_hold_every_finding_unrounded(toy: Zoo) -> None:
    rows = list(csv.DictReader(io.StringIO(findings_csv(toy.findings))))
    documents = json.loads(findings_json(toy.findings, PublicPlaces(toy.index.files)))
    assert len(rows) == len(documents) == len(toy.findings)
    assert tuple(rows[0]) == COLUMNS
    assert [row["model"] for row in rows] == [each["model"] for each in documents]
    assert (rows[0]["claimed"], rows[0]["use"]) == ("2000000", "1000000")
    assert [row["claimed"] for row in rows if row["key"] == "image_size"] == ["32x32"]


def test_a_cell_is_no_formula(zoo_of: Callable[[str], Zoo]) -> None:
    zoo = zoo_of("Models: [{Name: '=SUM(A1)', Metadata: {FLOPs: 1}}]")
    claim = zoo.index.entries[0].claims[0]
    findings = [Finding(claim=claim, verdict=Verdict.UNCHECKED, reason="-1+2")]
    (row,) = csv.DictReader(io.StringIO(findings_csv(findings)))
    assert (row["model"], row["reason"]) == ("'=SUM(A1)", "'-1+2")
