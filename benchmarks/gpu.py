"""The steps of `benchmarks/gpu.sh`: each with its own limit and a line of log, the most important
first; one that fails stops no other.

A step may take what is left but for the fewest seconds of the later ones. Limits are for a budget
of eight minutes and shrink or grow with it. A command whose time is up is interrupted, which costs
`zoo bench` the process in flight. What was measured is packed after every step.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MINUTES = 8.0  # that the limits of the steps are made for
GRACE = 5.0  # seconds from an interruption to a kill
SHOWN = 30  # last lines of a step that are printed
WORKERS, CPUS_A_WORKER = 6, 2  # pytest-xdist's, on a machine with so many CPUs
SECONDS_A_PROCESS = 8.0  # of a benchmark, where none has run
FEWEST_SECONDS = 4.0  # below which no step begins
VARIABLES = {
    "PYTHONUNBUFFERED": "1",
    "NO_COLOR": "1",
    "COLUMNS": "100",
    "HF_HUB_OFFLINE": "1",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # those of other projects
}
NOT_EQUAL = "faster,slower,not comparable,failed"
Command = list[str]


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What is measured. `cells` are the models of the benchmarks of two batch sizes, the first of
    which is compiled and recorded too; `graph` is the mode that stands for the recorded graph."""

    device: str
    precision: str
    cells: tuple[str, ...]
    batch_sizes: tuple[int, int]
    graph: str
    processes: int
    others: tuple[str, ...] = ()  # none: all other models of the embedded index


GPU = Setup(
    device="cuda",
    precision="fp16",
    cells=("dpn98", "dla34", "densenet121"),
    batch_sizes=(1, 64),
    graph="device",
    processes=5,
)
DRY = Setup(
    device="cpu",
    precision="fp32",
    cells=("digits_cnn",),
    batch_sizes=(1, 2),
    graph="throughput",
    processes=2,
    others=("dla46_c",),
)


@dataclass(frozen=True)
class Step:
    """`least` and `most` are seconds of a budget of eight minutes; `commands` get the seconds that
    are left for the step, and come one after the other."""

    name: str
    least: float
    most: float
    commands: Callable[["Run", float], Iterator[Command]]


@dataclass
class Outcome:
    """What became of a step."""

    name: str
    limit: float
    seconds: float = 0.0
    result: str = "no time left"

    @property
    def well(self) -> bool:
        return self.result == "ok"


@dataclass
class Run:
    """A run of all steps. `scratch` has the ledgers, `out` what is left."""

    setup: Setup
    out: Path
    scratch: Path
    budget: float
    started: float
    outcomes: list[Outcome] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def left(self) -> float:
        return self.budget - (time.time() - self.started)

    @property
    def ledger(self) -> Path:
        return self.scratch / "ledger"

    @property
    def again(self) -> Path:
        return self.scratch / "again"

    def limits(self, steps: Sequence[Step], left: float) -> Iterator[tuple[Step, float]]:
        """Yield each step with its seconds, if all before it take all of theirs."""
        for place, step in enumerate(steps):
            limit = self.limit_of(step, steps[place + 1 :], left)
            yield step, limit
            left -= limit

    def limit_of(self, step: Step, later: Sequence[Step], left: float) -> float:
        """Return the seconds of a step, of those that are left."""
        scale = self.budget / (60 * MINUTES)
        reserved = min(1.0, scale) * sum(other.least for other in later)
        return max(0.0, min(scale * step.most, left - reserved))

    def do(self, steps: Sequence[Step]) -> None:
        """Do the steps in their order, whatever becomes of each."""
        for place, step in enumerate(steps):
            limit = self.limit_of(step, steps[place + 1 :], self.left)
            outcome = Outcome(step.name, limit)
            self.outcomes.append(outcome)
            begin = time.monotonic()
            try:
                if limit >= FEWEST_SECONDS:
                    outcome.result = "interrupted"
                    outcome.result = self._do(step, begin + limit)
            finally:
                outcome.seconds = time.monotonic() - begin
                self.log(f"{step.name}: {outcome.result} after {outcome.seconds:.0f} s")
                self.pack()
                self.summarise()

    def _do(self, step: Step, end: float) -> str:
        """Return `ok`, or the first thing that was amiss."""
        amiss = []
        try:
            for command in step.commands(self, end - time.monotonic()):
                limit = end - time.monotonic()
                if limit < FEWEST_SECONDS:
                    amiss.append("out of time")
                    break
                self.log(f"{step.name}, at most {limit:.0f} s: {show(command)}")
                result = self._call(command, limit)
                amiss += [result] if result != "ok" else []
        except Exception as error:  # of this script: the other steps go on
            amiss.append(f"{type(error).__name__}: {error}")
        return amiss[0] if amiss else "ok"

    def _call(self, command: Command, limit: float) -> str:
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, process_group=0
            )
            result = wait(process, limit)
            output.seek(0)
            text = output.read()
        with (self.out / "log.txt").open("a", encoding="utf-8") as log:
            log.write(text)
        print("\n".join(text.rstrip().splitlines()[-SHOWN:]), flush=True)
        return result

    def log(self, line: str) -> None:
        """Print a line with the seconds since the start, and append it to the log."""
        line = f"[{time.time() - self.started:6.1f} s] {line}"
        print(line, flush=True)
        with (self.out / "log.txt").open("a", encoding="utf-8") as log:
            log.write(line + "\n")

    def documents(self) -> dict[Path, dict[str, Any]]:
        """Return the benchmarks that were measured, by file."""
        return {
            path: json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(self.ledger.glob("bench/*/*.json"))
        }

    def complete(self, document: dict[str, Any]) -> bool:
        """Whether a document has all its processes, and its output was compared."""
        values = document["values"]
        compared = (values.get("output") or {}).get("max_abs") is not None
        measured = document["outcome"] == "measured" and compared
        return measured and len(values.get("replicates") or ()) >= self.setup.processes

    def pack(self) -> None:
        """Write archives of all documents, and of those that are complete, as
        `bench/MODEL/KEY.json`."""
        documents = self.documents()
        complete = [path for path, document in documents.items() if self.complete(document)]
        for name, paths in (("ledger", list(documents)), ("records", complete)):
            with tarfile.open(self.out / f"{name}.tar.gz", "w:gz") as archive:
                for path in paths:
                    archive.add(path, path.relative_to(self.ledger))

    def summarise(self) -> None:
        """Write the table of the steps so far, and what is complete."""
        rows = [f"{'step':<10}{'seconds':>9}{'limit':>7}  outcome"]
        rows += [
            f"{row.name:<10}{row.seconds:>9.0f}{row.limit:>7.0f}  {row.result}"
            for row in self.outcomes
        ]
        documents = self.documents().values()
        complete = sum(map(self.complete, documents))
        cells = f"{complete} of {len(documents)} cells have {self.setup.processes} processes"
        energies = sum(bool(has_energy(document)) for document in documents)
        failures = [
            f"failed: {document['cell']['model']}: {document['values'].get('failure')}: "
            f"{document['error']}"
            for document in documents
            if document["outcome"] != "measured"
        ]
        rows += ["", f"{cells}, {energies} have joules", *failures, *self.notes]
        self.summary = "\n".join(rows)
        (self.out / "summary.txt").write_text(self.summary + "\n", encoding="utf-8")


def wait(process: "subprocess.Popen[bytes]", limit: float) -> str:
    """Wait for the end of a command; interrupt it, then kill its group, when its time is up."""
    try:
        code = process.wait(limit)
        return "ok" if code == 0 else f"exit code {code}"
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
        return "out of time"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def show(command: Command) -> str:
    """Return a command as a line."""
    words = ("zoo" if command[1:3] == ["-m", "zoo"] else "python", *command[1:])
    words = words[:1] + (words[3:] if words[0] == "zoo" else words[1:])
    return " ".join(word if len(word) < 80 else "..." for word in words)


def has_energy(document: dict[str, Any]) -> bool:
    """Whether a document has the joules of a call."""
    return (document["values"].get("energy") or {}).get("joules_a_call") is not None


def python(*arguments: str) -> Command:
    return [sys.executable, *arguments]


def bench(run: Run, models: Sequence[str], batch: Sequence[int], *more: str) -> Command:
    """Return `zoo bench` of models and batch sizes on the device, into the run's ledger."""
    setup = run.setup
    options = ("--device", setup.device, "--precision", setup.precision)
    ledger = () if "--ledger" in more else ("--ledger", str(run.ledger))
    processes = ("--batch-size", ",".join(map(str, batch)), "--replicates", str(setup.processes))
    return python("-m", "zoo", "bench", *models, *options, *processes, *more, *ledger)


DESCRIBE = """
import sys, torch
print("Python", sys.version.split()[0], "torch", torch.__version__, "CUDA", torch.version.cuda)
if sys.argv[1] == "cuda":
    properties = torch.cuda.get_device_properties(0)
    print(properties.name, properties.total_memory, "bytes,", torch.cuda.device_count(), "devices")
    torch.ones(8, device="cuda").sum().item()
"""


def describe(run: Run, left: float) -> Iterator[Command]:
    yield python("-P", "-c", DESCRIBE, run.setup.device)


def test(run: Run, left: float) -> Iterator[Command]:
    files = [path for path in ROOT.glob("tests/**/test_*.py") if "mark.gpu" in path.read_text()]
    names = sorted(str(path.relative_to(ROOT)) for path in files)
    workers = min(WORKERS, len(os.sched_getaffinity(0)) // CPUS_A_WORKER)
    parallel = ("-p", "xdist.plugin", "-n", str(workers)) if workers > 1 and has_xdist() else ()
    # other versions than those of constraints.txt may warn of other things
    options = ("-q", "-m", "gpu", "-W", "default", "--durations=5", "-p", "no:cacheprovider")
    yield python("-m", "pytest", *options, *parallel, *names)


def has_xdist() -> bool:
    from importlib.util import find_spec

    return find_spec("xdist") is not None


def eager(run: Run, left: float) -> Iterator[Command]:
    yield bench(run, run.setup.cells, run.setup.batch_sizes)


def graph(run: Run, left: float) -> Iterator[Command]:
    yield bench(run, run.setup.cells[:1], run.setup.batch_sizes[:1], "--mode", run.setup.graph)


def compiled(run: Run, left: float) -> Iterator[Command]:
    yield bench(run, run.setup.cells[:1], run.setup.batch_sizes[:1], "--engine", "compile")


def compare(run: Run, left: float) -> Iterator[Command]:
    """Measure the recorded graph again, and compare both runs: the device's clock is least moved by
    the time between them."""
    name, mode = run.setup.cells[0], run.setup.graph
    options = ("--mode", mode, "--ledger", str(run.again))
    yield bench(run, [name], run.setup.batch_sizes[:1], *options)
    first = f"{run.ledger}:model={name},mode={mode}"
    yield python("-m", "zoo", "compare", first, str(run.again), "--fail-on", NOT_EQUAL)


def energy(run: Run, left: float) -> Iterator[Command]:
    """Finish the cells that are incomplete, then count joules for as long as there is time."""
    end = time.monotonic() + left
    yield from unfinished(run, left)
    for command in (*eager(run, left), *graph(run, left)):
        seconds = max(1, int(end - time.monotonic()))
        yield [*command, "--energy", "--budget", f"{seconds}s"]


def unfinished(run: Run, left: float) -> Iterator[Command]:
    """Yield the commands of cells that were begun and have too few processes."""
    begun = {
        (document["cell"]["conditions"]["engine"], document["cell"]["conditions"]["mode"])
        for document in run.documents().values()
        if document["outcome"] == "measured" and not run.complete(document)
    }
    rows = {
        ("eager", "latency"): eager,
        ("eager", run.setup.graph): graph,
        ("compile", "latency"): compiled,
    }
    for pair, commands in rows.items():
        if pair in begun:
            yield from commands(run, left)


def rest(run: Run, left: float) -> Iterator[Command]:
    """Benchmark as many of the other models as there is time for; name those not reached."""
    names = run.setup.others or other_models(run.setup)
    seconds = [
        replicate["telemetry"]["wall"]
        for document in run.documents().values()
        for replicate in document["values"].get("replicates") or ()
    ]
    process = median(seconds) if seconds else SECONDS_A_PROCESS
    count = int((left - process) / process / (run.setup.processes + 1))  # one for the memory
    chosen = names[: max(1, count)]
    note = len(run.notes)
    run.notes.append(f"not reached: {', '.join(names)}")
    yield bench(run, chosen, run.setup.batch_sizes[:1], "--budget", f"{max(1, int(left))}s")
    reached = {d["cell"]["model"] for d in run.documents().values() if run.complete(d)}
    missing = [name for name in names if name not in reached]
    run.notes[note] = f"not reached: {', '.join(missing) or 'none'}"


def other_models(setup: Setup) -> tuple[str, ...]:
    from zoo.model_index.load import load

    return tuple(entry.name for entry in load().entries if entry.name not in setup.cells)


STEPS = (
    Step("device", 4, 30, describe),
    Step("tests", 40, 90, test),
    Step("eager", 230, 280, eager),
    Step("graph", 35, 70, graph),
    Step("compare", 40, 80, compare),
    Step("compile", 60, 150, compiled),
    Step("energy", 25, 200, energy),
    Step("rest", 10, 480, rest),
)


def choose(text: str | None) -> list[Step]:
    """Return the steps that are named, in the order of the table."""
    names = [step.name for step in STEPS]
    wanted = names if text is None else [name.strip() for name in text.split(",")]
    if unknown := [name for name in wanted if name not in names]:
        sys.exit(f"--steps: no {unknown[0]!r} ({', '.join(names)})")
    return [step for step in STEPS if step.name in wanted]


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/gpu.sh", description=__doc__)
    parser.add_argument("out", nargs="?", default=os.environ.get("OUT"), help="default: $OUT")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="for all of it")
    parser.add_argument("--steps", metavar="LIST", help="only these: eager,energy")
    parser.add_argument("--plan", action="store_true", help="print steps and limits, run nothing")
    parser.add_argument("--dry-run", action="store_true", help="small models on a CPU")
    parser.add_argument("--started", type=float, default=time.time(), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if not 0.1 <= options.minutes <= 600:
        parser.error("--minutes: expected 0.1 to 600")
    if not (options.out or options.plan):
        parser.error("expected a folder for the results: an argument, or OUT")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    steps, setup = choose(options.steps), DRY if options.dry_run else GPU
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ.update(VARIABLES)
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(options.out or scratch).resolve()
        out.mkdir(parents=True, exist_ok=True)
        budget = 60 * options.minutes
        run = Run(setup, out, Path(scratch), budget, options.started)
        if options.plan:
            print_plan(run, steps)
            return 0
        run.do(steps)
    print(f"\n{run.summary}", flush=True)
    return 0 if all(outcome.well for outcome in run.outcomes) else 1


def print_plan(run: Run, steps: Sequence[Step]) -> None:
    """Print each step with the seconds it has if all before it take all of theirs."""
    for step, limit in run.limits(steps, run.budget):
        print(f"{step.name}: at most {limit:.0f} s")
        for command in step.commands(run, limit):
            print(f"  {show(command)}")


if __name__ == "__main__":
    sys.exit(main())
