"""Builds the wheel, and environments that it is installed into."""

import importlib.util
import os
import subprocess
import sys
import venv
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = ("zoo/", "model_index/", "reporting/")
FILES = ("pyproject.toml", "setup.py", "README.md", "LICENSE")


@cache
def list_sources() -> tuple[str, ...]:
    """The files of the three source folders; none where this is no git checkout."""
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    files = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.split("\n")
    return tuple(name for name in files if name.startswith(FOLDERS) and (ROOT / name).is_file())


def build_wheel(folder: Path) -> Path:
    """Build from a copy of the sources, so that nothing is written beside them."""
    for name in (*list_sources(), *FILES):
        target = folder / "source" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    build = "from setuptools.build_meta import build_wheel; print(build_wheel('..'))"
    done = subprocess.run(
        [sys.executable, "-c", build], cwd=folder / "source", capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


class Environment:
    """A virtual environment without pip."""

    def __init__(self, folder: Path):
        self.folder = folder
        venv.EnvBuilder(symlinks=os.name != "nt").create(folder)
        self.packages = next(folder.glob("lib/python*/site-packages"))

    def install(self, *packages: str) -> subprocess.CompletedProcess[str]:
        """Install by uv where this environment has it, which takes a second, else by pip."""
        constraints = ["--constraint", str(ROOT / "constraints.txt")]
        if importlib.util.find_spec("uv"):
            command = ["uv", "pip", "install", "--compile-bytecode", "--python", str(self.folder)]
        else:
            command = ["pip", "--python", str(self.folder), "install"]
        return self._run([sys.executable, "-m", *command, *constraints, *packages])

    def zoo(self, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run the command in a folder."""
        return self._run([str(self.folder / "bin" / "zoo"), *arguments], folder)

    def size(self) -> int:
        """Bytes on the disk."""
        return sum(file.stat().st_blocks * 512 for file in self.packages.rglob("*"))

    def _run(
        self, command: list[str], folder: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
        )
