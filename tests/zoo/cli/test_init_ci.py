"""The CI file of `zoo init` runs as it stands, with a wheel in place of the repository."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import pytest
import yaml

from zoo.reporting.site.init_ci import requirement

BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Variables of a runner: an environment with pip that sees the packages of this one."""
    folder = tmp_path / "environment"
    venv.EnvBuilder(with_pip=True, symlinks=True).create(folder)
    packages = next(folder.glob("lib/python*/site-packages"))
    for old in packages.glob("setuptools*"):  # Python 3.11 brings one that is too old for torch
        shutil.rmtree(old)
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return variables | {"PATH": path, "RUNNER_TEMP": str(tmp_path), "PIP_NO_INDEX": "1"}


def scripts(configuration: dict[str, Any]) -> list[str]:
    """The shell lines of a workflow of GitHub, or of GitLab."""
    job: dict[str, Any] = configuration.get("jobs", configuration)["zoo"]
    return job["script"] if "script" in job else [s["run"] for s in job["steps"] if "run" in s]


@pytest.mark.parametrize(
    ("host", "file"),
    [
        ("github.com", ".github/workflows/zoo.yml"),
        pytest.param("gitlab.com", ".gitlab-ci.yml", marks=pytest.mark.slow),
    ],
)
def test_the_ci_file_runs(
    wheel: Path, tmp_path: Path, environment: dict[str, str], host: str, file: str
) -> None:
    work = tmp_path / "work"
    subprocess.run(["git", "init", "-q", str(work)], check=True)
    remote = ["remote", "add", "origin", f"https://{host}/somebody/zoo"]
    subprocess.run(["git", "-C", str(work), *remote], check=True)
    subprocess.run([sys.executable, "-m", "zoo", "init"], cwd=work, check=True)
    text = (work / file).read_text(encoding="utf-8")
    assert f'pip install "{requirement()}"' in text
    text = text.replace(requirement().partition(" @ ")[2], wheel.as_uri())
    lines = scripts(yaml.safe_load(text))
    assert lines[0].startswith("pip install") and len(lines) >= 3
    for line in lines:
        done = subprocess.run(
            [*BASH, line], cwd=work, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
    assert list(work.glob("*/models/*/index.html"))
