"""A toy zoo: two families, three models, two publishers, one claim of every verdict; made by hand,
no torch."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from zoo.model_index.findings import Finding, Hypothesis, Verdict
from zoo.model_index.ledger.store import Cell, Evidence
from zoo.model_index.ledger.trace import Part, Row, Trace
from zoo.model_index.load import load
from zoo.model_index.records.records import Claim, Entry, Index
from zoo.reporting.pages.settings import Settings
from zoo.reporting.plots import matplotlib_files
from zoo.reporting.plots.scatter import Plot
from zoo.reporting.site.render import render_pages, site_of
from zoo.reporting.views.catalogue import Zoo

TOY = """\
Library:
  Name: Acme
  Docs: https://acme.example/models
Collections:
- Name: Net
  Full Name: Networks
  Description: |-
    First paragraph.

    Second paragraph.
  Paper:
    Title: On Nets
    URL: https://papers.example/1
  Citation: |-
    @misc{net, title={On Nets}}
Models:
- Name: net10
  In Collection: Net
  Metadata:
    FLOPs: 2000000
    Parameters: 12.3 k
    ID: net10
    LR: 0.1
    Warmup: 90
    Layers: 11
    Image Size: '32'
    Training Techniques: [SGD, Weight Decay]
  Weights: https://weights.example/net10.pth
  Results:
  - Task: Image Classification
    Dataset: ImageNet
    Metrics: {Top 1 Accuracy: 71.5%, Top 5 Accuracy: 90.1%}
  Reported:
  - Publisher: Other
    Source: https://other.example/
    Metadata: {FLOPs: 3 M}
    Results:
    - Task: Image Classification
      Dataset: ImageNet
      Metrics: {Top 1 Accuracy: 0.720}
- Name: net20
  In Collection: Net
  Metadata: {FLOPs: 5000000}
  Results:
  - Task: Image Classification
    Dataset: ImageNet
    Metrics: {Top 1 Accuracy: 70.5%}
- Name: lone
  Builder: {Name: 'torchvision.models.densenet:DenseNet', Arguments: {growth_rate: 4, name: '6'}}
"""


def read(folder: Path, text: str) -> Index:
    path = folder / "toy.yml"
    path.write_text(text, encoding="utf-8")
    return load([path])


def count(entry: Entry, macs: int, parameters: int, outcome: str = "measured") -> Evidence:
    """Counting evidence with a trace of two operators."""
    rows = (
        Row(
            "conv2d",
            "convolution",
            "stem",
            "torch.nn.modules.conv.Conv2d",
            macs,
            3072,
            4096,
            0,
            432,
        ),
        Row("relu", "activation", "act", "torch.nn.modules.activation.ReLU", 0, 4096, 4096, 0, 0),
    )
    return Evidence(
        cell=Cell(
            kind="count",
            model=entry.name,
            builder=str(entry.builder),
            builder_version="acme 1.0",
            conditions={"input_size": [3, 32, 32]},
            tool="zoo-count/1",
        ),
        outcome=outcome,
        values={
            "resolved": f"{entry.name}.v1",
            "parts": [
                list(Part("stem", "torch.nn.modules.conv.Conv2d", parameters, parameters, 7, 1))
            ],
            "registry": {},
            "input": "32x32 image",
            "input_from": "proposed",
            "configuration": {
                "input_size": [3, 32, 32],
                "crop_pct": 0.9,
                "license": "mit",
                "mean": [0.5, 0.5, 0.5],
            },
            "trace": Trace(((1, 3, 32, 32),), rows).to_lists(),
        },
        environment={"torch": "2.9.0", "cpu": "toy"},
        command=f"zoo verify {entry.name}",
        started_at="2026-11-22T00:00:00+00:00",
        seconds=0.5,
    )


TWICE = Hypothesis(
    causes=("2x",),
    label="two operations per multiply-add",
    rank=1,
    prediction=Decimal(2_000_000),
    residual=Decimal(0),
    fits=True,
    terms="conv 2000000",
)
FAR = Hypothesis(
    causes=("M is 2^20",),
    label="in units of 2^20 named as millions",
    rank=2,
    prediction=Decimal("953674.31640625"),
    residual=Decimal("1046325.68359375"),
    fits=False,
)


def judged(index: Index, evidence: dict[str, Evidence]) -> list[Finding]:
    """One claim of every verdict on net10; the others stay without a finding."""
    key = next(iter(evidence))
    given = iter([
        (Verdict.EXPLAINED, "twice gives the claim", Decimal(1_000_000), "2x", Decimal(2_000_000),
         Decimal(0)),
        (Verdict.ROUNDED, "rounds", Decimal(12_345), None, None, Decimal(-45)),
        (Verdict.EXACT, "builds net10.v1", "net10.v1", None, None, None),
        (Verdict.MISMATCH, "the name says 10", Decimal(10), None, None, Decimal(1)),
        (Verdict.EXACT, "as configured", (32, 32), None, None, None),
        (Verdict.UNCHECKED, "no data set", None, None, None, None),
        (Verdict.ERROR, "RuntimeError: out of memory", None, None, None, None),
    ])  # fmt: skip
    searched = {"2x": {"causes": ("2x",), "tried": (FAR, TWICE)}}
    return [
        Finding(
            claim=claim,
            verdict=verdict,
            reason=reason,
            measured=measured,
            cause=cause,
            prediction=prediction,
            residual=residual,
            alternatives=(),
            evidence=(key,),
            **searched.get(cause or "", {}),
        )
        for claim, (verdict, reason, measured, cause, prediction, residual) in zip(
            index.entries[0].claims, given, strict=False
        )
    ]


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    """The toy zoo; its third model is not measured."""
    index = read(tmp_path_factory.mktemp("toy"), TOY)
    made = [count(index.entries[0], 1_000_000, 12_345), count(index.entries[1], 2_000_000, 23_456)]
    evidence = {document.cell.key: document for document in made}
    primary = {
        entry.place: document.cell.key for entry, document in zip(index.entries, made, strict=False)
    }
    return Zoo(
        index=index, findings=tuple(judged(index, evidence)), evidence=evidence, primary=primary
    )


@pytest.fixture
def quick_figures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Figures that cost nothing, for tests about everything else; lists what was drawn."""
    drawn: list[str] = []

    def draw(plot: Plot) -> dict[str, bytes]:
        drawn.append(plot.key)
        return {kind: f"{kind} of {plot!r}".encode() for kind in matplotlib_files.FORMATS}

    monkeypatch.setattr(matplotlib_files, "draw", draw)
    return drawn


@pytest.fixture
def counted() -> Callable[..., Evidence]:
    """Makes counting evidence of an entry."""
    return count


@pytest.fixture
def found() -> Callable[..., Finding]:
    """Makes the finding of a hypothesis: explained where it fits, else a mismatch that has tried
    it."""

    def make(claim: Claim, one: Hypothesis, **changes: object) -> Finding:
        given = {"verdict": Verdict.MISMATCH, "residual": claim.number - one.prediction}
        if one.fits:
            given = {
                "verdict": Verdict.EXPLAINED,
                "cause": one.name,
                "causes": one.causes,
                "residual": one.residual,
                "prediction": one.prediction,
                "wrong": one.wrong,
            }
        return Finding(
            **{
                "claim": claim,
                "reason": one.label,
                "tried": (one,),
                "measured": Decimal(7),
                **given,
                **changes,
            }
        )

    return make


@pytest.fixture
def rendered() -> Callable[[Zoo], dict[str, str]]:
    """The text of every page of a zoo by its path."""

    def render(zoo: Zoo) -> dict[str, str]:
        return {page.path: text for page, text in render_pages(site_of(zoo, Settings()))}

    return render


@pytest.fixture
def zoo_of(tmp_path: Path) -> Callable[[str], Zoo]:
    """A zoo of an index text, nothing measured."""
    return lambda text: Zoo(index=read(tmp_path, text), findings=(), evidence={}, primary={})
