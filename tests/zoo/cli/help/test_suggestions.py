"""Whatever is misspelt by a letter, the first line of the message says what was meant."""

import shlex
import sys
from pathlib import Path

import pytest

from zoo.cli import main
from zoo.cli.commands import COMMANDS

INDEX = "- Name: net\n  In Collection: Nets\n  Metadata: {Parameters: 1 M}\n"


def misspell(name: str) -> str:
    """Leave out the last letter but one."""
    return name[:-2] + name[-1]


COMMAND_LINES = [(misspell(name), name) for name in COMMANDS if name not in ("env", "list")]
LIGHT = [
    *COMMAND_LINES,
    ("version", "--version"),
    ("benchmark", "bench"),
    ("ledger chek", "check"),
    ("verify --stric", "--strict"),
    ("list --indx demo", "--index"),
    ("env --formt json", "--format"),
    ("list --format jsn", "json"),
    ("lint --format sarf", "sarif"),
    ("lint --also sarf=a.sarif", "sarif"),
    ("lint --ignore sibling", "siblings"),
    ("convert --to pcw", "pwc"),
    ("convert --from timm-result --to csv", "timm-results"),
    ("build --builder mkdoc", "mkdocs"),
    ("verify --executor slrum", "slurm"),
    ("verify --counter fvcor", "fvcore"),
    ("verify --write --yes --only Paramters", "Parameters"),
    ("explain net Flop", "FLOPs"),
    ("show nett", "net"),
    ("list nett", "net"),
    ("card nett", "net"),
    ("count dpn98 --by clas", "class"),
    ("export net --to onx", "onnx"),
    ("export net --precision fp61", "fp16"),
    ("eval net --precision fp23", "fp32"),
    ("eval net --class-folder iner", "inner"),
    ("eval net --data digts", "digits"),
    ("eval net --device cda", "cuda"),
    ("eval digits_cnn --index demo --dataset ImagNet", "ImageNet"),
]
WITH_TORCH = [
    ("verify resnt50", "resnet50"),
    ("verify timm:resnt50", "timm:resnet50"),
    ("verify torchvision:resnt50", "torchvision:resnet50"),
    ("verify tim:resnet50", "timm:resnet50"),
    ("explain torchvision:resnt50", "torchvision:resnet50"),
    ("count resnt50", "resnet50"),
    ("count timm:resnt50", "resnet50"),
    ("count torchvision:resnt50", "resnet50"),
    ("count tim:resnet50", "timm"),
    ("count dpn98 --as fvcor", "fvcore"),
    ("check resnt50 --flops 4G", "resnet50"),
    ("bench net --engine eagr", "eager"),
    ("bench net --mode latncy", "latency"),
    ("bench net --precision fp23", "fp32"),
    ("bench net --device cda", "cuda"),
    ("bench net --l2 cld", "cold"),
    ("eval digits_cnn --index demo --data torchvision:CIFR10", "CIFAR10"),
    ("eval net --labels rael --data .", "real"),
]


def run(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the first line of what a command prints on standard error; it exits with 2."""
    monkeypatch.setattr(sys, "argv", ["zoo", *shlex.split(line)])
    with pytest.raises(SystemExit) as stopped:
        main()
    lines = capsys.readouterr().err.splitlines()
    assert stopped.value.code == 2, lines
    return next(line for line in lines if line.startswith("zoo: "))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an index of one model."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "zoo.toml").write_text('index = "models.yml"\n')
    text = f"Collections:\n- Name: Nets\nModels:\n{INDEX}"
    (tmp_path / "models.yml").write_text(text)
    return tmp_path


@pytest.mark.parametrize(("line", "meant"), LIGHT, ids=[line for line, _ in LIGHT])
def test_a_misspelt_name(
    line: str, meant: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = run(line, monkeypatch, capsys)
    assert "did you mean" in first[:60], first
    assert f"did you mean {meant}" in first
    assert "site-packages" not in first


@pytest.mark.parametrize(("line", "meant"), WITH_TORCH, ids=[line for line, _ in WITH_TORCH])
def test_a_misspelt_name_that_libraries_know(
    line: str, meant: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = run(line, monkeypatch, capsys)
    assert "did you mean" in first[:60], first
    assert meant in first.partition("did you mean ")[2].partition("?")[0]


def test_a_misspelt_key_of_the_settings(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "zoo.toml").write_text('indx = "models.yml"\n')
    first = run("list", monkeypatch, capsys)
    assert first.startswith("zoo: zoo.toml:1: indx: did you mean index? expected one of index, ")


def test_a_misspelt_key_and_collection_of_an_index_are_findings(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    index = INDEX.replace("Parameters", "Paramters").replace("Nets", "Net")
    (folder / "models.yml").write_text(f"Collections:\n- Name: Nets\nModels:\n{index}")
    monkeypatch.setattr(sys, "argv", ["zoo", "lint"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    lines = " ".join(capsys.readouterr().out.split())
    assert "unknown key 'Paramters' of Metadata: did you mean Parameters?" in lines
    assert "In Collection 'Net': did you mean Nets?" in lines


def test_what_is_no_slip_is_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("list --format xml", monkeypatch, capsys) == (
        "zoo: --format: no 'xml' (table, json, csv)"
    )
    assert run("show zebra", monkeypatch, capsys) == (
        "zoo: no model 'zebra' (1 model in models.yml; `zoo list` lists them)"
    )
