"""Known findings: what tells them apart, what the file looks like, and what is new or gone against
it."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from zoo.model_index.baseline import (
    Baseline,
    BaselineResult,
    Mark,
    Scope,
    digest,
    of_finding,
    of_lint,
)
from zoo.model_index.checks.lint import lint
from zoo.model_index.errors import UsageError
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.records.records import Index

Files = Callable[..., Index]

TEXT = """\
Library: {Name: Acme}
Models:
- Name: a
  Metadata: {FLOPs: 1.0 G}
  Results:
  - Dataset: ImageNet
    Metrics: {Top 1 Accuracy: 70%}
"""


def mark(model: str, **others: str) -> Mark:
    return {"model": model, "verdict": "mismatch"} | others


def findings(index: Index, verdict: Verdict = Verdict.MISMATCH) -> list[Finding]:
    return [
        Finding(claim=claim, verdict=verdict, reason="why", cause=None)
        for claim in index.entries[0].claims
    ]


def test_a_finding_is_known_by_what_it_says(files: Files) -> None:
    flops, top1 = findings(files({"i.yml": TEXT}))
    assert of_finding(flops) == {
        "model": "a",
        "publisher": "Acme",
        "key": "flops",
        "claimed": "1.0 G",
        "verdict": "mismatch",
    }
    assert of_finding(top1)["dataset"] == "ImageNet"
    explained = Finding(
        claim=flops.claim,
        verdict=Verdict.EXPLAINED,
        reason="other words",
        measured=Decimal(3),
        cause="thop",
    )
    assert of_finding(explained) == of_finding(flops) | {"verdict": "explained", "cause": "thop"}


def test_a_finding_stays_known_where_lines_move_and_not_where_the_claim_is_edited(
    files: Files,
) -> None:
    before = of_finding(findings(files({"i.yml": TEXT}))[0])
    moved = files({"j.yml": "# a comment\n" + TEXT}, "j.yml")
    assert of_finding(findings(moved)[0]) == before
    edited = files({"k.yml": TEXT.replace("1.0 G", "1.00 G")}, "k.yml")
    assert of_finding(findings(edited)[0]) != before


def test_a_lint_is_known_without_the_lines_it_mentions(files: Files) -> None:
    double = "- {Name: a, Weights: 'https://example.org:80/a.pth'}\n"
    one = lint(files({"i.yml": f"Models:\n{double}{double}"}))
    two = lint(files({"i.yml": f"Models:\n\n{double}{double}"}))
    assert [item.message for item in one] != [item.message for item in two]
    assert list(map(of_lint, one)) == list(map(of_lint, two))
    weights = next(item for item in one if item.rule == "duplicate-weights")
    message = (
        "Weights https://example.org/a.pth: expected this model's own, a at i.yml has the same"
    )
    assert of_lint(weights) == {"model": "a", "rule": "duplicate-weights", "message": message}


def test_the_file_has_a_finding_a_line_in_order(tmp_path: Path) -> None:
    text = Baseline("zoo verify", [mark("b"), mark("a", claimed='1 "G"')]).dump()
    assert text == (
        '{"command": "zoo verify", "format": 2, "findings": [\n'
        '{"model": "a", "verdict": "mismatch", "claimed": "1 \\"G\\""},\n'
        '{"model": "b", "verdict": "mismatch"}\n'
        "]}\n"
    )
    assert json.loads(text)["findings"][1] == mark("b")
    (tmp_path / "known.json").write_text(text)
    assert Baseline.read(str(tmp_path / "known.json"), "zoo verify").dump() == text


def test_an_empty_baseline_is_a_baseline(tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text(Baseline("zoo lint", []).dump())
    assert Baseline.read(str(tmp_path / "known.json"), "zoo lint").findings == []


def test_what_is_new_and_what_is_gone() -> None:
    baseline = Baseline("zoo verify", [mark("a"), mark("b"), mark("c")])
    assert baseline.compare([mark("d"), mark("b"), mark("a")]) == BaselineResult(
        (False, True, True), (mark("c"),)
    )


def test_a_finding_that_is_known_once_and_found_twice_is_new_once() -> None:
    assert Baseline("zoo verify", [mark("a")]).compare([mark("a"), mark("a")]) == BaselineResult(
        (True, False), ()
    )
    assert Baseline("zoo verify", [mark("a")] * 2).compare([mark("a")]) == BaselineResult(
        (True,), (mark("a"),)
    )


def test_the_order_of_keys_does_not_matter() -> None:
    turned = dict(reversed(mark("a").items()))
    assert Baseline("zoo verify", [turned]).compare([mark("a")]) == BaselineResult((True,), ())
    assert digest(turned) == digest(mark("a")) != digest(mark("b"))


def test_only_some_models() -> None:
    baseline = Baseline("zoo verify", [mark("a"), mark("b")])
    assert [part.findings for part in baseline.split_by_scope(Scope(frozenset({"a"})))] == [
        [mark("a")],
        [mark("b")],
    ]


def test_of_two_entries_of_one_name_the_one_that_was_examined() -> None:
    """A mark has no line; what the other entry claims by this name tells which ones are its."""
    one, two = (mark("a", publisher="P", key="flops", claimed=text) for text in ("1 G", "2 G"))
    other = Scope(
        frozenset({"a"}), ({"model": "a", "publisher": "P", "key": "flops", "claimed": "1 G"},)
    )
    for known, examined, rest in (
        ([one, two], [two], [one]),
        ([one, one, two], [one, two], [one]),
        ([one | {"cause": "thop"}], [], [one | {"cause": "thop"}]),
        ([two], [two], []),
    ):
        assert [part.findings for part in Baseline("zoo verify", known).split_by_scope(other)] == [
            examined,
            rest,
        ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such baseline; `zoo verify --write-baseline known.json` writes it"),
        ("", "not a baseline: Input data was truncated"),
        ("[]", "not a baseline: Expected `object`, got `array`"),
        ('{"command": "zoo verify"}', "not a baseline: Object missing required field `findings`"),
        (
            '{"command": "zoo verify", "findings": [{"model": 3}]}',
            "not a baseline: Expected `str`, got `int` - at `$.findings[0][...]`",
        ),
        (b"\xff", "not a baseline: JSON is malformed: invalid character (byte 0)"),
        (
            '{"command": "zoo lint", "findings": []}',
            "a baseline of `zoo lint`, not of `zoo verify`",
        ),
        (
            '{"command": "zoo verify", "findings": [], "format": 1}',
            "written in format 1; this version reads 2, and "
            "`zoo verify --write-baseline known.json` writes it",
        ),
    ],
)
def test_what_is_no_baseline_is_told(
    content: str | bytes | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("known.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError) as raised:
        Baseline.read("known.json", "zoo verify")
    assert str(raised.value) == f"known.json: {message}"


def test_a_folder_is_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        Baseline.read(str(tmp_path), "zoo verify")


def test_a_finding_stays_known_in_a_fork() -> None:
    """The publisher may be the name of the clone."""
    here, there = mark("a", publisher="acme/zoo"), mark("a", publisher="me/zoo")
    baseline = Baseline("zoo verify", [here])
    assert baseline.compare([there]) == BaselineResult((True,), ())
    assert baseline.compare([]) == BaselineResult((), (here,))
