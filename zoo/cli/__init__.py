"""The command line: parses, calls, prints. Every command imports what it needs when it runs.

Exit codes: 0 all good, 1 findings, 2 wrong usage or an unreadable index, 130 interrupted.
"""

import sys

import typer

from zoo.cli import look, site, verify

app = typer.Typer(
    name="zoo",
    help="The ledger of a model zoo: every published number checked against the live model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command, function in {
    "verify": verify.verify,
    "list": look.list_models,
    "show": look.show,
    "lint": look.lint,
    "env": look.env,
    "build": site.build,
    "serve": site.serve,
}.items():
    app.command(command)(function)


@app.callback(invoke_without_command=True)
def root(
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    """The ledger of a model zoo: every published number checked against the live model."""
    if version:
        from zoo import __version__

        typer.echo(f"zoo {__version__}")
        raise typer.Exit


def main() -> None:
    """The one error boundary: a known error becomes a message and exit 2, anything else keeps its traceback."""
    from model_index.errors import ZooError

    try:
        app()
    except ZooError as error:
        sys.exit(_fail(str(error)))
    except SystemExit as stop:  # typer turns an interruption into its exit code, without a word
        if stop.code == 130:
            print("zoo: interrupted; what was measured is kept", file=sys.stderr)
        raise
    except BrokenPipeError:  # the reader of a pipe has gone; that is its right
        sys.stderr.close()
        sys.exit(0)


def _fail(message: str) -> int:
    lines = message.splitlines()
    print(*(f"zoo: {line}" for line in lines), sep="\n", file=sys.stderr)
    if len(lines) > 1:
        print(f"zoo: {len(lines)} faults, nothing was written", file=sys.stderr)
    return 2
