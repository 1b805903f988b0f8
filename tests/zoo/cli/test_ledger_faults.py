"""Commands on a ledger that others write, that is full, may be read only, or holds what a newer
version wrote: clear messages, exit codes that say so, everything that was found is printed, and
nothing is lost."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zoo.cli import main
from zoo.model_index.ledger.store import Ledger

NAMES = [f"m{number}" for number in range(4)]
TOY = """
from torch import nn

def make(width):
    return nn.Sequential(nn.Conv2d(3, width, 3), nn.ReLU())
"""
ENTRY = """\
- Name: m{0}
  Builder: {{Name: 'hardzoo:make', Arguments: {{width: {1}}}}}
  Metadata: {{FLOPs: {1}7, Image Size: 224}}
"""
OPTIONS = ["--index", "index.yml", "--trust", "hardzoo"]
FULL = "No space left on device"


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with an index of four toy models, where commands run."""
    (tmp_path / "hardzoo.py").write_text(TOY)
    models = [ENTRY.format(number, number + 1) for number in range(len(NAMES))]
    (tmp_path / "index.yml").write_text("".join(["Models:\n", *models]))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", f"{Path(__file__).parents[3]}{os.pathsep}{tmp_path}")
    sys.modules.pop("hardzoo", None)
    yield tmp_path
    sys.modules.pop("hardzoo", None)


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(zoo: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Exit code, standard output and error of a command, through the error boundary."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", ["zoo", *arguments])
        with pytest.raises(SystemExit) as stopped:
            main()
        return int(stopped.value.code or 0), *capfd.readouterr()

    return run


def mounted(folder: Path, *options: str) -> None:
    """Mount a small file system there; the test is skipped where that is not permitted."""
    folder.mkdir(exist_ok=True)
    made = subprocess.run(
        ["mount", *options, str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip(f"a file system of its own cannot be mounted here: {made.stderr.strip()}")


@pytest.fixture
def disk(zoo: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    folder = zoo / "disk"
    mounted(folder, "-t", "tmpfs", "-o", "size=64k", "tmpfs")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, but: int = 0) -> Path:
    """Leave so many pages of 4 KiB free."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
        file.truncate(max(0, file.tell() - 4096 * but))
    return path


def files(folder: Path) -> list[str]:
    return sorted(
        path.name for path in folder.rglob("*") if path.is_file() and ".cache" not in path.parts
    )


def contents(ledger: Path) -> dict[Path, bytes]:
    """Every file of evidence, temporary ones too."""
    return {path: path.read_bytes() for path in (ledger / "count").rglob("*") if path.is_file()}


def measured(folder: Path) -> dict[str, object]:
    found = list(Ledger(folder).all("count"))
    return {each.cell.model: (each.outcome, each.values) for each in found}


# --- two runs at once ---


def start(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "zoo", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err, err
    return process.returncode, out, err


@pytest.mark.slow
def test_two_runs_and_a_compaction_on_one_ledger(zoo: Path, run: Run) -> None:
    """All evidence of both is there and whole, as one run alone finds it, and the table is one at
    any moment."""
    fresh = ["verify", *OPTIONS, "--fresh", "--format", "json"]
    pair = [start(*fresh), start(*fresh, "--jobs", "2")]
    Path("ledger").mkdir(exist_ok=True)
    tables = 0
    while any(each.poll() is None for each in pair):
        code, _, err = run("ledger", "compact", "--output", "now.parquet")
        assert code == 0 and "skipped:" not in err
        code, out, _ = run("ledger", "check", "--format", "json")
        assert code == 0, out
        tables += 1
        time.sleep(0.05)
    found = [ended(each) for each in pair]
    assert tables > 3 and [code for code, *_ in found] == [1, 1]  # 17 is wrong for any
    alone = run(*fresh, "--ledger", "alone")
    assert [json.loads(out) for _, out, _ in found] == [json.loads(alone[1])] * 2
    assert (
        measured(zoo / "ledger") == measured(zoo / "alone")
        and sorted(measured(zoo / "ledger")) == NAMES
    )
    assert not [path for path in zoo.rglob("*") if path.suffix in (".tmp", ".bad")]
    again = run("verify", *OPTIONS, "--format", "json")
    assert json.loads(again[1]) == json.loads(alone[1]) and "0 measured" in again[2]


@pytest.mark.slow
def test_a_run_beside_builds(zoo: Path, run: Run) -> None:
    """Two builds and a verification at once: one history, one site, the same findings."""
    Path("mkdocs.yml").write_text("site_name: Toys\n")
    for name in ("a", "b"):
        Path(name).mkdir()
        Path(name, "mkdocs.yml").write_text("site_name: Toys\n")
    build = ["build", *OPTIONS, "--ledger", "ledger"]
    three = [
        start("verify", *OPTIONS, "--fresh", "--format", "json"),
        *(
            start(*build, "--config", f"{name}/mkdocs.yml", "--site", f"{name}/site")
            for name in ("a", "b")
        ),
    ]
    codes = [ended(each)[0] for each in three]
    assert codes == [1, 0, 0]
    from zoo.model_index.ledger import history

    told = history.read(zoo / "ledger")
    assert (
        not told.faults
        and len(told.state) == len(NAMES)
        and not [c for each in told.moments for c in each.changes]
    )
    assert run(*build, "--config", "a/mkdocs.yml", "--site", "a/site")[0] == 0
    assert history.read(zoo / "ledger").moments == told.moments
    assert Path("a/site/index.html").is_file() and Path("b/site/index.html").is_file()


# --- a full disk ---


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_full_ledger_costs_no_finding_and_a_later_run_measures_the_rest(
    disk: Path, run: Run, jobs: str
) -> None:
    ledger = disk / "ledger"
    verify = ("verify", *OPTIONS, "--all", "--jobs", jobs, "--ledger", str(ledger))
    whole = run(*verify[:-1], "whole")
    assert run("verify", "m0", *OPTIONS, "--ledger", str(ledger))[0] == 1
    before, filler = contents(ledger), fill(disk)
    assert before and {path.parent.name for path in before} == {"m0"}
    code, out, err = run(*verify)
    assert code == 2 and out == whole[1] and "Traceback" not in err
    said = err.splitlines()[-1]
    assert re.fullmatch(
        rf"zoo: {re.escape(str(ledger))}/count/m\d/\w+\.json: cannot write evidence: {FULL}; "
        r"this evidence was not kept, nor that of \d+ other cells: a later run measures it again",
        said,
    ), said
    assert contents(ledger) == before
    filler.unlink()
    code, out, err = run(*verify)
    assert (code, out) == (1, whole[1]) and before.items() <= contents(ledger).items()
    assert f"{len(contents(ledger)) - len(before)} measured" in err
    assert (
        sorted(measured(ledger)) == NAMES
        and run("ledger", "check", "--ledger", str(ledger))[0] == 0
    )
    assert "0 measured" in run(*verify)[2]


@pytest.mark.slow
def test_a_full_ledger_without_being_root(zoo: Path) -> None:
    """In a name space of its own, where anybody may mount."""
    script = (
        'mkdir disk && mount -t tmpfs -o size=8k tmpfs disk && "$@"; code=$?; find disk -type '
        "f; exit $code"
    )
    space = ["unshare", "-Urm", "sh", "-c"]
    if subprocess.run(
        [*space, "mount -t tmpfs tmpfs /mnt"], capture_output=True, check=False
    ).returncode:
        pytest.skip("no name space with mounts of its own can be made here")
    verify = [
        sys.executable,
        "-m",
        "zoo",
        "verify",
        *OPTIONS,
        "--all",
        "--ledger",
        "disk/ledger",
        "--jobs",
        "2",
    ]
    done = subprocess.run(
        [*space, script, "sh", *verify], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and FULL in done.stderr.splitlines()[-1], done.stderr
    assert all(name in done.stdout for name in NAMES) and ".tmp" not in done.stdout


OUTPUTS = {
    "--report": "report.md",
    "--write-baseline": "known.json",
    "--also": "sarif=out.sarif",
}


@pytest.mark.parametrize("option", OUTPUTS)
def test_a_full_disk_for_what_a_run_writes(disk: Path, run: Run, option: str) -> None:
    """The findings are printed, the other file is written, and the one that is not is named with
    the reason."""
    format, _, name = OUTPUTS[option].rpartition("=")
    path = disk / name
    if option != "--write-baseline":  # an old one would be read
        path.write_text("old")
    before = files(disk)
    filler = fill(disk)
    value = f"{format}={path}" if format else str(path)
    other = ("--report", "other.md") if option != "--report" else ("--also", "junit=other.md")
    code, out, err = run("verify", *OPTIONS, option, value, *other)
    assert (
        code == 2
        and (out.startswith("wrong") or "mismatch" in out)
        and err.splitlines()[-1] == f"zoo: {path}: {FULL}"
    )
    assert files(disk) == sorted([*before, "filler"]) and Path("other.md").is_file()
    assert not before or path.read_text() == "old"
    filler.unlink()
    assert run("verify", *OPTIONS, option, value)[0] == (0 if option == "--write-baseline" else 1)
    assert path.read_text() != "old"


def test_a_full_disk_for_tables_and_cards_and_caches(
    disk: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("verify", *OPTIONS)
    fill(disk)
    for arguments, path in (
        (("ledger", "compact", "--output"), disk / "all.parquet"),
        (("convert", "index.yml", "--to", "csv", "--output"), disk / "all.csv"),
        (("card", "m0", *OPTIONS[:2], "--output"), disk / "m0.md"),
    ):
        code, _, err = run(*arguments, str(path))
        assert code == 2 and re.fullmatch(
            rf"zoo: {re.escape(str(path))}: (cannot be written: )?{FULL}\n", err
        ), err
        code, _, err = run(*arguments, "/dev/full")
        assert code == 2 and err.startswith("zoo: /dev/full: "), err
    assert Path("/dev/full").is_char_device()
    monkeypatch.setenv("ZOO_CACHE", str(disk))
    code, _, err = run("list", "--index", "timm")
    assert code == 2 and re.fullmatch(
        rf"zoo: {re.escape(str(disk))}/registry[^:]*: .*: {FULL}\n", err
    ), err
    assert files(disk) == ["filler"]


def test_a_full_disk_for_a_site(disk: Path, run: Run) -> None:
    run("verify", *OPTIONS)
    (disk / "mkdocs.yml").write_text("site_name: Toys\n")
    fill(disk, but=3)
    code, out, err = run(
        "build", *OPTIONS, "--config", str(disk / "mkdocs.yml"), "--site", str(disk / "site")
    )
    assert code == 2 and "mismatch" in out and "Traceback" not in err
    assert re.search(
        rf"zoo: {re.escape(str(disk))}/docs/[^:]+: cannot be read or written: {FULL}\n", err
    ), err
    assert not [name for name in files(disk) if name.endswith(".tmp")]


def test_a_full_disk_for_the_pages_of_a_site(disk: Path, run: Run) -> None:
    """What MkDocs cannot copy is named as all else is, without its traceback."""
    Path("mkdocs.yml").write_text("site_name: Toys\n")
    code, out, err = run("build", *OPTIONS, "--site", str(disk / "site"))
    assert code == 2 and "mismatch" in out and "Traceback" not in err
    said, last = err.splitlines()[-2:]
    assert said.startswith(f"zoo: mkdocs: {FULL}: ") and str(disk / "site") in said
    assert last == "zoo: mkdocs build of mkdocs.yml failed with exit code 1"


def test_a_full_standard_output(zoo: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "zoo", "list", *OPTIONS[:2]],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert (done.returncode, done.stderr) == (2, f"zoo: output: {FULL}\n")


# --- to be read only ---


@pytest.fixture
def locked(zoo: Path) -> Iterator[Callable[[], None]]:
    """Makes the ledger one that nobody may write, root neither."""
    done = []

    def lock() -> None:
        mounted(zoo / "ledger", "--bind", str(zoo / "ledger"))
        done.append(zoo / "ledger")
        mounted(zoo / "ledger", "-o", "remount,ro,bind")

    yield lock
    for folder in done:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_ledger_to_be_read_serves_all_that_it_has(
    zoo: Path, run: Run, locked: Callable[[], None]
) -> None:
    commands = (
        ("verify", *OPTIONS, "--all"),
        ("show", "m1", *OPTIONS[:2]),
        ("explain", "m1", *OPTIONS),
    )
    before = [run(*command) for command in commands]
    before = [run(*command) for command in commands]  # all evidence is there
    locked()
    assert [run(*command) for command in commands] == before
    Path("mkdocs.yml").write_text("site_name: Toys\n")
    code, _, err = run("build", *OPTIONS)
    assert code == 0 and Path("site/index.html").is_file()
    assert "cannot write the history: Read-only file system; a later build does" in err
    with open("index.yml", "a") as file:
        file.write(ENTRY.format(9, 10))
    code, out, err = run("verify", *OPTIONS, "--all")
    assert code == 2 and "m9" in out and "222 x" not in out
    assert re.search(
        r"zoo: ledger/count/m9/\w+\.json: cannot write evidence: Read-only file system; this evid",
        err,
    )
    assert run("ledger", "check")[0] == 0


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may be somebody else"
)
def test_a_ledger_that_is_not_ours(zoo: Path, run: Run) -> None:
    """Another user, who may read and not write; and then not even read."""
    run("verify", *OPTIONS)
    for folder in (zoo, *zoo.parents):  # pytest's folders are its user's
        if "pytest-" in str(folder):
            folder.chmod(0o755)
    nobody = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        sys.executable,
        "-m",
        "zoo",
    ]
    done = subprocess.run(
        [*nobody, "verify", *OPTIONS], capture_output=True, text=True, check=False
    )
    if "ModuleNotFoundError" in done.stderr or "Permission denied: '/" in done.stderr:
        pytest.skip("another user cannot read the project here")
    assert done.returncode == 1 and "0 measured" in done.stderr, done.stderr
    (zoo / "ledger").chmod(0o700)
    done = subprocess.run(
        [*nobody, "verify", *OPTIONS], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "zoo: ledger: cannot be read as a ledger: Permission denied\n"


# --- files that cannot be used ---


def test_a_newer_document_costs_its_model_alone_and_stays(zoo: Path, run: Run) -> None:
    run("verify", *OPTIONS)
    (path,) = [
        path
        for path in zoo.glob("ledger/count/m1/*.json")
        if json.loads(path.read_text())["cell"]["conditions"] == {"input": "224x224 image"}
    ]
    newer = json.dumps(json.loads(path.read_text()) | {"schema": 9, "more": {}})
    path.write_text(newer)
    said = (
        f"{path.relative_to(zoo)}: written in format 9; this version reads up to 2, "
        "a newer one is needed"
    )
    for jobs in ("1", "2"):
        code, out, err = run("verify", *OPTIONS, "--format", "json", "--jobs", jobs)
        flops = [each for each in json.loads(out) if each["quantity"] == "FLOPs"]
        reasons = {each["model"]: (each["verdict"], each["reason"]) for each in flops}
        assert code == 1 and reasons["m1"] == ("error", said) and reasons["m2"][0] == "mismatch"
        code, out, err = run("verify", *OPTIONS, "--fresh", "--format", "json", "--jobs", jobs)
        assert code == 2 and err.splitlines()[-1].startswith(
            f"zoo: {said}; this evidence was not kept"
        )
        assert [each["verdict"] for each in json.loads(out) if each["quantity"] == "FLOPs"] == [
            "mismatch"
        ] * 4
    assert path.read_text() == newer
    code, out, _ = run("ledger", "check")
    assert code == 1 and said in out
    code, _, err = run("ledger", "compact")
    assert code == 0 and f"zoo: skipped: {said}" in err
    Path("mkdocs.yml").write_text("site_name: Toys\n")
    assert run("build", *OPTIONS)[0] == 0 and run("show", "m1", *OPTIONS[:2])[0] == 0
    assert path.read_text() == newer


def test_weights_that_were_seen_are_judged_where_the_ledger_cannot_take_it(
    disk: Path, run: Run
) -> None:
    """A checkpoint beside the index is looked at without being asked for; a newer version's
    document of it stays."""
    import torch

    torch.save({"0.weight": torch.zeros(1, 3, 3, 3), "0.bias": torch.zeros(1)}, "m0.pth")
    text = Path("index.yml").read_text().replace("Name: m0\n", "Name: m0\n  Weights: m0.pth\n")
    Path("index.yml").write_text(text)
    whole = run("verify", *OPTIONS, "--all")
    assert "2 tensors are the live model's" in whole[1]
    fill(disk)
    code, out, err = run("verify", *OPTIONS, "--all", "--ledger", str(disk / "ledger"))
    assert (code, out) == (2, whole[1])
    assert re.search(
        rf"zoo: {re.escape(str(disk))}/ledger/weights/m0/\w+\.json: cannot write evidence: {FULL}",
        err,
    )
    (path,) = Path("ledger").glob("weights/m0/*.json")
    newer = json.dumps(json.loads(path.read_text()) | {"schema": 9})
    path.write_text(newer)
    for more in ((), ("--weights",), ("--fresh", "--weights")):
        code, out, err = run("verify", *OPTIONS, "--all", *more)
        assert (
            code == 1
            and "tensors" not in out
            and f"zoo: skipped: {path}: written in format 9" in err
        )
    assert path.read_text() == newer


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_edited_documents_are_told_of_and_kept(zoo: Path, run: Run, jobs: str) -> None:
    run("verify", *OPTIONS, "--format", "json")
    good = run("verify", *OPTIONS, "--format", "json")[1]
    paths = sorted(zoo.glob("ledger/count/*/*.json"))
    torn, odd = paths[0], paths[1]
    torn.write_bytes(torn.read_bytes()[:100])
    odd.unlink()
    os.mkfifo(odd)
    code, out, err = run("verify", *OPTIONS, "--format", "json", "--jobs", jobs)
    assert code == 1 and json.loads(out) == json.loads(good)
    assert f"zoo: skipped: {torn.relative_to(zoo)}: no whole JSON document" in err
    assert (
        f"the old file is {torn.name}.bad now" in err
        and f"the old file is {odd.name}.bad now" in err
    )
    assert (
        torn.with_name(f"{torn.name}.bad").stat().st_size == 100
        and odd.with_name(f"{odd.name}.bad").is_fifo()
    )
    code, out, err = run("ledger", "check")
    assert code == 0 and out.count("set aside because it could not be used") == 2


def test_a_document_replaced_by_an_older_file_is_noticed(zoo: Path, run: Run) -> None:
    """What is remembered beside the ledger goes by size and time, whichever way the time went."""
    run("verify", *OPTIONS, "--format", "json")
    before = run("verify", *OPTIONS, "--format", "json")[1]
    for path in zoo.glob("ledger/count/m1/*.json"):
        size = path.stat().st_size
        path.write_text(path.read_text().replace(f" {222 * 222 * 54},", f" {222 * 222 * 54 + 1},"))
        assert path.stat().st_size == size
        os.utime(path, (0, 0))
    after = run("verify", *OPTIONS, "--format", "json")[1]
    assert json.loads(after) != json.loads(before)


def test_with_a_clock_set_back_a_run_is_as_ever(zoo: Path) -> None:
    """A day of 2001 by the machine's clock, on evidence of today."""
    if subprocess.run(
        ["sh", "-c", "command -v faketime"], capture_output=True, check=False
    ).returncode:
        pytest.skip("faketime is not installed")
    command = [sys.executable, "-m", "zoo", "verify", *OPTIONS, "--format", "json"]
    first = subprocess.run(command, capture_output=True, text=True, check=False)
    back = ["faketime", "2001-01-01 00:00:00"]
    second = subprocess.run([*back, *command], capture_output=True, text=True, check=False)
    assert (second.returncode, json.loads(second.stdout)) == (1, json.loads(first.stdout)), (
        second.stderr
    )
    assert "0 measured" in second.stderr
