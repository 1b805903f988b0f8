"""A family of six counted models with a top-1 each."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.reporting.conftest import count, read
from zoo.model_index.findings import Finding, Verdict
from zoo.reporting.views.catalogue import Zoo

TOP1 = (70, 75, 74, 76, 78, 77)  # of models that take 1, 2, ... GMACs


def nets_of(folder: Path, top1: tuple[float, ...]) -> Zoo:
    """A zoo of models `net1`, `net2`, ...: the accuracy of each, and its number of GMACs."""
    entries = "".join(
        f"- Name: net{number}\n  In Collection: Net\n  Metadata: {{Parameters: {number} M}}\n"
        f"  Results:\n  - Task: Image Classification\n    Dataset: ImageNet\n"
        f"    Metrics: {{Top 1 Accuracy: {value}%}}\n"
        for number, value in enumerate(top1, 1)
    )
    index = read(folder, f"Collections:\n- Name: Net\nModels:\n{entries}")
    documents = {
        entry.place: count(entry, number * 10**9, number * 10**6)
        for number, entry in enumerate(index.entries, 1)
    }
    return Zoo(
        index=index,
        findings=(),
        evidence={document.cell.key: document for document in documents.values()},
        primary={place: document.cell.key for place, document in documents.items()},
    )


@pytest.fixture
def nets(tmp_path: Path) -> Zoo:
    return nets_of(tmp_path, TOP1)


def judge(
    zoo: Zoo, name: str, quantity: str, verdict: Verdict, causes: tuple[str, ...] = ()
) -> Zoo:
    """The zoo with a finding on a claim of a model."""
    entry = next(entry for entry in zoo.index.entries if entry.name == name)
    claim = next(claim for claim in entry.all_claims() if claim.quantity == quantity)
    finding = Finding(claim=claim, verdict=verdict, reason="", causes=causes, wrong=True)
    return replace(zoo, findings=(*zoo.findings, finding))
