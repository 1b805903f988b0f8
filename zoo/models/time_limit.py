"""Stop code of a model that does not end, in the process of the command itself."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from zoo.models.builders.base import BuildError

TICK = 0.001  # seconds
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

    ended = False

    def stop(number: int, frame: FrameType | None) -> None:
        if not ended:
            raise TooSlow(
                f"{what}: it was not built within {seconds:g} s; --time-limit allows more"
            )

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        try:
            yield
        finally:
            ended = True  # a signal that comes now ends nothing
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        while signal.SIGALRM in signal.sigpending():  # another thread has not got it yet
            time.sleep(TICK)
        signal.signal(signal.SIGALRM, before)
