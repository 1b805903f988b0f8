"""Diffs that the tools everybody has take without a word."""

import shutil
import subprocess
from pathlib import Path

import pytest

from zoo.model_index.editing.diff import diff
from zoo.model_index.editing.splice import Change

TEXTS = {
    "plain": ("a: 1\nb: 2\nc: 3\n", "a: 1\nb: 5\nc: 3\n"),
    "no end": ("a: 1\nb: 2", "a: 1\nb: 5"),
    "no end near": ("a: 1\nb: 2", "a: 5\nb: 2"),
    "windows": ("\ufeffa: 1\r\nb: 2\r\n", "\ufeffa: 1\r\nb: 5\r\n"),
    "windows, no end": ("a: 1\r\nb: 2\r\nc", "a: 1\r\nb: 5\r\nc"),
    "other breaks": ("a: 1 # \u2028\x0c\x85\nb: 2\n", "a: 1 # \u2028\x0c\x85\nb: 5\n"),
    "many": (
        "x\n" * 20 + "b: 2\n" + "y\n" * 20 + "b: 2\n",
        "x\n" * 20 + "b: 5\n" + "y\n" * 20 + "b: 5\n",
    ),
    "dashes": ("-- a: 1\n++ b: 2\n", "-- a: 1\n++ b: 5\n"),
}
NAMES = ("index.yml", "models/a b.yml", 'we"ird\\.yml', "tab\there.yml", "数 é.yml")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", TEXTS)
def test_git_applies_a_diff(tmp_path: Path, name: str, kind: str) -> None:
    before, after = TEXTS[kind]
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(before.encode())
    command = ["git", "apply", "--whitespace=nowarn", "-"]
    text = diff(Change(name, before, after)).encode()
    done = subprocess.run(command, cwd=tmp_path, input=text, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert path.read_bytes() == after.encode()


@pytest.mark.skipif(shutil.which("patch") is None, reason="patch is not installed")
@pytest.mark.parametrize("kind", TEXTS)
def test_patch_applies_a_diff(tmp_path: Path, kind: str) -> None:
    before, after = TEXTS[kind]
    path = tmp_path / "index.yml"
    path.write_bytes(before.encode())
    text = diff(Change("index.yml", before, after)).encode()
    subprocess.run(["patch", "-p1", "--binary", "-s"], cwd=tmp_path, input=text, check=True)
    assert path.read_bytes() == after.encode()


def test_a_diff_as_people_read_it() -> None:
    assert diff(Change("a.yml", "a: 1\nb: 2", "a: 1\nb: 5")).split("\n") == [
        "--- a/a.yml", "+++ b/a.yml", "@@ -1,2 +1,2 @@", " a: 1",
        "-b: 2", "\\ No newline at end of file", "+b: 5", "\\ No newline at end of file", "",
    ]  # fmt: skip


def test_a_file_elsewhere_is_named_from_the_root_on() -> None:
    assert diff(Change("/zoo/a.yml", "1\n", "2\n")).startswith(
        "--- a/zoo/a.yml\n+++ b/zoo/a.yml\n@@"
    )


def test_no_change_is_no_diff() -> None:
    assert diff(Change("a.yml", "a: 1\n", "a: 1\n")) == ""
