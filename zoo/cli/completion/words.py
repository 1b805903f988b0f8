"""Find what may stand at the end of a command line."""

import os
import re
import shlex
from collections.abc import Iterable, Sequence
from contextlib import redirect_stderr
from io import StringIO
from typing import Any, NamedTuple

from zoo.cli.completion.values import Typed, Values, list_values
from zoo.cli.help.text import SENTENCE, metavar

# A value with another character would have to be quoted; a name of an index may be anything.
PLAIN = re.compile(r"[\w.:/@=,+%-]+", re.ASCII)
HELP = (("--help", "Show the help."), ("--help-all", "Show all options and details."))


class Place(NamedTuple):
    """Where a command line ends: its command, the values typed, and the option without a value."""

    command: Any
    typed: Typed
    arguments: int
    option: Any


def print_answer(group: Any, shell: str, arguments: Sequence[str]) -> None:
    """Print what a script reads, and nothing else."""
    with redirect_stderr(StringIO()):
        text = answer(group, shell, arguments)
    print(text, end="")


def answer(group: Any, shell: str, arguments: Sequence[str]) -> str:
    """Return the lines that a script reads: the kind of paths, then values with their help. `group`
    has the commands."""
    words = split_line(arguments[0]) if shell == "bash" else list(arguments)
    try:
        values = complete(group, words[:-1], words[-1] if words else "")
    except Exception:  # a shell that completes shows no error
        values = Values()
    lines = [values.paths]
    for value, text in values.words:
        if PLAIN.fullmatch(value):
            lines.append(f"{value}\t{' '.join(text.split())}" if text else value)
    return "".join(f"{line}\n" for line in lines)


def split_line(line: str) -> list[str]:
    """Split what bash has of a line: the words after the command, the last one unfinished."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    try:
        words += lexer
    except ValueError:  # a quote without its end
        words.append(lexer.token)
    if not line or line[-1].isspace():
        words.append("")
    while words and os.path.basename(words[0]) != "zoo":
        del words[0]
    return words[1:]


def complete(group: Any, words: Sequence[str], current: str) -> Values:
    """Return the values that may stand in the place of the last word."""
    if words[:1] == ["help"]:
        words = words[1:]
    place = _walk(group, words)
    if place is None:
        return Values()
    if place.option is not None:
        return _filter(list_values(place.option, current, place.typed), current)
    name, equals, value = current.partition("=")
    if current.startswith("-"):
        option = _find_option(place.command, name)
        if equals and option is not None:
            values = _filter(list_values(option, value, place.typed), value)
            return Values([(f"{name}={word}", text) for word, text in values.words])
        return _filter(Values(_list_options(place.command)), current)
    if hasattr(place.command, "list_rows"):
        rows = ((name, text) for _, name, text in place.command.list_rows())
        return _filter(Values(list(rows)), current)
    return _filter(_list_argument(place, current), current)


def _walk(command: Any, words: Sequence[str]) -> Place | None:
    """Follow the words to the command and the option they end in; None for what is no command."""
    typed: Typed = {}
    option, count = None, 0
    for word in words:
        if option is not None:
            typed.setdefault(option.name, []).append(word)
            option = None
        elif word.startswith("-") and word != "-":
            name, equals, value = word.partition("=")
            option = _find_option(command, name)
            if option is not None and equals:
                typed.setdefault(option.name, []).append(value)
            if equals or option is None or option.is_flag:
                option = None
        elif hasattr(command, "list_rows"):
            if (command := command.get_command(None, word)) is None:
                return None
        else:
            count += 1
            typed.setdefault("", []).append(word)
    return Place(command, typed, count, option)


def _find_option(command: Any, name: str) -> Any:
    options = (param for param in command.params if param.param_type_name == "option")
    return next((param for param in options if name in param.opts), None)


def _list_options(command: Any) -> list[tuple[str, str]]:
    options = [
        (name, SENTENCE.split(param.help or "", maxsplit=1)[0])
        for param in command.params
        if param.param_type_name == "option" and not param.hidden
        for name in (*param.opts, *param.secondary_opts)
        if name.startswith("--")
    ]
    return [*options, *HELP]


def _list_argument(place: Place, current: str) -> Values:
    arguments = [p for p in place.command.params if p.param_type_name == "argument"]
    if not arguments:
        return Values()
    last = arguments[-1]
    if place.arguments < len(arguments):
        return list_values(arguments[place.arguments], current, place.typed)
    return list_values(last, current, place.typed) if metavar(last).endswith("...") else Values()


def _filter(values: Values, current: str) -> Values:
    return Values(_begin(values.words, current), values.paths)


def _begin(words: Iterable[tuple[str, str]], current: str) -> list[tuple[str, str]]:
    start = current.casefold()
    return [(word, text) for word, text in words if word.casefold().startswith(start)]
