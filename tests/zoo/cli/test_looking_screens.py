"""Screens of `zoo list`, `show` and `explain`, from evidence written here: 80 and 120 columns,
narrow terminals, nothing but ASCII."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from zoo.cli import app, explain
from zoo.cli.output import console
from zoo.cli.output.layout import measure
from zoo.cli.session import measurer_for
from zoo.model_index.ledger.evidence import Evidence
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.ledger.trace import Part, Row, Trace
from zoo.model_index.load import load
from zoo.models.cells import Variant, count_cell

INDEX = """
Collections:
- Name: Net
  Full Name: Networks of Tests
  Paper: {Title: Networks That Test, URL: 'https://example.org/abs/2011.01234'}
Library: {Name: timm}
Models:
- Name: net10
  In Collection: Net
  Builder: timm:net10
  Weights: https://example.org/weights/net10-5b90dec4d.pth
  Metadata: {FLOPs: 6003008000, Parameters: 1.51 M, Image Size: 224, Layers: 12}
  Results:
  - {Task: Image Classification, Dataset: ImageNet, Metrics: {Top 1 Accuracy: 79.65%}}
  Reported:
  - Publisher: OtherZoo
    Metadata:
      FLOPs: 4.1 G
      Parameters: 14.9 M
      Inference Time (ms):
      - {value: 17.840, hardware: V100, precision: FP32, batch size: 1}
    Results:
    - {Task: Image Classification, Dataset: ImageNet, Metrics: {Top 1 Accuracy: 0.801}}
- Name: net20
  In Collection: Net
  Builder: timm:net20
  Metadata: {FLOPs: 15003675112, Parameters: 61570000}
"""
CONV, LINEAR = "torch.nn.modules.conv.Conv2d", "torch.nn.modules.linear.Linear"
ROWS = (
    Row("conv2d", "convolution", "stem", CONV, 500_000_000, 150_528, 802_816, 0, 9_408),
    Row("relu", "activation", "act", "torch.nn.modules.activation.ReLU", 0, 802_816, 802_816, 0, 0),
    Row("conv2d", "convolution", "layer1.0", CONV, 1_500_000_000, 802_816, 802_816, 0, 500_000),
    Row("conv2d", "convolution", "layer2.0", CONV, 1_000_992_000, 802_816, 512, 0, 488_592),
    Row("linear", "linear", "fc", LINEAR, 512_000, 512, 1000, 0, 512_000),
)
PARTS = (
    Part("stem", CONV, 9_408, 9_408, 0, 1),
    Part("layer1.0", CONV, 500_000, 500_000, 0, 1),
    Part("layer2.0", CONV, 488_592, 488_592, 0, 1),
    Part("fc", LINEAR, 512_000, 512_000, 0, 1),
)
COMMANDS = {
    "list": ("list",),
    "list_columns": ("list", "--columns", "name,gmacs,top1,wrong,license", "--sort", "-gmacs"),
    "show": ("show", "net10"),
    "show_nothing": ("show", "net20"),
    "show_all": ("show", "net10", "--all"),
    "explain": ("explain", "net10"),
    "explain_params": ("explain", "net10", "params"),
    "explain_all": ("explain", "net10", "--all"),
}
# Lines of a screen of 80 columns at most.
LIMITS = {"list": 25, "show": 25, "show_nothing": 25, "explain": 40, "explain_params": 40}
VERSION = re.compile(r"timm \d+(\.\d+)+")
Screen = Callable[[str, int], list[str]]


@pytest.fixture
def screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Screen:
    """Runs a command on the index and gives its screen; nothing is measured."""
    monkeypatch.chdir(tmp_path)
    Path("models.yml").write_text(INDEX)
    (entry,) = load(["models.yml"]).select(["net10"])
    values: dict[str, Any] = {
        "resolved": "net10.v1",
        "parts": list(map(list, PARTS)),
        "registry": {"tags": {"v1": {"input_size": [3, 224, 224]}}},
        "input": "224x224 image",
        "input_from": "proposed",
        "configuration": {"input_size": [3, 224, 224], "license": "apache-2.0"},
        "trace": Trace(((1, 3, 224, 224),), ROWS).to_lists(),
    }
    Ledger("ledger").put(
        Evidence(
            cell=count_cell(entry, Variant(entry.stated_input)),
            outcome="measured",
            values=values,
            started_at="2026-01-02T03:04:05+00:00",
        )
    )

    def measure_nothing(*arguments: Any, **options: Any) -> Any:
        return measurer_for(*arguments, **options, live=False)

    monkeypatch.setattr(explain, "measurer_for", measure_nothing)

    def run(name: str, columns: int) -> list[str]:
        monkeypatch.setattr(console, "width", lambda *, error=False: columns)
        result = CliRunner().invoke(app, [*COMMANDS[name], "--index", "models.yml"])
        assert result.exit_code in (0, 1), result.output
        return [VERSION.sub("timm X", line) for line in result.stdout.splitlines()]

    return run


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", COMMANDS)
def test_screens(
    name: str, columns: int, screen: Screen, snapshot: Callable[[str, Sequence[str]], None]
) -> None:
    lines = screen(name, columns)
    snapshot(f"{name}_{columns}", lines)
    assert max(map(measure, lines)) <= columns
    assert len(lines) <= LIMITS.get(name, 1000)


@pytest.mark.parametrize("name", COMMANDS)
def test_twenty_columns_break_no_number(name: str, screen: Screen) -> None:
    narrow, wide = screen(name, 20), "\n".join(screen(name, 120))
    for number in set(re.findall(r"\d[\d.,]*\d", wide)):
        assert any(number in line for line in narrow), number


def test_all_of_it_is_ascii(screen: Screen) -> None:
    for name in COMMANDS:
        assert all(line.isascii() for line in screen(name, 80)), name


def test_a_pipe_has_tabs_and_no_padding(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in COMMANDS:
        lines = screen(name, None)  # type: ignore[arg-type]
        assert not any("  " in line for line in lines if "\t" in line), name
        assert not any(line.startswith(" ") for line in lines), name


def test_explain_states_the_sum_and_few_hypotheses(screen: Screen) -> None:
    lines = screen("explain", 80)
    text = "\n".join(lines)
    assert lines[0] == "net10: FLOPs; timm:net10 at 224x224: 3,001,504,000 multiply-adds"
    assert text.index("WRONG") < text.index("right"), "what is wrong comes first"
    assert text.count("Where the multiply-adds are") == 1, "the trace once"
    assert '"4.1 G" has 2 digits' in text.replace("\n  ", " ") or "no known cause" in text
    assert "evidence" not in text
    assert not any(re.search(r"\b0\.0%", line) for line in lines), "rows of nothing"


def test_a_number_of_a_slip_is_printed_whole(screen: Screen) -> None:
    assert "right: 15.10 M, the claim is 1.3% smaller" in " ".join(
        map(str.strip, screen("explain_params", 80))
    )


def test_quiet_prints_no_notes(screen: Screen) -> None:
    for options in ((), ("--quiet",)):
        result = CliRunner().invoke(app, ["list", "--index", "models.yml", *options])
        assert bool(result.stderr) == (not options)


@pytest.mark.parametrize(
    ("options", "last"),
    [
        ("", "2 models"),
        ("--limit 1", "1 of 2 models"),
        ("--where gmacs<5", "1 of 2 models match"),
        ("--where top1>90", "0 of 2 models match; 1 without top1"),
        ("--where name!=x --sort top1 --limit 1", "1 of 2 models; 1 without top1"),
    ],
)
def test_the_last_line_says_how_many(screen: Screen, options: str, last: str) -> None:
    result = CliRunner().invoke(app, ["list", "--index", "models.yml", *options.split()])
    assert result.stderr.splitlines()[-1] == last


def test_columns_of_csv_are_raw(screen: Screen) -> None:
    result = CliRunner().invoke(app, ["list", "--index", "models.yml", "--format", "csv"])
    assert result.stdout.splitlines() == [
        "name,family,gmacs,params,top1,measured",
        "net10,Net,3.001504,1510000,79.65,gmacs params",
        "net20,Net,15.003675112,61570000,,",
    ]
