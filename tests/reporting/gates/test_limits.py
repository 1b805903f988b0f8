"""The limits of those who read gate formats: kept, the worst rows first, and said."""

import gzip
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from junitparser import JUnitXml

from tests.source_tree import ROOT
from zoo.model_index.records.place import Place
from zoo.reporting.gates import junit, limits, render, sarif
from zoo.reporting.gates.limits import LIMITS, Limit, Rendering, cut, fit
from zoo.reporting.gates.rows import GateRow, Outcome, Rule, State

RULE = Rule("mismatch/flops", "FLOPs: mismatch", "Different.", "Look.")


def row(number: int, state: State = State.FAILED, message: str = "m: wrong") -> GateRow:
    return GateRow(
        suite=f"m{number}",
        name="FLOPs",
        rule=RULE,
        state=state,
        result="wrong",
        message=message,
        place=Place("models/m.yml", number + 1),
        mark=f"{number:032x}",
    )


def outcome(*rows: GateRow, gone: tuple[str, ...] = ()) -> Outcome:
    return Outcome(command="zoo verify", version="1.2", rows=rows, gone=gone, root=str(Path.cwd()))


def many(number: int, message: str = "m: wrong") -> Outcome:
    """So many notes, the last of them an error."""
    notes = (row(index, State.NOTED, message) for index in range(number - 1))
    return outcome(*notes, row(number - 1, State.BROKEN, message))


def noise(length: int) -> str:
    """Characters that cannot be compressed much."""
    return "".join(random.Random(0).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))


def sarif_run(rendering: Rendering) -> dict:
    (run,) = json.loads(rendering.text)["runs"]
    return run


def test_more_results_than_github_takes() -> None:
    rendering = render("sarif", many(26_000))
    run = sarif_run(rendering)
    assert len(run["results"]) == 25_000
    assert (run["results"][0]["level"], run["results"][1]["level"]) == ("error", "note")
    assert rendering.notes == (
        "sarif: 25,000 of 26,000 results, the worst first; "
        "GitHub takes at most 25,000 results in a run",
        "sarif: 5,000 of 25,000 results are shown, the worst first; "
        "GitHub takes at most 5,000 shown results of a run",
    )
    (invocation,) = run["invocations"]
    assert invocation["toolExecutionNotifications"] == [
        {"level": "warning", "message": {"text": note}} for note in rendering.notes
    ]
    assert len(gzip.compress(rendering.text.encode())) < 10_000_000


def test_sarif_within_the_limits_has_no_notification() -> None:
    rendering = render("sarif", many(30))
    assert rendering.notes == ()
    assert "toolExecutionNotifications" not in sarif_run(rendering)["invocations"][0]


def test_sarif_that_is_too_large_after_compression(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "SARIF_BYTES", limits.SARIF_BYTES._replace(most=20_000))
    text = noise(500_000)
    rows = [row(n, message=text[n * 500 : n * 500 + 500]) for n in range(999)]
    rendering = render("sarif", outcome(*rows, row(999, State.BROKEN)))
    assert len(gzip.compress(rendering.text.encode())) <= 20_000
    results = sarif_run(rendering)["results"]
    assert len(results) > 10 and results[0]["message"]["text"] == "m: wrong"
    assert f"sarif: {len(results)} of 1,000 results, the worst first" in rendering.notes[0]


def test_texts_of_sarif_are_as_long_as_github_takes() -> None:
    long = row(0, message="x" * 5_000)
    long = replace(long, rule=RULE._replace(key="y" * 300, title="z" * 2_000))
    run = sarif_run(render("sarif", outcome(long)))
    assert run["results"][0]["message"]["text"] == "x" * 1_023 + "…"
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["id"] == run["results"][0]["ruleId"] == "y" * 254 + "…"
    assert len(rule["shortDescription"]["text"]) == 1_024


def test_annotations_that_are_not_shown_are_counted_in_the_first() -> None:
    errors = [row(number) for number in range(57)]
    rendering = render("github", outcome(row(99, State.NOTED), *errors))
    lines = rendering.text.splitlines()
    note = "github: 9 of 57 errors are shown, the worst first; "
    assert lines[0].startswith(f"::error title=zoo verify::{note}GitHub takes at most 10 annot")
    assert len(lines) == 59 and rendering.notes[0].startswith(note)
    assert lines[-1].startswith("::notice ")
    ten = render("github", outcome(*errors[:10]))
    assert (len(ten.text.splitlines()), ten.notes) == (10, ())


def test_an_annotation_is_as_long_as_a_runner_takes() -> None:
    (line,) = render("github", outcome(row(0, message="x" * 5_000))).text.splitlines()
    assert line.endswith("::" + "x" * 4_095 + "…")
    gone = render("github", outcome(gone=("x" * 3_000, "y" * 3_000))).text
    assert len(gone) < 4_200


def test_junit_that_is_too_large_has_the_worst(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "JUNIT_BYTES", limits.JUNIT_BYTES._replace(most=20_000))
    passed = (row(number, State.PASSED) for number in range(1, 999))
    rendering = render("junit", outcome(*passed, row(0), row(999, State.BROKEN)))
    assert len(rendering.text.encode()) <= 20_000
    document = JUnitXml.fromstring(rendering.text.encode())
    assert (document.errors, document.failures, document.skipped) == (1, 1, 1)
    shown = document.tests - 1
    assert rendering.notes == (
        f"junit: {shown} of 1,000 cases, the worst first; "
        "GitLab takes at most 20,000 bytes of a file",
    )
    assert rendering.notes[0] in rendering.text


def test_more_cases_than_gitlab_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "JUNIT_CASES", limits.JUNIT_CASES._replace(most=10))
    rendering = render("junit", outcome(*(row(number) for number in range(12))))
    assert JUnitXml.fromstring(rendering.text.encode()).failures == 10
    assert "junit: 10 of 12 cases" in rendering.notes[0]
    assert "10 cases of a file" in rendering.notes[0]


def test_a_summary_fits_into_a_comment() -> None:
    rows = [row(number, message="|" * 900) for number in range(300)]
    known = [row(number, State.KNOWN, "*" * 900) for number in range(300)]
    rendering = render("markdown", outcome(*rows, *known, gone=("_" * 900,) * 300))
    assert len(rendering.text) <= 65_536
    assert rendering.text.startswith("### zoo verify: 300 findings")
    assert rendering.text.count(" more are not listed here.") == 2
    assert "rows of a table, the worst first; GitHub takes at most 65,536" in rendering.notes[0]
    short = render("markdown", outcome(*(row(number) for number in range(200))))
    assert short.notes == () and len(short.text) < 65_536


def test_a_single_long_message_stays_in_a_summary() -> None:
    text = render("markdown", outcome(row(0, message="<" * 1_000_000))).text
    assert len(text) <= 65_536 and "models/m.yml:1" in text


def test_fitting_ends_with_nothing_that_fits() -> None:
    limit = Limit("x", "X", 10, "characters", "")
    assert fit(5, limit, lambda number: "y" * number * 4, len) == ("y" * 8, 2)
    assert fit(5, limit, lambda number: "y" * 40, len) == ("y" * 40, 0)
    assert (cut("x" * 10, limit), cut("x" * 11, limit)) == ("x" * 10, "x" * 9 + "…")


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: f"{limit.format}-{limit.unit}")
def test_the_page_on_gates_states_every_limit_and_where_it_is_from(limit: Limit) -> None:
    page = (ROOT / "docs" / "gates.md").read_text()
    assert f"{limit.most:,}" in page and limit.source in page
