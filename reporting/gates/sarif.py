"""SARIF 2.1.0, which code scanning reads: rules, and results that keep their identity while lines
move."""

import json
from collections import Counter
from pathlib import Path
from urllib.parse import quote

from zoo.reporting.gates.rows import Outcome, Row, State

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {State.BROKEN: "error", State.FAILED: "error", State.KNOWN: "note", State.NOTED: "note"}


def render(outcome: Outcome) -> str:
    """The document; claims that agree or were not checked are no results."""
    rows = [row for row in outcome.rows if row.state in LEVELS]
    rules = list(dict.fromkeys(row.rule for row in rows))
    seen: Counter[str] = Counter()
    results = []
    for row in rows:
        seen[row.mark] += 1
        results.append(_result(outcome, row, rules.index(row.rule), seen[row.mark]))
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
        "automationDetails": {
            "id": f"{outcome.command.replace(' ', '-')}/"
        },  # keeps verify and lint apart
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {"executionSuccessful": not any(row.rule.key == "unreadable" for row in rows)}
        ],
        "results": results,
    }
    return (
        json.dumps(
            {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False
        )
        + "\n"
    )


def _result(outcome: Outcome, row: Row, rule: int, turn: int) -> dict[str, object]:
    """One result; a fingerprint that occurs again gets its turn, since two results must not share
    one."""
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
            "primaryLocationLineHash": f"{row.mark}:{turn}",
            "zoo/v1": f"{row.mark}:{turn}",
        },
    }
    if row.state is State.KNOWN:
        result["suppressions"] = [{"kind": "external", "justification": "the baseline has it"}]
    return result


def _artifact(path: str) -> dict[str, str]:
    """A file by its address: relative to the root of the sources, absolute where it lies
    outside."""
    if Path(path).is_absolute():
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(path), "uriBaseId": "%SRCROOT%"}
