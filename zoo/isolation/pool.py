"""A pool of worker processes: tasks in, their results out, in the order in which they end.

The processes are forked from a server that has imported torch and timm, when the first task needs
one. A task that dies, hangs or takes too much memory costs only itself.
"""

import atexit
import multiprocessing
import os
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from signal import SIGKILL, SIGXCPU, Signals
from types import ModuleType
from typing import Any, NamedTuple

import msgspec

from zoo.isolation.limits import Limits
from zoo.isolation.worker import Message, serve
from zoo.models import search_path

PRELOADED = ["torch", "torchvision", "timm"]
TRIES = 2  # processes that may die of a task before it has failed
# tasks of a process before another replaces it, which frees what the models left behind
TASKS = 200
TICK = 0.5  # seconds between two looks at the time that a task waits
LARGEST = 1 << 30  # bytes of a result


@dataclass(frozen=True, slots=True, eq=False)
class CallRequest:
    """A call of a function of a module, whose result JSON can hold.

    Tasks of one `model` may share a process, tasks of different ones never do. `module` is
    imported before the processes of its models are forked; "" is none.
    """

    function: Callable[..., object]
    arguments: tuple[Any, ...]
    model: str = ""
    module: str = ""


class CallOutcome(NamedTuple):
    """The result of a task as JSON; where there is none, why."""

    result: bytes = b""
    error: str = ""
    died: bool = False


class Pool:
    """Worker processes that are started when they are needed.

    The server imports the modules `preload`. The workers import the trusted `packages` from the
    folders of `zoo.models.search_path` as this process does.
    """

    def __init__(self, limits: Limits, preload: Iterable[str] = (), packages: Iterable[str] = ()):
        self._limits, self._preload = limits, [*PRELOADED, *preload]
        self._packages = tuple(packages)
        self._workers: list[_Worker] = []

    def run(self, tasks: Iterable[CallRequest]) -> Iterator[tuple[CallRequest, CallOutcome]]:
        """Do the tasks, as many at once as there are workers; yield each when it has ended.

        A worker that died may have been killed because of other models, so another one tries
        again.
        """
        waiting = deque(sorted(tasks, key=lambda task: task.module))
        tries: Counter[CallRequest] = Counter()
        try:
            while waiting or self._busy():
                while waiting and (worker := self._find_worker(waiting[0])):
                    worker.start(waiting.popleft())
                self._wait()
                for worker in self._busy():
                    task, outcome = worker.task, worker.poll()
                    if task is None or outcome is None:
                        continue
                    tries[task] += outcome.died
                    if outcome.died and tries[task] < TRIES:
                        waiting.appendleft(task)
                    else:
                        yield task, outcome
        finally:
            for worker in self._busy():
                worker.kill()

    def call(self, task: CallRequest) -> CallOutcome:
        """Do one task."""
        return next(outcome for _, outcome in self.run([task]))

    def close(self) -> None:
        """Kill all workers and what they started; a later task starts others."""
        atexit.unregister(self.close)
        for worker in self._workers:
            worker.kill()
        self._workers.clear()

    def _busy(self) -> "list[_Worker]":
        return [worker for worker in self._workers if worker.task]

    def _find_worker(self, task: CallRequest) -> "_Worker | None":
        """Return an idle worker: of the same model, of the same module, a new one, in this order;
        None where all are busy."""
        self._workers = [worker for worker in self._workers if not worker.ended]
        idle = [worker for worker in self._workers if not worker.task]
        fit = [worker for worker in idle if worker.fits(task)]
        if fit:
            return max(fit, key=lambda worker: worker.model == task.model)
        if len(self._workers) >= self._limits.workers:
            if not idle:
                return None
            idle[0].kill()
            self._workers.remove(idle[0])
        if not self._workers:
            atexit.register(self.close)
        self._workers.append(_Worker(task.module, self._limits, self._preload, self._packages))
        return self._workers[-1]

    def _wait(self) -> None:
        """Wait until a worker has something to say. A time in which this process itself was
        stopped does not count as waiting."""
        busy, start = self._busy(), time.monotonic()
        wait([item for worker in busy for item in worker.signs()], TICK)
        elapsed = min(time.monotonic() - start, 2 * TICK)
        for worker in busy:
            worker.waited += elapsed


class _Worker:
    """A worker as its parent sees it."""

    def __init__(self, module: str, limits: Limits, preload: list[str], packages: tuple[str, ...]):
        os.environ["PYTHONSAFEPATH"] = "1"  # the server imports nothing of the working folder
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(preload)
        self.module, self.limits = module, limits
        self.model: str | None = None
        self.task: CallRequest | None = None
        self.waited, self.ended = 0.0, False
        self._child, self._tasks, self._last = 0, 0, False
        self._connection, end = context.Pipe()
        arguments = (end, module, limits, search_path.folders(), packages)
        self._process = context.Process(target=serve, args=arguments, daemon=True)
        with _no_main_module():
            self._process.start()
        end.close()

    def signs(self) -> list[Any]:
        """Return what is ready when there is something to `poll`."""
        return [self._connection, self._process.sentinel]

    def fits(self, task: CallRequest) -> bool:
        """Tell whether this worker can do the task."""
        if self.model is not None and self.model != task.model and self._last:
            return False
        return self.module == task.module

    def start(self, task: CallRequest) -> None:
        """Begin a task, in another child where it is about another model."""
        self.poll()  # a child may have ended after its last task
        if self.model is not None and (self.model != task.model or self._tasks >= TASKS):
            self._send(None)
            self._child, self._tasks = self._child + 1, 0
        self.model, self.task, self.waited = task.model, task, 0.0
        self._tasks += 1
        self._send((task.function, task.arguments))

    def poll(self) -> CallOutcome | None:
        """Return the outcome of the task, where there is one already."""
        outcome = self._read()
        if outcome is None and not self._process.is_alive():
            outcome = self._read() or self._die(self._process.exitcode)
        limit = self.limits.seconds * self.limits.patience
        if outcome is None and self.waited > limit:
            outcome = CallOutcome(error=f"it had not ended after {limit:g} s and was stopped")
            self.kill()
        if outcome:
            self.task = None
        return outcome

    def kill(self) -> None:
        """Kill the worker and all that it started."""
        if self.ended:
            return
        assert self._process.pid
        with suppress(OSError):  # it has not begun, or is gone
            os.killpg(self._process.pid, SIGKILL)
        self._process.kill()
        self._process.join()
        self._connection.close()
        self.task, self.ended = None, True

    def _send(self, call: object) -> None:
        with suppress(OSError):  # it has ended: `poll` tells
            self._connection.send(call)

    def _read(self) -> CallOutcome | None:
        try:
            while not self.ended and self._connection.poll():
                message = msgspec.json.decode(self._connection.recv_bytes(LARGEST), type=Message)
                self._last = message.last
                if message.exit_code is None:
                    return CallOutcome(bytes(message.result), message.error)
                if message.child >= self._child:
                    return self._die(message.exit_code, message.child + 1)
        except (EOFError, ConnectionError):
            self._process.join(TICK)  # its exit code comes a moment later
            return self._die(self._process.exitcode)
        except (OSError, msgspec.DecodeError) as error:
            self.kill()
            return CallOutcome(error=f"the answer of its process cannot be read: {error}")
        return None

    def _die(self, exit_code: int | None, child: int | None = None) -> CallOutcome:
        """Return the outcome of a task whose process has ended; without another child the worker
        itself has."""
        if child is None:
            self.kill()
        else:
            self._child, self._tasks, self.model = child, 0, None
        if exit_code == -SIGXCPU:
            return CallOutcome(error=f"it took more than {self.limits.seconds:g} s of CPU time")
        return CallOutcome(error=describe_exit(exit_code), died=True)


@contextmanager
def _no_main_module() -> Iterator[None]:
    """Hide the main module from `multiprocessing`, whose processes would run a user's script once
    more."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def describe_exit(code: int | None) -> str:
    """Say how a process ended."""
    if code is None or code >= 0:
        return f"its process ended with exit code {code}"
    name = Signals(-code).name if -code in {s.value for s in Signals} else f"signal {-code}"
    hint = "; the system sends SIGKILL when memory runs out" if name == "SIGKILL" else ""
    return f"its process was ended by {name}{hint}"
