"""Write GitHub's workflow commands: annotations at the lines of a pull request.

A runner shows ten errors, ten warnings and ten notices of a step. So the rows that close the gate
come first, then what was not examined; findings that the baseline has are a number. Of more, an
annotation of their number is the first; the log has them all.
"""

from collections import Counter
from collections.abc import Iterator

from zoo.reporting.gates.limits import (
    ANNOTATION_TEXT,
    ANNOTATION_TITLE,
    ANNOTATIONS,
    Rendering,
    cut,
    note_rest,
)
from zoo.reporting.gates.rows import GateRow, Outcome, State

COMMANDS = {
    State.BROKEN: "error",
    State.FAILED: "error",
    State.NOTED: "notice",
}

# The escapes of GitHub's own toolkit; with them no text can end the command.
DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
PROPERTY = DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(outcome: Outcome) -> Rendering:
    """Return one command a line for every row that is broken, failed or noted, and for what the
    run did not examine, knows, or no longer finds."""
    rows = outcome.worst_first(COMMANDS)
    closing = [_command(outcome, row) for row in rows if row.state is not State.NOTED]
    noted = [_command(outcome, row) for row in rows if row.state is State.NOTED]
    commands = [*closing, *_summaries(outcome), *noted, *_gone(outcome)]
    counts = Counter(command[2:].partition(" ")[0] for command in commands)
    # the first of its kind says that there are more, so one less of the others is shown
    notes = {
        kind: note_rest(ANNOTATIONS.most - 1, number, f"{kind}s are shown", ANNOTATIONS)
        for kind, number in counts.items()
        if number > ANNOTATIONS.most
    }
    first = [_plain_command(kind, outcome.command, note) for kind, note in notes.items()]
    text = "".join(f"{command}\n" for command in (*first, *commands))
    return Rendering(text, tuple(notes.values()))


def _command(outcome: Outcome, row: GateRow) -> str:
    properties = {"file": outcome.path(row), "line": row.place.line, "col": row.place.column}
    if row.width:
        properties |= {"endLine": row.place.line, "endColumn": row.place.column + row.width - 1}
    properties["title"] = cut(f"{row.suite}: {row.name}", ANNOTATION_TITLE)
    stated = ",".join(
        f"{key}={str(value).translate(PROPERTY)}" for key, value in properties.items()
    )
    message = cut(row.message, ANNOTATION_TEXT).translate(DATA)
    return f"::{COMMANDS[row.state]} {stated}::{message}"


def _plain_command(kind: str, title: str, message: str) -> str:
    """Return an annotation of no place."""
    text = cut(message, ANNOTATION_TEXT).translate(DATA)
    return f"::{kind} title={title.translate(PROPERTY)}::{text}"


def _summaries(outcome: Outcome) -> Iterator[str]:
    """Yield commands without a place: what was not examined, and how many findings are known."""
    if outcome.gaps:
        level = "warning" if any(gap.unbuilt for gap in outcome.gaps) else "notice"
        yield _plain_command(level, f"{outcome.command}: not examined", outcome.unexamined)
    if known := sum(row.state is State.KNOWN for row in outcome.rows):
        text = f"not listed: {known:,}"
        yield _plain_command("notice", f"{outcome.command}: known findings", text)


def _gone(outcome: Outcome) -> Iterator[str]:
    if outcome.gone:
        title = f"{outcome.command}: known findings that are gone: {len(outcome.gone)}"
        yield _plain_command("notice", title, "; ".join(outcome.gone))
