"""Time a cold start, part by part, in a process that has imported nothing yet.

import: torch, the library that builds the model, the engine's module. build: the model with its
initial values. load: to the device, whose context is created for it. compile: everything the engine
does to be ready. first call: one call, including the wait for the device. Files come from the
system's cache where it has them; caches of compiled code are off.
"""

import time

from zoo.bench.messages import WorkerAnswer, WorkerJob
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
        """Leave out the time since the last part ended."""
        self.last = time.perf_counter()


def measure_cold_start(job: WorkerJob) -> WorkerAnswer:
    """Return one sample, the sum of all parts; comparing the output is not in it."""
    telemetry = Telemetry()
    telemetry.read()
    laps = Laps()
    from zoo.bench import model_under_test as under_test
    from zoo.bench.engines import create_engine

    under_test.import_libraries(job)
    laps.lap("import")
    under_test.set_switches(job)
    laps.restart()
    subject = under_test.build(job)
    laps.lap("build")
    resolved, given, shapes = subject.resolved, subject.given, subject.shapes
    expected = under_test.expected_outputs(job, subject) if job.check else None
    engine = create_engine(job.engine)
    laps.restart()
    under_test.choose_device(job.device)
    model, inputs = subject.model.to(job.device), subject.inputs.to(job.device)
    laps.lap("load")
    engine.prepare(model, inputs, under_test.engine_options(job))
    laps.lap("compile")
    engine.run()
    engine.synchronise()
    laps.lap("first call")
    telemetry.read()
    output: dict[str, float | None] = {}
    if expected is not None:
        output = under_test.compare_outputs(job, engine.outputs(), expected)
    total = round(sum(part[0] for part in laps.parts.values()), 9)
    replicate = Replicate(
        samples=[total], parts=laps.parts, flags=telemetry.flags(), telemetry=telemetry.report()
    )
    settings = under_test.describe_switches(job)
    engine.close()
    return WorkerAnswer(
        replicate=replicate,
        output=output,
        settings=settings,
        resolved=resolved,
        weights=under_test.WEIGHTS,
        given=given,
        shapes=shapes,
    )
