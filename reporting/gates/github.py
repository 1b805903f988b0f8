"""GitHub's workflow commands: annotations at the lines of a pull request.

A runner shows ten errors and ten notices of a step, so what closes the gate comes first.
"""

from collections.abc import Iterator

from zoo.reporting.gates.rows import Outcome, Row, State

COMMANDS = {
    State.BROKEN: "error",
    State.FAILED: "error",
    State.KNOWN: "notice",
    State.NOTED: "notice",
}
ORDER = tuple(COMMANDS)

# As GitHub's own toolkit escapes; whatever else stands in a text, the command ends where it should.
DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
PROPERTY = DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(outcome: Outcome) -> str:
    """One command a line for every row that is no plain agreement."""
    shown = sorted(
        (row for row in outcome.rows if row.state in COMMANDS),
        key=lambda row: ORDER.index(row.state),
    )
    return "".join(
        f"{line}\n" for line in (*(_command(outcome, row) for row in shown), *_gone(outcome))
    )


def _command(outcome: Outcome, row: Row) -> str:
    known = "known: " if row.state is State.KNOWN else ""
    properties = {"file": outcome.path(row), "line": row.place.line, "col": row.place.column}
    if row.width:
        properties |= {"endLine": row.place.line, "endColumn": row.place.column + row.width - 1}
    properties["title"] = f"{known}{row.suite}: {row.name}"
    stated = ",".join(
        f"{key}={str(value).translate(PROPERTY)}" for key, value in properties.items()
    )
    return f"::{COMMANDS[row.state]} {stated}::{row.message.translate(DATA)}"


def _gone(outcome: Outcome) -> Iterator[str]:
    if outcome.gone:
        title = f"{outcome.command}: known findings that are gone: {len(outcome.gone)}".translate(
            PROPERTY
        )
        yield f"::notice title={title}::{'; '.join(outcome.gone).translate(DATA)}"
