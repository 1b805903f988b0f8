"""`zoo count`: the cost of models, and what other tools print for them."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.choice import choice
from zoo.cli.options import IndexPaths, Input, Trust, read_input
from zoo.cli.output.advice import print_command
from zoo.cli.output.console import say
from zoo.cli.output.progress import show_progress
from zoo.cli.process_options import MemoryLimit
from zoo.model_index.errors.suggestions import describe_unknown
from zoo.models.extras import require
from zoo.verification.request import MEMORY

if TYPE_CHECKING:
    from zoo.cli.output.cost import Item
    from zoo.counting.targets import Target
    from zoo.counting.tools import CountingTool
    from zoo.model_index.findings import Gap
    from zoo.model_index.records.input_spec import InputSpec

SIZE = re.compile(r"\d+(x\d+)*")


class CountFormat(StrEnum):
    """How counts are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    LATEX = "latex"
    PLAIN = "plain"


class Grouping(StrEnum):
    """What the work is listed by."""

    CLASS = "class"
    STAGE = "stage"
    MODULE = "module"


def count(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="TARGET...",
            help="Models: timm:NAME, torchvision:NAME, package.module:callable, net.py:Net, NAME "
            "of the index or of timm, or a file of weights.",
        ),
    ],
    size: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help="Input sizes: 224,224x288 or 1x3x224x224. Default: the model's own.",
        ),
    ] = None,
    input: Input = None,
    run: Annotated[
        bool,
        typer.Option(
            "--run",
            help="Run the model on the CPU on random values and count what it did: where the work "
            "depends on the data.",
        ),
    ] = False,
    tools: Annotated[
        str | None,
        typer.Option("--as", metavar="LIST", help="Print what these tools would: fvcore,thop."),
    ] = None,
    by: Annotated[
        Grouping | None,
        choice("--by", Grouping, "List where the work is."),
    ] = None,
    depth: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Cut names of modules after N parts.")
    ] = None,
    args: Annotated[
        list[str] | None,
        typer.Option(
            "--args",
            metavar="NAME=VALUE",
            help="Pass an argument to the constructor. May be repeated.",
        ),
    ] = None,
    format: Annotated[
        CountFormat,
        choice("--format", CountFormat, "Print a table, or for programs and papers."),
    ] = CountFormat.TABLE,
    index: IndexPaths = None,
    trust: Trust = None,
    memory_limit: MemoryLimit = MEMORY,
) -> None:
    """Count a model: parameters, multiply-adds, activations, memory, and what other tools print.

    A name alone is looked up in the index, then in
    timm, then in torchvision. Exits with 2 where a model cannot be counted; the others are counted.
    """
    require("live")
    from zoo.cli.output.cost import print_counts, print_groups

    chosen = choose_tools(tools)
    inputs = read_inputs(size, input)
    arguments = read_arguments(args or ())
    counted: list[Item] = []
    gaps: list[Gap | None] = []
    with show_progress("counting") as progress:
        for number, text in enumerate(targets):
            progress.update("counting", number, len(targets), label=text)
            try:
                target = find_target(text, index, trust)
                for given in inputs:
                    counted.append(count_once(target, given, arguments, memory_limit, run))
            except errors() as error:
                gaps.append(getattr(error, "gap", None))
                counted += list_weights(text, error)
                for line in str(error).splitlines():
                    say(f"zoo: {line}", error=True)
    if counted and by:
        print_groups(counted, by.value, depth, format.value)
    elif counted:
        print_counts(counted, chosen, format.value)
    print_command(gaps)
    raise typer.Exit(2 if gaps else 0)


def errors() -> type[Exception]:
    """Return the errors after which the other models are still counted."""
    from zoo.model_index.errors import ZooError

    return ZooError


def choose_tools(text: str | None) -> "list[CountingTool]":
    """Return the tools of `--as`, by their keys.

    Raises:
        UsageError: no such tool.
    """
    from zoo.counting.tools import BY_KEY
    from zoo.model_index.errors import UsageError

    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    for name in names:
        if name not in BY_KEY:
            raise UsageError(describe_unknown("--as: no tool", name, BY_KEY))
    return [BY_KEY[name] for name in names]


def read_inputs(size: str | None, text: str | None) -> "list[tuple[int, ...] | InputSpec | None]":
    """Return the inputs of `--size`: (height, width), or the whole shape; or that of `--input`;
    None for the model's own.

    Raises:
        UsageError: what cannot be read, or both.
    """
    from zoo.model_index.errors import UsageError

    if text is not None:
        if size is not None:
            raise UsageError("--input and --size both state the input")
        return [read_input(text)]
    if size is None:
        return [None]
    sizes: list[tuple[int, ...] | InputSpec | None] = []
    for part in size.lower().split(","):
        if not SIZE.fullmatch(part.strip()) or 0 in (sides := _sides(part)) or len(sides) > 6:
            raise UsageError(f"--size: expected 224, 224x288 or 1x3x224x224, got {part.strip()!r}")
        sizes.append(sides * 2 if len(sides) == 1 else sides)
    return sizes


def _sides(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.strip().split("x")))


def read_arguments(texts: Sequence[str]) -> dict[str, Any]:
    """Return the arguments of `--args`; a value is read as YAML: a number, true, a list, text.

    Raises:
        UsageError: no `key=value`, or a value that is no YAML.
    """
    import yaml

    from zoo.model_index.errors import UsageError

    arguments: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip().isidentifier():
            raise UsageError(f"--args: expected key=value, got {text!r}")
        try:
            arguments[key.strip()] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise UsageError(f"--args {key.strip()}: cannot read the value {value!r}") from None
    return arguments


def find_target(text: str, index: Sequence[str] | None, trust: Sequence[str] | None) -> "Target":
    """Return what is to be counted; of a bare name say where it was found.

    Raises:
        UsageError: nothing has the name.
    """
    from zoo.counting.targets import look_up, parse_target

    if target := parse_target(text):
        return target
    target = _find_entry(text, index, trust) or look_up(text)
    say(target.note, error=True)
    return target


def _find_entry(
    name: str, index: Sequence[str] | None, trust: Sequence[str] | None
) -> "Target | None":
    """Return the entry of this name in the index; None where there is none, or no index."""
    from zoo.api.sources import load
    from zoo.counting.targets import Target
    from zoo.model_index.errors import ZooError

    try:
        read = load(index)
    except ZooError:
        if index:
            raise
        return None
    entry = next((entry for entry in read.entries if entry.name == name), None)
    if entry is None:
        return None
    return Target(
        text=name,
        builder=entry.builder,
        trusted=tuple(trust or ()),
        input=entry.stated_input,
        input_place=entry.input_place,
        note=f"{name}: {entry.builder} of {entry.place}",
    )


def count_once(
    target: "Target",
    given: "tuple[int, ...] | InputSpec | None",
    arguments: dict[str, Any],
    gib: float,
    run: bool,
) -> "Item":
    """Count a model at one input, or describe a file of weights."""
    from zoo.cli.output.cost import ModelCount, WeightsCount

    if target.builder is None and target.file is not None:
        return WeightsCount.read(target.file)
    from zoo.counting.api import count_target
    from zoo.isolation.guard import guard_process
    from zoo.isolation.limits import GIB

    with guard_process():
        cost = count_target(target, given, arguments, int(gib * GIB), run=run)
        return ModelCount(target.text, cost)


def list_weights(text: str, error: Exception) -> "list[Item]":
    """Return what a model holds whose forward pass raised an error; nothing for another error."""
    from zoo.cli.output.cost import WeightsCount
    from zoo.counting.api import NotCountable

    if not isinstance(error, NotCountable) or not error.memory or error.parameters is None:
        return []
    why = f"only its parameters are known: {error.reason}"
    if error.memory.packed:
        why += f"; {error.memory.packed:,} packed weights of quantized layers are no parameters"
    return [WeightsCount(text, error.parameters, error.memory, why)]
