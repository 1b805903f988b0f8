"""Write GitHub's workflow commands: annotations at the lines of a pull request.

A runner shows ten errors and ten notices of a step, so the rows that close the gate come first.
"""

from collections.abc import Iterator

from zoo.reporting.gates.rows import GateRow, Outcome, State

COMMANDS = {
    State.BROKEN: "error",
    State.FAILED: "error",
    State.KNOWN: "notice",
    State.NOTED: "notice",
}
ORDER = tuple(COMMANDS)

# The escapes of GitHub's own toolkit; with them no text can end the command.
DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
PROPERTY = DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(outcome: Outcome) -> str:
    """Return one command a line for every row that is broken, failed, known or noted."""
    reported = sorted(
        (row for row in outcome.rows if row.state in COMMANDS),
        key=lambda row: ORDER.index(row.state),
    )
    commands = [*(_command(outcome, row) for row in reported), *_gone(outcome)]
    return "".join(f"{command}\n" for command in commands)


def _command(outcome: Outcome, row: GateRow) -> str:
    prefix = "known: " if row.state is State.KNOWN else ""
    properties = {"file": outcome.path(row), "line": row.place.line, "col": row.place.column}
    if row.width:
        properties |= {"endLine": row.place.line, "endColumn": row.place.column + row.width - 1}
    properties["title"] = f"{prefix}{row.suite}: {row.name}"
    stated = ",".join(
        f"{key}={str(value).translate(PROPERTY)}" for key, value in properties.items()
    )
    return f"::{COMMANDS[row.state]} {stated}::{row.message.translate(DATA)}"


def _gone(outcome: Outcome) -> Iterator[str]:
    if outcome.gone:
        title = f"{outcome.command}: known findings that are gone: {len(outcome.gone)}"
        findings = "; ".join(outcome.gone).translate(DATA)
        yield f"::notice title={title.translate(PROPERTY)}::{findings}"
