"""Builders that lie in the working folder, in `src`, or beside the index: what to type, once."""

import subprocess
from pathlib import Path

import pytest

from tests.command import zoo_command

INDEX = "Models:\n- {Name: net, Builder: 'ownzoo.models:net', Metadata: {Parameters: 5 M}}\n"


def run(command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        zoo_command(command), cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "folder, path", [(".", "."), ("src", "src"), ("idx", "idx"), ("idx/src", "idx/src")]
)
def test_the_whole_command_is_told_once_at_the_end(tmp_path: Path, folder: str, path: str) -> None:
    (tmp_path / "idx" / "models").mkdir(parents=True)
    (tmp_path / "idx" / "models" / "m.yml").write_text(INDEX)
    (tmp_path / folder / "ownzoo").mkdir(parents=True)
    (tmp_path / folder / "ownzoo" / "models.py").touch()
    command = "verify --index idx --ledger l"
    done = run(command, tmp_path)
    told = f"to build what was not built: zoo {command} --trust ownzoo --path {path}"
    assert done.returncode == 1 and done.stderr.splitlines().count(told) == 1
    assert f"ownzoo is not trusted (--trust ownzoo --path {path})" in done.stderr
    trusted = run("count net --index idx --trust ownzoo", tmp_path)
    where = "this folder" if path == "." else f"the folder {path}"
    assert "ownzoo is not installed in " in trusted.stderr
    assert f"it lies in {where}: --path {path}\n" in trusted.stderr
    assert trusted.stderr.endswith(f"--index idx --trust ownzoo --path {path}\n")


def test_a_folder_without_code_is_no_package(tmp_path: Path) -> None:
    (tmp_path / "m.yml").write_text(INDEX)
    (tmp_path / "ownzoo").mkdir()
    done = run("verify --index m.yml", tmp_path)
    assert done.stderr.endswith("ownzoo is not trusted (--trust ownzoo)\n")
