"""Stop code of a model that does not end, in the process of the command itself."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from zoo.models.builders.base import BuildError

AGAIN = 1.0  # seconds after which code that has caught the error gets it once more


class TooSlow(BuildError):
    """A model that takes longer to be built than it may."""


@contextmanager
def limit_time(seconds: float, what: str) -> Iterator[None]:
    """Stop the block after so many seconds; outside of the main thread, and where the system has no
    timers, it has no limit.

    Raises:
        TooSlow: `what` was not built by then.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise TooSlow(f"{what}: it was not built within {seconds:g} s; --time-limit allows more")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
