"""A cold start, part by part, in a process that has imported nothing yet.

import: torch, the library that builds the model, the engine's module. build: the model with its
initial values. load: to the device. compile: all that the engine does to be ready. first call: one
call, waited for. The files come from the system's cache wherever it has them; caches of compiled
code are off.
"""

import time

from zoo.bench.messages import Answer, Job
from zoo.bench.telemetry import Telemetry
from zoo.model_index.ledger.benchmark import Replicate


class Laps:
    """Seconds of consecutive parts."""

    def __init__(self) -> None:
        self.parts: dict[str, list[float]] = {}
        self.last = time.perf_counter()

    def lap(self, name: str) -> None:
        """End the part that began when the last one ended."""
        now = time.perf_counter()
        self.parts[name] = [round(now - self.last, 9)]
        self.last = now

    def restart(self) -> None:
        """Leave out what happened since the last part ended."""
        self.last = time.perf_counter()


def cold(job: Job) -> Answer:
    """One sample: the sum of all parts. What compares the output comes after, or is left out of the
    time."""
    telemetry = Telemetry()
    telemetry.read()
    laps = Laps()
    from zoo.bench import model_under_test as subjects

    subjects.libraries(job)
    laps.lap("import")
    subjects.switches(job)
    laps.restart()
    subject = subjects.build(job)
    laps.lap("build")
    resolved, shape = subject.resolved, list(subject.inputs.shape)
    right = subjects.expected(subject) if job.check else None
    engine = subjects.engines.engine(job.engine)
    laps.restart()
    model, inputs = subject.model.to(job.device), subject.inputs.to(job.device)
    laps.lap("load")
    engine.prepare(model, inputs, subjects.options_of(job))
    laps.lap("compile")
    engine.run()
    engine.synchronise()
    laps.lap("first call")
    telemetry.read()
    output = {} if right is None else subjects.compared(engine.output(), right, job.precision)
    total = round(sum(part[0] for part in laps.parts.values()), 9)
    replicate = Replicate(
        samples=[total], parts=laps.parts, flags=telemetry.flags(), telemetry=telemetry.report()
    )  # fmt: skip
    settings = subjects.recorded(job)
    engine.close()
    return Answer(
        replicate=replicate,
        output=output,
        settings=settings,
        resolved=resolved,
        weights=subjects.WEIGHTS,
        shape=shape,
    )
