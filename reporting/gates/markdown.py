"""A summary in Markdown, for the page of a CI job or a comment: counts, then what closes the
gate."""

from collections import Counter
from collections.abc import Iterator

from zoo.reporting.gates.rows import Outcome, Row, State
from zoo.reporting.text.markdown import line, table

MOST = 200  # rows of a table: GitHub refuses a summary above a mebibyte


def render(outcome: Outcome) -> str:
    """The page."""
    closing, known = outcome.closing(), [row for row in outcome.rows if row.state is State.KNOWN]
    lines = [
        f"### {outcome.command}: {_count(len(closing), 'finding') if closing else 'nothing new to fix'}",
        "",
    ]
    lines += [*_counts(outcome), ""]
    for title, rows in (("Findings", closing), ("Known findings", known)):
        lines += _section(title, outcome, rows)
    if outcome.gone:
        lines += ["#### Known findings that are gone", ""]
        lines += [
            *(f"- {line(text)}" for text in outcome.gone[:MOST]),
            *_more(len(outcome.gone)),
            "",
        ]
    return "\n".join(lines)


def _counts(outcome: Outcome) -> Iterator[str]:
    """A table of outcomes; one line where nothing was examined."""
    counts = Counter((row.said, row.state) for row in outcome.rows)
    if not counts:
        yield "Nothing was examined."
        return
    order = list(State)
    rows = sorted(counts.items(), key=lambda item: (order.index(item[0][1]), item[0][0]))
    yield table(("Outcome", "Number"), [(_outcome(*key), f"{number:,}") for key, number in rows])


def _outcome(said: str, state: State) -> str:
    return f"{said} (known)" if state is State.KNOWN else said


def _section(title: str, outcome: Outcome, rows: list[Row]) -> list[str]:
    if not rows:
        return []
    cells = [(outcome.where(row), row.said, row.message) for row in rows[:MOST]]
    return [f"#### {title}", "", table(("Where", "Outcome", "What"), cells), *_more(len(rows)), ""]


def _more(number: int) -> list[str]:
    return ["", f"{number - MOST:,} more are not listed here."] if number > MOST else []


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
