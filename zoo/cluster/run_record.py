"""What was submitted, kept beside the ledger so that another process can ask for it, wait for it or
end it.

A run lies in `<ledger>/.cache/jobs/<identity>/`: `run.json`, and the files and logs of its jobs.
Nothing in it is evidence, and nothing of it is executed.
"""

import os
import secrets
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from zoo.cluster.outcome import Outcome
from zoo.model_index.errors import LedgerError, UsageError
from zoo.model_index.io.atomic import NotPlain, read_whole, write_atomically
from zoo.model_index.ledger.store import CACHE

FILE = "run.json"
Where = Literal["local", "slurm"]
Final = Literal["done", "failed", "cancelled", "lost"]


class Job(msgspec.Struct, frozen=True):
    """A job as it was submitted: the executor's number of it, which part of the run it does, for
    which models, and what that covers: keys of cells, or of a command. `tries` counts how often the
    part was submitted before."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[1-9]\d{0,9}(_\d{1,7})?$")]
    part: int
    models: list[str]
    covers: list[str]
    tries: int = 0


class FinalStatus(msgspec.Struct, frozen=True):
    """What became of a job in the end: where, and why it is so."""

    condition: Final
    reason: str = ""
    node: str = ""


class Run(msgspec.Struct):
    """A command that was divided into jobs; `ledger` is the folder it belongs to. `over` are the
    jobs of which somebody saw the end, by number: Slurm forgets them after minutes."""

    identity: str
    executor: Where
    command: str
    host: str = ""
    submitted_at: str = ""
    jobs: list[Job] = []
    over: dict[str, FinalStatus] = {}
    ledger: str = ""

    @classmethod
    def new(cls, ledger: Path, executor: Where, command: str) -> "Run":
        """A run that begins now."""
        time = datetime.now(UTC)
        identity = f"{time:%Y%m%d-%H%M%S}-{command.split()[1]}-{secrets.token_hex(2)}"
        started = time.isoformat(timespec="seconds")
        return cls(identity, executor, command, socket.gethostname(), started, ledger=str(ledger))

    @property
    def name(self) -> str:
        """What Slurm calls its jobs."""
        return f"zoo-{self.identity}"

    @property
    def folder(self) -> Path:
        return jobs_folder(Path(self.ledger)) / self.identity

    def log(self, job: Job) -> Path:
        """What a job wrote to standard output and standard error."""
        return self.folder / f"{job.id}_0_log.out"

    def output(self, part: int, tries: int) -> Path:
        """What a part's command printed, where that is kept."""
        return self.folder / f"{part}-{tries}.out"

    def request_file(self, part: int) -> Path:
        """Return the file with the request of a part."""
        return self.folder / f"{part}.request.json"

    def outcome_file(self, part: int, tries: int) -> Path:
        """Where a job writes how its command ended."""
        return self.folder / f"{part}-{tries}.json"

    def cancelled_file(self, job: Job) -> Path:
        """What is there when somebody ended the job."""
        return self.folder / f"{job.part}-{job.tries}.cancelled"

    def outcome(self, job: Job) -> Outcome | None:
        """How the job's command ended; None while it has not, or where that was not written."""
        try:
            return msgspec.json.decode(
                read_whole(self.outcome_file(job.part, job.tries)), type=Outcome
            )
        except (OSError, NotPlain, msgspec.DecodeError):
            return None

    @property
    def latest(self) -> list[Job]:
        """The last job of each part, in order of the parts."""
        return [job for _, job in sorted({job.part: job for job in self.jobs}.items())]

    def save(self) -> None:
        """Keep it.

        Raises:
            LedgerError: the ledger's folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not os.path.lexists(ignored := self.folder.parent / ".gitignore"):
                write_atomically(ignored, "*\n")
            write_atomically(
                self.folder / FILE,
                msgspec.json.format(msgspec.json.encode(self), indent=1).decode(),
            )
        except OSError as error:
            raise LedgerError(
                f"{self.folder}: cannot keep what is submitted: {error.strerror or error}"
            ) from error


def jobs_folder(ledger: Path) -> Path:
    """Where the runs of a ledger lie: an absolute path, as a job may start anywhere."""
    return Path(os.path.abspath(ledger)) / CACHE / "jobs"


def runs(ledger: Path) -> Iterator[Run]:
    """The runs of a ledger, the newest first; a file that is none is passed over."""
    for path in sorted(jobs_folder(ledger).glob(f"*/{FILE}"), reverse=True):
        try:
            run = msgspec.json.decode(read_whole(path), type=Run)
        except (OSError, NotPlain, msgspec.DecodeError):
            continue
        run.identity, run.ledger = path.parent.name, str(ledger)
        yield run


def find_run(ledger: Path, name: str) -> tuple[Run, Job | None]:
    """The run of this name or of one that begins so, or the job of this number with its run.

    Raises:
        UsageError: there is none, or there are several.
    """
    recorded = list(runs(ledger))
    for run in recorded:
        for job in reversed(run.jobs):
            if job.id == name:
                return run, job
    matches = [run for run in recorded if run.identity.startswith(name)]
    if len(matches) != 1:
        problem = (
            f"{len(matches)} runs begin with {name!r}"
            if matches
            else f"no run and no job is named {name!r}"
        )
        raise UsageError(f"{ledger}: {problem}; `zoo jobs` lists them")
    return matches[0], None
