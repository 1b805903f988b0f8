"""`zoo verify` and `zoo lint` as gates: formats, baselines, only what changed, and the exit
codes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from junitparser import JUnitXml
from typer.testing import CliRunner, Result

from zoo.cli import app
from zoo.model_index.checks.lint import CHECKS
from zoo.model_index.errors import IndexFaults, UsageError, ZooError

INDEX = """\
Models:
- Name: one
  Builder: toyzoo:Toy
  Metadata: {Parameters: 999}
- Name: two
  Builder: toyzoo:Toy
  Metadata: {Parameters: 330, FLOPs: 123456, Image Size: 8}
"""
BROKEN = "Models:\n- Name: one\n  Metadata: {FLOPs: many}\n- {}\n"
EMPTY = "Models:\n- {}\n- {}\n"
SIZED = "Metadata: {Image Size: 8}"
LINTED = f"Models:\n- {{Name: one, In Collection: B, {SIZED}}}\n- {{Name: one, {SIZED}}}\n"
GATES = ("junit", "sarif", "github", "markdown")
Zoo = Callable[..., Result]


@pytest.fixture
def zoo(toy: Path, monkeypatch: pytest.MonkeyPatch) -> Zoo:
    """Runs a command in an empty folder with `i.yml`; a known error is its result's exception."""
    monkeypatch.chdir(toy)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    monkeypatch.delenv("CI_PROJECT_DIR", raising=False)
    Path("i.yml").write_text(INDEX)

    def call(*arguments: str) -> Result:
        given = ["--trust", "toyzoo"] if arguments[0] == "verify" else []
        return CliRunner().invoke(app, [*arguments, "--index", "i.yml", *given])

    return call


def git(*arguments: str) -> None:
    name = ("-c", "user.name=nobody", "-c", "user.email=nobody@localhost")
    subprocess.run(["git", *name, *arguments], check=True, capture_output=True)


def summary(text: str) -> str:
    """The first heading of a summary."""
    return text.splitlines()[0]


def test_every_format_tells_of_the_same_findings(zoo: Zoo) -> None:
    results = {format: zoo("verify", "--format", format) for format in GATES}
    assert {result.exit_code for result in results.values()} == {1}
    assert results["github"].stdout.count("::error file=i.yml,line=") == 2
    document = JUnitXml.fromstring(results["junit"].stdout.encode())
    assert [(suite.name, suite.failures, suite.skipped) for suite in document] == [
        ("one", 1, 0),
        ("two", 1, 1),
        ("zoo verify", 0, 1),
    ]
    (run,) = json.loads(results["sarif"].stdout)["runs"]
    assert [result["ruleId"] for result in run["results"]] == [
        "mismatch/parameters",
        "mismatch/flops",
    ]
    assert summary(results["markdown"].stdout) == "### zoo verify: 2 findings"


def test_several_formats_in_one_run(zoo: Zoo) -> None:
    result = zoo(
        "verify",
        "--also",
        "junit=out/zoo.xml",
        "--also",
        "sarif=zoo.sarif",
        "--also",
        "markdown=a=b.md",
    )
    assert result.exit_code == 1 and result.stdout.startswith("wrong\t")
    assert JUnitXml.fromfile("out/zoo.xml").failures == 2
    assert len(json.loads(Path("zoo.sarif").read_text())["runs"][0]["results"]) == 2
    assert summary(Path("a=b.md").read_text()) == "### zoo verify: 2 findings"


@pytest.mark.parametrize("command", ["verify", "lint"])
def test_what_cannot_be_read_comes_out_in_every_format(zoo: Zoo, command: str) -> None:
    Path("i.yml").write_text(BROKEN)
    results = {
        format: zoo(command, "--format", format, "--also", f"junit={format}.xml")
        for format in GATES
    }
    assert {result.exit_code for result in results.values()} == {1}
    lines = [line for line in results["github"].stdout.splitlines() if "expected" in line]
    assert len(lines) == 2
    assert lines[0].startswith("::error file=i.yml,line=3,col=1,")
    assert lines[0].endswith("Models[0].Metadata.FLOPs: expected a count, got 'many'")
    assert lines[1].endswith("Models[1].Name: expected a name, got nothing")
    (run,) = json.loads(results["sarif"].stdout)["runs"]
    rules = [r["ruleId"] for r in run["results"] if "unreadable" in r["ruleId"]]
    assert rules == ["lint/unreadable" if command == "lint" else "unreadable"] * 2
    assert run["invocations"][0]["executionSuccessful"]
    assert "expected a count, got" in results["markdown"].stdout
    document = JUnitXml.fromfile("github.xml")
    assert document.errors + document.failures >= 2


@pytest.mark.parametrize("command", ["verify", "lint"])
def test_an_index_of_which_nothing_can_be_read_comes_out_in_every_format(
    zoo: Zoo, command: str
) -> None:
    Path("i.yml").write_text(EMPTY)
    results = {
        format: zoo(command, "--format", format, "--also", f"junit={format}.xml")
        for format in GATES
    }
    assert {type(result.exception) for result in results.values()} == {IndexFaults}
    assert results["github"].stdout.count("::error ") == 2
    (run,) = json.loads(results["sarif"].stdout)["runs"]
    assert [r["ruleId"] for r in run["results"]] == ["unreadable"] * 2 and not run["invocations"][
        0
    ]["executionSuccessful"]
    assert summary(results["markdown"].stdout) == f"### zoo {command}: 2 findings"
    assert {JUnitXml.fromfile(f"{format}.xml").errors for format in GATES} == {2}


def test_an_index_of_which_nothing_can_be_read_exits_with_2_and_says_so_on_standard_error_too(
    zoo: Zoo,
) -> None:
    Path("i.yml").write_text(EMPTY)
    command = [sys.executable, "-m", "zoo", "lint", "i.yml", "--format", "github"]
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        command, capture_output=True, text=True, env={"PYTHONPATH": root}, check=False
    )
    assert (done.returncode, done.stdout.count("::error ")) == (2, 2)
    assert done.stderr.startswith("zoo: i.yml:2: Models[0].Name: expected a name, got nothing\n")


def test_lint_in_every_format(zoo: Zoo) -> None:
    Path("i.yml").write_text(LINTED)
    results = {format: zoo("lint", "--format", format) for format in GATES}
    assert {result.exit_code for result in results.values()} == {1}
    assert results["github"].stdout.startswith(
        "::error file=i.yml,line=2,col=10,title=i.yml%3A unknown-collection%3A one"
    )
    document = JUnitXml.fromstring(results["junit"].stdout.encode())
    assert (document.failures, document.tests - document.failures) == (2, len(CHECKS) - 2)
    assert [r["ruleId"] for r in json.loads(results["sarif"].stdout)["runs"][0]["results"]] == [
        "lint/unknown-collection",
        "lint/duplicate-name",
    ]


@pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_places_are_relative_to_the_checkout_of_a_ci_service_also_behind_a_link(
    zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    Path("i.yml").write_text(LINTED)
    link, name = tmp_path / "link", Path.cwd().name
    link.symlink_to(Path.cwd().parent)
    monkeypatch.setenv(variable, str(link))
    monkeypatch.chdir(link / name)
    result = zoo("lint", "--format", "github", "--also", "sarif=a.sarif")
    assert f"::error file={name}/i.yml,line=2" in result.stdout
    (run,) = json.loads(Path("a.sarif").read_text())["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": f"{name}/i.yml", "uriBaseId": "%SRCROOT%"}


def test_a_baseline_lets_only_new_findings_fail(zoo: Zoo) -> None:
    written = zoo("verify", "--write-baseline", "known.json")
    assert written.exit_code == 0
    assert "baseline known.json: 2 known findings written\n" in written.stderr
    baseline = zoo("verify", "--baseline", "known.json")
    assert baseline.exit_code == 0
    assert "wrong" not in baseline.stdout
    assert "\n2 known findings not listed (--all)\n" in baseline.stderr
    assert "baseline known.json: 0 new, 2 known, 0 gone\n" in baseline.stderr
    assert "; 0 new findings, 2 known; not examined: 1 other claim (--all)\n" in baseline.stderr
    everything = zoo("verify", "--baseline", "known.json", "--all")
    assert everything.stdout.count("wrong, known\t") == 2
    Path("i.yml").write_text("# moved\n" + INDEX.replace("999", "998"))
    changed = zoo("verify", "--baseline", "known.json")
    assert changed.exit_code == 1
    assert "baseline known.json: 1 new, 1 known, 1 gone\n" in changed.stderr
    assert f"gone: one: Parameters, {Path.cwd().name}, 999, mismatch\n" in changed.stderr
    assert changed.stdout.startswith("wrong\tone\tParameters\t998\t")
    assert changed.stdout.splitlines()[0].endswith("\ti.yml:5")
    assert changed.stdout.count("wrong") == 1
    assert "; 1 new finding, 1 known; not examined: " in changed.stderr


def test_known_findings_fail_in_no_format(zoo: Zoo) -> None:
    zoo("verify", "--write-baseline", "known.json")
    results = {
        format: zoo("verify", "--baseline", "known.json", "--format", format)
        for format in (*GATES, "json")
    }
    assert {result.exit_code for result in results.values()} == {0}
    assert (
        results["github"].stdout
        == "::notice title=zoo verify%3A not examined::not examined: 1 other claim (--all)\n"
        "::notice title=zoo verify%3A known findings::not listed: 2\n"
    )
    document = JUnitXml.fromstring(results["junit"].stdout.encode())
    assert (document.failures, document.skipped) == (0, 4)
    assert {r["level"] for r in json.loads(results["sarif"].stdout)["runs"][0]["results"]} == {
        "note"
    }
    assert summary(results["markdown"].stdout) == "### zoo verify: nothing new to fix"
    assert [item["known"] for item in json.loads(results["json"].stdout)] == [
        True,
        False,
        True,
        False,
    ]


def test_a_baseline_is_about_the_models_that_were_examined(zoo: Zoo) -> None:
    zoo("verify", "--write-baseline", "known.json")
    Path("i.yml").write_text(INDEX.replace("999", "998").replace("123456", "123457"))
    result = zoo("verify", "one", "--baseline", "known.json")
    assert "baseline known.json: 1 new, 0 known, 1 gone\n" in result.stderr
    zoo("verify", "one", "--write-baseline", "known.json")
    claimed = [item["claimed"] for item in json.loads(Path("known.json").read_text())["findings"]]
    assert claimed == ["998", "123456"]


TWICE = """\
Models:
- {Name: one, Builder: 'toyzoo:Toy', Metadata: {Parameters: 999}}
- {Name: one, Builder: 'toyzoo:Toy', Metadata: {Parameters: 998}}
"""


@pytest.fixture
def twice(zoo: Zoo) -> Zoo:
    """A committed index with a name that stands in it twice, both entries known to be wrong."""
    Path("i.yml").write_text(TWICE)
    git("init", "-q")
    git("add", "i.yml")
    git("commit", "-q", "-m", "one")
    zoo("verify", "--write-baseline", "known.json")
    return zoo


def test_known_findings_of_an_entry_stay_where_another_of_its_name_is_examined(twice: Zoo) -> None:
    Path("i.yml").write_text(TWICE.replace("998", "997"))
    result = twice("verify", "--changed", "--baseline", "known.json")
    assert (
        "baseline known.json: 1 new, 0 known, 1 gone\n"
        f"gone: one: Parameters, {Path.cwd().name}, 998, mismatch\n"
    ) in result.stderr
    twice("verify", "--changed", "--write-baseline", "known.json")
    claimed = [item["claimed"] for item in json.loads(Path("known.json").read_text())["findings"]]
    assert claimed == ["997", "999"]
    whole = twice("verify", "--baseline", "known.json")
    assert (whole.exit_code, "0 new, 2 known, 0 gone" in whole.stderr) == (0, True)


def test_an_identical_copy_of_an_entry_is_new_with_all_its_findings(twice: Zoo) -> None:
    Path("i.yml").write_text(TWICE + TWICE.splitlines()[1])
    result = twice("verify", "--changed", "--baseline", "known.json")
    assert "1 entry changed since HEAD\n" in result.stderr
    assert "baseline known.json: 1 new, 0 known, 0 gone\n" in result.stderr
    twice("verify", "--changed", "--write-baseline", "known.json")
    assert "0 new, 3 known, 0 gone" in twice("verify", "--baseline", "known.json").stderr


def test_writing_examines_the_same_entries_again(twice: Zoo) -> None:
    """One of the name that did not change is as it was, and its known finding stays known."""
    Path("i.yml").write_text(TWICE.replace("998", "99.7"))
    result = twice("verify", "--changed", "--write", "--yes", "--baseline", "known.json")
    assert "1 value in 1 file written\n" in result.stderr and result.exit_code == 0
    assert result.stderr.count("baseline known.json: 0 new, 0 known, 1 gone\n") == 1
    assert Path("i.yml").read_text().count("999") == 1


def test_a_hook_of_pre_commit_examines_the_range_that_it_is_asked_about(
    zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong number was committed without a hook; pre-commit is then asked about the commits."""
    Path("i.yml").write_text("Models:\n- Name: one\n  Builder: toyzoo:Toy\n")
    for text in (Path("i.yml").read_text(), INDEX):
        Path("i.yml").write_text(text)
        git("init", "-q")
        git("add", "i.yml")
        git("commit", "-q", "-m", "wrong")
    monkeypatch.delenv("GIT_INDEX_FILE", raising=False)
    last = zoo("verify", "--changed")
    assert (last.exit_code, "0 entries changed since HEAD\n" in last.stderr) == (0, True)
    monkeypatch.setenv("CI", "true")
    assert "in CI nothing differs from the last commit" in zoo("verify", "--changed").stderr
    monkeypatch.setenv("PRE_COMMIT", "1")
    everything = zoo("verify", "--changed")
    assert everything.exit_code == 1
    assert "pre-commit examines all files, not a commit: every entry" in everything.stderr
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "HEAD~1")
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "HEAD")
    asked = zoo("verify", "--changed")
    assert asked.exit_code == 1
    assert "2 entries changed in HEAD~1...HEAD\n" in asked.stderr
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "HEAD~9")
    assert isinstance(zoo("verify", "--changed").exception, UsageError)


def test_strict_findings_can_be_known_too(zoo: Zoo) -> None:
    Path("i.yml").write_text(
        INDEX + "  Results:\n  - {Dataset: D, Metrics: {Top 1 Accuracy: 70%}}\n"
    )
    zoo("verify", "--strict", "--write-baseline", "known.json")
    assert zoo("verify", "--strict", "--baseline", "known.json").exit_code == 0
    plain = zoo("verify", "--baseline", "known.json")
    assert plain.exit_code == 0 and "0 new, 2 known, 0 gone" in plain.stderr


def test_a_baseline_of_lint(zoo: Zoo) -> None:
    Path("i.yml").write_text(LINTED)
    assert zoo("lint", "--write-baseline", "lint.json").exit_code == 0
    baseline = zoo("lint", "--baseline", "lint.json")
    assert baseline.stdout == ""
    assert "2 known findings not listed (--all)\n" in baseline.stderr
    assert baseline.stderr.endswith("1 file: 0 new findings, 2 known\n")
    everything = zoo("lint", "--baseline", "lint.json", "--all")
    assert (everything.exit_code, everything.stdout.count(" (known)\n")) == (0, 2)
    Path("i.yml").write_text(LINTED.replace("In Collection: B", "In Collection: C"))
    assert zoo("lint", "--baseline", "lint.json").exit_code == 1
    data = json.loads(zoo("lint", "--baseline", "lint.json", "--format", "json").stdout)
    assert [item["known"] for item in data] == [False, True]


def test_many_that_are_gone_are_counted(zoo: Zoo) -> None:
    lines = ",\n".join(json.dumps({"model": f"m{n}", "verdict": "mismatch"}) for n in range(30))
    Path("known.json").write_text(f'{{"command": "zoo verify", "findings": [{lines}]}}')
    result = zoo("verify", "--baseline", "known.json")
    assert result.stderr.count("gone: ") == 20
    assert "and 10 more; `zoo verify --write-baseline known.json` replaces it\n" in result.stderr


def test_after_writing_gates_hear_of_what_is_left(zoo: Zoo) -> None:
    result = zoo(
        "verify",
        "--write",
        "--yes",
        "--only",
        "params",
        "--format",
        "junit",
        "--also",
        "markdown=a.md",
    )
    assert result.exit_code == 1 and "1 value in 1 file written\n" in result.stderr
    document = JUnitXml.fromstring(result.stdout.encode())
    assert [(suite.name, suite.failures) for suite in document] == [
        ("one", 0),
        ("two", 1),
        ("zoo verify", 0),
    ]
    assert summary(Path("a.md").read_text()) == "### zoo verify: 1 finding"
    diff = zoo("verify", "--write", "--dry-run", "--format", "sarif")
    assert str(diff.exception) == "--dry-run prints a diff and no SARIF"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--baseline", "no.json"),
            "no.json: no such baseline; `zoo verify --write-baseline no.json` writes it",
        ),
        (
            ("--baseline", "a", "--write-baseline", "b"),
            "--baseline compares with known findings, --write-baseline replaces them: give one",
        ),
        (
            ("--also", "xml=a"),
            "--also: no format 'xml' (junit, sarif, github, markdown)",
        ),
        (
            ("--also", "junit"),
            (
                "--also: expected FORMAT=FILE with a format of junit, sarif, github, "
                "markdown; got 'junit'"
            ),
        ),
        (("--also", "junit=."), "--also: expected a file's path, got '.'"),
        (("--write-baseline", "."), ".: cannot be read: Is a directory"),
    ],
)
def test_wrong_usage_is_told(zoo: Zoo, arguments: tuple[str, ...], message: str) -> None:
    result = zoo("verify", *arguments)
    assert isinstance(result.exception, UsageError)
    assert str(result.exception) == message


def test_what_is_wrong_with_options_is_told_before_anything_is_measured(zoo: Zoo) -> None:
    assert isinstance(zoo("verify", "--baseline", "no.json").exception, ZooError)
    assert not Path("ledger").exists()


@pytest.mark.parametrize(
    ("command", "option", "value"),
    [
        ("verify", "--also", "markdown=link.yml"),
        ("verify", "--report", "link.yml"),
        ("lint", "--also", "junit=link.yml"),
    ],
)
@pytest.mark.parametrize("text", [INDEX, BROKEN])
def test_an_index_is_not_overwritten_with_what_is_said_of_it(
    zoo: Zoo, command: str, option: str, value: str, text: str
) -> None:
    Path("i.yml").write_text(text)
    Path("link.yml").symlink_to("i.yml")
    result = zoo(command, option, value)
    assert isinstance(result.exception, UsageError)
    assert Path("i.yml").read_text() == text
    assert not Path("ledger").exists()
    assert (
        str(result.exception)
        == f"link.yml: the index was read from this file; name another with {option}"
    )


def test_a_file_of_an_unreadable_index_that_can_be_read_is_not_overwritten_either(zoo: Zoo) -> None:
    Path("models").mkdir()
    Path("models/good.yml").write_text(INDEX)
    Path("models/bad.yml").write_text(BROKEN)
    result = zoo("lint", "models", "--also", "markdown=models/good.yml")
    assert str(result.exception) == (
        "models/good.yml: the index was read from this file; name another with --also"
    )
    assert Path("models/good.yml").read_text() == INDEX


@pytest.mark.parametrize("option", ["--also", "--report", "--write-baseline"])
def test_outputs_go_into_pipes(zoo: Zoo, option: str) -> None:
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    result = zoo("verify", option, "markdown=pipe" if option == "--also" else "pipe")
    assert result.exit_code == (option != "--write-baseline")
    assert Path("pipe").is_fifo()
    assert b"one" in os.read(reader, 1 << 16)  # a model
    os.close(reader)


HOSTILE = "::error::pwned.yml"


@pytest.mark.parametrize("command", ["verify", "lint"])
def test_a_name_is_no_command_of_a_ci_service(zoo: Zoo, command: str) -> None:
    """A log is read for commands, the table in it too."""
    model = f"- {{Name: '{HOSTILE} ##[x]', Builder: 'toyzoo:Toy', Metadata: {{Parameters: 999}}}}\n"
    Path(HOSTILE).write_text(f"Models:\n{model}{model}")
    result = zoo(command, "--index", HOSTILE)
    lines = [*result.stdout.splitlines(), *result.stderr.splitlines()]
    assert [line for line in lines if line.lstrip().startswith("::") or "##[" in line] == []
    start = "wrong\t:" if command == "verify" else ":\ufffd"
    assert any(line.startswith(start) and "error::pwned.yml" in line for line in lines)
    assert command == "lint" or any("##\ufffdx]\tParameters\t999\t" in line for line in lines)


def test_only_what_changed_is_verified(zoo: Zoo) -> None:
    git("init", "-q")
    assert "2 entries changed since HEAD\n" in zoo("verify", "--changed").stderr
    git("add", "i.yml")
    git("commit", "-q", "-m", "one")
    nothing = zoo("verify", "--changed")
    assert nothing.exit_code == 0
    assert nothing.stderr.startswith("0 entries changed since HEAD\n")
    assert nothing.stderr.endswith("nothing was examined\n")
    Path("i.yml").write_text("# moved\n" + INDEX.replace("999", "998"))
    result = zoo("verify", "--changed", "--format", "junit")
    assert result.exit_code == 1
    assert [suite.name for suite in JUnitXml.fromstring(result.stdout.encode())] == ["one"]
    assert "0 entries changed since HEAD\n" in zoo("verify", "two", "--changed").stderr
    git("commit", "-q", "-a", "-m", "two")
    assert "1 entry changed since HEAD~1\n" in zoo("verify", "--since", "HEAD~1").stderr


def test_the_schema_is_printed(zoo: Zoo) -> None:
    from zoo.model_index.schema.json_schema import schema

    assert json.loads(CliRunner().invoke(app, ["schema"]).stdout) == schema()
