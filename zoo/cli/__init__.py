"""The command line: parses, calls, prints. Every command imports what it needs when it runs.

Exit codes: 0 all good, 1 findings, 2 wrong usage or nothing that can be read, 130 interrupted.
"""

import gc
import signal
import sys
from collections.abc import Callable, Sequence

import typer

from zoo.cli import (
    bench,
    build,
    card,
    compare,
    convert,
    deferred_errors,
    env,
    eval,
    explain,
    export,
    init,
    jobs,
    ledger,
    lint,
    list,
    schema,
    serve,
    show,
    verify,
    weights,
)
from zoo.cli.output.console import say

app = typer.Typer(
    name="zoo",
    help="The ledger of a model zoo: every published number checked against the live model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich would double the time of `zoo --help`
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "verify": (verify.verify, "Check every claim against the live model."),
    "explain": (explain.explain, "Show why one claim differs, and all that was tried."),
    "weights": (weights.weights, "Look at checkpoints without downloading them."),
    "eval": (eval.evaluate, "Evaluate accuracy on images, and check what is claimed."),
    "bench": (bench.bench, "Measure latency and throughput, in fresh processes."),
    "jobs": (jobs.jobs, "Show the jobs of commands that were divided."),
    "compare": (compare.compare, "Compare benchmarks: faster, slower or the same."),
    "export": (export.export, "Write a model as ONNX, its output checked."),
    "list": (list.list_models, "List the models and what is claimed."),
    "show": (show.show, "Show all that is known of one model."),
    "lint": (lint.lint, "Check an index without building anything."),
    "schema": (schema.schema, "Print the JSON Schema of an index."),
    "env": (env.env, "Show the machine and the versions."),
    "card": (card.card, "Write model cards for the Hugging Face Hub."),
    "convert": (convert.convert, "Write an index in another format."),
    "build": (build.build, "Verify, write the pages, build the site."),
    "init": (init.init, "Write what a site of your own needs."),
    "serve": (serve.serve, "Serve the site, rebuild it on change."),
}
ASKS_HOSTS = frozenset({"serve", "weights", "--weights", "eval", "export"})
for name, (function, summary) in COMMANDS.items():
    app.command(name, short_help=summary)(function)
app.add_typer(
    ledger.app, name="ledger", short_help="Check the files of a ledger, or write them as one table."
)


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
    """Run the command line."""
    # a socket may break at any time; otherwise the reader of a pipe may go, as with other tools
    if hasattr(signal, "SIGPIPE") and not ASKS_HOSTS.intersection(sys.argv[1:]):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    guard(app)


def guard(run: Callable[[], object]) -> None:
    """Run a command; a known error becomes a message and exit code 2, others keep their
    traceback."""
    from zoo.model_index.errors import IndexFaults, ZooError

    # evidence is many small tuples and no cycles: a rerun on evidence is a tenth faster
    gc.set_threshold(100_000, 20, 20)
    with deferred_errors.report_skipped():
        try:
            run()
        except ZooError as error:
            faults = error.faults if isinstance(error, IndexFaults) else ()
            sys.exit(_fail(str(error), [str(fault) for fault in faults]))
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
