"""Write the help of a command: what it does, examples, options by panel."""

import inspect
import re
import shutil
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Any, NamedTuple

from zoo.cli.help.examples import EXAMPLES
from zoo.cli.help.panels import ARGUMENTS, ORDER, is_rare, panel_of

WIDTHS = 50, 80  # columns that a help has at least and at most
LONGEST = 24  # columns of an option's names; the text of longer ones begins on the next line
HIDDEN = "--help-all"
SENTENCE = re.compile(r"(?<=[.?]) ")

TableRow = tuple[str, str, str]  # panel, names, text


class OptionHelp(NamedTuple):
    """An option or argument: its panel, its names with their metavar, its text and default."""

    panel: str
    names: str
    text: str
    default: str
    rare: bool

    def describe(self, *, everything: bool) -> str:
        """Return the text, or its first sentence, and the default."""
        text = self.text if everything else SENTENCE.split(self.text, maxsplit=1)[0]
        return f"{text} [{self.default}]" if self.default else text


def name_of(context: Any) -> str:
    """Return the name of a command below `zoo`: `verify`, `ledger check`."""
    names: list[str] = []
    while context.parent is not None:
        names.insert(0, context.info_name)
        context = context.parent
    return " ".join(names)


def write_help(command: str, text: str, params: Sequence[Any], *, everything: bool) -> str:
    """Return the help of a command; with `everything` all options and their whole texts."""
    options = list_options(command, params)
    listed = [option for option in options if everything or not option.rare]
    rows = [(row.panel, row.names, row.describe(everything=everything)) for row in listed]
    if hidden := len(options) - len(listed):
        rows.append(("Help", "--help-all", f"Show {hidden} more options, and details."))
    usage = " ".join(["[OPTIONS]", *map(_usage, _arguments(params))])
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return _join(command, usage, paragraphs if everything else paragraphs[:1], rows)


def write_group_help(
    command: str, text: str, commands: Sequence[TableRow], params: Sequence[Any]
) -> str:
    """Return the help of a group of commands."""
    rows = [(row.panel, row.names, row.text) for row in list_options(command, params)]
    return _join(command, "COMMAND", [text], [*commands, *rows])


def list_options(command: str, params: Sequence[Any]) -> list[OptionHelp]:
    """Return arguments, then options in the order of their panels."""
    arguments = _arguments(params)
    options = [param for param in params if param not in arguments and HIDDEN not in param.opts]
    options.sort(key=lambda param: ORDER.get(long_name(param), len(ORDER)))
    return [
        *(
            OptionHelp(ARGUMENTS, metavar(param), param.help or "", "", False)
            for param in arguments
        ),
        *(_describe(command, param) for param in options),
    ]


def metavar(param: Any) -> str:
    """Return what stands for the value of an option or argument; nothing for a switch."""
    if getattr(param, "is_flag", False):
        return ""
    choices = getattr(param.type, "choices", ())
    return param.metavar or "|".join(map(str, choices)) or (param.name or "").upper()


def _arguments(params: Iterable[Any]) -> list[Any]:
    return [param for param in params if param.param_type_name == "argument"]


def long_name(param: Any) -> str:
    """Return the name of an option, the long one where there are two."""
    return next((name for name in param.opts if name.startswith("--")), str(param.opts[0]))


def _describe(command: str, param: Any) -> OptionHelp:
    long = long_name(param)
    names = sorted(param.opts, key=len) + list(param.secondary_opts)
    values, text = metavar(param), param.help or ""
    default = _default(param)
    if default and values.split("|")[0] == default:
        default = ""
    if len(values) > LONGEST:
        text = f"One of {', '.join(values.split('|'))}. {text}"
        values = long.removeprefix("--").upper()
    shown = f"{', '.join(names)} {values}".rstrip()
    return OptionHelp(panel_of(command, long), shown, text, default, is_rare(command, long))


def _default(param: Any) -> str:
    """Return the value of an option that is not typed; nothing for none and for switches."""
    value = param.default
    if value is None or isinstance(value, bool | list | tuple):
        return ""
    if isinstance(value, Enum):
        return str(value.value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _usage(param: Any) -> str:
    shown = metavar(param)
    return shown if param.required or shown.startswith("[") else f"[{shown}]"


def _join(command: str, usage: str, paragraphs: Sequence[str], rows: Sequence[TableRow]) -> str:
    least, most = WIDTHS
    width = max(min(shutil.get_terminal_size().columns, most), least)
    lines = [*_wrap(f"Usage: {' '.join(('zoo', command, usage)).replace('  ', ' ')}", width, 0)]
    for paragraph in paragraphs:
        lines += ["", *_wrap(" ".join(paragraph.split()), width, 2)]
    lines += ["", "Examples:", *_write_examples(command), "", *_write_table(rows, width)]
    return "\n".join(lines)


def _write_examples(command: str) -> list[str]:
    examples = EXAMPLES.get(command, ())
    longest = max((len(line) for line, _ in examples), default=0)
    return [f"  {line:<{longest}}  {purpose}" for line, purpose in examples]


def _write_table(rows: Sequence[TableRow], width: int) -> Iterator[str]:
    """Yield the lines of a table: the panel where it begins, the names, the wrapped text."""
    margin = max(len(panel) for panel, _, _ in rows) + 2
    column = max(len(names) for _, names, _ in rows if len(names) <= LONGEST) + 2
    above = ""
    for panel, names, text in rows:
        start = f"{panel if panel != above else '':<{margin}}{names}"
        above = panel
        lines = _wrap(text, width, margin + column)
        if len(start) <= margin + column - 2:
            yield start + lines[0][len(start) :]
            yield from lines[1:]
        else:
            yield from (start, *lines)


def _wrap(text: str, width: int, indent: int) -> list[str]:
    space = " " * indent
    lines = textwrap.wrap(
        text,
        max(width, indent + 20),
        initial_indent=space,
        subsequent_indent=space,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return lines or [""]
