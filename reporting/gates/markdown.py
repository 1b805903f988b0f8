"""Write a summary in Markdown for the page of a CI job or a comment: counts, then the rows that
close the gate."""

from collections import Counter
from collections.abc import Iterator

from zoo.reporting.gates.rows import GateRow, Outcome, State
from zoo.reporting.text.markdown import line, table

MOST_ROWS = 200  # of a table: GitHub refuses a summary above a mebibyte


def render(outcome: Outcome) -> str:
    """Return the page."""
    closing = outcome.closing()
    in_baseline = [row for row in outcome.rows if row.state is State.KNOWN]
    summary = _count(len(closing), "finding") if closing else "nothing new to fix"
    lines = [f"### {outcome.command}: {summary}", ""]
    lines += [*_counts(outcome), ""]
    for title, rows in (("Findings", closing), ("Known findings", in_baseline)):
        lines += _section(title, outcome, rows)
    if outcome.gone:
        lines += ["#### Known findings that are gone", ""]
        lines += [f"- {line(text)}" for text in outcome.gone[:MOST_ROWS]]
        lines += [*_more(len(outcome.gone)), ""]
    return "\n".join(lines)


def _counts(outcome: Outcome) -> Iterator[str]:
    """Yield a table of outcomes; one line where nothing was examined."""
    counts = Counter((row.result, row.state) for row in outcome.rows)
    if not counts:
        yield "Nothing was examined."
        return
    order = list(State)
    rows = sorted(counts.items(), key=lambda item: (order.index(item[0][1]), item[0][0]))
    yield table(("Outcome", "Number"), [(_outcome(*key), f"{number:,}") for key, number in rows])


def _outcome(result: str, state: State) -> str:
    return f"{result} (known)" if state is State.KNOWN else result


def _section(title: str, outcome: Outcome, rows: list[GateRow]) -> list[str]:
    if not rows:
        return []
    cells = [(outcome.where(row), row.result, row.message) for row in rows[:MOST_ROWS]]
    return [f"#### {title}", "", table(("Where", "Outcome", "What"), cells), *_more(len(rows)), ""]


def _more(number: int) -> list[str]:
    return ["", f"{number - MOST_ROWS:,} more are not listed here."] if number > MOST_ROWS else []


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
