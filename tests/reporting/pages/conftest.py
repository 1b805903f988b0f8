"""A zoo whose page counted a photograph: one cause makes all FLOPs of a family wrong."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from zoo.model_index.findings import Finding, Hypothesis, Verdict
from zoo.model_index.ledger.store import Evidence
from zoo.model_index.records.records import Claim, Entry
from zoo.reporting.pages.home.page import pages
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.render import render, site_of
from zoo.reporting.views.catalogue import Zoo

MODEL = """\
- Name: {name}
  In Collection: Net
  Metadata:
    FLOPs: {flops}
    Image Size: '224'
    Layers: 12
  Results:
  - Task: Image Classification
    Dataset: ImageNet
    Metrics: {{Top 1 Accuracy: {top1}%}}
"""
COUNTS = {"net1": 1_000_000, "net2": 3_000_000, "net3": 9_000_000}
TOP1 = {"net1": "70.1", "net2": "75.2", "net3": "79.3"}


def photograph(claim: Claim) -> Hypothesis:
    """The claim as a count at 224x285, in two terms."""
    rest = int(claim.number) - 1000
    return Hypothesis(
        causes=("thop", "photograph"),
        label="thop's convention at 224x285",
        rank=2,
        prediction=claim.number,
        residual=Decimal(0),
        fits=True,
        terms=f"conv {rest} + pooling 1000",
        size=(224, 285),
        wrong=True,
    )


def explained(claim: Claim, measured: int) -> Finding:
    """A finding of a count at another input than the page's."""
    cause = photograph(claim)
    return Finding(
        claim=claim,
        verdict=Verdict.EXPLAINED,
        reason=cause.label,
        measured=Decimal(measured),
        cause=cause.name,
        causes=cause.causes,
        prediction=claim.number,
        residual=Decimal(0),
        wrong=True,
        tried=(cause,),
    )


@pytest.fixture
def photographed(
    zoo_of: Callable[[str], Zoo], counted: Callable[[Entry, int, int], Evidence]
) -> Zoo:
    """Three models whose FLOPs are counted at 224x285; their layers are right."""
    models = "".join(
        MODEL.format(name=name, flops=count * 5 // 4 + 1000, top1=TOP1[name])
        for name, count in COUNTS.items()
    )
    zoo = zoo_of(f"Library: {{Name: Acme}}\nCollections: [{{Name: Net}}]\nModels:\n{models}")
    documents = {e.place: counted(e, COUNTS[e.name], 1000) for e in zoo.index.entries}
    findings = []
    for entry in zoo.index.entries:
        for claim in entry.claims:
            if claim.quantity == "flops":
                findings.append(explained(claim, COUNTS[entry.name]))
            if claim.quantity == "layers":
                findings.append(
                    Finding(claim=claim, verdict=Verdict.EXACT, reason="", measured=claim.number)
                )
    return Zoo(
        index=zoo.index,
        findings=tuple(findings),
        evidence={d.cell.key: d for d in documents.values()},
        primary={place: document.cell.key for place, document in documents.items()},
    )


@pytest.fixture
def start_page() -> Callable[..., str]:
    """The text of the start page of a zoo."""

    def make(zoo: Zoo, settings: Settings | None = None) -> str:
        settings = settings or Settings()
        (page,) = pages(site_of(zoo, settings))
        return render(page, settings)

    return make
