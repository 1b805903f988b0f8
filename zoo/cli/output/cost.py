"""Print what models cost: for people in 80 columns, for programs, and as rows for a paper."""

import csv
import io
import re
import shutil
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from zoo.cli.output.console import print_json, print_table, say
from zoo.counting.cost import Cost, Memory, format_bytes
from zoo.counting.tools import CountingTool, ToolCount
from zoo.model_index.quantities.show import human

INDENT = 42  # the column where the reasons of tools begin
STAGES = 6  # named in the line that says where the work is
WIDTH = 80
AMOUNT = re.compile(r"([+−][\d.,]+) ([kMGT]) ")
NO_MACS = "holds weights only; multiply-adds need the model's code"


@dataclass(frozen=True, slots=True)
class ModelCount:
    """A model that was counted: as it was typed, and its cost."""

    text: str
    cost: Cost

    @property
    def name(self) -> str:
        """The name of the model that was built."""
        return self.cost.name

    @property
    def size(self) -> str:
        """What the model was given: `1x3x224x224`, `16x112x112 clip`."""
        return self.cost.input_text

    def to_dict(self, tools: Sequence[CountingTool]) -> dict[str, Any]:
        """Return the numbers as one row, with those of the tools."""
        return self.cost.to_dict() | {tool.key: self.cost.count_as(tool).number for tool in tools}


@dataclass(frozen=True, slots=True)
class WeightsCount:
    """A file of weights, or a model whose forward pass fails: its number of weights, and their
    bytes by type; `why` says why nothing else is known."""

    text: str
    elements: int
    memory: Memory
    why: str = NO_MACS

    name = property(lambda self: self.text)
    size = ""

    @classmethod
    def read(cls, path: Path) -> "WeightsCount":
        """Read which tensors a file holds.

        Raises:
            ZooError: it is no file of weights.
        """
        from zoo.weights.local_files import describe_local

        checkpoint = describe_local(path, {}, {})
        tensors = checkpoint.tensors if checkpoint else ()
        sizes: dict[str, int] = {}
        numbers: dict[str, int] = {}
        for tensor in tensors:
            sizes[tensor.dtype] = sizes.get(tensor.dtype, 0) + tensor.bytes
            numbers[tensor.dtype] = numbers.get(tensor.dtype, 0) + tensor.elements
        return cls(str(path), sum(numbers.values()), Memory(sizes, {}, numbers))

    def to_dict(self, tools: Sequence[CountingTool]) -> dict[str, Any]:
        """Return the numbers as one row; the multiply-adds are not known."""
        unknown = dict.fromkeys(("macs", "flops", "trainable", "activations"))
        return {
            "model": self.text,
            "input": "",
            "parameters": self.elements,
            "bytes": self.memory.bytes,
            "why": self.why,
            **unknown,
            **dict.fromkeys(tool.key for tool in tools),
        }


Item = ModelCount | WeightsCount


def print_counts(items: Sequence[Item], tools: Sequence[CountingTool], format: str) -> None:
    """Print models in a format; with `tools`, what these print for them."""
    PRINTERS[format](items, tools)


def _print_table(items: Sequence[Item], tools: Sequence[CountingTool]) -> None:
    if tools:
        for number, item in enumerate(items):
            _print_blank(number)
            say(_title(item))
            _print_tools(item, tools)
    elif len(items) == 1:
        _print_detail(items[0])
    else:
        columns = ("Model", "Input", "Params", "MACs", "Acts", "Memory")
        print_table(columns, [_short_row(item) for item in items], right=columns[1:])
        for item in items:
            _print_remarks(item)


def _short_row(item: Item) -> tuple[str, ...]:
    if isinstance(item, WeightsCount):
        return item.text, "", human(item.elements), "", "", format_bytes(item.memory.bytes)
    cost = item.cost
    size = item.size.removeprefix("1x3x")
    counts = (cost.parameters, cost.macs, cost.activations)
    return item.text, size, *map(human, counts), format_bytes(cost.memory.bytes)


def _print_blank(number: int) -> None:
    if number:
        say("")


def _title(item: Item) -> str:
    return f"{item.name}  {item.size}".rstrip()


def _print_detail(item: Item) -> None:
    """Print one model: its numbers, what tools print, and where the work is."""
    say(_title(item))
    say("")
    _print_numbers(item)
    _print_remarks(item)
    if isinstance(item, WeightsCount):
        return
    say("")
    say(f"{'What tools print':<40}  why")
    from zoo.counting.tools import TOOLS

    _print_tools(item, TOOLS)
    say("")
    stages = sorted(item.cost.by_stage(), key=lambda stage: -stage.macs)
    shares = [f"{stage.name} {stage.share:.0f}%" for stage in stages[:STAGES]]
    _say_wrapped("Where it goes: ", ", ".join(shares), "  ")


def _print_numbers(item: Item) -> None:
    if isinstance(item, WeightsCount):
        label = "Parameters, buffers" if item.why == NO_MACS else "Parameters"
        rows = [(label, item.elements, str(item.memory)), *_list_types(item.memory)]
    else:
        cost = item.cost
        rows = [
            ("Parameters", cost.parameters, str(cost.memory)),
            *_list_types(cost.memory),
            ("Multiply-adds", cost.macs, f"{_with_unit(cost.flops)} at two each"),
            ("Activations", cost.activations, "outputs of layers"),
        ]
        if cost.trainable != cost.parameters:
            rows.insert(1, ("Trainable", cost.trainable, ""))
    for label, number, remark in rows:
        say(f"{label:<20}{number:>20,}  {human(number):>9}  {remark}".rstrip())


def _list_types(memory: Memory) -> list[tuple[str, int, str]]:
    """Return a row for each type of number among the parameters, where there are several."""
    return [(f"  {name}", number, format_bytes(size)) for name, number, size in memory.by_type()]


def _with_unit(flops: int) -> str:
    text = human(flops)
    return f"{text}FLOPs" if text[-1].isalpha() else f"{text} FLOPs"


def _print_remarks(item: Item) -> None:
    remarks = (item.why,) if isinstance(item, WeightsCount) else item.cost.remarks
    for remark in remarks:
        _say_wrapped("", f"{item.text}: {remark}", "  ")


def _print_tools(item: Item, tools: Iterable[CountingTool]) -> None:
    if isinstance(item, WeightsCount):
        _print_remarks(item)
        return
    for tool in tools:
        row = item.cost.count_as(tool)
        number = "none" if row.number is None else f"{row.number:,}"
        _say_wrapped(f"{tool.name:<22}{number:>18}  ", row.why, " " * INDENT)


def _say_wrapped(start: str, text: str, indent: str) -> None:
    """Print a line, folded between words where it is longer than the terminal; never in a number
    and its unit."""
    text = AMOUNT.sub("\\1\N{NO-BREAK SPACE}\\2 ", text)
    width = max(shutil.get_terminal_size((WIDTH, 24)).columns, 60)
    wrapped = textwrap.wrap(
        text,
        width,
        initial_indent=start,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in wrapped or [start.rstrip()]:
        say(line.replace("\N{NO-BREAK SPACE}", " "))


def _print_json(items: Sequence[Item], tools: Sequence[CountingTool]) -> None:
    rows = []
    for item in items:
        row = item.to_dict(())
        if isinstance(item, ModelCount):
            cost = item.cost
            counts: list[ToolCount] = (
                [cost.count_as(tool) for tool in tools] if tools else list(cost.by_convention())
            )
            row |= {"tools": [count.to_dict() for count in counts], "remarks": list(cost.remarks)}
        memory = item.memory if isinstance(item, WeightsCount) else item.cost.memory
        rows.append(row | {"memory": asdict(memory)})
    print_json(rows)


COLUMNS = ("model", "input", "parameters", "macs", "flops", "activations", "bytes")


def _print_csv(items: Sequence[Item], tools: Sequence[CountingTool]) -> None:
    columns = [*COLUMNS, *(tool.key for tool in tools)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for item in items:
        row = item.to_dict(tools)
        writer.writerow([row[column] for column in columns])
    for line in text.getvalue().splitlines():
        say(line)


def _paper_rows(
    items: Sequence[Item], tools: Sequence[CountingTool]
) -> tuple[list[str], list[list[str]]]:
    """Return the header and rows of a paper's table: millions of parameters, 10^9 of the rest."""
    names = [f"{tool.name} (G)" for tool in tools] or ["MACs (G)"]
    rows = []
    for item in items:
        row = item.to_dict(tools)
        counts = [row[tool.key] for tool in tools] or [row["macs"]]
        cells = ["" if count is None else f"{count / 1e9:.2f}" for count in counts]
        size = item.size.removeprefix("1x3x")
        rows.append([item.name, size, f"{row['parameters'] / 1e6:.1f}", *cells])
    return ["Model", "Input", "Params (M)", *names], rows


def _print_markdown(items: Sequence[Item], tools: Sequence[CountingTool]) -> None:
    head, rows = _paper_rows(items, tools)
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    for line in lines:
        say(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |")


LATEX = str.maketrans({c: f"\\{c}" for c in "&%$#_{}"} | {"\\": r"\textbackslash{}"})


def _print_latex(items: Sequence[Item], tools: Sequence[CountingTool]) -> None:
    head, rows = _paper_rows(items, tools)
    say(f"% {' & '.join(head)} \\\\")
    for row in rows:
        say(f"{' & '.join(cell.translate(LATEX) for cell in row)} \\\\")


def _print_plain(items: Sequence[Item], tools: Sequence[CountingTool]) -> None:
    for item in items:
        row = item.to_dict(tools)
        for key in [tool.key for tool in tools] or ["macs"]:
            say("" if row[key] is None else str(row[key]))


PRINTERS: dict[str, Callable[[Sequence[Item], Sequence[CountingTool]], None]] = {
    "table": _print_table,
    "json": _print_json,
    "csv": _print_csv,
    "markdown": _print_markdown,
    "latex": _print_latex,
    "plain": _print_plain,
}


GROUPS: dict[str, tuple[Callable[[Cost, int | None], Any], str]] = {
    "class": (lambda cost, depth: cost.by_class(), "kind"),
    "stage": (lambda cost, depth: cost.by_stage(), "name"),
    "module": (lambda cost, depth: cost.by_module(depth), "path"),
}


def print_groups(items: Sequence[Item], by: str, depth: int | None, format: str) -> None:
    """Print the work of models by operator class, stage or module."""
    group, key = GROUPS[by]
    tables = [(item, group(item.cost, depth)) for item in items if isinstance(item, ModelCount)]
    if format == "json":
        print_json(
            [
                {"model": item.name, "input": item.size, f"by_{by}": table.to_dicts()}
                for item, table in tables
            ]
        )
        return
    for number, (item, table) in enumerate(tables):
        _print_blank(number)
        say(_title(item))
        columns = (by.capitalize(), "MACs", "Share", "Parameters")
        rows = [
            (
                row[key] or "the model itself",
                f"{row['macs']:,}",
                f"{row['share']:.1f}%",
                f"{row['parameters']:,}",
            )
            for row in table.to_dicts()
        ]
        print_table(columns, rows, right=columns[1:])
    for other in items:
        if isinstance(other, WeightsCount):
            _print_remarks(other)
