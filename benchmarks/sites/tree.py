"""A checkout with its own environment: its files that are committed, and its commands."""

import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
COPIED = ("mkdocs.yml", "docs", "reporting/theme")  # what a site of ours is built from


@dataclass(frozen=True)
class Spent:
    """Wall seconds of a command, and seconds of a core (user and system)."""

    wall: float
    core: float


@dataclass(frozen=True)
class Tree:
    """A checkout, and the Python that runs it.

    The root is in front of the Python's own path: an old checkout had its packages there.
    """

    root: Path
    python: Path

    @classmethod
    def here(cls) -> "Tree":
        """Return the checkout that this file lies in, run by this Python."""
        return cls(Path(__file__).resolve().parents[2], Path(sys.executable))

    @classmethod
    def at(cls, root: Path) -> "Tree":
        """Return another checkout with its own environment; exit where it runs other code."""
        tree = cls(root.resolve(), root.resolve() / ".venv" / "bin" / "python")
        if not tree.python.exists():
            sys.exit(f"{tree.python}: no such file; make the environment of that checkout first")
        file = tree.run([str(tree.python), "-c", "import zoo; print(zoo.__file__)"], root).strip()
        if not Path(file).is_relative_to(tree.root):
            sys.exit(f"{tree.python} runs {file}, which is not of {tree.root}")
        return tree

    def copy_site(self, folder: Path) -> None:
        """Copy the configuration, the documentation and the theme, as they are in the working tree.

        Only files that git knows: what `make site` wrote between them stays behind.
        """
        shutil.rmtree(folder / "reporting", ignore_errors=True)  # of a run before
        for name in list_committed(self.root, COPIED):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.root / name, target)

    def zoo(self, *arguments: str) -> list[str]:
        """Return the command line of `zoo`."""
        return [str(self.python), "-c", "from zoo.cli import main; main()", *arguments]

    @property
    def mkdocs(self) -> list[str]:
        """Return the command line of a build by MkDocs."""
        return [str(self.python), "-m", "mkdocs", "build", "-q"]

    def pages(self, task: str) -> list[str]:
        """Return the command line of one task of this tree's own `benchmarks/site.py`."""
        return [str(self.python), str(self.root / "benchmarks" / "site.py"), "pages", task]

    def clock(self, command: list[str], folder: Path) -> Spent:
        """Run a command of this tree and return what it took."""
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        self.run(command, folder)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        return Spent(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    def run(self, command: list[str], folder: Path, ends: tuple[int, ...] = (0,)) -> str:
        """Run a command of this tree and return what it prints; exit with its message where it
        ends with another code."""
        done = subprocess.run(
            command,
            cwd=folder,
            env={**ENVIRONMENT, "PYTHONPATH": str(self.root)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in ends:
            sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
        return done.stdout


def list_committed(root: Path, names: tuple[str, ...]) -> list[str]:
    """List the files below the names that git knows and that are there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *names],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.split("\0") if name and (root / name).is_file()]
