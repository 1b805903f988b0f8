"""What a command found, as rows that every format can render: findings, lint, and faults of
unreadable files.

Texts of an index become harmless here, once: one line each, and no character that a reader would
not see.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zoo.model_index.baseline import Mark, digest, of_finding, of_lint
from zoo.model_index.errors import Fault
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Claim
from zoo.reporting.text.escape import printable
from zoo.reporting.views.verdicts import standing

if TYPE_CHECKING:
    from zoo.model_index.checks.lint import Lint


class State(StrEnum):
    """What a row means for a gate: broken and failed rows close it."""

    BROKEN = "broken"  # could not be examined
    FAILED = "failed"
    KNOWN = "known"  # would fail, and the baseline has it
    NOTED = "noted"
    SKIPPED = "skipped"
    PASSED = "passed"


CLOSING = frozenset({State.BROKEN, State.FAILED})


class Rule(NamedTuple):
    """What a row is an instance of: `mismatch/flops`, what that means, and what to do about it."""

    key: str
    title: str
    meaning: str
    help: str


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was looked at, and what came of it.

    `suite` is the model it is about, or the file; no two rows of a suite have one `name`. `said` is
    the outcome in a word. `width` is the number of characters at `place`, 0 where they may be on
    several lines. `mark` is the row's fingerprint, the same wherever it stands.
    """

    suite: str
    name: str
    rule: Rule
    state: State
    said: str
    message: str
    place: Place
    width: int = 0
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that one command found; `root` is the folder that paths are given relative to."""

    command: str
    version: str
    rows: tuple[Row, ...]
    gone: tuple[str, ...] = ()
    root: str = ""

    def path(self, row: Row) -> str:
        """The row's file relative to the root, with slashes; the whole path where it lies
        elsewhere."""
        file = Path(os.path.abspath(row.place.file))
        return (
            file.relative_to(self.root).as_posix()
            if file.is_relative_to(self.root or "/")
            else file.as_posix()
        )

    def where(self, row: Row) -> str:
        """`models/dla.yml:12`, for people."""
        return f"{printable(self.path(row))}:{row.place.line}"

    def closing(self) -> list[Row]:
        """The rows that close the gate."""
        return [row for row in self.rows if row.state in CLOSING]


def of_findings(
    findings: Sequence[Finding], known: Sequence[bool], strict: bool = False
) -> tuple[Row, ...]:
    """A row for each finding of `zoo verify`."""
    number = _numbered()
    return tuple(
        _of_finding(finding, _state(finding, strict, old), number)
        for finding, old in zip(findings, known, strict=True)
    )


def _of_finding(finding: Finding, state: State, number: Callable[[str, str], str]) -> Row:
    claim, stands = finding.claim, standing(finding)
    claimed, measured = finding.display_values()
    rule = Rule(
        f"{stands.key}/{claim.quantity}",
        f"{claim.row.label}: {stands.label}",
        f"{stands.meaning[0].upper()}{stands.meaning[1:]}.",
        f"`zoo explain MODEL '{claim.row.label}'` shows what was measured and every cause that was tried.",
    )
    name = (
        f"{claim.row.label}{f' on {claim.dataset}' if claim.dataset else ''} by {claim.publisher}"
    )
    told = f"claimed {claimed}" + (f", measured {measured}" if measured else "")
    return Row(
        suite=printable(claim.model),
        name=number(printable(claim.model), printable(name)),
        rule=rule,
        state=state,
        said=finding.verdict_label,
        message=printable(
            f"{claim.model}: {name}: {told}: {finding.verdict_label}, {finding.reason}"
        ),
        place=claim.place,
        width=_width(claim),
        mark=digest(of_finding(finding)),
    )


QUIET = {Verdict.EXPLAINED: State.NOTED, Verdict.UNCHECKED: State.SKIPPED}


def _state(finding: Finding, strict: bool, known: bool) -> State:
    if not finding.fails(strict):
        return QUIET.get(finding.verdict, State.PASSED)
    if known:
        return State.KNOWN
    return State.BROKEN if finding.verdict is Verdict.ERROR else State.FAILED


def _width(claim: Claim) -> int:
    """The claim's characters in the file, its quotes too; 0 where they are not plainly on one
    line."""
    length = claim.place.end - claim.place.start
    return length if length - len(claim.raw) in (0, 2) else 0


def of_lints(
    lints: "Sequence[Lint]",
    known: Sequence[bool],
    files: Sequence[str],
    checks: Iterable[tuple[str, str]],
) -> tuple[Row, ...]:
    """A row for each finding of `zoo lint`, and one for each check that a file passes; `checks` are
    (rule, meaning)."""
    number, rules = _numbered(), {key: _lint_rule(key, meaning) for key, meaning in checks}
    failing = {(lint.place.file, lint.rule) for lint in lints}
    found = (
        _of_lint(lint, rules[lint.rule], State.KNOWN if old else State.FAILED, number)
        for lint, old in zip(lints, known, strict=True)
    )
    return (*found, *_passed(rules.values(), files, failing))


def _lint_rule(key: str, meaning: str) -> Rule:
    title = f"{meaning[0].upper()}{meaning[1:]}"
    return Rule(
        f"lint/{key}",
        title,
        f"{title}.",
        "The message says what stands there and what was expected.",
    )


def _of_lint(lint: "Lint", rule: Rule, state: State, number: Callable[[str, str], str]) -> Row:
    file, name = printable(lint.place.file), printable(f"{lint.rule}: {lint.model}")
    message = printable(f"{lint.model}: {lint.message}")
    return Row(
        file,
        number(file, name),
        rule,
        state,
        lint.rule,
        message,
        lint.place,
        mark=digest(of_lint(lint)),
    )


def _passed(
    rules: Iterable[Rule], files: Sequence[str], failing: set[tuple[str, str]]
) -> Iterator[Row]:
    for rule in rules:
        name = rule.key.removeprefix("lint/")
        for file in files:
            if (file, name) not in failing:
                yield Row(
                    printable(file), name, rule, State.PASSED, "passed", rule.title, Place(file, 1)
                )


READABLE = Rule(
    "unreadable",
    "An index can be read",
    "Nothing of an index is examined until all of it can be read.",
    "The message says what was expected at this place and what stands there.",
)


def of_faults(faults: Sequence[Fault]) -> tuple[Row, ...]:
    """A row for each fault of an index that cannot be read."""
    number = _numbered()
    return tuple(_of_fault(fault, number) for fault in faults)


def _of_fault(fault: Fault, number: Callable[[str, str], str]) -> Row:
    file, name = printable(fault.file), printable(fault.path or "the file")
    message = printable(f"{name}: expected {fault.expected}, got {fault.got}")
    mark: Mark = {"file": file, "path": name, "expected": fault.expected, "got": fault.got}
    place = Place(fault.file, fault.line)
    return Row(
        file,
        number(file, name),
        READABLE,
        State.BROKEN,
        "unreadable",
        message,
        place,
        mark=digest(mark),
    )


def _numbered() -> Callable[[str, str], str]:
    """A name as it is the first time it is asked for in a suite, then with a number: readers drop
    one that repeats."""
    seen: Counter[tuple[str, str]] = Counter()

    def number(suite: str, name: str) -> str:
        seen[suite, name] += 1
        return name if seen[suite, name] == 1 else f"{name} ({seen[suite, name]})"

    return number
