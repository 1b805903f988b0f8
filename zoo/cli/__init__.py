"""The command line: parses, calls, prints. A command is imported when it is asked for, and imports
what it needs when it runs.

Exit codes: 0 all good, 1 findings, 2 wrong usage or nothing that can be read, 130 interrupted.
"""

import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence

import typer

from zoo.cli import deferred_errors
from zoo.cli.commands import CommandGroup
from zoo.cli.output.console import say
from zoo.cli.settings import explain_unknown

app = typer.Typer(
    name="zoo",
    cls=CommandGroup,
    help="The ledger of a model zoo: every published number checked against the live model.",
    no_args_is_help=True,
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
) -> None:
    """The ledger of a model zoo: every published number checked against the live model."""
    if version:
        from zoo.version import __version__

        typer.echo(f"zoo {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line."""
    os.environ.update(CHILDREN)
    # a socket may break at any time; otherwise the reader of a pipe may go, as with other tools
    if hasattr(signal, "SIGPIPE") and not ASKS_HOSTS.intersection(sys.argv[1:]):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    guard(app)


def guard(run: Callable[[], object]) -> None:
    """Run a command; a known error becomes a message and exit code 2, others keep their
    traceback."""
    from zoo.model_index.errors import IndexFaults, UnknownModel, ZooError

    # evidence is many small tuples and no cycles: a rerun on evidence is a tenth faster
    gc.set_threshold(100_000, 20, 20)
    with deferred_errors.report_skipped():
        try:
            run()
        except ZooError as error:
            faults = error.faults if isinstance(error, IndexFaults) else ()
            message = explain_unknown(error) if isinstance(error, UnknownModel) else str(error)
            sys.exit(_fail(message, [str(fault) for fault in faults]))
        except ModuleNotFoundError as error:
            from zoo.models.extras import explain_missing

            message = explain_missing(error)
            if not message:
                raise
            sys.exit(_fail(message))
        except SystemExit as stop:  # typer turns an interruption into its exit code, silently
            if stop.code == 130:
                print("zoo: interrupted; results so far are stored", file=sys.stderr)
            raise
        except OSError as error:  # a full disk, a folder without permission
            sys.exit(_fail(deferred_errors.describe_os_error(error)))


def _fail(message: str, faults: Sequence[str] = ()) -> int:
    # a fault may name a file whose name has several lines
    for line in faults or message.splitlines():
        say(f"zoo: {line}", error=True)
    if len(faults) > 1:
        say(f"zoo: {len(faults)} faults, nothing was examined", error=True)
    return 2
