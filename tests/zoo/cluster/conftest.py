"""A real Slurm on this machine: munged, slurmctld and two slurmd on loopback, ended with the
tests."""

import getpass
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

DAEMONS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel", "srun")
NODES = ("n1", "n2")
SECONDS = 30.0
# One CPU a node, so that two jobs run at once. A job that is requeued waits until its credentials
# have expired.
CONFIGURATION = """
ClusterName=zoo
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
SlurmUser={user}
SlurmdUser={user}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_min_interval=1,batch_sched_delay=0,sched_interval=1,bf_interval=1
KillWait=2
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=1 RealMemory=2000
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=1 RealMemory=2000
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
"""
TOYS = """
import os, time
from torch import nn

class Slow(nn.Conv2d):
    def forward(self, x):
        while self.out_channels % 2 == 0 and os.path.exists("hold"):
            time.sleep(0.05)
        return super().forward(x)

def make(width):
    return nn.Sequential(Slow(3, width, 3), nn.ReLU())
"""


@dataclass(frozen=True)
class Slurm:
    """A cluster that runs; `environment` makes commands talk to it."""

    folder: Path
    environment: dict[str, str]

    def ask(self, *command: str) -> str:
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=SECONDS
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def jobs(self, state: str = "all") -> dict[str, tuple[str, str]]:
        """State and node of each job, by number."""
        said = self.ask("squeue", "--array", "--noheader", f"--states={state}", "--format=%i|%T|%N")
        return {line.split("|")[0]: tuple(line.split("|")[1:]) for line in said.splitlines()}  # type: ignore[misc]


def until(what: Callable[[], object], seconds: float = 120.0) -> None:
    """Wait for it."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.1)


def free_ports(number: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture(scope="session")
def slurm() -> Iterator[Slurm]:
    """The cluster, or a skip that says why there is none."""
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])
    missing = [name for name in DAEMONS if not shutil.which(name, path=path)]
    if missing:
        pytest.skip(
            f"no Slurm here: {', '.join(missing)} missing (Debian: apt-get install slurm-wlm munge)"
        )
    folder = Path(
        tempfile.mkdtemp(prefix="zoo-slurm-")
    )  # short: a socket's path may have 107 characters
    (folder / "state").mkdir()
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o400)
    (folder / "slurm.conf").write_text(
        CONFIGURATION.format(
            host=socket.gethostname().partition(".")[0],
            ports=free_ports(3),
            folder=folder,
            user=getpass.getuser(),
        )
    )
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SLURM_", "SBATCH_"))
    }
    found = Slurm(folder, environment | {"PATH": path, "SLURM_CONF": str(folder / "slurm.conf")})
    files = {
        "key-file": "munge.key",
        "socket": "munge.socket",
        "pid-file": "munge.pid",
        "log-file": "munge.log",
        "seed-file": "munge.seed",
    }
    commands = [
        [
            "munged",
            "--foreground",
            "--force",
            *(f"--{name}={folder / file}" for name, file in files.items()),
        ],
        ["slurmctld", "-D"],
        *(["slurmd", "-D", "-N", node] for node in NODES),
    ]
    daemons = []
    try:
        with (folder / "daemons.log").open("wb") as log:
            for command in commands:
                daemons.append(
                    subprocess.Popen(
                        command,
                        env=found.environment,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                    )
                )
                if command[0] == "munged":
                    until((folder / "munge.socket").exists, SECONDS)
        end = time.monotonic() + SECONDS
        while idle(found) < len(NODES):
            if time.monotonic() > end:
                pytest.skip(
                    f"Slurm does not start here: {(folder / 'daemons.log').read_text()[-2000:]}"
                )
            time.sleep(0.2)
        yield found
    finally:
        for daemon in reversed(daemons):
            daemon.terminate()
        for daemon in daemons:
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        shutil.rmtree(folder, ignore_errors=True)


def idle(slurm: Slurm) -> int:
    """Nodes that wait for work."""
    said = subprocess.run(
        ["sinfo", "-h", "-N", "-o", "%T"], env=slurm.environment, capture_output=True, text=True
    )
    return said.stdout.split().count("idle")


@pytest.fixture
def toys(tmp_path: Path) -> Callable[[int], Path]:
    """Writes an index of so many small models, and gives its folder. Every second one waits while a
    file `hold` is there."""

    def write(number: int) -> Path:
        (tmp_path / "toys.py").write_text(TOYS)
        rows = [
            f"- {{Name: m{n}, Builder: {{Name: 'toys:make', Arguments: {{width: {n + 1}}}}}, "
            f"Metadata: {{Parameters: {28 * (n + 1)}}}}}"
            for n in range(number)
        ]
        (tmp_path / "index.yml").write_text("Models:\n" + "\n".join(rows))
        return tmp_path

    return write
