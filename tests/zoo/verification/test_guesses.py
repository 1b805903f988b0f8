"""A builder that was taken from a row's name proves no claim wrong."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from zoo.explanation.judgement import Assessment
from zoo.model_index.findings import Finding, Standing, Verdict
from zoo.model_index.load import load
from zoo.model_index.records.records import Builder, Entry
from zoo.verification.guesses import doubt_guesses

PAGE = "| model | Params (M) |\n|---|---|\n| ResNet18 | 12.3 |\n"


def entry_of(folder: Path) -> Entry:
    (folder / "README.md").write_text(PAGE)
    (entry,) = load([folder / "README.md"]).entries
    return entry


def judge(entry: Entry, verdict: Verdict) -> Finding:
    finding = Finding(
        claim=entry.claims[0],
        verdict=verdict,
        reason="no known cause",
        measured=Decimal(11_689_512),
        evidence=("key",),
    )
    ((_, (assessment,)),) = doubt_guesses([(entry, [Assessment(finding)])])
    return assessment.finding


def test_a_difference_from_a_guess_is_no_accusation(tmp_path: Path) -> None:
    finding = judge(entry_of(tmp_path), Verdict.MISMATCH)
    assert (finding.standing, finding.verdict, finding.use) == (
        Standing.UNKNOWN,
        Verdict.UNCHECKED,
        None,
    )
    assert finding.reason == (
        "timm:resnet18 was taken from the row's name and may be another model: "
        "it has 11,689,512; the settings of tables say what is meant"
    )


def test_agreement_with_a_guess_is_right_and_says_so(tmp_path: Path) -> None:
    finding = judge(entry_of(tmp_path), Verdict.ROUNDED)
    assert finding.standing is Standing.RIGHT
    assert finding.reason == "no known cause; timm:resnet18 was taken from the row's name"


def test_a_guess_that_fails_does_not_fail_a_run(tmp_path: Path) -> None:
    assert not judge(entry_of(tmp_path), Verdict.ERROR).fails()


def test_a_builder_of_the_settings_is_none_of_them(tmp_path: Path) -> None:
    named = replace(entry_of(tmp_path), builder=Builder("timm", "resnet18"))
    assert judge(named, Verdict.MISMATCH).standing is Standing.WRONG
