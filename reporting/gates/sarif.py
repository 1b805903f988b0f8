"""Write SARIF 2.1.0 for code scanning: rules, and results that keep their identity while lines
move."""

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from zoo.reporting.gates.limits import (
    SARIF_BYTES,
    SARIF_RESULTS,
    SARIF_RULE,
    SARIF_SHOWN,
    SARIF_TEXT,
    Rendering,
    cut,
    fit,
    note_rest,
)
from zoo.reporting.gates.rows import GateRow, Outcome, State

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {State.BROKEN: "error", State.FAILED: "error", State.KNOWN: "note", State.NOTED: "note"}


def render(outcome: Outcome) -> Rendering:
    """Return the document; claims that agree or were not checked are not in it, and of more
    results than GitHub takes only the worst."""
    rows = outcome.worst_first(LEVELS)
    total = len(rows)
    text, shown = fit(
        min(total, SARIF_RESULTS.most),
        SARIF_BYTES,
        lambda number: _document(outcome, rows[:number], _notes(number, total)),
        _compressed_size,
    )
    return Rendering(text, _notes(shown, total))


def _notes(shown: int, total: int) -> tuple[str, ...]:
    limit = SARIF_RESULTS if shown == SARIF_RESULTS.most else SARIF_BYTES
    notes = [note_rest(shown, total, "results", limit)] if shown < total else []
    if shown > SARIF_SHOWN.most:
        notes.append(note_rest(SARIF_SHOWN.most, shown, "results are shown", SARIF_SHOWN))
    return tuple(notes)


def _compressed_size(text: str) -> int:
    """Return the size that GitHub's limit is about; the plain size where that is below it."""
    plain = text.encode()
    return len(plain) if len(plain) <= SARIF_BYTES.most else len(gzip.compress(plain, 6))


def _document(outcome: Outcome, rows: list[GateRow], notes: tuple[str, ...]) -> str:
    rules = {rule: number for number, rule in enumerate(dict.fromkeys(row.rule for row in rows))}
    occurrences: Counter[str] = Counter()
    results = []
    for row in rows:
        occurrences[row.mark] += 1
        results.append(_result(outcome, row, rules[row.rule], occurrences[row.mark]))
    driver = {
        "name": "zoo",
        "version": outcome.version,
        "rules": [
            {
                "id": cut(rule.key, SARIF_RULE),
                "shortDescription": {"text": cut(rule.title, SARIF_TEXT)},
                "fullDescription": {"text": cut(rule.meaning, SARIF_TEXT)},
                "help": {"text": cut(rule.help, SARIF_TEXT)},
            }
            for rule in rules
        ],
    }
    run = {
        "tool": {"driver": driver},
        # keeps verify and lint apart
        "automationDetails": {"id": f"{outcome.command.replace(' ', '-')}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(outcome, notes)],
        "results": results,
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _invocation(outcome: Outcome, notes: Sequence[str]) -> dict[str, object]:
    """Return whether anything could be examined, with notifications of what was not, and of what
    the document does not hold."""
    rows = outcome.rows
    readable = not rows or any(row.rule.key != "unreadable" for row in rows)
    remarks = [("warning", note) for note in notes]
    if outcome.gaps:
        level = "warning" if any(gap.unbuilt for gap in outcome.gaps) else "note"
        remarks.append((level, outcome.unexamined))
    invocation: dict[str, object] = {"executionSuccessful": readable}
    if remarks:
        invocation["toolExecutionNotifications"] = [
            {"level": level, "message": {"text": text}} for level, text in remarks
        ]
    return invocation


def _result(outcome: Outcome, row: GateRow, rule: int, occurrence: int) -> dict[str, object]:
    """Return one result; a repeated fingerprint gets the number of its occurrence, since two
    results must not share one."""
    region = {"startLine": row.place.line, "startColumn": row.place.column}
    if row.width:
        region["endColumn"] = row.place.column + row.width
    result: dict[str, object] = {
        "ruleId": cut(row.rule.key, SARIF_RULE),
        "ruleIndex": rule,
        "level": LEVELS[row.state],
        "message": {"text": cut(row.message, SARIF_TEXT)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(outcome.path(row)),
                    "region": region,
                }
            }
        ],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{row.mark}:{occurrence}",
            "zoo/v1": f"{row.mark}:{occurrence}",
        },
    }
    if row.state is State.KNOWN:
        result["suppressions"] = [{"kind": "external", "justification": "the baseline has it"}]
    return result


def _artifact(path: str) -> dict[str, str]:
    """Return a file's address: relative to the root of the sources, absolute outside of it."""
    if Path(path).is_absolute():
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(path), "uriBaseId": "%SRCROOT%"}
