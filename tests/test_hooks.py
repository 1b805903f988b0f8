"""The hooks and the action as their services run them: pre-commit itself, and each step of the
action by bash."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
PRE_COMMIT = [sys.executable, "-m", "pre_commit"]
TWICE = "Models:\n" + 2 * "- {Name: one, Metadata: {Image Size: 8}}\n"
GOOD = "Models:\n- {Name: one, Builder: 'toyzoo:Toy', Metadata: {Parameters: 20}}\n"
TOY = (
    "from torch import nn\nclass Toy(nn.Linear):\n    def __init__(self):\n"
    "        super().__init__(224, 2)\n"
)
BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]  # as a runner calls it


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a `zoo` on the PATH that is this one."""
    bin = tmp_path / "bin"
    bin.mkdir()
    (bin / "zoo").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m zoo "$@"\n')
    (bin / "zoo").chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("PATH", f"{bin}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{work}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    for name in [name for name in os.environ if name.startswith(("GIT_", "GITHUB_"))]:
        monkeypatch.delenv(name)
    return work


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def git(*arguments: str) -> None:
    done = run("git", "-c", "user.name=nobody", "-c", "user.email=nobody@localhost", *arguments)
    assert done.returncode == 0, done.stderr


def test_the_manifest_is_valid() -> None:
    done = run(*PRE_COMMIT, "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml"))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def install(*ids: str) -> None:
    """A repository whose hooks are these, run by the environment that is there."""
    hooks = [hook | {"language": "system"} for hook in HOOKS if hook["id"] in ids]
    for hook in hooks:
        hook.pop("additional_dependencies", None)  # which only an environment of its own has
    Path(".pre-commit-config.yaml").write_text(
        yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]})
    )
    Path(".gitignore").write_text("ledger/\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "hooks")


@pytest.mark.usefixtures("folder")
def test_the_hook_lints_before_a_commit() -> None:
    install("zoo-lint")
    Path("notes.txt").write_text("nothing of an index")
    git("add", ".")
    assert "(no files to check)Skipped" in run(*PRE_COMMIT, "run").stdout
    sized = "Metadata: {Image Size: 8}"
    Path("models.yml").write_text(f"Models:\n- {{Name: one, {sized}}}\n- {{Name: one, {sized}}}\n")
    git("add", ".")
    bad = run(*PRE_COMMIT, "run")
    assert bad.returncode == 1
    message = "one: Name 'one': expected each name once, it stands at models.yml:2 too"
    assert re.search(rf"^models\.yml:3:\d+: [a-z-]+: {message}$", bad.stdout, re.MULTILINE)
    Path("models.yml").write_text(f"Models:\n- {{Name: one, {sized}}}\n")
    git("add", ".")
    good = run(*PRE_COMMIT, "run")
    assert (good.returncode, good.stdout.split(".")[-1]) == (0, "Passed\n")


def test_the_hook_verifies_what_a_commit_changes(folder: Path) -> None:
    install("zoo-verify")
    config = Path(".pre-commit-config.yaml")
    config.write_text(
        config.read_text().replace("- --index", "- --trust\n    - toyzoo\n    - --index")
    )
    Path("toyzoo.py").write_text(TOY.replace("224, 2", "224, 2, bias=False"))
    Path("models.yml").write_text(
        GOOD.replace("20", "448") + GOOD.splitlines()[1].replace("one", "two") + "\n"
    )
    git("add", ".")
    bad = run(*PRE_COMMIT, "run")
    assert bad.returncode == 1
    assert "2 entries changed since HEAD" in bad.stdout
    assert re.search(r"^wrong\t.*\tmodels\.yml:3$", bad.stdout, re.MULTILINE)
    git("commit", "-q", "-m", "wrong all the same")
    Path("models.yml").write_text("# a comment\n" + Path("models.yml").read_text())
    git("add", ".")
    good = run(*PRE_COMMIT, "run", "--verbose")
    assert good.returncode == 0, good.stdout
    assert "0 entries changed since HEAD" in good.stdout
    assert (folder / "ledger").is_dir()


def step(name: str) -> dict[str, Any]:
    return next(step for step in ACTION["runs"]["steps"] if step["name"] == name)


def perform(
    step: dict[str, Any], inputs: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a step with bash as a runner does, with its files and variables in `folder`."""
    assert step["shell"] == "bash"
    given = {name: spec["default"] for name, spec in ACTION["inputs"].items()} | inputs
    environment = {
        key: "".join(
            given[name] for name in [value.removeprefix("${{ inputs.").removesuffix(" }}")]
        )
        for key, value in step.get("env", {}).items()
        if "inputs." in value
    }
    files = {name: str(folder / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    (folder / "step.sh").write_text(step["run"])
    return subprocess.run(
        [*BASH, str(folder / "step.sh")],
        env=os.environ | environment | files | {"GITHUB_WORKSPACE": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_action_is_one() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert set(ACTION) == {"name", "description", "branding", "inputs", "outputs", "runs"}
    for one in ACTION["inputs"].values():
        assert one["description"] and isinstance(one["default"], str)
    for one in ACTION["runs"]["steps"]:
        assert ("uses" in one) is not ("shell" in one)
        assert "${{" not in one.get("run", ""), "an input must not become a part of a script"


def test_every_input_of_the_action_is_used_and_documented() -> None:
    used = yaml.safe_dump(ACTION["runs"])
    page = (ROOT / "docs" / "gates.md").read_text(encoding="utf-8")
    for name in ACTION["inputs"]:
        assert f"inputs.{name}" in used, name
        assert f"`{name}`" in page, name


def test_the_action_believes_no_evidence_of_the_checkout(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger that a pull request brings along makes no claim right."""
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path / "runner"))
    Path("toyzoo.py").write_text(TOY)
    Path("i.yml").write_text(GOOD)
    assert run("zoo", "verify", "--index", "i.yml", "--trust", "toyzoo").returncode == 1
    (path,) = Path("ledger/count/one").glob("*.json")
    document = json.loads(path.read_text())
    document["values"]["parts"][0][2] = 20
    path.write_text(json.dumps(document))
    assert run("zoo", "verify", "--index", "i.yml", "--trust", "toyzoo").returncode == 0
    done = perform(step("Run zoo"), {"args": "--trust toyzoo", "index": "i.yml"}, folder)
    assert done.returncode == 1 and "claimed 20, measured 450" in done.stdout
    assert list((tmp_path / "runner").glob("zoo-ledger/count/one/*.json"))


def test_the_page_keeps_the_ledger_outside_of_the_checkout() -> None:
    """The workflow on the page restores what the action uses, and the default branch alone saves
    it."""
    page = (ROOT / "docs" / "gates.md").read_text(encoding="utf-8")
    (text,) = (block for block in page.split("```yaml\n") if "actions/checkout" in block)
    (job,) = yaml.safe_load(text.partition("```")[0])["jobs"].values()
    caches = [step for step in job["steps"] if step["uses"].startswith("actions/cache")]
    assert [step["uses"].partition("@")[0] for step in caches] == [
        "actions/cache/restore",
        "actions/cache/save",
    ]
    assert {step["with"]["path"] for step in caches} == {"${{ runner.temp }}/zoo-ledger"}
    assert caches[1]["if"].endswith("github.ref_name == github.event.repository.default_branch")
    assert "${ZOO_LEDGER:-$RUNNER_TEMP/zoo-ledger}" in step("Run zoo")["run"]


def test_the_action_installs_only_where_there_is_no_zoo(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    perform(step("Look for zoo"), {}, folder)
    assert (folder / "GITHUB_OUTPUT").read_text() == "zoo=true\n"
    bare = folder / "bare"
    bare.mkdir()
    for tool in ("bash", "mktemp"):
        os.symlink(str(shutil.which(tool)), bare / tool)
    monkeypatch.setenv("PATH", str(bare))
    (folder / "GITHUB_OUTPUT").unlink()
    perform(step("Look for zoo"), {}, folder)
    assert (folder / "GITHUB_OUTPUT").read_text() == "zoo=false\n"
    assert {step("Set up Python")["if"].split(" &&")[0], step("Install zoo")["if"]} == {
        "steps.found.outputs.zoo == 'false'"
    }


@pytest.mark.parametrize(("command", "extra"), [("lint", ""), ("verify", "[live]")])
def test_the_action_installs_no_more_than_its_command_needs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: str, extra: str
) -> None:
    fake = folder / "fake"
    fake.mkdir()
    (fake / "python").write_text('#!/bin/sh\necho "$@"\n')
    (fake / "python").chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("ZOO_SOURCE", "/the action")
    done = perform(step("Install zoo"), {"command": command}, folder)
    assert done.stdout == (
        "-P -m pip install --disable-pip-version-check"
        f" --constraint /the action/constraints.txt /the action{extra}\n"
    )


def test_the_action_imports_nothing_of_the_checkout(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH")
    fake = folder.parent / "fake"
    fake.mkdir()
    (fake / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (fake / "python").chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("ZOO_SOURCE", str(folder.parent / "nowhere"))
    (folder / "pip").mkdir()
    for name in ("pip/__init__.py", "pip/__main__.py", "signal.py", "zoo.py"):
        (folder / name).write_text("raise SystemExit('of the checkout')\n")
    done = perform(step("Install zoo"), {}, folder)
    assert done.returncode and "nowhere" in done.stderr
    assert "of the checkout" not in done.stdout + done.stderr


def test_the_action_names_others_by_commit() -> None:
    for other in (one["uses"] for one in ACTION["runs"]["steps"] if "uses" in one):
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", other), other


def test_only_the_hook_that_builds_models_installs_what_builds_them() -> None:
    extras = {hook["id"]: hook.get("additional_dependencies", []) for hook in HOOKS}
    assert extras == {"zoo-lint": [], "zoo-verify": [".[live]"]}


def test_the_action_annotates_summarises_and_fails(folder: Path) -> None:
    Path("a b.yml").write_text(TWICE)
    Path("c.yml").write_text(
        "Models:\n- {Name: two, In Collection: Net, Metadata: {Image Size: 8}}\n"
    )
    inputs = {
        "command": "lint",
        "index": "a b.yml\nc.yml\n",
        "sarif": "out/zoo.sarif",
        "junit": "zoo.xml",
    }
    done = perform(step("Run zoo"), inputs, folder)
    assert done.returncode == 1, done.stderr
    assert [line.partition(",line")[0] for line in done.stdout.splitlines()] == [
        "::error file=a b.yml",
        "::error file=c.yml",
    ]
    assert (folder / "GITHUB_STEP_SUMMARY").read_text().startswith("### zoo lint: 2 findings\n")
    assert (folder / "GITHUB_OUTPUT").read_text() == "exit-code=1\n"
    assert Path("out/zoo.sarif").is_file() and Path("zoo.xml").is_file()


def test_the_action_passes_where_findings_are_known(folder: Path) -> None:
    Path("i.yml").write_text(TWICE)
    assert run("zoo", "lint", "i.yml", "--write-baseline", "known.json").returncode == 0
    done = perform(step("Run zoo"), {"command": "lint", "baseline": "known.json"}, folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "::notice title=zoo lint%3A known findings::not listed: 1\n"
    assert (
        "mismatch" not in done.stdout and (folder / "GITHUB_OUTPUT").read_text() == "exit-code=0\n"
    )


def test_the_action_verifies_with_the_arguments_given(folder: Path) -> None:
    Path("toyzoo.py").write_text(TOY)
    Path("i.yml").write_text(GOOD)
    inputs = {"args": "--trust toyzoo  --strict", "index": "i.yml", "ledger": "evidence"}
    done = perform(step("Run zoo"), inputs, folder)
    assert done.returncode == 1, done.stderr
    assert "Parameters by work: claimed 20, measured 450: wrong (mismatch)" in done.stdout
    assert Path("evidence/count").is_dir() and not Path("ledger").exists()


def test_an_input_of_the_action_is_no_command(folder: Path) -> None:
    Path("i.yml").write_text(GOOD)
    inputs = {
        "command": "lint",
        "args": "$(touch owned) `touch owned` ; touch owned *",
        "index": "i.yml",
    }
    done = perform(step("Run zoo"), inputs, folder)
    assert done.returncode == 2 and "$(touch" in done.stderr
    assert not Path("owned").exists()


def test_an_unreadable_cell_fails_the_action_at_its_line(folder: Path) -> None:
    Path("i.yml").write_text("Models:\n- {Name: one, Metadata: {FLOPs: many}}\n")
    done = perform(step("Run zoo"), {}, folder)
    assert done.returncode == 1
    assert "::error file=i.yml,line=2," in done.stdout
    assert (folder / "GITHUB_OUTPUT").read_text() == "exit-code=1\n"
    assert "unreadable" in (folder / "GITHUB_STEP_SUMMARY").read_text()
