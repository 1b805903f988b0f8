"""`zoo add`: write an entry with measured numbers into a file of an index."""

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.options import LEDGER, IndexPaths, Input, LedgerFolder, Trust, read_input
from zoo.cli.output.console import clean, say, say_note
from zoo.cli.output.patch import print_patch
from zoo.cli.output.streams import is_interactive
from zoo.cli.process_options import Processes, counting
from zoo.cli.session import measurer_for, run
from zoo.cli.settings import print_note
from zoo.models.extras import require

if TYPE_CHECKING:
    from zoo.counting.targets import Target
    from zoo.model_index.records.records import Index
    from zoo.verification.live_model import LiveModel

UNFIT = ("small-count",)  # checks of numbers that a person typed

Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="Model: timm:NAME, torchvision:NAME, package.module:callable or file.py:Class.",
    ),
]
Size = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="State the input, where the model does not: 224, 224x288."),
]
Name = Annotated[str | None, typer.Option(metavar="NAME", help="Give the entry this name.")]
Family = Annotated[str | None, typer.Option(metavar="NAME", help="Put it into this collection.")]
File = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write to this YAML file. Default: that of the index.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the diff; write nothing.")]


def add(
    model: Model,
    size: Size = None,
    input: Input = None,
    name: Name = None,
    family: Family = None,
    output: File = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    trust: Trust = None,
) -> None:
    """Write an entry for a model into an index: what is measured, and what its library states.

    Multiply-adds and parameters are counted at the model's own input; preprocessing, licence, paper
    and weights are those of the library's configuration. The entry is verified and the diff shown
    before it is written. Exits with 1 where the entry has findings, and writes nothing then.
    """
    from zoo.model_index.editing.append import append_entry, read_for_append, write_addition
    from zoo.model_index.editing.destination import Destination

    require("live")
    _require_answers(yes=yes, dry_run=dry_run)
    target = find_model(model)
    name = name or default_name(target)
    if index:
        print_note()
    destination = Destination(index or (), output, family)
    destination.refuse(name)
    before = read_for_append(destination.file)
    draft = Draft(target, name, family, _stated(size, input), ledger)
    collection = draft.collection if family and not destination.has_family(family) else []
    change = append_entry(destination.file, before, draft.lines, collection)
    print_patch([change])
    for problem in draft.problems:
        say(problem)
    if draft.problems or dry_run:
        raise typer.Exit(int(bool(draft.problems)))
    if yes or typer.confirm(clean(f"add {name} to {destination.file}?"), err=True):
        write_addition(change)
        say_note(f"added to {destination.file}; next: {next_command(target, name, output)}")


def _require_answers(*, yes: bool, dry_run: bool) -> None:
    from zoo.model_index.errors import UsageError

    if not (yes or dry_run or is_interactive()):
        raise UsageError(
            "zoo add asks before it writes and this is no terminal; --yes writes, --dry-run shows"
        )


def find_model(text: str) -> "Target":
    """Return what is to be added.

    Raises:
        UsageError: no model of this name, or no name of a model.
    """
    from zoo.counting.targets import resolve_name
    from zoo.model_index.errors import UsageError

    target = resolve_name(text)
    if target.builder is None:
        raise UsageError(f"{text} holds weights only; name the model: timm:resnet50")
    if target.file and not target.file.stem.isidentifier():
        raise UsageError(f"{target.file}: an index names modules; rename it to a Python name")
    if target.note:
        say_note(target.note)
    return target


def default_name(target: "Target") -> str:
    """Return the model's name in its library, or that of its class or function."""
    assert target.builder
    name = target.builder.name
    return name.rpartition(":")[2] if target.builder.kind == "callable" else name


def _stated(size: str | None, input: str | None) -> dict[str, Any]:
    """Return the fields of an entry that say what the model takes.

    Raises:
        UsageError: a size or an input that cannot be read.
    """
    from zoo.model_index.errors import UsageError
    from zoo.model_index.quantities.parse import parse_size

    fields: dict[str, Any] = {"Input": str(read_input(input))} if input else {}
    if size:
        try:
            parse_size(size)
        except ValueError:
            raise UsageError(f"--size: expected 224 or 224x288, got {size!r}") from None
        fields["Metadata"] = {"Image Size": size}
    return fields


class Draft:
    """The entry as lines of YAML, from the live model, and what its verification and its lint
    find."""

    def __init__(
        self,
        target: "Target",
        name: str,
        family: str | None,
        stated: Mapping[str, Any],
        ledger: str,
    ):
        from zoo.model_index.checks.lint import lint
        from zoo.reporting.text import yaml_block
        from zoo.verification.new_entry import measure_entry

        self.collection = yaml_block.mapping({"Name": family}) if family else []
        measurer = measurer_for(ledger, None, target.share())
        fields = {"Name": name, "Builder": str(target.builder), **stated}
        index = self._read(yaml_block.mapping(fields))
        with counting(index.entries, measurer, Processes()):
            self.lines = write_lines(measure_entry(index.entries[0], measurer), name, family)
            index = self._read(self.lines)
            findings = run(index.entries, measurer, index.entries)
        self.problems = [f"{item.message} [{item.rule}]" for item in lint(index, UNFIT)]
        for finding in findings:
            if finding.fails():
                text = f"{finding.claim.label}: {finding.verdict_label}, {finding.reason}"
                self.problems.append(text)

    def _read(self, lines: "Sequence[str]") -> "Index":
        """Return the index of the entry alone, with its collection."""
        from zoo.model_index.load import read_text

        parts = {"Collections": self.collection, "Models": lines}
        text = "".join(
            f"{key}:\n- " + "\n  ".join(part) + "\n" for key, part in parts.items() if part
        )
        index, faults = read_text("zoo add", text)
        return replace(index, faults=tuple(faults))


def write_lines(live: "LiveModel", name: str, family: str | None) -> list[str]:
    """Return an entry as lines of YAML: lists of numbers in one line, and what FLOPs are."""
    from zoo.reporting.text import yaml_block
    from zoo.verification.new_entry import describe_entry

    fields = describe_entry(live, name, family)
    fields["Metadata"] = {
        key: yaml_block.Bare(f"[{', '.join(map(str, value))}]")
        if isinstance(value, list)
        else value
        for key, value in fields["Metadata"].items()
    }
    comment = f" # multiply-adds at {live.input.show()}"
    return [line + comment * line.startswith("  FLOPs:") for line in yaml_block.mapping(fields)]


def next_command(target: "Target", name: str, file: str | None) -> str:
    """Return the command that verifies the entry, with what its own code needs."""
    from zoo.models import search_path
    from zoo.models.builders.packages import package_lies_in

    arguments = ["zoo", "verify", name, *(["--index", file] if file else [])]
    if target.builder and target.builder.kind == "callable":
        (package,) = target.share()
        arguments += ["--trust", package]
        holding = (f for f in search_path.folders() if package_lies_in(f, package))
        if folder := next(holding, None):
            arguments += ["--path", os.path.relpath(folder)]
    return shlex.join(arguments)
