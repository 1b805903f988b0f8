"""One process of a benchmark: `python -m zoo.bench.worker` reads a job from standard input and
answers with a line.

Whatever the model, its libraries or their C code print goes to standard error, so the answer is all
that standard output holds. Nothing heavy is imported here at the top, because importing is among
what a cold start times.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import TextIO

import msgspec

from zoo.bench.messages import MISSING, PARENT, Answer, Job
from zoo.model_index.errors import ZooError

MEMORY = ("can't allocate memory", "not enough memory", "out of memory", "OutOfMemory", "bad_alloc")
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Read, work, answer. The exit code is 0 wherever an answer was given."""
    end_with_parent()
    answers = private_output()
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    answer = answered(job)
    answers.write(msgspec.json.encode(answer).decode() + "\n")
    answers.flush()
    sys.stderr.flush()
    os._exit(0)  # an engine's threads that never end must not keep the process


def end_with_parent() -> None:
    """Have the kernel kill this process when its parent is gone, so that nothing disturbs a later
    measurement."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.environ.get(PARENT, str(os.getppid())) != str(os.getppid()):
        os._exit(1)  # it was gone before


def private_output() -> TextIO:
    """Standard output under a descriptor of its own; the usual one leads to standard error from now
    on."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "w", encoding="utf-8")


def answered(job: Job) -> Answer:
    """The answer to a job; what goes wrong is an answer too."""
    from zoo.bench.engines.errors import Unsupported
    from zoo.models import builders

    try:
        return _purposes()[job.purpose](job)
    except builders.BuilderMissing as error:
        return Answer(failure=MISSING, error=str(error))
    except Unsupported as error:
        return Answer(failure="unsupported", error=str(error))
    except (Exception, SystemExit) as error:
        known = getattr(error, "failure", None)  # an error that knows what it is
        failure = known or ("out of memory" if _is_memory(error) else "raised")
        told = first_line(error)
        return Answer(
            failure=failure,
            error=told if isinstance(error, ZooError) else f"{type(error).__name__}: {told}",
        )


def _purposes() -> dict[str, Callable[[Job], Answer]]:
    from zoo.bench import measurements

    return {
        "probe": measurements.probe,
        "replicate": measurements.replicate,
        "memory": measurements.memory,
        "energy": measurements.energy,
    }


def _is_memory(error: BaseException) -> bool:
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"MemoryError", "OutOfMemoryError"}) or any(
        words in str(error) for words in MEMORY
    )


def first_line(error: BaseException) -> str:
    """What an exception says, as far as one line tells it."""
    return next(iter(str(error).strip().splitlines()), "")[:500]


if __name__ == "__main__":
    main()
