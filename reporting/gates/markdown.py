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
    total = max(len(outcome.closing()), len(outcome.gone))
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
    summary = _count(len(closing), "finding") if closing else "nothing new to fix"
    lines = [f"### {outcome.command}: {summary}", ""]
    lines += [*_counts(outcome), ""]
    if outcome.gaps:
        lines += [line(_sentence(outcome.unexamined)), ""]
    lines += _section("Findings", outcome, closing, most)
    if outcome.gone:
        lines += ["#### Known findings that are gone", ""]
        lines += [f"- {line(cut(text, ROW_TEXT))}" for text in outcome.gone[:most]]
        lines += [*_more(len(outcome.gone), most), ""]
    return "\n".join(lines)


def _counts(outcome: Outcome) -> Iterator[str]:
    """Yield a table of outcomes; one line where nothing was examined."""
    counts = Counter((_outcome(row), row.state) for row in outcome.rows)
    if not counts:
        yield "Nothing was examined."
        return
    order = list(State)
    rows = sorted(counts.items(), key=lambda item: (order.index(item[0][1]), item[0][0]))
    yield table(("Outcome", "Number"), [(text, f"{number:,}") for (text, _), number in rows])


def _outcome(row: GateRow) -> str:
    """Return the outcome; say what fails nothing though its like does."""
    if row.state is State.SKIPPED and row.rule.key.startswith("error/"):
        return f"{row.result}, not built"
    return f"{row.result} (known)" if row.state is State.KNOWN else row.result


def _section(title: str, outcome: Outcome, rows: list[GateRow], most: int) -> list[str]:
    if not rows:
        return []
    cells = [(outcome.where(row), row.result, cut(row.message, ROW_TEXT)) for row in rows[:most]]
    lines = [table(("Where", "Outcome", "What"), cells)] if cells else []
    return [f"#### {title}", "", *lines, *_more(len(rows), most), ""]


def _more(number: int, most: int) -> list[str]:
    return ["", f"{number - most:,} more are not listed here."] if number > most else []


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
