"""Every command obeys the settings of the folder; code runs after a person has allowed it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from tests.command import zoo_command
from zoo.cli import app
from zoo.cli.commands import COMMANDS
from zoo.model_index.errors import IndexFaults, UnknownModel, UsageError

INDEX = "Models:\n- {Name: net, Builder: 'own:Net', Metadata: {Parameters: 54, Image Size: 8}}\n"
# A trusted module that says that it ran.
OWN = """\
from pathlib import Path
import torch
Path(__file__).with_name("ran").touch()
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 2, 3, bias=False)
    def forward(self, x):
        return self.conv(x)
"""
MKDOCS = "site_name: test\ntheme: {name: material, font: false}\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where nothing is allowed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_CONFIG", str(tmp_path / "config"))
    return tmp_path


@pytest.fixture
def clone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose settings ask for code to run and for a ledger outside."""
    clone = folder / "clone"
    (clone / "src").mkdir(parents=True)
    (clone / "src" / "own.py").write_text(OWN)
    (clone / "models.yml").write_text(INDEX)
    (clone / "mkdocs.yml").write_text(MKDOCS)
    (clone / "zoo.toml").write_text(
        'index = "models.yml"\ntrust = "own"\npath = "src"\nledger = "../ledger"\n'
    )
    monkeypatch.chdir(clone)
    return clone


def options_of(command: Any) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts}


def all_commands() -> dict[str, Any]:
    group = get_command(app)
    commands = {name: group.get_command(None, name) for name in COMMANDS}  # type: ignore[attr-defined]
    ledger = commands.pop("ledger").commands
    return commands | {f"ledger {name}": command for name, command in ledger.items()}


# What each command that reads an index is typed with.
ARGUMENTS = {
    "verify": "",
    "explain": "net",
    "weights": "net",
    "eval": "net",
    "bench": "net",
    "export": "net",
    "list": "",
    "show": "net",
    "lint": "",
    "card": "",
    "convert": "--to csv",
    "build": "",
    "serve": "",
    "ledger check": "--recount",
    "count": "net",
    "check": "net --flops 1G",
}


def test_every_command_has_the_options_of_settings() -> None:
    commands = all_commands()
    reading = {name for name, command in commands.items() if "--index" in options_of(command)}
    assert reading == set(ARGUMENTS) | {"add"}  # which makes the file that the settings name
    for name, command in commands.items():
        options = options_of(command)
        if options & {"--index", "--ledger", "--trust", "--baseline"}:
            assert "--trust-settings" in options, name
        assert ("--trust" in options) == ("--path" in options), name


@pytest.mark.parametrize("command", ARGUMENTS)
def test_every_command_reads_the_index_of_the_settings(folder: Path, command: str) -> None:
    (folder / "mkdocs.yml").write_text(MKDOCS)
    (folder / "ledger").mkdir()
    (folder / "zoo.toml").write_text('index = "nowhere.yml"\n')
    done = run(*command.split(), *ARGUMENTS[command].split())
    assert isinstance(done.exception, UsageError | SystemExit)
    assert "nowhere.yml: no such file or folder" in f"{done.exception} {done.stderr}"
    (folder / "typed.yml").write_text("Models: 3\n")
    done = run(*command.split(), *ARGUMENTS[command].split(), "--index", "typed.yml")
    assert done.exception and "typed.yml:1" in f"{done.exception} {done.stderr}"


@pytest.mark.parametrize("command", ARGUMENTS)
def test_settings_that_cannot_be_read_end_every_command(folder: Path, command: str) -> None:
    (folder / "pyproject.toml").write_text("[tool.zoo]\nindx = 'a'\n")
    done = run(*command.split(), *ARGUMENTS[command].split())
    assert isinstance(done.exception, IndexFaults)
    assert "pyproject.toml:2: tool.zoo.indx: did you mean index?" in str(done.exception)


def first_line(result: Result) -> str:
    """The first line on standard error."""
    return result.stderr.partition("\n")[0]


def test_a_line_says_which_index_is_used(folder: Path) -> None:
    assert first_line(run("list")) == "index: demo (the embedded zoo; no other index here)"
    (folder / "models").mkdir()
    (folder / "models" / "a.yml").write_text(INDEX)
    assert first_line(run("list")) == "index: models (no settings; the nearest)"
    (folder / "zoo.toml").write_text("")
    assert first_line(run("list")) == "index: models (zoo.toml names none; the nearest)"
    (folder / "zoo.toml").write_text('index = ["models", "demo"]\nignore = ["models/x.yml"]\n')
    done = run("list", "--format", "json")
    assert first_line(done) == "index: models, demo (zoo.toml)"
    assert len(json.loads(done.stdout)) == 26
    for typed in (("list", "--index", "models"), ("lint", "models"), ("list", "--index", "demo")):
        assert "index:" not in run(*typed).stderr


def test_settings_are_found_upwards_and_paths_are_theirs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "sub").mkdir()
    (folder / "models.yml").write_text(INDEX)
    (folder / "zoo.toml").write_text('index = "models.yml"\n')
    monkeypatch.chdir(folder / "sub")
    done = run("lint", "--format", "json")
    assert done.stderr.startswith("index: ../models.yml (../zoo.toml)\n")


def test_a_typed_option_replaces_its_setting(folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    (folder / "zoo.toml").write_text('ledger = "a"\n')
    assert run("ledger", "check").stderr.startswith("a: ")
    assert run("ledger", "check", "--ledger", "b").stderr.startswith("b: ")


def test_files_and_checks_are_ignored(folder: Path) -> None:
    (folder / "models" / "drafts").mkdir(parents=True)
    (folder / "models" / "a.yml").write_text(INDEX)
    (folder / "models" / "drafts" / "b.yml").write_text(INDEX.replace("net", "draft"))
    assert "small-count" in run("lint").stdout and "2 models in 2 files" in run("lint").stderr
    (folder / "zoo.toml").write_text('ignore = ["models/drafts", "small-count"]\n')
    done = run("lint")
    assert done.exit_code == 0 and "1 model in 1 file: 0 findings" in done.stderr
    assert "1 model in 1 file: 1 finding" in run("lint", "--ignore", "siblings").stderr
    assert "draft" in run("list", "--index", "models").stdout
    assert "draft" not in run("list", "--index", "models", "--index", "!models/d*/b*").stdout
    done = run("lint", "--ignore", "sibling")
    assert str(done.exception).startswith("no check 'sibling': did you mean siblings?")


def test_the_baseline_is_that_of_the_settings(folder: Path) -> None:
    (folder / "models.yml").write_text(INDEX)
    (folder / "zoo.toml").write_text('index = "models.yml"\nlint-baseline = "known.json"\n')
    message = "known.json: no such baseline; `zoo lint --write-baseline known.json` writes it"
    assert str(run("lint").exception) == message
    assert run("lint", "--write-baseline", "known.json").exit_code == 0
    done = run("lint")
    assert done.exit_code == 0 and "0 new, 1 known" in done.stderr
    assert run("lint", "--baseline", "other.json").exception is not None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("dpn98", "no model 'dpn98': the embedded zoo has it, --index demo (none in models)"),
        (
            "models",
            "models is a folder: did you mean --index models? (no model of this name in models)",
        ),
        ("nets", "no model 'nets': did you mean net? (1 model in models; `zoo list` lists them)"),
        ("x", "no model 'x' (1 model in models; `zoo list` lists them)"),
    ],
)
def test_an_unknown_name_is_explained(folder: Path, name: str, message: str) -> None:
    (folder / "models").mkdir()
    (folder / "models" / "a.yml").write_text(INDEX)
    assert isinstance(run("list", name).exception, UnknownModel)
    done = subprocess.run(zoo_command(f"list {name}"), capture_output=True, text=True)
    assert done.returncode == 2 and f"zoo: {message}\n" in done.stderr


COMMANDS_OF_CODE = (
    "verify",
    "verify -j 1",
    "explain net Parameters",
    "list",
    "show net",
    "lint",
    "weights net",
    "export net --random --output net.onnx",
    "eval net --data digits",
    "card net",
    "convert --to csv",
    "build --no-verify",
    "ledger check",
)


@pytest.mark.parametrize("arguments", COMMANDS_OF_CODE)
def test_a_clone_gives_nobodys_consent(clone: Path, arguments: str) -> None:
    done = run(*arguments.split())
    assert not (clone / "src" / "ran").exists() and not (clone.parent / "ledger").exists()
    named = [key for key in ("trust (own)", "path (src)", "ledger (") if key in done.stderr]
    assert ("not obeyed" in done.stderr) == bool(named)
    if arguments.startswith(("verify", "explain")):
        assert len(named) == 3 and "`zoo trust` shows and allows it" in done.stderr


def test_what_was_allowed_holds_until_it_changes(clone: Path) -> None:
    assert run("trust", "--yes").exit_code == 0
    done = verify()
    assert done.returncode == 0, done.stderr
    assert (clone / "src" / "ran").exists() and "not obeyed" not in done.stderr
    (evidence,) = (clone.parent / "ledger" / "count").rglob("*.json")
    command = json.loads(evidence.read_text())["command"]
    assert "--index models.yml --trust own --path src" in command
    (clone / "src" / "ran").unlink()
    text = (clone / "zoo.toml").read_text()
    (clone / "zoo.toml").write_text(text.replace('"own"', '["own", "other"]'))
    assert "not obeyed: trust (own, other), path (src), ledger (" in verify().stderr
    (clone / "zoo.toml").write_text(text)
    assert "not obeyed" not in verify().stderr
    assert run("trust", "--revoke").exit_code == 0
    assert "not obeyed" in verify().stderr


def verify(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Verify in another process: what is imported stays imported."""
    command = [*zoo_command("verify --fresh"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("jobs", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_a_ci_file_trusts_the_settings(clone: Path, jobs: str) -> None:
    done = verify("--trust-settings", "-j", jobs)
    assert done.returncode == 0 and "1 right" in done.stderr, done.stderr
    assert (clone / "src" / "ran").exists() and (clone.parent / "ledger").exists()
    assert not (clone.parent / "config").exists()


def test_what_is_typed_is_trusted(clone: Path) -> None:
    (clone / "zoo.toml").unlink()
    done = verify("--index", "models.yml", "--trust", "own", "--path", "src")
    assert done.returncode == 0 and (clone / "src" / "ran").exists(), done.stderr
    done = verify("--index", "models.yml", "--trust", "own", "--path", "nowhere")
    assert done.returncode == 2 and "--path nowhere: no such folder" in done.stderr


def test_the_working_folder_is_not_imported_from(clone: Path) -> None:
    os.rename(clone / "src" / "own.py", clone / "own.py")
    (clone / "zoo.toml").unlink()
    arguments = ("verify", "--index", "models.yml", "--trust", "own")
    command = [sys.executable, "-P", "-m", "zoo", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "it lies in this folder: --path ." in done.stdout and not (clone / "ran").exists()


def test_trust_shows_asks_and_lists(clone: Path) -> None:
    done = run("trust")
    assert str(done.exception) == "there is no terminal to ask on; `zoo trust --yes` allows it"
    for key, value in {"trust": "own", "path": "src", "ledger": f"{clone.parent}/ledger"}.items():
        assert f"  {key:<14}{value} " in done.stderr
    assert "0 allowed" in run("trust", "--list").stderr
    assert "zoo.toml: allowed; " in run("trust", "--yes").stderr
    assert "allowed already" in run("trust").stderr
    listed = run("trust", "--list")
    assert f"{clone}/zoo.toml" in listed.stdout and "1 allowed" in listed.stderr
    (clone / "zoo.toml").unlink()
    assert run("trust", "--revoke", str(clone)).exit_code == 0
    assert "nothing was allowed here" in str(run("trust", "--revoke", str(clone)).exception)
    assert "no zoo.toml and no [tool.zoo]" in str(run("trust").exception)
    (clone / "zoo.toml").write_text('index = "models.yml"\n')
    assert "nothing in it needs to be allowed" in run("trust").stderr


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 2), ("", 2)])
def test_trust_asks_a_person(
    clone: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    from zoo.cli import trust

    monkeypatch.setattr(trust, "is_interactive", lambda: True)
    done = CliRunner().invoke(app, ["trust"], input=f"{answer}\n")
    assert "Allow this to" in done.stderr and bool(done.exception) == bool(code)
    assert f"{int(not code)} allowed" in run("trust", "--list").stderr


def test_an_index_that_leads_out_is_not_replaced_by_another(clone: Path) -> None:
    (clone / "zoo.toml").write_text('\nindex = "../models.yml"\n')
    (clone.parent / "models.yml").write_text(INDEX)
    done = run("list")
    assert isinstance(done.exception, IndexFaults)
    assert str(done.exception).startswith("zoo.toml:2: index: expected paths in ")
    assert run("list", "--trust-settings").exit_code == 0
    assert run("trust", "--yes").exit_code == 0 and run("list").exit_code == 0


def test_a_consent_that_others_may_write_counts_for_nothing(clone: Path) -> None:
    run("trust", "--yes")
    file = clone.parent / "config" / "trusted.json"
    file.chmod(0o666)
    done = run("show", "net")
    assert "not used, since others may write it" in done.stderr and "not obeyed" in done.stderr
