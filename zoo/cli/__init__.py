"""The command line: parses, calls, prints. A command is imported when it is asked for, and imports
what it needs when it runs.

Exit codes: 0 all good, 1 findings, 2 wrong usage or nothing that can be read, 70 a fault of zoo
itself (`EX_SOFTWARE` of sysexits.h), 130 interrupted, 141 the reader of a pipe has gone.
"""

import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli import deferred_errors
from zoo.cli.choice import choice
from zoo.cli.commands import CommandGroup
from zoo.cli.completion.scripts import SHELLS, VARIABLE, install
from zoo.cli.help.usage_errors import describe_usage_error
from zoo.cli.output.advice import print_command
from zoo.cli.output.console import say
from zoo.cli.output.streams import flush_output, keep_errors, open_streams
from zoo.cli.settings import explain_unknown

if TYPE_CHECKING:
    from zoo.model_index.findings import Gap

USAGE, FAULT, INTERRUPTED, NO_READER = 2, 70, 130, 141  # exit codes
USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[2]  # what typer shows with its usage

app = typer.Typer(
    name="zoo",
    cls=CommandGroup,
    help="The ledger of a model zoo: every published number checked against the live model.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich would double the time of `zoo --help`
    context_settings={"help_option_names": ["-h", "--help"]},
)
# What programs that we start inherit: none looks for modules or programs in the working folder.
CHILDREN = {"PYTHONSAFEPATH": "1", "NoDefaultCurrentDirectoryInExePath": "1"}
ASKS_HOSTS = frozenset({"serve", "weights", "--weights", "eval", "export"})


@app.callback(invoke_without_command=True)
def root(
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
    install_completion: Annotated[
        str | None,
        choice("--install-completion", SHELLS, "Complete commands in your shell."),
    ] = None,
    show_completion: Annotated[
        str | None,
        choice("--show-completion", SHELLS, "Print the script for it."),
    ] = None,
) -> None:
    """The ledger of a model zoo: every published number checked against the live model."""
    if install_completion:
        typer.echo(install(install_completion))
        raise typer.Exit
    if show_completion:
        typer.echo(SHELLS[show_completion].script, nl=False)
        raise typer.Exit
    if version:
        from zoo.version import __version__

        typer.echo(f"zoo {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line."""
    if shell := os.environ.get(VARIABLE):
        from zoo.cli.completion.words import print_answer

        print_answer(typer.main.get_command(app), shell, sys.argv[1:])
        return
    os.environ.update(CHILDREN)
    open_streams()
    # a socket may break at any time; otherwise the reader of a pipe may go, as with other tools
    if hasattr(signal, "SIGPIPE") and not ASKS_HOSTS.intersection(sys.argv[1:]):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    code = guard(_run)
    if "torch" not in sys.modules:  # libraries of torch report what was not collected as leaks
        gc.freeze()  # Python would search all objects for garbage before it ends
    sys.exit(code)


def _run() -> int:
    """Run the command that is typed; return its exit code."""
    try:
        code = app(standalone_mode=False)
    except USAGE_ERROR as error:
        return _fail("\n".join(describe_usage_error(error)))
    except typer.Abort:
        say("zoo: standard input ended before an answer", error=True)
        return USAGE
    return code if isinstance(code, int) else 0


def guard(run: Callable[[], int]) -> int:
    """Return the exit code of a command; that of a known error, with its message, is 2.

    An exit code is what `run` returns. Whatever else ends a command is a fault of zoo, also an exit
    of the code that a command runs, as 1 would mean findings.
    """
    # evidence is many small tuples and no cycles: a rerun on evidence is a tenth faster
    gc.set_threshold(100_000, 20, 20)
    with deferred_errors.report_skipped():
        try:
            code = run()
            flush_output()
        except BaseException as error:
            code = _explain(error)
        if code == INTERRUPTED:
            say("zoo: interrupted; results so far are stored", error=True)
    with suppress(OSError):
        flush_output()
    return code


def _explain(error: BaseException) -> int:
    """Print a known error as a message and any other with its traceback; return the exit code."""
    from zoo.model_index.errors import IndexFaults, UnknownModel, ZooError

    # typer makes an exit of a broken pipe
    if isinstance(error, SystemExit) and isinstance(error.__context__, BrokenPipeError):
        error = error.__context__
    match error:
        case KeyboardInterrupt():
            return INTERRUPTED
        case BrokenPipeError():
            return NO_READER
        case IndexFaults():
            return _fail(str(error), [str(fault) for fault in error.faults])
        case UnknownModel():
            return _fail(explain_unknown(error))
        case ZooError():
            return _fail(str(error), gap=getattr(error, "gap", None))
        case OSError():  # a full disk, a folder without permission
            return _fail(deferred_errors.describe_os_error(error))
        case ModuleNotFoundError():
            from zoo.models.extras import explain_missing

            if message := explain_missing(error):
                return _fail(message)
    import traceback

    with keep_errors():
        traceback.print_exception(error)
    say("zoo: this is a fault of zoo, please report it", error=True)
    return FAULT


def _fail(message: str, faults: Sequence[str] = (), gap: "Gap | None" = None) -> int:
    # a fault may name a file whose name has several lines
    for line in faults or message.splitlines():
        say(f"zoo: {line}", error=True)
    if len(faults) > 1:
        say(f"zoo: {len(faults)} faults, nothing was examined", error=True)
    print_command([gap])
    return USAGE
