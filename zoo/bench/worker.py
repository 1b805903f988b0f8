"""The worker process of a benchmark: `python -m zoo.bench.worker` reads a job from standard input
and writes its answer as one line.

Everything that the model, its libraries or their C code print goes to standard error, so standard
output holds the answer alone. Nothing heavy is imported at the top, since a cold start times
imports.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import TextIO

import msgspec

from zoo.bench.messages import MISSING, PARENT, WorkerAnswer, WorkerJob
from zoo.model_index.errors import ZooError

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Read a job, do it, answer. The exit code is 0 wherever there is an answer."""
    end_with_parent()
    answers = redirect_output()
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=WorkerJob)
    answer = answer_job(job)
    answers.write(msgspec.json.encode(answer).decode() + "\n")
    answers.flush()
    sys.stderr.flush()
    os._exit(0)  # an engine's threads that never end must not keep the process


def end_with_parent() -> None:
    """Let the kernel kill this process when its parent ends, so that it disturbs no later
    measurement."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.environ.get(PARENT, str(os.getppid())) != str(os.getppid()):
        os._exit(1)  # the parent had ended before


def redirect_output() -> TextIO:
    """Return standard output under a new descriptor, and send the usual one to standard error."""
    descriptor = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(descriptor, "w", encoding="utf-8")


def answer_job(job: WorkerJob) -> WorkerAnswer:
    """Return the answer to a job; an error is an answer too."""
    from zoo.bench.engines.errors import Unsupported
    from zoo.models import builders, search_path
    from zoo.models.memory_errors import is_memory_error

    try:
        search_path.extend(job.path, job.trusted)
        return _measurements()[job.purpose](job)
    except (builders.BuilderMissing, builders.TooLarge) as error:
        return WorkerAnswer(failure=MISSING, error=str(error))
    except Unsupported as error:
        return WorkerAnswer(failure="unsupported", error=str(error))
    except (Exception, SystemExit) as error:
        # some errors name their failure
        failure = getattr(error, "failure", None)
        message = first_line(error)
        if not isinstance(error, ZooError):
            message = f"{type(error).__name__}: {message}"
        default = "out of memory" if is_memory_error(error) else "raised"
        return WorkerAnswer(failure=failure or default, error=message)


def _measurements() -> dict[str, Callable[[WorkerJob], WorkerAnswer]]:
    from zoo.bench import measurements

    return {
        "probe": measurements.probe,
        "replicate": measurements.measure_replicate,
        "memory": measurements.measure_memory,
        "energy": measurements.measure_energy,
    }


def first_line(error: BaseException) -> str:
    """Return the first line of an exception's message."""
    return next(iter(str(error).strip().splitlines()), "")[:500]


if __name__ == "__main__":
    main()
