"""Turn findings, lint and faults of unreadable files into rows that every format can render.

Texts of an index are sanitised here, once: one line each, without invisible characters.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from zoo.model_index.baseline import digest, of_fault, of_finding, of_lint
from zoo.model_index.errors import Fault
from zoo.model_index.findings import Finding, Standing, Verdict
from zoo.model_index.gaps import GapCount, describe_gaps
from zoo.model_index.records.place import Place
from zoo.model_index.records.records import Claim
from zoo.reporting.gates.paths import relative_path
from zoo.reporting.text.escape import printable
from zoo.reporting.views.verdicts import verdict_badge

if TYPE_CHECKING:
    from zoo.model_index.checks.lint import Lint


class State(StrEnum):
    """The effect of a row on a gate: broken and failed rows close it."""

    BROKEN = "broken"  # could not be examined
    FAILED = "failed"
    KNOWN = "known"  # would fail, but the baseline has it
    NOTED = "noted"
    SKIPPED = "skipped"
    PASSED = "passed"


CLOSING = frozenset({State.BROKEN, State.FAILED})
ORDER = {state: number for number, state in enumerate(State)}  # the worst first


class Rule(NamedTuple):
    """The rule of a row: a key such as `mismatch/flops`, its meaning, and how to fix it."""

    key: str
    title: str
    meaning: str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRow:
    """One examined claim, check or file, and its outcome.

    `suite` is its model, or the file; no two rows of a suite have the same `name`. `result` is the
    outcome in a word. `width` is the number of characters at `place`, 0 where they may be on
    several lines. `mark` is the row's fingerprint, which does not depend on its place.
    """

    suite: str
    name: str
    rule: Rule
    state: State
    result: str
    message: str
    place: Place
    width: int = 0
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All rows of one command, and what it did not examine; paths are relative to the folder
    `root`."""

    command: str
    version: str
    rows: tuple[GateRow, ...]
    gone: tuple[str, ...] = ()
    root: str = ""
    gaps: tuple[GapCount, ...] = ()

    def path(self, row: GateRow) -> str:
        """Return the row's file relative to the root."""
        return relative_path(row.place.file, self.root or "/")

    def where(self, row: GateRow) -> str:
        """Return `models/dla.yml:12`."""
        return f"{printable(self.path(row))}:{row.place.line}"

    @property
    def unexamined(self) -> str:
        """What was not examined, in a line; empty where everything was."""
        return printable(describe_gaps(self.gaps)) if self.gaps else ""

    def worst_first(self, states: Collection[State] = ORDER) -> list[GateRow]:
        """Return the rows of these states, the worst first."""
        rows = (row for row in self.rows if row.state in states)
        return sorted(rows, key=lambda row: ORDER[row.state])

    def closing(self) -> list[GateRow]:
        """Return the rows that close the gate."""
        return [row for row in self.rows if row.state in CLOSING]


def of_findings(
    findings: Sequence[Finding], failing: Sequence[bool], in_baseline: Sequence[bool]
) -> tuple[GateRow, ...]:
    """Return a row for each finding of `zoo verify`."""
    number = _name_counter()
    return tuple(
        _of_finding(finding, _state(finding, fails, old), number)
        for finding, fails, old in zip(findings, failing, in_baseline, strict=True)
    )


def _of_finding(finding: Finding, state: State, number: Callable[[str, str], str]) -> GateRow:
    claim, stands = finding.claim, verdict_badge(finding)
    label = printable(claim.row.label)
    claimed, measured = finding.display_values()
    rule = Rule(
        f"{stands.key}/{printable(claim.quantity)}",
        f"{label}: {stands.label}",
        f"{stands.meaning[0].upper()}{stands.meaning[1:]}.",
        f"`zoo explain MODEL '{label}'` shows the measurements and every possible cause.",
    )
    dataset = f" on {claim.dataset}" if claim.dataset else ""
    name = f"{label}{dataset} by {claim.publisher}"
    values = f"claimed {claimed}" + (f", measured {measured}" if measured else "")
    outcome = f"{finding.verdict_label}, {finding.reason}{_advice(finding)}"
    return GateRow(
        suite=printable(claim.model),
        name=number(printable(claim.model), printable(name)),
        rule=rule,
        state=state,
        result=finding.verdict_label,
        message=printable(f"{claim.model}: {name}: {values}: {outcome}"),
        place=claim.place,
        width=_width(claim),
        mark=digest(of_finding(finding)),
    )


def _advice(finding: Finding) -> str:
    """Say what to use in place of a wrong claim, where that is known."""
    if finding.standing is not Standing.WRONG or finding.use is None:
        return ""
    return f"; use {finding.claim.row.show(finding.use)}"


QUIET = {
    Verdict.EXPLAINED: State.NOTED,
    Verdict.UNCHECKED: State.SKIPPED,
    Verdict.ERROR: State.SKIPPED,  # of a model that need not be built
}


def _state(finding: Finding, fails: bool, in_baseline: bool) -> State:
    if not fails:
        return QUIET.get(finding.verdict, State.PASSED)
    if in_baseline:
        return State.KNOWN
    return State.BROKEN if finding.verdict is Verdict.ERROR else State.FAILED


def _width(claim: Claim) -> int:
    """Return the number of the claim's characters in the file, with its quotes; 0 where they may be
    on several lines."""
    length = claim.place.end - claim.place.start
    return length if length - len(claim.raw) in (0, 2) else 0


def of_lints(
    lints: "Sequence[Lint]",
    in_baseline: Sequence[bool],
    files: Sequence[str],
    checks: Iterable[tuple[str, str]],
) -> tuple[GateRow, ...]:
    """Return a row for each finding of `zoo lint`, and one for each check that a file passes;
    `checks` are (rule, meaning)."""
    number, rules = _name_counter(), {key: _lint_rule(key, meaning) for key, meaning in checks}
    failing = {(lint.place.file, lint.rule) for lint in lints}
    failed = (
        _of_lint(lint, rules[lint.rule], State.KNOWN if old else State.FAILED, number)
        for lint, old in zip(lints, in_baseline, strict=True)
    )
    return (*failed, *_passing_rows(rules.values(), files, failing))


def _lint_rule(key: str, meaning: str) -> Rule:
    title = f"{meaning[0].upper()}{meaning[1:]}"
    return Rule(
        f"lint/{key}",
        title,
        f"{title}.",
        "The message has the value and what was expected.",
    )


def _of_lint(lint: "Lint", rule: Rule, state: State, number: Callable[[str, str], str]) -> GateRow:
    file, name = printable(lint.place.file), printable(f"{lint.rule}: {lint.model}")
    message = printable(f"{lint.model}: {lint.message}")
    return GateRow(
        suite=file,
        name=number(file, name),
        rule=rule,
        state=state,
        result=lint.rule,
        message=message,
        place=lint.place,
        mark=digest(of_lint(lint)),
    )


def _passing_rows(
    rules: Iterable[Rule], files: Sequence[str], failing: set[tuple[str, str]]
) -> Iterator[GateRow]:
    for rule in rules:
        name = rule.key.removeprefix("lint/")
        for file in files:
            if (file, name) not in failing:
                yield GateRow(
                    suite=printable(file),
                    name=name,
                    rule=rule,
                    state=State.PASSED,
                    result="passed",
                    message=rule.title,
                    place=Place(file, 1),
                )


READABLE = Rule(
    "unreadable",
    "An index can be read",
    "What cannot be read is not examined; all else is.",
    "The message has the value at this place and what was expected.",
)


def of_faults(faults: Sequence[Fault], in_baseline: Sequence[bool] = ()) -> tuple[GateRow, ...]:
    """Return a row for each fault of an index; none is in a baseline by default."""
    number = _name_counter()
    flags = in_baseline or (False,) * len(faults)
    return tuple(
        _of_fault(fault, State.KNOWN if old else State.BROKEN, number)
        for fault, old in zip(faults, flags, strict=True)
    )


def _of_fault(fault: Fault, state: State, number: Callable[[str, str], str]) -> GateRow:
    file, name = printable(fault.file), printable(fault.path or "the file")
    message = printable(f"{name}: expected {fault.expected}, got {fault.got}")
    place = Place(fault.file, fault.line)
    return GateRow(
        suite=file,
        name=number(file, name),
        rule=READABLE,
        state=state,
        result="unreadable",
        message=message,
        place=place,
        mark=digest(of_fault(fault)),
    )


def _name_counter() -> Callable[[str, str], str]:
    """Return a function that numbers repeated names of a suite, since readers drop a repetition."""
    counts: Counter[tuple[str, str]] = Counter()

    def number(suite: str, name: str) -> str:
        counts[suite, name] += 1
        count = counts[suite, name]
        return name if count == 1 else f"{name} ({count})"

    return number
