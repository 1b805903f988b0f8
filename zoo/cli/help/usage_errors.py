"""Say what is wrong with a command line: first the name that was meant, then where help is."""

from typing import Any

from zoo.cli.help.text import long_name, metavar, name_of


def describe_usage_error(error: Any) -> list[str]:
    """Return the lines of a usage error of typer; the first one says what was meant."""
    context = error.ctx
    if context is None:
        return [str(error.format_message())]
    command = f"zoo {name_of(context)}".rstrip()
    if name := getattr(error, "option_name", ""):
        names = [option for param in context.command.params for option in param.opts]
        if name not in names:
            more = "--help-all" if "--help-all" in names else "--help"
            return [_describe("no option", name, names, f"`{command} {more}`")]
    line = f"{_where(error)}{error.message}".rstrip(".")
    return [line] if line.endswith(")") else [line, f"`{command} --help` says how"]


def _where(error: Any) -> str:
    param = getattr(error, "param", None)
    if param is None:
        return ""
    where = metavar(param) if param.param_type_name == "argument" else long_name(param)
    return f"{where}: " if error.message else f"{where} is missing"


def describe_unknown_command(name: str, group: str, names: list[str]) -> str:
    """Describe a command that does not exist."""
    return _describe("no command", name, names, f"`zoo {group} --help`".replace("  ", " "))


def _describe(what: str, name: str, names: list[str], hint: str) -> str:
    from zoo.model_index.errors.suggestions import describe_unknown  # rarely used

    return describe_unknown(what, name, names, hint)
