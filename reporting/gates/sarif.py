"""Write SARIF 2.1.0 for code scanning: rules, and results that keep their identity while lines
move."""

import json
from collections import Counter
from pathlib import Path
from urllib.parse import quote

from zoo.reporting.gates.rows import GateRow, Outcome, State

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {State.BROKEN: "error", State.FAILED: "error", State.KNOWN: "note", State.NOTED: "note"}


def render(outcome: Outcome) -> str:
    """Return the document; claims that agree or were not checked are not in it."""
    rows = [row for row in outcome.rows if row.state in LEVELS]
    rules = list(dict.fromkeys(row.rule for row in rows))
    occurrences: Counter[str] = Counter()
    results = []
    for row in rows:
        occurrences[row.mark] += 1
        results.append(_result(outcome, row, rules.index(row.rule), occurrences[row.mark]))
    driver = {
        "name": "zoo",
        "version": outcome.version,
        "rules": [
            {
                "id": rule.key,
                "shortDescription": {"text": rule.title},
                "fullDescription": {"text": rule.meaning},
                "help": {"text": rule.help},
            }
            for rule in rules
        ],
    }
    run = {
        "tool": {"driver": driver},
        # keeps verify and lint apart
        "automationDetails": {"id": f"{outcome.command.replace(' ', '-')}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {"executionSuccessful": not rows or any(row.rule.key != "unreadable" for row in rows)}
        ],
        "results": results,
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _result(outcome: Outcome, row: GateRow, rule: int, occurrence: int) -> dict[str, object]:
    """Return one result; a repeated fingerprint gets the number of its occurrence, since two
    results must not share one."""
    region = {"startLine": row.place.line, "startColumn": row.place.column}
    if row.width:
        region["endColumn"] = row.place.column + row.width
    result: dict[str, object] = {
        "ruleId": row.rule.key,
        "ruleIndex": rule,
        "level": LEVELS[row.state],
        "message": {"text": row.message},
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
