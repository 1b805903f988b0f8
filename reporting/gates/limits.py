"""The limits of those who read the formats of gates, and where each is stated.

What exceeds a limit is refused as a whole or dropped silently, so a renderer leaves the least
important rows out and says how many.
"""

from collections.abc import Callable
from typing import NamedTuple

CODE_SCANNING = (
    "https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/"
    "sarif-support-for-code-scanning"
)
PROBLEM_MATCHERS = "https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md"
RUNNER = "https://github.com/actions/runner/blob/main/src/Runner.Worker/ExecutionContext.cs"
CHECK_RUNS = "https://docs.github.com/en/rest/checks/runs"
COMMENTS = "https://github.com/orgs/community/discussions/27190"
GITLAB_REPORTS = "https://docs.gitlab.com/ci/testing/unit_test_reports"
GITLAB_CASES = "https://docs.gitlab.com/user/gitlab_com/#cicd"


class Limit(NamedTuple):
    """The most that a reader takes of something, and the page that says so."""

    format: str
    reader: str
    most: int
    unit: str
    source: str


SARIF_RESULTS = Limit("sarif", "GitHub", 25_000, "results in a run", CODE_SCANNING)
SARIF_SHOWN = Limit("sarif", "GitHub", 5_000, "shown results of a run", CODE_SCANNING)
SARIF_BYTES = Limit("sarif", "GitHub", 10_000_000, "bytes after gzip", CODE_SCANNING)
SARIF_TEXT = Limit("sarif", "GitHub", 1_024, "characters of a message", CODE_SCANNING)
SARIF_RULE = Limit("sarif", "GitHub", 255, "characters of a rule's name", CODE_SCANNING)
ANNOTATIONS = Limit("github", "GitHub", 10, "annotations of a kind in a step", PROBLEM_MATCHERS)
ANNOTATION_TEXT = Limit("github", "GitHub", 4_096, "characters of a message", RUNNER)
ANNOTATION_TITLE = Limit("github", "GitHub", 255, "characters of a title", CHECK_RUNS)
MARKDOWN_TEXT = Limit("markdown", "GitHub", 65_536, "characters of a comment", COMMENTS)
JUNIT_BYTES = Limit("junit", "GitLab", 30_000_000, "bytes of a file", GITLAB_REPORTS)
JUNIT_CASES = Limit("junit", "GitLab", 500_000, "cases of a file", GITLAB_CASES)
# Nobody states these; a message holds what an index says, which may be long.
JUNIT_TEXT = ANNOTATION_TEXT._replace(format="junit")
ROW_TEXT = SARIF_TEXT._replace(format="markdown")
LIMITS = (
    SARIF_RESULTS,
    SARIF_SHOWN,
    SARIF_BYTES,
    SARIF_TEXT,
    SARIF_RULE,
    ANNOTATIONS,
    ANNOTATION_TEXT,
    ANNOTATION_TITLE,
    MARKDOWN_TEXT,
    JUNIT_BYTES,
    JUNIT_CASES,
)


class Rendering(NamedTuple):
    """A format's text, and what a person has to know of what is not in it."""

    text: str
    notes: tuple[str, ...] = ()


def cut(text: str, limit: Limit) -> str:
    """Return a text of at most so many characters, with an ellipsis where it was longer."""
    return text if len(text) <= limit.most else text[: limit.most - 1] + "…"


def fit(
    rows: int, limit: Limit, render: Callable[[int], str], measure: Callable[[str], int]
) -> tuple[str, int]:
    """Render the first rows, as many of them as a limit of the text's size allows; return the text
    and their number."""
    while True:
        text = render(rows)
        size = measure(text)
        if size <= limit.most or not rows:
            return text, rows
        rows = min(rows - 1, rows * limit.most * 9 // (size * 10))


def note_rest(shown: int, total: int, noun: str, limit: Limit) -> str:
    """Say that a format has only the worst rows: `25,000 of 26,000 results, the worst first`."""
    return (
        f"{limit.format}: {shown:,} of {total:,} {noun}, the worst first; "
        f"{limit.reader} takes at most {limit.most:,} {limit.unit}"
    )
