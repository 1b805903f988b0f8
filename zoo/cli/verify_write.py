"""`zoo verify --write`: replace wrong claims by measured values, and change nothing else."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from zoo.api.sources import find_quantity
from zoo.cli.output.console import clean, plural, say
from zoo.cli.output.patch import print_patch
from zoo.cli.output.streams import is_interactive

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.explanation.judgement import Assessment
    from zoo.model_index.editing.splice import Change, Edit
    from zoo.model_index.records.records import Claim, Entry, Index
    from zoo.verification.corrections import Correction

Write = Annotated[
    bool, typer.Option("--write", help="Replace wrong values in the index. Asks for each.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the diff, write nothing.")]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="QUANTITY", help="Write this quantity only. May be repeated."),
]
Reported = Annotated[
    bool,
    typer.Option("--reported", help="Write what the index quotes of other publishers too."),
]
ANSWERS = {"y": "this one", "n": "not this one", "a": "all the rest", "q": "no more"}


@dataclass(frozen=True, slots=True)
class Writing:
    """The checked options of --write; `only` are keys of quantities, empty for all."""

    yes: bool
    dry_run: bool
    only: frozenset[str]
    reported: bool


class WriteOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of --write."""

    write: bool = False
    yes: bool = False
    dry_run: bool = False
    only: tuple[str, ...] = ()
    reported: bool = False

    def check(self, *, instead: str, baseline: str | None) -> Writing | None:
        """Return the checked options, None without --write.

        `instead` names a printed format other than a table, `baseline` is the file of
        --write-baseline.

        Raises:
            UsageError: options contradict each other, or no terminal for the questions.
        """
        from zoo.model_index.errors import UsageError

        if not self.write:
            self._refuse_alone()
            return None
        if self.dry_run and instead:
            raise UsageError(f"--dry-run prints a diff and no {instead}")
        if self.dry_run and baseline is not None:
            raise UsageError(
                "--dry-run changes nothing and --write-baseline makes findings known: give one"
            )
        if not (self.yes or self.dry_run or is_interactive()):
            raise UsageError(
                "--write asks for each value and this is no terminal; --yes writes all, "
                "--dry-run shows all"
            )
        keys = frozenset(find_quantity(name).key for name in self.only)
        return Writing(self.yes, self.dry_run, keys, self.reported)

    def _refuse_alone(self) -> None:
        from zoo.model_index.errors import UsageError

        values = msgspec.structs.asdict(self)
        if alone := [name for name, value in values.items() if value]:
            flags = ", ".join(f"--{name.replace('_', '-')}" for name in alone)
            raise UsageError(f"{flags}: only with --write")


WRITE_OPTIONS = {
    "write": Write,
    "yes": Yes,
    "dry_run": DryRun,
    "only": Only,
    "reported": Reported,
}


def refuse_unwritable(index: "Index", writing: Writing) -> None:
    """Refuse to write to an installed package or a table of results.

    The next installation would undo the change; tables are read only.

    Raises:
        UsageError: a file of the index is such a file.
    """
    from zoo.model_index.dialects import table_dialect
    from zoo.model_index.editing.splice import is_installed_file
    from zoo.model_index.errors import UsageError

    if tables := [file for file in index.files if table_dialect(file)]:
        raise UsageError(
            f"--write: {tables[0]} is a table of results, which is read only; leave it out"
        )
    for file in index.files:
        if not writing.dry_run and is_installed_file(file):
            raise UsageError(
                f"{file}: part of an installed package; copy the index, pass the copy by --index"
            )


def print_diff(
    read: "Index",
    paths: Sequence[str],
    judged: "Sequence[tuple[Entry, list[Assessment]]]",
    measurer: "Measurer",
    writing: Writing,
) -> None:
    """Print all corrections as one diff, for `git apply` and for people; what each value is goes to
    standard error."""
    wanted = _wanted(read, judged, measurer, writing)
    changes, edits = _prepared(read, paths, wanted)
    _print_bases(wanted, edits)
    print_patch(changes)


def write_corrections(
    read: "Index",
    paths: Sequence[str],
    judged: "Sequence[tuple[Entry, list[Assessment]]]",
    measurer: "Measurer",
    writing: Writing,
) -> bool:
    """Ask for each value unless --yes, and write; return whether something was written."""
    from zoo.model_index.editing.splice import comment, write

    wanted = _wanted(read, judged, measurer, writing)
    _, possible = _prepared(read, paths, wanted)
    offered = [correction for correction in wanted if correction.claim in possible]
    changes, edits = _prepared(read, paths, offered if writing.yes else list(_chosen(offered)))
    write(changes)
    _print_bases(offered, edits)
    by_file = {change.file: change for change in changes}
    for claim, edit in edits.items():
        if beside := comment(by_file[claim.place.file], edit):
            say(f"{claim.place}: the comment beside it stays: {beside}", error=True)
    say(f"{plural(len(edits), 'value')} in {plural(len(changes), 'file')} written", error=True)
    return bool(edits)


def _print_bases(wanted: "Iterable[Correction]", edits: "Container[Claim]") -> None:
    """Print one line for each edit: the change, and by which convention it is counted."""
    for correction in wanted:
        if correction.claim in edits:
            claim = correction.claim
            change = f"{claim.raw.strip()} -> {correction.text.strip()} ({correction.basis})"
            say(f"{claim.place}: {claim.model} {claim.row.label}: {change}", error=True)


def _wanted(
    read: "Index",
    judged: "Sequence[tuple[Entry, list[Assessment]]]",
    measurer: "Measurer",
    writing: Writing,
) -> "list[Correction]":
    """Return the corrections to write; print why other wrong claims are not written."""
    from zoo.verification.corrections import Correction, confirm, corrections

    wanted = []
    decisions = corrections(judged, read.entries, writing.only, writing.reported)
    for decision in confirm(decisions, read.entries, measurer):
        if not isinstance(decision, Correction):
            _not_written(decision.claim, decision.why)
        elif decision.doubt and (writing.yes or writing.dry_run):
            why = f"{decision.doubt}; {decision.basis} gives {decision.text}; --write asks"
            _not_written(decision.claim, why)
        else:
            wanted.append(decision)
    return wanted


def _prepared(
    read: "Index", paths: Sequence[str], wanted: "Iterable[Correction]"
) -> "tuple[list[Change], dict[Claim, Edit]]":
    from zoo.model_index.editing.verify_edit import check_changes

    changes, edits, refused = check_changes(
        read, paths, {correction.claim: correction.text for correction in wanted}
    )
    for claim, why in refused:
        _not_written(claim, why)
    return changes, edits


def _not_written(claim: "Claim", why: str) -> None:
    say(f"{claim.place}: {claim.model} {claim.row.label}: not written: {why}", error=True)


def _chosen(offered: "Iterable[Correction]") -> "Iterable[Correction]":
    """Yield the corrections that the user accepts, asked one by one."""
    everything = False
    for correction in offered:
        answer = "y" if everything else _answer(correction)
        if answer == "q":
            return
        everything = everything or answer == "a"
        if everything or answer == "y":
            yield correction


def _answer(correction: "Correction") -> str:
    claim = correction.claim
    basis = "; ".join(filter(None, (correction.basis, correction.doubt)))
    change = f"{claim.raw} -> {correction.text} at {claim.place} ({basis})"
    question = f"{claim.model} {claim.row.label} {change}?"
    prompt = f"{clean(question)} [{'/'.join(ANSWERS)}]"
    try:
        while (
            answer := typer.prompt(prompt, prompt_suffix=" ", err=True).strip().lower()
        ) not in ANSWERS:
            say(", ".join(f"{key}: {meaning}" for key, meaning in ANSWERS.items()), error=True)
    except typer.Abort:
        raise typer.Exit(130) from None
    return str(answer)
