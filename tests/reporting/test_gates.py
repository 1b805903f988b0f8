"""What gates read: each format from the same rows, in which nothing of an index can become markup
or a command."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from markdown_it import MarkdownIt
from msgspec.structs import replace as changed

from zoo.model_index.checks.lint import CHECKS, Lint
from zoo.model_index.errors import Fault
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.quantities.value import ParsedValue
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Index
from zoo.reporting.gates import markdown, render
from zoo.reporting.gates.rows import GateRow, Outcome, State, of_faults, of_findings, of_lints
from zoo.reporting.views.catalogue import Zoo

HOSTILE = (
    "a|b\x1b[31m\r\n::error::c ]]> <script> `d` [e](https://evil.example) @team, 50%: \ud7ff\ufffe"
)

LAYERS = (
    "net10: Layers by Acme: claimed 11, measured 10: wrong (mismatch), the name says 10; use 10"
)


def outcome(rows: tuple[GateRow, ...], *, gone: tuple[str, ...] = (), root: str = "") -> Outcome:
    return Outcome(
        command="zoo verify", version="1.2", rows=rows, gone=gone, root=root or str(Path.cwd())
    )


@pytest.fixture
def rows(toy: Zoo) -> tuple[GateRow, ...]:
    """One row of every verdict of the toy model net10, at `models/toy.yml`."""
    findings = [
        replace(f, claim=changed(f.claim, place=changed(f.claim.place, file="models/toy.yml")))
        for f in toy.findings
    ]
    fails = [finding.fails() for finding in findings]
    return of_findings(findings, fails, [False] * len(findings))


def test_rows_say_what_they_mean_for_a_gate(rows: tuple[GateRow, ...]) -> None:
    assert [(row.name, row.state, row.result, row.rule.key) for row in rows] == [
        ("FLOPs by Acme", State.NOTED, "right (explained)", "explained/flops"),
        ("Parameters by Acme", State.PASSED, "right (rounded)", "rounded/parameters"),
        ("ID by Acme", State.PASSED, "right (exact)", "exact/id"),
        ("Layers by Acme", State.FAILED, "wrong (mismatch)", "mismatch/layers"),
        ("Image Size by Acme", State.PASSED, "right (exact)", "exact/image_size"),
        (
            "Top 1 Accuracy on ImageNet by Acme",
            State.SKIPPED,
            "unknown (unchecked)",
            "unchecked/top1",
        ),
        ("Top 5 Accuracy on ImageNet by Acme", State.BROKEN, "unknown (error)", "error/top5"),
    ]
    assert rows[3].message == LAYERS


def test_what_fails_is_failed_whatever_its_verdict(toy: Zoo) -> None:
    found = [f for f in toy.findings if f.verdict in (Verdict.EXPLAINED, Verdict.UNCHECKED)]
    assert {row.state for row in of_findings(found, [True, True], [False, False])} == {State.FAILED}


def test_what_is_known_does_not_close_and_what_agrees_stays_so(toy: Zoo) -> None:
    fails = [finding.fails() for finding in toy.findings]
    states = [row.state for row in of_findings(toy.findings, fails, [True] * len(toy.findings))]
    assert (states[1], states[3], states[6]) == (State.PASSED, State.KNOWN, State.KNOWN)


def test_no_two_rows_of_a_suite_have_one_name(toy: Zoo) -> None:
    twice = of_findings([toy.findings[3]] * 2, [True] * 2, [False] * 2)
    assert [row.name for row in twice] == ["Layers by Acme", "Layers by Acme (2)"]
    assert twice[0].mark == twice[1].mark


def test_paths_are_relative_to_the_root(rows: tuple[GateRow, ...]) -> None:
    below = outcome(rows, root=str(Path.cwd() / "models"))
    assert (below.path(rows[0]), outcome(rows).path(rows[0])) == ("toy.yml", "models/toy.yml")
    assert outcome(rows, root="/nowhere").path(rows[0]) == str(Path.cwd() / "models/toy.yml")


def test_a_check_that_a_file_passes_is_a_row_too() -> None:
    checks = [("crop-pct", "a crop fraction is above 0"), ("siblings", "alike")]
    found = [Lint("crop-pct", "Crop Pct 3: expected less", Place("a.yml", 4, 3), "net")]
    made = of_lints(found, [False], ["a.yml", "b.yml"], checks)
    assert [(row.suite, row.name, row.state) for row in made] == [
        ("a.yml", "crop-pct: net", State.FAILED),
        ("b.yml", "crop-pct", State.PASSED),
        ("a.yml", "siblings", State.PASSED),
        ("b.yml", "siblings", State.PASSED),
    ]
    assert (made[0].rule.key, made[0].rule.title) == ("lint/crop-pct", "A crop fraction is above 0")
    assert made[0].message == "net: Crop Pct 3: expected less"
    assert {check.rule for check in CHECKS} == {
        row.name for row in of_lints([], [], ["x"], [(c.rule, c.description) for c in CHECKS])
    }


def test_github_says_what_fails_first_and_escapes_as_github_does(rows: tuple[GateRow, ...]) -> None:
    place = rows[3].place
    lines = render("github", outcome(rows, gone=("net9: 50%",))).text.splitlines()
    assert lines[0].startswith(
        "::error file=models/toy.yml,line=32,col=54,endLine=32,endColumn=58,title=net10%3A Top 5"
    )
    assert lines[1] == (
        f"::error file=models/toy.yml,line={place.line},col={place.column},endLine={place.line},"
        f"endColumn={place.column + 1},title=net10%3A Layers by Acme"
        f"::{LAYERS}"
    )
    assert lines[2].startswith("::notice file=models/toy.yml,") and "explained" in lines[2]
    assert lines[3:] == [
        "::notice title=zoo verify%3A known findings that are gone%3A 1::net9: 50%25"
    ]


def test_junit_has_a_suite_a_model_and_a_case_a_claim(rows: tuple[GateRow, ...]) -> None:
    document = JUnitXml.fromstring(render("junit", outcome(rows)).text.encode())
    (suite,) = document
    assert (document.name, suite.name) == ("zoo verify", "net10")
    assert (document.tests, document.failures, document.errors, document.skipped) == (7, 1, 1, 1)
    cases = {case.name: case for case in suite}
    (failure,) = cases["Layers by Acme"].result
    assert isinstance(failure, Failure) and failure.type == "mismatch/layers"
    assert failure.text == f"models/toy.yml:{rows[3].place.line}: {failure.message}"
    assert cases["Layers by Acme"]._elem.attrib["file"] == "models/toy.yml"
    assert cases["Layers by Acme"]._elem.attrib["line"] == str(rows[3].place.line)
    assert isinstance(cases["Top 5 Accuracy on ImageNet by Acme"].result[0], Error)
    assert isinstance(cases["Top 1 Accuracy on ImageNet by Acme"].result[0], Skipped)
    assert cases["Parameters by Acme"].is_passed and cases["FLOPs by Acme"].is_passed
    assert "twice gives the claim" in cases["FLOPs by Acme"].system_out


def test_junit_skips_what_is_known(rows: tuple[GateRow, ...]) -> None:
    known = tuple(
        replace(row, state=State.KNOWN) if row.state is State.FAILED else row for row in rows
    )
    document = JUnitXml.fromstring(render("junit", outcome(known)).text.encode())
    assert (document.failures, document.skipped) == (0, 2)
    assert "known: net10: Layers by Acme" in render("junit", outcome(known)).text


def sarif(rows: tuple[GateRow, ...], root: str = "") -> dict:
    (run,) = json.loads(render("sarif", outcome(rows, root=root)).text)["runs"]
    return run


def test_sarif_has_rules_results_and_places(rows: tuple[GateRow, ...]) -> None:
    run = sarif(rows)
    results = run["results"]
    assert [(result["ruleId"], result["level"]) for result in results] == [
        ("error/top5", "error"),
        ("mismatch/layers", "error"),
        ("explained/flops", "note"),
    ]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in results] == [
        result["ruleId"] for result in results
    ]
    assert rules[1]["help"]["text"].startswith("`zoo explain MODEL 'Layers'` shows")
    assert run["automationDetails"]["id"] == "zoo-verify/"
    place = results[1]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "models/toy.yml", "uriBaseId": "%SRCROOT%"}
    column = rows[3].place.column
    assert place["region"] == {
        "startLine": rows[3].place.line,
        "startColumn": column,
        "endColumn": column + 2,
    }


def test_sarif_fingerprints_stay_when_lines_move_and_differ_where_findings_do(
    rows: tuple[GateRow, ...],
) -> None:
    def prints(rows: tuple[GateRow, ...]) -> list[str]:
        return [
            result["partialFingerprints"]["primaryLocationLineHash"]
            for result in sarif(rows)["results"]
        ]

    moved = tuple(replace(row, place=changed(row.place, line=row.place.line + 9)) for row in rows)
    assert prints(moved) == prints(rows)
    assert len(set(prints(rows + rows))) == 6


def test_sarif_suppresses_what_is_known(rows: tuple[GateRow, ...]) -> None:
    (result,) = sarif((replace(rows[3], state=State.KNOWN),))["results"]
    assert (result["level"], result["suppressions"][0]["kind"]) == ("note", "external")


def test_sarif_addresses_are_addresses(rows: tuple[GateRow, ...]) -> None:
    odd = replace(rows[3], place=changed(rows[3].place, file="models/a b#c%.yml"))

    def uri(root: str) -> str:
        return sarif((odd,), root)["results"][0]["locations"][0]["physicalLocation"][
            "artifactLocation"
        ]["uri"]

    assert uri("") == "models/a%20b%23c%25.yml"
    assert uri("/nowhere") == (Path.cwd() / "models/a b#c%.yml").as_uri()


def test_a_summary_counts_and_lists(rows: tuple[GateRow, ...]) -> None:
    known = replace(rows[3], state=State.KNOWN, name="other")
    page = render("markdown", outcome((*rows, known), gone=("net9: FLOPs",))).text
    lines = page.splitlines()
    assert lines[0] == "### zoo verify: 2 findings"
    assert lines[4:11] == [
        "| unknown (error) | 1 |",
        "| wrong (mismatch) | 1 |",
        "| wrong (mismatch) (known) | 1 |",
        "| right (explained) | 1 |",
        "| unknown (unchecked) | 1 |",
        "| right (exact) | 2 |",
        "| right (rounded) | 1 |",
    ]
    assert (
        f"| models/toy.yml:{rows[3].place.line} | wrong (mismatch) | {rows[3].message} |" in lines
    )
    assert "#### Findings" in lines and "#### Known findings" not in lines
    assert lines[-3:] == ["#### Known findings that are gone", "", "- net9: FLOPs"]


def test_a_summary_without_findings_says_so(rows: tuple[GateRow, ...]) -> None:
    assert (
        render("markdown", outcome(rows[:1])).text.splitlines()[0]
        == "### zoo verify: nothing new to fix"
    )
    assert "Nothing was examined." in render("markdown", outcome(())).text


def test_a_summary_is_of_bounded_length(
    rows: tuple[GateRow, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markdown, "TABLE", markdown.TABLE._replace(most=2))
    page = render("markdown", outcome(rows[3:4] * 5)).text
    assert page.count("the name says 10") == 2
    assert "\n3 more are not listed here.\n" in page


@pytest.fixture
def hostile(files_at: Callable[[str], Index]) -> tuple[GateRow, ...]:
    """A finding, a lint and a fault, all full of what means something somewhere."""
    claim = files_at("Models:\n- Name: a\n  Metadata: {Interpolation: b}\n").entries[0].claims[0]
    claim = changed(
        claim,
        model=HOSTILE,
        publisher=HOSTILE,
        quantity=f"other:{HOSTILE}",
        label=HOSTILE,
        raw=HOSTILE,
        place=Place(HOSTILE, 3, 1),
    )
    finding = Finding(
        claim=changed(claim, parsed=ParsedValue(HOSTILE)), verdict=Verdict.MISMATCH, reason=HOSTILE
    )
    lint = Lint("siblings", HOSTILE, Place(HOSTILE, 1), HOSTILE)
    fault = Fault(HOSTILE, 1, HOSTILE, HOSTILE, HOSTILE)
    return (
        *of_findings([finding], [True], [False]),
        *of_lints([lint], [False], [HOSTILE], [("siblings", "alike")]),
        *of_faults([fault]),
    )


@pytest.fixture
def files_at(tmp_path: Path) -> Callable[[str], Index]:
    from zoo.model_index.load import load

    def read(text: str) -> Index:
        (tmp_path / "i.yml").write_text(text)
        return load([tmp_path / "i.yml"])

    return read


def test_a_hostile_index_makes_a_command_a_row_and_no_other(hostile: tuple[GateRow, ...]) -> None:
    text = render("github", outcome(hostile, root="/")).text
    assert len(text.splitlines()) == len(hostile) == 3
    for line in text.splitlines():
        properties, _, _ = line.removeprefix("::error ").partition("::")
        assert [part.partition("=")[0] for part in properties.split(",")] == [
            "file",
            "line",
            "col",
            "title",
        ]


def test_a_hostile_index_gives_xml_and_json_that_can_be_read(hostile: tuple[GateRow, ...]) -> None:
    document = JUnitXml.fromstring(render("junit", outcome(hostile)).text.encode())
    assert (document.tests, document.failures, document.errors) == (3, 2, 1)
    assert len(sarif(hostile)["results"]) == 3


def test_a_hostile_index_gives_a_summary_without_markup(hostile: tuple[GateRow, ...]) -> None:
    page = render("markdown", outcome(hostile, gone=(HOSTILE,))).text
    html = MarkdownIt("gfm-like", {"linkify": False}).render(page)
    assert html.count("<tr>") == 1 + 3 + 1 + 3  # heads and rows of the two tables
    for markup in ("<script", "<a ", "<code", "\x1b", "<img", "<em"):
        assert markup not in html
    assert "https\\://evil" in page and "\\@team" in page
