"""Report errors of writing at the end of a command, so that its results are not lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from zoo.cli.output.console import plural, say

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer
    from zoo.model_index.ledger.store import Ledger

MOST = 5  # skipped files of ledgers that are named one by one


class DeferredErrors:
    """Collect errors of writing while the run continues."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    @contextmanager
    def later(self) -> Iterator[None]:
        """Collect the errors of writing inside the block, for `tell`."""
        from zoo.model_index.errors import LedgerError

        try:
            yield
        except LedgerError as error:
            self.errors.append(str(error))
        except OSError as error:
            self.errors.append(describe_os_error(error))

    def tell(self, measurer: "Measurer | None" = None) -> None:
        """Raise the collected errors, and those of evidence that could not be stored.

        Raises:
            Unkept: something could not be written.
        """
        from zoo.model_index.errors import Unkept

        if measurer and measurer.unkept:
            (_, reason), *more = measurer.unkept
            others = f", nor that of {plural(len(more), 'other cell')}" if more else ""
            self.errors.append(
                f"{reason}; this evidence was not kept{others}: a later run measures it again"
            )
        if self.errors:
            raise Unkept("\n".join(self.errors))


def describe_os_error(error: OSError) -> str:
    """Name the file of a system error, `output` without one, and the reason."""
    return f"{error.filename or 'output'}: {error.strerror or error}"


_ledgers: ContextVar[dict[str, "Ledger"] | None] = ContextVar("ledgers", default=None)


@contextmanager
def report_skipped() -> Iterator[None]:
    """Name the skipped files of the ledgers that `open_ledger` opens in this block, at its end."""
    ledgers: dict[str, Ledger] = {}
    token = _ledgers.set(ledgers)
    try:
        yield
    finally:
        print_skipped()
        _ledgers.reset(token)


def open_ledger(folder: str) -> "Ledger":
    """Open a ledger whose skipped files the command names at its end; a folder is opened once."""
    from zoo.model_index.ledger.store import Ledger

    ledgers = _ledgers.get()
    return Ledger(folder) if ledgers is None else ledgers.setdefault(folder, Ledger(folder))


def print_skipped() -> None:
    """Print on standard error the files of ledgers that were skipped since the last call."""
    ledgers = list((_ledgers.get() or {}).values())
    reasons = [reason for ledger in ledgers for reason in ledger.skipped.values()]
    for ledger in ledgers:
        ledger.skipped.clear()
    for reason in reasons[:MOST]:
        say(f"zoo: skipped: {reason}", error=True)
    if len(reasons) > MOST:
        say(
            f"zoo: skipped: {len(reasons) - MOST:,} more; `zoo ledger check` names them all",
            error=True,
        )
