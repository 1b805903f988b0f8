"""`zoo verify --write` as a person types it: the diff, the questions, what is written, what is
said, exit codes."""

import json
import os
import pty
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.command import zoo_command
from zoo.cli import app, main, verify_write

MACS = 64 * 27 * 8 + 10 * 8  # the toy at 8x8
PARAMETERS = 8 * 28 + 8 * 2 + 8 * 10 + 10
FLOPS, PARAMS = "12.345 k  # about 12,345", "'999'"
INDEX = f"""\ufeffModels:\r
- Name: toy  # \u00e9 \U0001f600\r
  Builder: toyzoo:make\r
  Metadata:\r
    FLOPs: {FLOPS}\r
    Parameters: {PARAMS}\r
    Image Size: 8\r
  Results: [{{Metrics: {{Top 1 Accuracy: 12, Top 5 Accuracy: 99}}}}]"""
RIGHT = INDEX.replace("12.345 k", f"{MACS / 1000:.3f} k").replace("999", str(PARAMETERS))
IMPOSSIBLE = "index.yml:8: toy Top 5 Accuracy: not written: nothing was measured"


@pytest.fixture
def index(toy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with two wrong counts and two accuracies that cannot be, in the working folder."""
    monkeypatch.chdir(toy)
    path = toy / "index.yml"
    path.write_bytes(INDEX.encode())
    return path


def zoo(*arguments: str, answers: str = "") -> Result:
    command = [
        "verify",
        "--index",
        "index.yml",
        "--trust",
        "toyzoo",
        "--ledger",
        "ledger",
        *arguments,
    ]
    return CliRunner().invoke(app, command, input=answers)


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits at the terminal."""
    monkeypatch.setattr(verify_write, "is_interactive", lambda: True)


def test_a_dry_run_prints_a_diff_that_git_applies(index: Path) -> None:
    result = zoo("--write", "--dry-run")
    assert result.exit_code == 1
    assert index.read_bytes() == INDEX.encode()
    old, new = (text.split("\n") for text in (INDEX, RIGHT))
    assert result.stdout_bytes.decode().split("\n") == [
        "--- a/index.yml",
        "+++ b/index.yml",
        "@@ -2,7 +2,7 @@",
        *(f" {line}" for line in old[1:4]),
        *(f"-{line}" for line in old[4:6]),
        *(f"+{line}" for line in new[4:6]),
        f" {old[6]}",
        f" {old[7]}",
        "\\ No newline at end of file",
        "",
    ]
    assert IMPOSSIBLE in result.stderr
    subprocess.run(
        ["git", "apply", "-"],
        input=result.stdout_bytes,
        cwd=index.parent,
        check=True,
        capture_output=True,
    )
    assert index.read_bytes() == RIGHT.encode()


def test_yes_writes_all_and_says_so(index: Path) -> None:
    result = zoo("--write", "--yes")
    assert index.read_bytes() == RIGHT.encode()
    lines = result.stderr.splitlines()
    assert "index.yml:5: the comment beside it stays: # about 12,345" in lines
    assert "2 values in 1 file written" in lines
    assert lines[-1].startswith("2 wrong, 2 right, 1 unknown of 5 claims")
    assert result.exit_code == 1, "the accuracies are still wrong"
    again = zoo("--write", "--yes")
    assert "0 values in 0 files written" in again.stderr.splitlines()
    assert index.read_bytes() == RIGHT.encode()


def test_nothing_wrong_is_left(index: Path) -> None:
    index.write_bytes(INDEX.partition("  Results")[0].encode())
    assert zoo("--write", "--yes").exit_code == 0
    assert index.read_bytes() == RIGHT.partition("  Results")[0].encode()


def test_fresh_measures_once(index: Path) -> None:
    assert "counts: 0 measured, 1 reused from ledger" in zoo("--write", "--yes", "--fresh").stderr


def test_only_what_was_named(index: Path) -> None:
    result = zoo("--write", "--yes", "--only", "params")
    assert index.read_bytes() == INDEX.replace("999", str(PARAMETERS)).encode()
    assert "1 value in 1 file written" in result.stderr
    assert "not written" not in result.stderr


QUESTION = "toy FLOPs 12.345 k -> 13.904 k at index.yml:5 (multiply-adds at 8x8)? [y/n/a/q]"


@pytest.mark.parametrize(
    ("answers", "written", "asked"),
    [
        ("n\ny\n", (PARAMS,), 2),
        ("y\nn\n", (FLOPS,), 2),
        ("y\nq\n", (FLOPS,), 2),
        ("a\n", (FLOPS, PARAMS), 1),
        ("q\n", (), 1),
        ("what\n\nY\n n \n", (FLOPS,), 4),
    ],
)
def test_a_person_is_asked_for_each(
    index: Path, person: None, answers: str, written: tuple[str, ...], asked: int
) -> None:
    result = zoo("--write", answers=answers)
    changed = {FLOPS: FLOPS.replace("12.345", f"{MACS / 1000:.3f}"), PARAMS: f"'{PARAMETERS}'"}
    expected = INDEX
    for text in written:
        expected = expected.replace(text, changed[text])
    assert index.read_bytes() == expected.encode()
    assert QUESTION in result.stderr
    assert result.stderr.count("[y/n/a/q]") == asked
    assert ("y: this one, n: not this one, a: all the rest, q: no more" in result.stderr) == (
        "what" in answers
    )


def test_breaking_off_writes_nothing(index: Path, person: None) -> None:
    assert zoo("--write", answers="y\n").exit_code == 130
    assert index.read_bytes() == INDEX.encode()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--write",),
            (
                "--write asks for each value and this is no terminal; "
                "--yes writes all, --dry-run shows all"
            ),
        ),
        (("--yes",), "--yes: only with --write"),
        (
            ("--dry-run", "--only", "FLOPs", "--reported"),
            "--dry-run, --only, --reported: only with --write",
        ),
        (("--write", "--dry-run", "--format", "json"), "--dry-run prints a diff and no JSON"),
        (
            ("--write", "--dry-run", "--write-baseline", "k.json"),
            "--dry-run changes nothing and --write-baseline makes findings known: give one\n",
        ),
        (
            ("--write", "--yes", "--only", "beauty"),
            "no quantity 'beauty' (FLOPs, Parameters, ",
        ),
    ],
)
def test_options_that_cannot_be_meant(
    index: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["zoo", "verify", "--index", "index.yml", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert capsys.readouterr().err.startswith(f"zoo: {message}")
    assert not Path("ledger").exists(), "nothing was measured for it"
    assert not Path("k.json").exists()


def test_a_dry_run_writes_the_files_that_were_asked_for_and_no_other(index: Path) -> None:
    result = zoo("--write", "--dry-run", "--also", "junit=a.xml", "--report", "r.md")
    assert result.stdout.startswith("--- a/index.yml\n")
    there = {path.name for path in Path.cwd().iterdir()} - {"__pycache__"}
    assert there == {"index.yml", "toyzoo.py", "ledger", "a.xml", "r.md"}
    assert index.read_bytes() == INDEX.encode()


def test_an_installed_package_is_not_written(
    index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(index.parent))
    monkeypatch.setattr(sys, "argv", ["zoo", "verify", "--index", "index.yml", "--write", "--yes"])
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().err == (
        "zoo: index.yml: part of an installed package; copy the index, pass the copy by --index\n"
    )
    assert zoo("--write", "--dry-run").exit_code == 1, "looking is allowed"


def test_json_stays_json(index: Path) -> None:
    result = zoo("--write", "--yes", "--format", "json", "--only", "FLOPs")
    assert [item["verdict"] for item in json.loads(result.stdout)][:2] == ["mismatch", "mismatch"]
    assert "1 value in 1 file written" in result.stderr


HOSTILE = """\x1b]0;owned\x07\tx
<!--Type: model-index
Models: [{Name: toy, Builder: 'toyzoo:make', Metadata: {FLOPs: 12345, Image Size: 8}}]
-->
"""


def test_a_diff_does_not_steer_a_terminal(
    index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page may hold anything beside the block that is read."""
    index.with_suffix(".md").write_text(HOSTILE)
    arguments = ["verify", "--index", "index.md", "--trust", "toyzoo", "--write", "--dry-run"]
    monkeypatch.setattr(sys, "argv", ["zoo", *arguments])
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with pytest.raises(SystemExit):
        main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[3] == " \ufffd]0;owned\ufffd\tx"
    assert lines[6] == f"+{HOSTILE.splitlines()[2].replace('12345', str(MACS))}"


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    main_end, other_end = pty.openpty()
    yield main_end, other_end
    os.close(main_end)


def test_on_a_real_terminal(index: Path, terminal: tuple[int, int]) -> None:
    zoo()  # the evidence
    here, there = terminal
    command = zoo_command("verify --index index.yml --trust toyzoo --write")
    environment = os.environ | {
        "PYTHONPATH": f"{Path(__file__).parents[3]}:{index.parent}",
        "COLUMNS": "200",
    }
    with subprocess.Popen(
        command, cwd=index.parent, env=environment, stdin=there, stdout=there, stderr=there
    ) as process:
        os.close(there)
        os.write(here, b"y\nn\n")
        shown = b""
        while chunk := _read(here):
            shown += chunk
    assert process.returncode == 1
    assert QUESTION.encode() in shown
    assert index.read_bytes() == INDEX.replace("12.345", f"{MACS / 1000:.3f}", 1).encode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # Linux says so where the other end is closed
        return b""


def test_writing_needs_no_torch_where_evidence_is_there(index: Path) -> None:
    run: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run
    zoo()
    code = (
        "import sys; from zoo.cli import app; sys.argv = ['zoo', 'verify', '--index', "
        "'index.yml', '--trust', 'toyzoo',"
        "'--write', '--yes']\ntry: app()\nexcept SystemExit: print('torch' in sys.modules)"
    )
    environment = os.environ | {"PYTHONPATH": f"{Path(__file__).parents[3]}:{index.parent}"}
    done = run(
        [sys.executable, "-c", code],
        cwd=index.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "False"
    assert index.read_bytes() == RIGHT.encode()
