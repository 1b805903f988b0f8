"""A run that examined nothing, or a part, never passes without a word: the exit code, and the last
line on standard error, which says in every format what was not examined and what to type."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from junitparser import JUnitXml
from typer.testing import CliRunner, Result

from zoo.cli import app
from zoo.model_index.errors import ZooError

RIGHT = "- {Name: resnet18, Builder: 'timm:resnet18', Metadata: {Parameters: 11689512}}\n"
CARD = "---\nlibrary_name: timm\nmodel-index: [{name: nobodys_net, results: []}]\n---\n"
CLAIMS = """\
- Name: resnet18
  Builder: timm:resnet18
  Weights: https://example.org/resnet18.pth
  Metadata:
    File Size: 20 MB
    Inference Time (ms): [{value: 1, hardware: V100}, {value: 2, hardware: T4}]
  Results: [{Task: Image Classification, Dataset: ImageNet, Metrics: {Top 1 Accuracy: 70%}}]
"""


class Case(NamedTuple):
    """A run: the models of its index, its arguments, its exit code, and the end of what it says."""

    models: str
    code: int
    last: str
    arguments: tuple[str, ...] = ()


def builder(name: str, more: str = "Metadata: {Parameters: 1, FLOPs: 2}") -> str:
    return f"- {{Name: net, Builder: {name}, {more}}}\n"


COUNT = re.compile(
    r"\d+ wrong, \d+ right(?:, \d+ unknown(?: \(\d errors?\))?)? of \d+ claims?; (.*)"
)
NOT_BUILT = "not examined: 1 of 1 model not built: "
BARE = "not examined: 1 of 1 model without a builder or weights"
CASES = {
    "not trusted": Case(
        builder("'other:Net'"),
        1,
        f"1 finding; {NOT_BUILT}other is not trusted (--trust other)",
    ),
    "not trusted, one of two": Case(
        RIGHT + builder("'other:Net'"),
        1,
        "1 finding; not examined: 1 of 2 models not built: other is not trusted (--trust other)",
    ),
    "allowed": Case(
        builder("'other:Net'"),
        0,
        f"{NOT_BUILT}other is not trusted (--trust other)",
        ("--allow-unbuilt",),
    ),
    "allowed, but wrong": Case(
        RIGHT.replace("512", "513") + builder("'other:Net'"),
        1,
        "not examined: 1 of 2 models not built: other is not trusted (--trust other)",
        ("--allow-unbuilt",),
    ),
    "not installed": Case(
        builder("'other:Net'"),
        1,
        f"1 finding; {NOT_BUILT}other is not installed (pip install other)",
        ("--trust", "other"),
    ),
    "not installed, allowed": Case(
        builder("'other:Net'"),
        0,
        f"{NOT_BUILT}other is not installed (pip install other)",
        ("--trust", "other", "--allow-unbuilt"),
    ),
    "not known": Case(
        builder("'timm:no_such_net'"),
        1,
        f"1 finding; {NOT_BUILT}timm has no model of that name (correct the Builder)",
    ),
    "not known by its ID": Case(
        "- {Name: net, Metadata: {ID: no_such_net}}\n",
        1,
        f"1 finding; {NOT_BUILT}timm has no model of that name (correct the Builder)",
    ),
    "a kind that nothing builds": Case(
        builder("'transformers:bert'"),
        1,
        f"1 finding; {NOT_BUILT}nothing here builds models of transformers (Builder: none)",
    ),
    "arguments that could load weights": Case(
        builder("{Name: 'timm:resnet18', Arguments: {pretrained: true}}"),
        1,
        f"1 finding; {NOT_BUILT}timm is not trusted (--trust timm)",
    ),
    "no builder": Case(
        builder("none"),
        0,
        f"{BARE} (zoo show)",
    ),
    "weights that nobody looked at": Case(
        builder("none", "Metadata: {FLOPs: 2}, Weights: https://example.org/net.gguf"),
        0,
        "not examined: 1 of 1 model without a builder, and their weights not inspected "
        "(zoo verify --weights)",
    ),
    "a row of a paper": Case(
        "- {Name: Nobodys Net, Metadata: {FLOPs: 1 G}}\n",
        0,
        f"{NOT_BUILT}no builder is named (Builder: KIND:NAME)",
    ),
    "a configuration of OpenMMLab": Case(
        "- {Name: net_8xb16_cifar10, Config: configs/a.py, Metadata: {FLOPs: 1}}\n",
        0,
        f"{NOT_BUILT}no builder is named (Builder: KIND:NAME)",
    ),
    "strict": Case(
        builder("none"),
        1,
        f"2 findings; {BARE} (zoo show)",
        ("--strict",),
    ),
    "no claims": Case(
        "- {Name: resnet18, Builder: 'timm:resnet18'}\n",
        0,
        "not examined: 1 of 1 model without a claim (zoo lint)",
    ),
    "claims of other kinds": Case(
        CLAIMS,
        0,
        "not examined: 2 benchmarks not measured here (zoo bench); "
        "1 accuracy not evaluated (zoo eval); 1 file size not inspected (zoo verify --weights)",
    ),
    "a value that cannot be read": Case(
        builder("none", "Metadata: {FLOPs: many}"),
        1,
        "1 finding; not examined: 1 of 1 model without a claim (zoo lint); "
        "1 value unreadable (zoo lint)",
    ),
    "all": Case(RIGHT, 0, "every claim was examined"),
    "no such model": Case(RIGHT, 2, "no model 'nothing'", ("nothing",)),
    "no such models": Case(RIGHT, 2, "no model 'nothing*'", ("nothing*",)),
    "no such file": Case(RIGHT, 2, "none.yml: no such file or folder", ("--index", "none.yml")),
    "no such files": Case(RIGHT, 2, "n*.yml", ("--index", "n*.yml")),
    "no such quantity": Case(
        RIGHT, 2, "no quantity 'beauty'", ("--write", "--yes", "--only", "beauty")
    ),
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command in a folder with `i.yml`; a known error has exit code 2."""
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(app, arguments)
        if isinstance(result.exception, ZooError):
            result.exit_code = 2
        return result

    return invoke


def said(result: Result) -> str:
    """The last line on standard error; of a known error its message."""
    if isinstance(result.exception, ZooError):
        return str(result.exception)
    return result.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", CASES)
def test_what_was_not_examined_is_said(run: Callable[..., Result], name: str) -> None:
    case = CASES[name]
    Path("i.yml").write_text(f"Models:\n{case.models}")
    result = run("verify", "--index", "i.yml", *case.arguments)
    assert result.exit_code == case.code, result.output
    assert (
        (case.last in said(result))
        if case.code == 2
        else (COUNT.fullmatch(said(result))[1] == case.last)
    )


@pytest.mark.parametrize("format", ["json", "github", "junit", "sarif", "markdown"])
def test_every_format_says_it(run: Callable[..., Result], format: str) -> None:
    Path("i.yml").write_text(f"Models:\n{RIGHT}{builder(repr('other:Net'))}")
    flags = ("--index", "i.yml", "--allow-unbuilt", "--format", format, "--report", "r.md")
    result = run("verify", *flags)
    line = "not examined: 1 of 2 models not built: other is not trusted (--trust other)"
    assert (result.exit_code, said(result)) == (
        0,
        f"0 wrong, 1 right, 3 unknown (1 error) of 4 claims; {line}",
    )
    assert "Not examined: 1 of 2 models not built: other" in Path("r.md").read_text()
    match format:
        case "json":
            gaps = [row["gap"] for row in json.loads(result.stdout)]
            gap = {"kind": "untrusted", "subject": "other", "advice": ""}
            assert gaps == [None, gap, gap, gap]
        case "github":
            assert result.stdout == f"::warning title=zoo verify%3A not examined::{line}\n"
        case "junit":
            (*_, suite) = JUnitXml.fromstring(result.stdout.encode())
            assert [case.result[0].message for case in suite] == [line]
        case "sarif":
            (invocation,) = json.loads(result.stdout)["runs"][0]["invocations"]
            assert invocation["toolExecutionNotifications"] == [
                {"level": "warning", "message": {"text": line}}
            ]
        case "markdown":
            assert "Not examined: 1 of 2 models not built: other is not trusted" in result.stdout


def test_a_model_that_is_not_built_is_an_annotation_at_its_builder(
    run: Callable[..., Result],
) -> None:
    Path("i.yml").write_text(f"Models:\n{builder(repr('other:Net'))}")
    error, warning = run("verify", "--index", "i.yml", "--format", "github").stdout.splitlines()
    assert error.startswith("::error file=i.yml,line=2,col=24,")
    assert error.endswith("it runs with --trust other") and warning.startswith("::warning ")


def test_a_card_whose_name_is_in_no_registry(run: Callable[..., Result]) -> None:
    Path("README.md").write_text(CARD)
    result = run("verify", "--index", "README.md")
    assert result.exit_code == 0
    assert f"{NOT_BUILT}no builder is named (Builder: KIND:NAME)" in said(result)


EMPTY = {
    "no.yml": "Models: []\n",
    "results-imagenet.csv": "model,top1\n",
}


@pytest.mark.parametrize("command", ["verify", "lint", "list", "card"])
@pytest.mark.parametrize("name", EMPTY)
def test_an_index_without_a_model_is_none(
    run: Callable[..., Result], command: str, name: str
) -> None:
    Path(name).write_text(EMPTY[name])
    result = run(command, "--index", name)
    assert (result.exit_code, said(result)) == (2, f"{name}: no model in this index")


@pytest.mark.parametrize("command", ["verify", "lint"])
def test_files_of_a_folder_that_are_not_read_are_counted(
    run: Callable[..., Result], command: str
) -> None:
    Path("models").mkdir()
    Path("models/i.yml").write_text(f"Models:\n{RIGHT}")
    Path("other.yml").write_text(f"Models:\n{RIGHT}")
    Path("models/link.yml").symlink_to("../other.yml")
    result = run(command, "--index", "models")
    assert result.exit_code == 0
    assert said(result).endswith(
        "not examined: 1 file without an index, or links out of the folder (zoo lint)"
    )
    assert command == "verify" or "skipped: not an index" in result.stderr
    assert "models/link.yml" in run("lint", "--index", "models").stderr


def test_the_documents_of_a_ledger_are_counted(run: Callable[..., Result]) -> None:
    Path("ledger").mkdir()
    assert said(run("ledger", "check")) == "ledger: 0 documents, 0 files to repair"
    assert run("ledger", "check", "--ledger", "other").exit_code == 2


def test_a_package_of_the_working_folder_is_not_installed(run: Callable[..., Result]) -> None:
    """The command line does not import from there, so it says what to type."""
    Path("i.yml").write_text(f"Models:\n{builder(repr('folderzoo.nets:Net'))}")
    Path("folderzoo").mkdir()
    Path("folderzoo/nets.py").write_text("raise SystemExit('imported')\n")
    flags = ("--index", "i.yml", "--trust", "folderzoo")
    result = run("verify", *flags)
    assert result.exit_code == 1 and "it lies in this folder: --path ." in result.stdout
    assert said(result).endswith("folderzoo is not installed (--path .)")
    Path("pyproject.toml").write_text("[project]\n")
    result = run("verify", *flags)
    assert said(result).endswith("folderzoo is not installed (--path ., or pip install -e .)")


def test_a_baseline_lets_a_model_pass_that_is_not_built_and_the_last_line_says_so(
    run: Callable[..., Result],
) -> None:
    """It knows the reason too: a model for which nobody asked for trust is not one that is gone."""
    Path("i.yml").write_text(f"Models:\n{builder(repr('other:Net'))}")
    flags = ("verify", "--index", "i.yml")
    assert run(*flags, "--write-baseline", "known.json").exit_code == 0
    known = run(*flags, "--baseline", "known.json")
    assert (known.exit_code, said(known)) == (
        0,
        f"0 wrong, 0 right, 3 unknown (1 error) of 3 claims; 0 new findings, 1 known; "
        f"{NOT_BUILT}other is not trusted (--trust other)",
    )
    missing = run(*flags, "--baseline", "known.json", "--trust", "other")
    assert (missing.exit_code, "1 new, 0 known, 1 gone" in missing.stderr) == (1, True)
    folder = Path.cwd().name  # publishes what no Library does
    assert f"gone: net: Builder, {folder}, other:Net, error, untrusted\n" in missing.stderr
