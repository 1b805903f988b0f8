"""What a run could not write: told when all else is done, so that what was found is not lost with
it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zoo.cli.options import plural, say

if TYPE_CHECKING:
    from zoo.counting.measurer import Measurer

MOST = 5  # files of a ledger that were passed over, named one by one


class Unwritten:
    """Collects errors of writing; the run goes on."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    @contextmanager
    def later(self) -> Iterator[None]:
        """What cannot be written inside is told by `tell`."""
        from zoo.model_index.errors import LedgerError

        try:
            yield
        except LedgerError as error:
            self.errors.append(str(error))
        except OSError as error:
            self.errors.append(said(error))

    def tell(self, measurer: "Measurer | None" = None) -> None:
        """Raise what was collected, and that evidence was not kept, where there is any.

        Raises:
            Unkept: always where something could not be written.
        """
        from zoo.model_index.errors import Unkept

        if measurer and measurer.unkept:
            (_, reason), *more = measurer.unkept
            other = f", nor that of {plural(len(more), 'other cell')}" if more else ""
            self.errors.append(
                f"{reason}; this evidence was not kept{other}: a later run measures it again"
            )
        if self.errors:
            raise Unkept("\n".join(self.errors))


def said(error: OSError) -> str:
    """An error of the system with the file it is about; without one it is about standard output."""
    return f"{error.filename or 'output'}: {error.strerror or error}"


def tell_passed() -> None:
    """Name the files of a ledger that were passed over, on standard error; nothing is imported for
    it."""
    ledger = sys.modules.get("zoo.model_index.ledger.store")
    passed = list(ledger.PASSED.values()) if ledger else []
    if ledger:
        ledger.PASSED.clear()
    for reason in passed[:MOST]:
        say(f"zoo: passed over: {reason}", error=True)
    if len(passed) > MOST:
        say(
            f"zoo: passed over: {len(passed) - MOST:,} more; `zoo ledger check` names them all",
            error=True,
        )
