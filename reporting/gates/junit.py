"""Write JUnit XML, which CI servers show as tests: a suite for each model or file, a case for each
claim or check.

GitLab takes the class name for the suite, reads the content of a failure rather than its message,
and drops a case with a repeated name; so both are written, and names are unique.
"""

from itertools import groupby

from junitparser import Attr, Error, Failure, IntAttr, JUnitXml, Skipped, TestCase, TestSuite

from zoo.reporting.gates.rows import GateRow, Outcome, State
from zoo.reporting.text.escape import printable

RESULTS = {State.BROKEN: Error, State.FAILED: Failure, State.KNOWN: Skipped, State.SKIPPED: Skipped}


class JUnitCase(TestCase):
    """A case with its file and line."""

    file = Attr()
    line = IntAttr()


def render(outcome: Outcome) -> str:
    """Return the document."""
    document = JUnitXml(outcome.command)
    # a stable sort: a suite's rows stay in order
    rows = sorted(outcome.rows, key=lambda row: row.suite)
    for name, group in groupby(rows, key=lambda row: row.suite):
        suite = TestSuite(name)
        suite.add_testcases([_case(outcome, row) for row in group])
        document.append(suite)
    document.update_statistics()
    return f'<?xml version="1.0" encoding="utf-8"?>\n{document.tostring().decode()}\n'


def _case(outcome: Outcome, row: GateRow) -> TestCase:
    case = JUnitCase(row.name, classname=row.suite)
    case.file, case.line = printable(outcome.path(row)), row.place.line
    if kind := RESULTS.get(row.state):
        message = f"known: {row.message}" if row.state is State.KNOWN else row.message
        result = kind(message, row.rule.key)
        result.text = f"{outcome.where(row)}: {message}"
        case.result = [result]
    elif row.state is State.NOTED:
        case.system_out = f"{outcome.where(row)}: {row.message}"
    return case
