"""The command and the group whose help is one screen: examples, then options by panel."""

from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from zoo.cli.help.text import TableRow, name_of, write_group_help, write_help
from zoo.cli.help.usage_errors import describe_unknown_command


class Command(TyperCommand):
    """A command: `-h` is one screen, `--help-all` lists every option."""

    def __init__(self, *arguments: Any, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.params.append(_make_help_all())

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help of one screen."""
        formatter.write(self.write_help(ctx, everything=False))

    def write_help(self, context: Any, *, everything: bool) -> str:
        """Return the help, with all options and details or without."""
        return write_help(name_of(context), self.help or "", self.params, everything=everything)


class Group(TyperGroup):
    """A group of commands, whose help has examples too."""

    def list_rows(self) -> Iterator[TableRow]:
        """Yield a row for each command: group, name, summary."""
        for name, command in self.commands.items():
            yield "Commands", name, command.short_help or ""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Print the help where nothing is typed."""
        if not args and not ctx.resilient_parsing:
            typer.echo(ctx.get_help(), err=True)
            ctx.exit(2)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that is typed first; a close name is suggested for none."""
        name = args[0]
        if name not in self.commands and not ctx.resilient_parsing:
            options = [option for param in self.params for option in param.opts]
            names = [*self.commands, *options]
            ctx.fail(describe_unknown_command(name, name_of(ctx), names))
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write what the group is, examples, commands and options."""
        rows = [*self.list_rows()]
        formatter.write(write_group_help(name_of(ctx), self.help or "", rows, self.params))


def _make_help_all() -> Any:
    def show(context: Any, _: Any, value: bool) -> None:
        if value and not context.resilient_parsing:
            typer.echo(context.command.write_help(context, everything=True))
            context.exit()

    return TyperOption(
        param_decls=["--help-all"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        hidden=True,
        callback=show,
        help="Show all options and details.",
    )
