"""`zoo count`, `zoo check`, and models without an index, as a person types them."""

import csv
import io
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from tests.command import zoo_command
from zoo.api import standard_input
from zoo.cli import main
from zoo.cli.count import choose_tools, read_arguments, read_inputs
from zoo.counting.tools import TOOLS
from zoo.model_index.errors import UsageError
from zoo.model_index.records.input_text import parse_input

NET = """
from torch import nn

class Net(nn.Module):
    def __init__(self, width=4, label=''):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        return self.head(self.stem(x).relu().mean((2, 3)))

class Broken(Net):
    def forward(self, x):
        raise ValueError('no forward today')
"""
MACS = 8 * 8 * 4 * 27 + 40


class Answer(NamedTuple):
    """What came of a command."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return f"{self.exit_code}\n{self.stdout}\n{self.stderr}"


Zoo = Callable[..., Answer]


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Zoo:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "net.py").write_text(NET)

    def run(*arguments: str, stdin: str = "") -> Answer:
        standard_input._read.cache_clear()
        monkeypatch.setattr("sys.argv", ["zoo", *arguments])
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        printed = capsys.readouterr()
        return Answer(int(stop.value.code or 0), printed.out, printed.err)

    return run


def test_a_model_of_an_own_file(zoo: Zoo) -> None:
    result = zoo("count", "net.py:Net", "--size", "8")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "net:Net  1x3x8x8"
    assert max(map(len, lines)) <= 80
    assert any(re.match(rf"Multiply-adds +{MACS:,} ", line) for line in lines)
    for tool in TOOLS:
        assert any(line.startswith(f"{tool.name} ") for line in lines), tool.name
    for number in re.findall(r"[\d,]{5,}", result.stdout):
        assert re.fullmatch(r"\d{1,3}(,\d{3})+", number.strip(",")), number
    assert not (Path.cwd() / "ledger").exists()


def test_formats(zoo: Zoo) -> None:
    arguments = ("count", "net.py:Net", "--size", "8,16x8")
    rows = list(csv.DictReader(io.StringIO(zoo(*arguments, "--format", "csv").stdout)))
    assert [row["input"] for row in rows] == ["1x3x8x8", "1x3x16x8"]
    assert [int(row["macs"]) for row in rows] == [MACS, 2 * MACS - 40]
    data = json.loads(zoo(*arguments, "--format", "json").stdout)
    assert data[0]["macs"] == MACS and len(data[0]["tools"]) == len(TOOLS)
    memory = data[0]["memory"]
    assert (memory["parameters"], memory["buffers"]) == ({"float32": 648}, {})
    assert (memory["elements"], memory["packed"]) == ({"float32": 162}, 0)
    plain = zoo(*arguments, "--as", "torch", "--format", "plain").stdout
    assert plain.splitlines() == [str(2 * MACS), str(2 * (2 * MACS - 40))]
    markdown = zoo(*arguments, "--as", "torch,fvcore", "--format", "markdown").stdout.splitlines()
    assert markdown[0].startswith("| Model | Input | Params (M) | torch FlopCounterMode (G) |")
    latex = zoo("count", "net.py:Net", "--size", "1000", "--format", "latex").stdout.splitlines()
    assert latex == [
        "% Model & Input & Params (M) & MACs (G) \\\\",
        "net:Net & 1000x1000 & 0.0 & 0.11 \\\\",
    ]
    table = zoo(*arguments).stdout.splitlines()
    assert table[0].split() == ["Model", "Input", "Params", "MACs", "Acts", "Memory"]


def test_tools_alone(zoo: Zoo) -> None:
    lines = zoo("count", "net.py:Net", "--size", "8", "--as", "thop,ptflops").stdout.splitlines()
    assert [line.split()[0] for line in lines if line[0] != " "] == ["net:Net", "thop", "ptflops"]
    result = zoo("count", "net.py:Net", "--as", "nope")
    assert result.exit_code == 2 and "--as: no tool 'nope' (torch, fvcore" in result.stderr


@pytest.mark.parametrize(
    ("by", "first"), [("class", "convolution"), ("stage", "stem"), ("module", "stem")]
)
def test_groups(zoo: Zoo, by: str, first: str) -> None:
    arguments = ("count", "net.py:Net", "--size", "8", "--by", by)
    lines = zoo(*arguments).stdout.splitlines()
    assert lines[2].split("\t")[:2] == [first, f"{MACS - 40:,}"]
    rows = json.loads(zoo(*arguments, "--format", "json").stdout)[0][f"by_{by}"]
    assert sum(row["macs"] for row in rows) == MACS


def test_arguments_of_the_constructor(zoo: Zoo) -> None:
    result = zoo(
        "count",
        "net.py:Net",
        "--size",
        "8",
        "--args",
        "width=8",
        "--args",
        "label='x'",
        "--format",
        "plain",
    )
    assert result.stdout.split() == [str(2 * MACS)]
    assert read_arguments(["a=1", "b=[1, 2]", "c=text", "d="]) == {
        "a": 1,
        "b": [1, 2],
        "c": "text",
        "d": None,
    }
    for wrong in ("width", "=1", "1a=2", "a=[1"):
        with pytest.raises(UsageError, match="--args"):
            read_arguments([wrong])


def test_a_model_that_cannot_be_counted_lets_the_others_pass(zoo: Zoo) -> None:
    result = zoo("count", "net.py:Broken", "net.py:Net", "absent.py:Net", "--size", "8")
    assert result.exit_code == 2
    assert "net.py:Net" in result.stdout
    assert "its forward pass raised ValueError: no forward today" in result.stderr
    assert "zoo: absent.py: no such file" in result.stderr
    assert "Traceback" not in result.output


def test_a_model_whose_forward_pass_fails_has_its_parameters(zoo: Zoo) -> None:
    result = zoo("count", "net.py:Broken", "--size", "8")
    assert result.exit_code == 2
    assert "Parameters" in result.stdout and "Multiply-adds" not in result.stdout
    (row,) = json.loads(zoo("count", "net.py:Broken", "--size", "8", "--format", "json").stdout)
    assert (row["parameters"], row["macs"]) == (162, None)
    reason = "its forward pass raised ValueError: no forward today"
    assert row["why"] == f"only its parameters are known: {reason}"


def test_parameters_of_several_types_are_listed_by_type(zoo: Zoo, tmp_path: Path) -> None:
    (tmp_path / "mixed.py").write_text(MIXED)
    result = zoo("count", "mixed.py:Mixed", "--size", "8")
    rows = [line.split()[:2] for line in result.stdout.splitlines() if line.startswith("  float")]
    assert rows == [["float32", "112"], ["float16", "20"]]
    result = zoo("count", "mixed.py:Reads", "--size", "8", "--memory-limit", "0.1")
    assert result.exit_code == 2
    assert "take more than 0.1 GiB of memory; --memory-limit allows more" in result.stderr


MIXED = """
import torch
from torch import nn

class Mixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.small = nn.Parameter(torch.zeros(20, dtype=torch.float16))
        self.layer = nn.Conv2d(3, 4, 3)

    def forward(self, x):
        return self.layer(x)

class Reads(Mixed):
    def __init__(self):
        super().__init__()
        self.wide = nn.Parameter(torch.zeros(1 << 26))
        self.wide[0].item()
"""


def test_sizes() -> None:
    assert read_inputs(None, None) == [None]
    assert read_inputs("224, 224x288,2x3x8x8", None) == [(224, 224), (224, 288), (2, 3, 8, 8)]
    for wrong in ("", "0", "a", "224x", "1x1x1x1x1x1x1"):
        with pytest.raises(UsageError, match="--size: expected 224"):
            read_inputs(wrong, None)
    assert read_inputs(None, "512 tokens") == [parse_input("512 tokens")]
    with pytest.raises(UsageError, match="--input: expected tokens such as 512 tokens, got 'to"):
        read_inputs(None, "tokens")
    with pytest.raises(UsageError, match="--input and --size both state the input"):
        read_inputs("224", "512 tokens")
    assert choose_tools(None) == []


def test_a_file_of_weights_has_parameters_and_no_multiply_adds(zoo: Zoo) -> None:
    torch.save({"a": torch.zeros(3, 4), "b": torch.zeros(2, dtype=torch.int64)}, "weights.pt")
    result = zoo("count", "weights.pt")
    assert result.exit_code == 0, result.output
    assert re.search(r"Parameters, buffers +14 ", result.stdout)
    assert "holds weights only; multiply-adds need the model's code" in " ".join(
        result.stdout.split()
    )
    (row,) = json.loads(zoo("count", "weights.pt", "--format", "json").stdout)
    assert (row["parameters"], row["bytes"], row["macs"]) == (14, 64, None)
    Path("bad.pt").write_bytes(b"no weights")
    assert zoo("count", "bad.pt").exit_code == 2


def test_bare_names_say_where_they_were_found(zoo: Zoo) -> None:
    Path("index.yml").write_text("Models:\n- {Name: own, Builder: 'torchvision:resnet18'}\n")
    result = zoo(
        "count", "resnet18", "own", "--index", "index.yml", "--size", "32", "--format", "csv"
    )
    assert result.exit_code == 0, result.output
    assert "resnet18: timm:resnet18; torchvision:resnet18 is another model" in result.stderr
    assert "own: torchvision:resnet18 of index.yml:2" in result.stderr
    assert "did you mean resnet18" in zoo("count", "resnet_18").stderr.replace(",", "")


def test_code_that_an_index_names_needs_trust(zoo: Zoo) -> None:
    Path("evil.py").write_text("open('ran', 'w')\n" + NET)
    Path("index.yml").write_text("Models:\n- {Name: own, Builder: 'evil:Net'}\n")
    result = zoo("count", "own", "--index", "index.yml")
    assert result.exit_code == 2 and "--trust evil" in result.stderr
    assert not Path("ran").exists()


def test_check_judges_what_is_typed(zoo: Zoo) -> None:
    right = zoo(
        "check", "torchvision:resnet18", "--flops", "1.81G", "--params", "11.7M", "--size", "224"
    )
    assert right.exit_code == 0, right.output
    assert right.stdout.count("rounded to the claim's 3 digits") == 2
    wrong = zoo("check", "net.py:Net", "--params", "1000", "--format", "json")
    assert wrong.exit_code == 1, wrong.output
    assert [row["verdict"] for row in json.loads(wrong.stdout)] == ["mismatch"]
    assert not Path("ledger").exists()
    for arguments, message in {
        ("net.py:Net",): "state a number to judge",
        ("net.py:Net", "--size", "8"): "state a number to judge",
        ("net.py:Net", "--flops", "many"): "FLOPs: expected a count, got 'many'",
    }.items():
        result = zoo("check", *arguments)
        assert result.exit_code == 2 and message in result.stderr, result.output


def test_verify_and_explain_without_an_index(zoo: Zoo) -> None:
    result = zoo("verify", "torchvision:resnet18", "--format", "json")
    assert result.exit_code == 0, result.output
    claims = {row["quantity"]: row["verdict"] for row in json.loads(result.stdout)}
    assert (claims["FLOPs"], claims["Parameters"]) == ("rounded", "exact")
    assert zoo("explain", "torchvision:resnet18", "params").exit_code == 0
    result = zoo("explain", "timm:resnet18")
    assert result.exit_code == 2
    assert "`zoo count timm:resnet18` counts it" in result.stderr
    result = zoo("verify", "timm:resnet_18")
    assert result.exit_code == 2 and "did you mean timm:res" in result.stderr
    result = zoo("verify", "torchvision:resnet18", "--write", "--yes")
    assert result.exit_code == 2 and "--write edits files" in result.stderr


YAML = "Models:\n- Name: one\n  Metadata: {Parameters: 1000}\n"
CARD = """---
license: mit
model-index:
- name: one
  results:
  - task: {type: image-classification}
    dataset: {name: ImageNet, type: imagenet}
    metrics: [{type: accuracy, value: 80.1}]
---

# A card
"""


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        (YAML, ".yml"),
        (f"---\n# a comment\n{YAML}", ".yml"),
        ('{"Models": [{"Name": "one"}]}', ".json"),
        (CARD, ".md"),
        (f"# Models\n\nText: more.\n\n<!--\n{YAML}-->\n", ".md"),
        ("model,top1,top5\none,80.1,95.2\n", ".csv"),
    ],
)
def test_the_content_tells_the_format(text: str, suffix: str) -> None:
    if "Text: more" in text:
        text = text.replace("Text: more.", "Text, more.")
    assert standard_input.find_suffix(text) == suffix


def test_an_index_from_standard_input(zoo: Zoo) -> None:
    for text in (YAML, CARD, '{"Models": [{"Name": "one"}]}'):
        result = zoo("list", "--index", "-", "--format", "json", stdin=text)
        assert [row["model"] for row in json.loads(result.stdout)] == ["one"], result.output
    Path("more.yml").write_text(YAML.replace("one", "two"))
    both = zoo("list", "--index", "more.yml", "--index", "-", "--format", "json", stdin=YAML)
    assert [row["model"] for row in json.loads(both.stdout)] == ["two", "one"]
    for text, message in {"": "no index in here", "- 7": "no index in here"}.items():
        result = zoo("list", "--index", "-", stdin=text)
        assert result.exit_code == 2 and message in result.stderr, result.output


def test_nothing_is_reported_as_leaked_when_the_command_ends() -> None:
    """Libraries of torch count what was not collected, and print it at the end."""
    done = subprocess.run(
        zoo_command("count timm:resnet18 --as fvcore --format plain"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "1819065856\n"
    assert "leaked" not in done.stderr
