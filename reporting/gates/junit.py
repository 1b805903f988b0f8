"""Write JUnit XML, which CI servers show as tests: a suite for each model or file, a case for each
claim or check.

GitLab takes the class name for the suite, reads the content of a failure rather than its message,
and drops a case with a repeated name; so both are written, and names are unique.
"""

from itertools import groupby

from junitparser import Attr, Error, Failure, IntAttr, JUnitXml, Skipped, TestCase, TestSuite

from zoo.reporting.gates.limits import (
    JUNIT_BYTES,
    JUNIT_CASES,
    JUNIT_TEXT,
    Rendering,
    cut,
    fit,
    note_rest,
)
from zoo.reporting.gates.rows import GateRow, Outcome, State
from zoo.reporting.text.escape import printable

RESULTS = {State.BROKEN: Error, State.FAILED: Failure, State.KNOWN: Skipped, State.SKIPPED: Skipped}


class JUnitCase(TestCase):
    """A case with its file and line."""

    file = Attr()
    line = IntAttr()


def render(outcome: Outcome) -> Rendering:
    """Return the document; where it would be too large, only the worst rows."""
    total = len(outcome.rows)
    text, shown = fit(
        min(total, JUNIT_CASES.most),
        JUNIT_BYTES,
        lambda number: _document(outcome, number),
        lambda document: len(document.encode()),
    )
    return Rendering(text, (_note(shown, total),) if shown < total else ())


def _note(shown: int, total: int) -> str:
    limit = JUNIT_CASES if shown == JUNIT_CASES.most else JUNIT_BYTES
    return note_rest(shown, total, "cases", limit)


def _document(outcome: Outcome, number: int) -> str:
    """Return the document of all rows, or of the worst and a skipped case that says so."""
    total = len(outcome.rows)
    rows = outcome.rows if number == total else outcome.worst_first()[:number]
    document = JUnitXml(outcome.command)
    # a stable sort: a suite's rows stay in order
    ordered = sorted(rows, key=lambda row: row.suite)
    for name, group in groupby(ordered, key=lambda row: row.suite):
        document.append(_suite(name, [_case(outcome, row) for row in group]))
    remarks = []
    if outcome.gaps:
        remarks.append(_remark(outcome, "every claim is examined", outcome.unexamined))
    if number < total:
        remarks.append(_remark(outcome, "cases that are not listed", _note(number, total)))
    if remarks:
        document.append(_suite(outcome.command, remarks))
    document.update_statistics()
    return f'<?xml version="1.0" encoding="utf-8"?>\n{document.tostring().decode()}\n'


def _suite(name: str, cases: list[TestCase]) -> TestSuite:
    suite = TestSuite(name)
    suite.add_testcases(cases)
    return suite


def _remark(outcome: Outcome, name: str, text: str) -> TestCase:
    """Return a skipped case about the whole document."""
    case = TestCase(name, classname=outcome.command)
    result = Skipped(text)
    result.text = text
    case.result = [result]
    return case


def _case(outcome: Outcome, row: GateRow) -> TestCase:
    case = JUnitCase(row.name, classname=row.suite)
    case.file, case.line = printable(outcome.path(row)), row.place.line
    if kind := RESULTS.get(row.state):
        prefix = "known: " if row.state is State.KNOWN else ""
        message = cut(f"{prefix}{row.message}", JUNIT_TEXT)
        result = kind(message, row.rule.key)
        result.text = f"{outcome.where(row)}: {message}"
        case.result = [result]
    elif row.state is State.NOTED:
        case.system_out = f"{outcome.where(row)}: {cut(row.message, JUNIT_TEXT)}"
    return case
