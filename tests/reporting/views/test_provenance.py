"""Where pages say that a number comes from."""

from dataclasses import replace
from pathlib import Path

import pytest

from zoo.reporting.views.catalogue import Catalogue, Zoo
from zoo.reporting.views.provenance import evidence_path


@pytest.mark.parametrize(
    ("ledger", "shown"),
    [
        ("ledger", "ledger"),
        ("./some/ledger/", "some/ledger"),
        (str(Path.cwd() / "build" / "ledger"), "build/ledger"),
        ("/home/somebody/secret/ledger", "ledger"),
    ],
)
def test_a_document_has_no_path_of_a_machine(toy: Zoo, ledger: str, shown: str) -> None:
    evidence = next(iter(toy.evidence.values()))
    path = evidence_path(Catalogue.of(replace(toy, ledger=ledger)), evidence)
    assert path.startswith(f"{shown}/{evidence.cell.kind}/")
