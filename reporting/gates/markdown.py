"""Write a summary in Markdown for the page of a CI job or a comment: counts, then the rows that
close the gate."""

from collections import Counter
from collections.abc import Iterator

from zoo.reporting.gates.limits import (
    MARKDOWN_TEXT,
    ROW_TEXT,
    Limit,
    Rendering,
    cut,
    fit,
    note_rest,
)
from zoo.reporting.gates.rows import GateRow, Outcome, State
from zoo.reporting.text.markdown import line, table

TABLE = Limit("markdown", "a summary", 200, "rows of a table", "")  # nobody reads more


def render(outcome: Outcome) -> Rendering:
    """Return the page."""
    tables = (len(outcome.closing()), len(outcome.worst_first({State.KNOWN})), len(outcome.gone))
    total = max(tables)
    text, shown = fit(
        min(total, TABLE.most),
        MARKDOWN_TEXT,
        lambda most: _page(outcome, most),
        len,
    )
    limit = TABLE if shown == TABLE.most else MARKDOWN_TEXT
    notes = (note_rest(shown, total, "rows of a table", limit),) if shown < total else ()
    return Rendering(text, notes)


def _page(outcome: Outcome, most: int) -> str:
    """Return the page with at most so many rows in a table."""
    closing = outcome.closing()
    in_baseline = outcome.worst_first({State.KNOWN})
    summary = _count(len(closing), "finding") if closing else "nothing new to fix"
    lines = [f"### {outcome.command}: {summary}", ""]
    lines += [*_counts(outcome), ""]
    for title, rows in (("Findings", closing), ("Known findings", in_baseline)):
        lines += _section(title, outcome, rows, most)
    if outcome.gone:
        lines += ["#### Known findings that are gone", ""]
        lines += [f"- {line(cut(text, ROW_TEXT))}" for text in outcome.gone[:most]]
        lines += [*_more(len(outcome.gone), most), ""]
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


def _section(title: str, outcome: Outcome, rows: list[GateRow], most: int) -> list[str]:
    if not rows:
        return []
    cells = [(outcome.where(row), row.result, cut(row.message, ROW_TEXT)) for row in rows[:most]]
    lines = [table(("Where", "Outcome", "What"), cells)] if cells else []
    return [f"#### {title}", "", *lines, *_more(len(rows), most), ""]


def _more(number: int, most: int) -> list[str]:
    return ["", f"{number - most:,} more are not listed here."] if number > most else []


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
