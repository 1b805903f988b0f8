"""The record of submitted jobs, beside the ledger, so that other processes can query, await or
cancel them.

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
from zoo.model_index.errors.suggestions import describe_unknown
from zoo.model_index.io.atomic import NotPlain, read_whole, write_atomically
from zoo.model_index.ledger.store import CACHE

FILE = "run.json"
Where = Literal["local", "slurm"]
Final = Literal["done", "failed", "cancelled", "lost"]


class Job(msgspec.Struct, frozen=True):
    """A submitted job: its number at the executor, its part of the run, and its models.

    `covers` are keys of cells or of a command. `tries` counts earlier jobs of the same part.
    """

    id: Annotated[str, msgspec.Meta(pattern=r"^[1-9]\d{0,9}(_\d{1,7})?$")]
    part: int
    models: list[str]
    covers: list[str]
    tries: int = 0


class FinalStatus(msgspec.Struct, frozen=True):
    """The final status of a job, with reason and node."""

    condition: Final
    reason: str = ""
    node: str = ""


class Run(msgspec.Struct, kw_only=True):
    """A command divided into jobs; `ledger` is the folder it belongs to.

    `over` has the final status of jobs by number, since Slurm forgets them after minutes.
    """

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
        """Return a new run that starts now."""
        time = datetime.now(UTC)
        identity = f"{time:%Y%m%d-%H%M%S}-{command.split()[1]}-{secrets.token_hex(2)}"
        started = time.isoformat(timespec="seconds")
        return cls(
            identity=identity,
            executor=executor,
            command=command,
            host=socket.gethostname(),
            submitted_at=started,
            ledger=str(ledger),
        )

    @property
    def name(self) -> str:
        """Return the name of its jobs at Slurm."""
        return f"zoo-{self.identity}"

    @property
    def folder(self) -> Path:
        return jobs_folder(Path(self.ledger)) / self.identity

    def log(self, job: Job) -> Path:
        """Return the log of a job: standard output and standard error."""
        return self.folder / f"{job.id}_0_log.out"

    def output(self, part: int, tries: int) -> Path:
        """Return the file of the standard output of a part, where that is stored."""
        return self.folder / f"{part}-{tries}.out"

    def request_file(self, part: int) -> Path:
        """Return the file with the request of a part."""
        return self.folder / f"{part}.request.json"

    def outcome_file(self, part: int, tries: int) -> Path:
        """Return the file to which a job writes its outcome."""
        return self.folder / f"{part}-{tries}.json"

    def cancelled_file(self, job: Job) -> Path:
        """Return the file that marks a cancelled job."""
        return self.folder / f"{job.part}-{job.tries}.cancelled"

    def outcome(self, job: Job) -> Outcome | None:
        """Return the outcome of a job; None before it ends, or where it was not written."""
        try:
            return msgspec.json.decode(
                read_whole(self.outcome_file(job.part, job.tries)), type=Outcome
            )
        except (OSError, NotPlain, msgspec.DecodeError):
            return None

    @property
    def latest(self) -> list[Job]:
        """Return the last job of each part, in order of the parts."""
        return [job for _, job in sorted({job.part: job for job in self.jobs}.items())]

    def save(self) -> None:
        """Write the record.

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
                f"{self.folder}: cannot record the submitted jobs: {error.strerror or error}"
            ) from error


def jobs_folder(ledger: Path) -> Path:
    """Return the folder of a ledger's runs: absolute, since a job may start in another folder."""
    return Path(os.path.abspath(ledger)) / CACHE / "jobs"


def runs(ledger: Path) -> Iterator[Run]:
    """Yield the runs of a ledger, the newest first; skip invalid files."""
    for path in sorted(jobs_folder(ledger).glob(f"*/{FILE}"), reverse=True):
        try:
            run = msgspec.json.decode(read_whole(path), type=Run)
        except (OSError, NotPlain, msgspec.DecodeError):
            continue
        run.identity, run.ledger = path.parent.name, str(ledger)
        yield run


def find_run(ledger: Path, name: str) -> tuple[Run, Job | None]:
    """Return the run of this name or prefix, or the job of this number with its run.

    Raises:
        UsageError: no match, or several.
    """
    recorded = list(runs(ledger))
    for run in recorded:
        for job in reversed(run.jobs):
            if job.id == name:
                return run, job
    matches = [run for run in recorded if run.identity.startswith(name)]
    if len(matches) != 1:
        if matches:
            problem = f"{len(matches)} runs begin with {name!r}"
            raise UsageError(f"{ledger}: {problem}; `zoo jobs` lists them")
        names = [run.identity for run in recorded]
        names += [job.id for run in recorded for job in run.jobs if job.id]
        hint = f"{ledger}; `zoo jobs` lists them"
        raise UsageError(describe_unknown("no run and no job", name, names, hint))
    return matches[0], None
