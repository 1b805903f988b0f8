"""Completion: what may stand at the end of a line; in real shells; never an error, never torch."""

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.main import get_command

from zoo.cli import app
from zoo.cli.completion import scripts, values
from zoo.cli.completion.words import answer

GROUP = get_command(app)
BIN = Path(sys.executable).parent
INDEX = """\
- {Name: net_a, Metadata: {FLOPs: 1 G, Parameters: 1 M}}
- {Name: net_b}
- {Name: "$(touch broken)"}
- {Name: "`touch broken`"}
- {Name: "a b; touch broken"}
- {Name: 'net"x'}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings, an index and a folder below it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "zoo.toml").write_text('index = "models.yml"\n')
    (tmp_path / "models.yml").write_text(INDEX)
    (tmp_path / "runs").mkdir()
    return tmp_path


def complete(line: str) -> list[str]:
    """Return the kind of paths, then the values."""
    return [row.partition("\t")[0] for row in answer(GROUP, "bash", [line]).splitlines()]


LINES = [
    ("zoo ver", ["words", "verify"]),
    ("zoo help ver", ["words", "verify"]),
    ("/usr/bin/zoo ver", ["words", "verify"]),
    ("zoo ledger c", ["words", "check", "compact"]),
    ("zoo --vers", ["words", "--version"]),
    ("zoo nonsense ", ["words"]),
    ("zoo verify --strict --bas", ["words", "--baseline"]),
    ("zoo export --stat", ["words", "--static"]),
    ("zoo verify n", ["words", "net_a", "net_b"]),
    ("zoo verify net_a N", ["words", "net_a", "net_b"]),
    ("zoo verify --index demo dpn9", ["words", "dpn92", "dpn98"]),
    ("zoo verify 'dpn9", ["words"]),
    ("zoo verify --index=demo dpn9", ["words", "dpn92", "dpn98"]),
    ("zoo verify timm:resnet50_g", ["words", "timm:resnet50_gn"]),
    ("zoo verify --index timm resnet50_g", ["words", "resnet50_gn"]),
    (
        "zoo verify torchvision:fcn",
        ["words", "torchvision:fcn_resnet101", "torchvision:fcn_resnet50"],
    ),
    (
        "zoo verify torchvision:resnet50.",
        ["words", "torchvision:resnet50.IMAGENET1K_V1", "torchvision:resnet50.IMAGENET1K_V2"],
    ),
    (
        "zoo verify --index torchvision fcn_resnet5",
        ["words", "fcn_resnet50.COCO_WITH_VOC_LABELS_V1"],
    ),
    ("zoo verify ti", ["words", "timm:"]),
    ("zoo explain net_a ", ["words", "flops", "parameters"]),
    ("zoo explain timm:resnet50 to", ["words", "top1", "top5", "tokens"]),
    ("zoo explain net_a flops ", ["words"]),
    ("zoo list --format ", ["words", "table", "json", "csv"]),
    ("zoo list --format=c", ["words", "--format=csv"]),
    ("zoo count x --as fvcore,thop", ["words", "fvcore,thop", "fvcore,thop-0.1"]),
    ("zoo bench x --engine eager,co", ["words", "eager,compile"]),
    ("zoo bench x --device cu", ["words", "cuda"]),
    ("zoo lint --ignore sib", ["words", "siblings"]),
    ("zoo lint --also sa", ["words", "sarif="]),
    ("zoo lint ", ["files"]),
    ("zoo verify --baseline ", ["files"]),
    ("zoo card --ledger r", ["folders"]),
    ("zoo list --index ", ["files", "demo", "timm", "torchvision"]),
    ("zoo eval net_a --data dig", ["files", "digits"]),
    ("zoo env ", ["words"]),
    ("", ["words"]),
]


@pytest.mark.parametrize(("line", "expected"), LINES, ids=[line for line, _ in LINES])
def test_what_may_follow(line: str, expected: list[str]) -> None:
    if line:
        assert complete(line) == expected
    else:
        assert complete("zoo ")[0] == "words" and "verify" in complete("zoo ")


def test_tools_are_those_that_counting_has() -> None:
    from zoo.counting.tools import BY_KEY

    assert (*BY_KEY,) == values.TOOLS


def test_the_registries_are_read_without_importing_them() -> None:
    import timm
    from torchvision import models

    from zoo.cli.completion.models import list_registry, read_registry

    assert read_registry("timm") == sorted(timm.list_models())
    assert read_registry("torchvision") == sorted(models.list_models())
    assert read_registry("no_such_library") == []
    weights = [f"{m}.{w.name}" for m in models.list_models() for w in models.get_model_weights(m)]
    assert list_registry("torchvision") == sorted(weights)


def test_an_index_that_cannot_be_read_is_no_error(folder: Path) -> None:
    (folder / "models.yml").write_text("- {")
    assert complete("zoo verify n") == ["words"]
    (folder / "zoo.toml").write_text("index = ")
    assert complete("zoo verify n") == ["words"]


def test_settings_that_nobody_allowed_are_not_obeyed(folder: Path) -> None:
    (folder / "zoo.toml").write_text('index = "/etc"\n')
    assert complete("zoo verify n") == ["words"]


def test_no_module_of_torch_or_of_the_folder_is_imported(folder: Path) -> None:
    for name in ("timm", "torchvision", "yaml", "myzoo"):
        (folder / f"{name}.py").write_text("raise SystemExit('imported')\n")
    for line in ("zoo verify ", "zoo verify timm:res", "zoo bench x --mode ", "zoo explain net_a "):
        done = subprocess.run(
            [BIN / "zoo", line],
            env=os.environ | {"_ZOO_COMPLETE": "bash", "PYTHONPROFILEIMPORTTIME": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert "words" in done.stdout
        imported = {row.rpartition("|")[2].strip() for row in done.stderr.splitlines()}
        assert imported.isdisjoint({"torch", "timm", "rich", "numpy"}) and "zoo.cli" in imported


TYPED = {
    "zoo ver": "zoo verify",
    "zoo count timm:resnet50_g": "zoo count timm:resnet50_gn",
    "zoo verify --strict --basel": "zoo verify --strict --baseline",
    "zoo lint --format=sar": "zoo lint --format=sarif",
    "zoo show net_": "zoo show net_",
    "zoo card --ledger ru": "zoo card --ledger runs/",
}


@pytest.mark.slow
@pytest.mark.parametrize("shell", scripts.SHELLS)
def test_a_shell_completes(shell: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Type each line and a tab into the shell, which has loaded what was installed."""
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell}")
    home = folder / "home"
    home.mkdir()
    for name, value in (("HOME", home), ("PATH", f"{BIN}:{os.environ['PATH']}"), ("TERM", "dumb")):
        monkeypatch.setenv(name, str(value))
    scripts.install(shell)
    scripts.install(shell)
    with (home / ".bashrc").open("a") as stream:
        stream.write("PS1='> '\n")
    start = scripts.SHELLS[shell].start
    assert not start or (home / start).read_text().count("completion.") == 1
    with Terminal(shell) as terminal:
        for line, expected in TYPED.items():
            if shell == "fish":
                words = terminal.run_fish(line)
                assert expected.rpartition(" ")[2] in words or "net_a" in words, (line, words)
            else:
                assert terminal.complete(line).strip().startswith(expected), line
    assert not (folder / "broken").exists()


class Terminal:
    """A shell in a pseudo-terminal."""

    def __init__(self, shell: str):
        arguments = {"bash": ["bash", "-i"], "zsh": ["zsh", "-i"], "fish": []}[shell]
        self.process = self.master = None
        if arguments:
            self.pid, self.master = pty.fork()
            if not self.pid:
                os.environ["PS1"] = "READY> "
                os.execvp(arguments[0], arguments)
            self.read(3)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *error: object) -> None:
        if self.master is not None:
            os.close(self.master)
            os.waitpid(self.pid, 0)

    def read(self, seconds: float) -> str:
        """Return what is printed until nothing comes for so long."""
        text = ""
        while select.select([self.master], [], [], seconds)[0]:
            try:
                text += os.read(self.master or 0, 4096).decode(errors="replace")
            except OSError:
                break
        return text

    def complete(self, line: str) -> str:
        """Return the line as it stands after a tab."""
        os.write(self.master or 0, f"{line}\t".encode())
        text = ""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and len(text) <= len(line):
            text += self.read(3)
        os.write(self.master or 0, b"\x15")  # clears the line
        self.read(0.5)
        return text.replace("\x07", "").replace("\r", "")

    def run_fish(self, line: str) -> list[str]:
        """Return what fish lists for a line."""
        done = subprocess.run(
            ["fish", "-c", f'complete -C"{line}"'], capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        return [row.partition("\t")[0] for row in done.stdout.splitlines()]


def test_the_script_of_a_shell_is_printed_and_installed(folder: Path) -> None:
    environment = os.environ | {"HOME": str(folder), "SHELL": "/usr/bin/zsh"}

    def zoo(*arguments: str) -> str:
        return subprocess.run(
            [BIN / "zoo", *arguments], env=environment, capture_output=True, text=True, check=True
        ).stdout

    assert zoo("--show-completion") == scripts.ZSH
    assert zoo("--show-completion", "fish") == scripts.FISH
    assert str(folder) in zoo("--install-completion", "bash")
    assert (folder / ".local/share/zoo/completion.bash").read_text() == scripts.BASH
    environment["SHELL"] = "/bin/tcsh"
    done = subprocess.run(
        [BIN / "zoo", "--show-completion"], env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (
        2,
        "zoo: name the shell: bash, zsh, fish (SHELL is tcsh)\n",
    )
