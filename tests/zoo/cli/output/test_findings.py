"""The screen of `zoo verify`, the lines of its pipe and its CSV, on findings of every verdict."""

import csv
import io
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from zoo.cli.gates import Judgement
from zoo.cli.output import finding_counts, finding_lines, findings
from zoo.counting.measurer import Measurer
from zoo.model_index.errors import Fault
from zoo.model_index.findings import Finding, Gap, Hypothesis, Verdict
from zoo.model_index.gaps import list_gaps
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.load import read_text
from zoo.model_index.records.records import Claim, Entry

INDEX = """\
Models:
- Name: wide98
  Builder: timm:wide98
  Metadata:
    FLOPs: 15003675112
    Parameters: 61570000
    Layers: 98
    Crop Pct: 0.875
    File Size: 247021307
    Inference Time (ms):
    - {value: 6.15, hardware: V100, mode: FP32, batch size: 1, backend: TensorRT 8.0.3.4}
    - {value: 21.7, hardware: T4, mode: FP16, batch size: 8, backend: TensorRT 8.0.3.4}
  Results: [{Task: Image Classification, Dataset: ImageNet,
             Metrics: {Top 1 Accuracy: 79.65%, Top 5 Accuracy: 94.61%}}]
  Reported:
  - Publisher: PaddleClas
    Metadata: {FLOPs: 22.22 G, Parameters: 4.7 M}
- Name: 手写net
  Builder: other.nets:Net
  Metadata: {Parameters: 1.27 G, FLOPs: 23.34 G}
- Name: wide107
  Builder: timm:wide107
  Metadata: {FLOPs: 23524280296}
"""
TERMS = "conv 15003502080 + pooling 172032"
REASON = f"counted at 224x285 by thop's convention, to the last digit: {TERMS}"
TRIED = Hypothesis(
    causes=("thop", "photograph"),
    label="thop's convention at 224x285",
    rank=1,
    prediction=Decimal(15003675112),
    residual=Decimal(0),
    fits=True,
    terms=TERMS,
    size=(224, 285),
    wrong=True,
)
MACS = Decimal(11671217152)
FAULT = Fault("m.yml", 9, "Models[1].Metadata.Layers", "a count", "'many'", model="手写net")


def thop(measured: Decimal) -> dict[str, Any]:
    return {
        "verdict": Verdict.EXPLAINED,
        "reason": REASON,
        "measured": measured,
        "cause": "thop at 224x285",
        "causes": TRIED.causes,
        "wrong": True,
        "tried": (TRIED,),
    }


UNTRUSTED = Gap("untrusted", "other")
NOT_BUILT = {
    "verdict": Verdict.ERROR,
    "reason": "other.nets:Net is code named by the index; it runs with --trust other",
    "gap": UNTRUSTED,
}
ROUNDED = {"verdict": Verdict.ROUNDED, "reason": "61,570,728 rounded to the claim's 4 digits"}
# By model, publisher and label: what a finding says besides its claim.
SAID: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("wide98", "FLOPs"): [
        thop(MACS),
        {"verdict": Verdict.MISMATCH, "reason": "no known cause", "measured": MACS},
    ],
    ("wide98", "Parameters"): [
        {**ROUNDED, "measured": Decimal(61570728)},
        {
            "verdict": Verdict.MISMATCH,
            "reason": "no known cause; nearest is without the classifier: 4.65 M, "
            "the claim is 1.0% larger",
            "measured": Decimal(4652008),
        },
    ],
    ("wide98", "Layers"): [
        {"verdict": Verdict.EXACT, "reason": "the depth", "measured": Decimal(98)}
    ],
    ("wide98", "Top 1 Accuracy"): [
        {
            "verdict": Verdict.CONSISTENT,
            "reason": "within 0.5 points",
            "measured": Decimal("79.5"),
        }
    ],
    ("手写net", "FLOPs"): [
        {
            "verdict": Verdict.EXPLAINED,
            "reason": "two operations per multiply-add at 224x224 gives the claim to its 4 digits",
            "measured": MACS,
            "cause": "2x",
            "causes": ("2x",),
        }
    ],
    ("手写net", "Parameters"): [NOT_BUILT],
    ("wide107", "FLOPs"): [thop(Decimal(18298764288))],
}
UNCHECKED = {
    "benchmark": "not measured on V100",
    "accuracy": "not evaluated on ImageNet",
    "file size": "the weights were not inspected; --weights inspects them",
    "configuration": "timm:wide98 has no pretrained configuration",
}


@pytest.fixture
def entries() -> Sequence[Entry]:
    index, faults = read_text("m.yml", INDEX, "acme/zoo")
    assert not faults
    return index.entries


@pytest.fixture
def found(entries: Sequence[Entry]) -> list[Finding]:
    """A finding for each claim, every verdict among them."""
    said = {key: list(rows) for key, rows in SAID.items()}

    def judge(claim: Claim) -> Finding:
        if rows := said.get((claim.model, claim.row.label)):
            return Finding(claim=claim, **rows.pop(0))
        return Finding(claim=claim, verdict=Verdict.UNCHECKED, reason=UNCHECKED[claim.row.check])

    listed = [judge(claim) for entry in entries for claim in entry.all_claims()]
    assert {finding.verdict for finding in listed} == set(Verdict)
    return listed


def judgement(found: Sequence[Finding], known: int = 0) -> Judgement:
    """All that fails is new, but for the first so many."""
    failing = [*(finding.fails() for finding in found), True]
    old = [False] * len(failing)
    for number in [n for n, fails in enumerate(failing) if fails][:known]:
        old[number] = True
    return Judgement(tuple(failing), tuple(old), sum(failing) - known)


Show = Callable[..., list[str]]


@pytest.fixture
def show(
    entries: Sequence[Entry],
    found: list[Finding],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Show:
    """Prints a screen of so many columns, and the lines below it."""

    def run(columns: int, *, grouped: bool = False, everything: bool = False, known: int = 0):
        monkeypatch.setattr(findings, "width", lambda: columns)
        decided = judgement(found, known)
        lines = finding_lines.list_lines(found, [FAULT], decided, everything=everything)
        measurer = Measurer(Ledger(tmp_path / "ledger"))
        findings.print_screen(lines, entries, measurer, grouped=grouped, everything=everything)
        finding_counts.print_known(decided, everything=everything)
        gaps = list_gaps(found, entries, unreadable=1)
        finding_counts.print_last_line(found, decided, gaps, models=3, unlisted=False)
        printed = capsys.readouterr()
        return [*printed.out.splitlines(), *printed.err.splitlines()]

    return run


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("grouped", [False, True], ids=["models", "groups"])
def test_screens(
    show: Show, snapshot: Callable[[str, list[str]], None], columns: int, grouped: bool
) -> None:
    name = f"verify-{'groups' if grouped else 'models'}-{columns}"
    snapshot(name, show(columns, grouped=grouped))


@pytest.mark.parametrize("columns", [80, 120])
def test_all_claims(show: Show, snapshot: Callable[[str, list[str]], None], columns: int) -> None:
    snapshot(f"verify-all-{columns}", show(columns, everything=True, grouped=True))


@pytest.mark.parametrize("columns", [20, 33, 50, 80, 200])
def test_no_number_is_broken_and_nothing_is_lost(show: Show, columns: int) -> None:
    words = " ".join(show(columns)).split()
    text = " ".join(words)
    for part in ("15.00 G", "11.67 GMACs", "22.22 G", "23.34 GFLOPs", "(-22.2%)", "18.30 GMACs"):
        assert set(part.split()) <= set(words), part
    for part in ("m.yml:5", "m.yml:9", "PaddleClas", "wide98", "手写net", "--trust", "other"):
        assert part in text
    everything = " ".join(show(columns, everything=True)).split()
    assert {"79.65%", "94.61%", "6.15", "0.875"} <= set(everything)


def test_known_findings_are_counted(show: Show) -> None:
    lines = show(80, known=2)
    assert "2 known findings not listed (--all)" in lines
    assert not any("15.00 G" in line for line in lines)
    assert "3 new findings, 2 known" in lines[-1]
    assert any(line.startswith("wrong, known") for line in show(80, known=2, everything=True))


def test_the_last_line_names_what_the_screen_does_not(show: Show) -> None:
    last = show(80)[-1]
    assert last.startswith("4 wrong, 4 right, 6 unknown of 14 claims")
    assert "1 of 3 models not built: other is not trusted (--trust other)" in last
    assert "1 value unreadable (zoo lint)" in last and "zoo bench" not in last


def test_a_line_for_each_finding_in_a_pipe(
    found: list[Finding], capsys: pytest.CaptureFixture[str]
) -> None:
    finding_lines.print_lines(finding_lines.list_lines(found, [FAULT], judgement(found)))
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == len(found) + 1 and {len(row) for row in rows} == {8}
    assert rows[0] == [
        "wrong",
        "wide98",
        "FLOPs",
        "15.00 G",
        "use 11.67 GMACs (-22.2%)",
        "acme/zoo",
        "counted at 224x285 by thop's convention, to the last digit",
        "m.yml:5",
    ]
    order = [row[0] for row in rows]
    assert order == sorted(order, key=finding_lines.STANDINGS.index)
    assert next(row[2] for row in rows if "V100" in row[2]).removeprefix(
        "Inference Time "
    ).split() == ["V100", "FP32", "b1", "trt8"]


def test_csv_has_raw_numbers(found: list[Finding], capsys: pytest.CaptureFixture[str]) -> None:
    finding_lines.print_findings_csv(found, [FAULT], judgement(found, known=1))
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == len(found) + 1
    first = rows[0]
    assert (first["claimed"], first["use"]) == ("15003675112", "11671217152")
    assert (first["standing"], first["verdict"], first["known"]) == ("wrong", "explained", "yes")
    assert [row["line"] for row in rows[-1:]] == ["9"]
