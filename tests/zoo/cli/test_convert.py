"""`zoo card` and `zoo convert` as a person types them: what goes where, and what was lost."""

import csv
import io
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from huggingface_hub import ModelCard, parse_eval_result_entries
from typer.testing import CliRunner, Result

from zoo.cli import app
from zoo.model_index.errors import UsageError
from zoo.model_index.load import load
from zoo.reporting.convert import TARGETS

Run = Callable[..., Result]
INDEX = (
    "Library: {Name: Acme}\nModels:\n- Name: a\n  Metadata: {FLOPs: 1 G, LR: 0.1}\n- {Name: b}\n"
)
HUB = """\
Models:
- Name: a
  Results:
  - Task: Image Classification
    Dataset: {Name: ImageNet, Type: ILSVRC/imagenet-1k}
    Metrics: {Top 1 Accuracy: 70}
"""


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in an empty folder with an empty ledger; a message for the user is raised."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_the_formats_are_the_targets() -> None:
    result = CliRunner().invoke(app, ["convert", "--to", "nonsense"])
    assert result.exit_code == 2 and f"({', '.join(TARGETS)})" in result.stderr


def test_a_card_goes_to_standard_output(zoo: Run) -> None:
    result = zoo("card", "dpn98")
    assert result.exit_code == 0 and "\nthe front matter does not hold:" in result.stderr
    card = ModelCard(result.stdout)
    assert (card.data.model_name, card.data.library_name) == ("dpn98", "timm")
    assert [path.name for path in Path().iterdir()] == []


def test_a_card_has_what_the_ledger_knows(zoo: Run) -> None:
    assert zoo("verify", "dla46_c", "--ledger", "known").exit_code == 0
    text = zoo("card", "dla46_c", "--ledger", "known").stdout
    assert re.search(r"\n- Evidence: known/count/dla46\\_c/[0-9a-f]{16}.json\n", text)
    assert "| FLOPs | [timm](<" in text and "| explained | thop: thop's convention" in text
    assert "license: bsd-3-clause\n" in text
    assert "## Environment" not in zoo("card", "dla46_c").stdout


def test_a_card_goes_to_a_file_or_a_folder(zoo: Run) -> None:
    zoo("card", "dpn98", "--output", "deep/card.md")
    result = zoo("card", "dpn98", "--output", "cards")
    assert "\n1 file written in cards\nthe front matter does not hold:\n" in result.stderr
    assert re.search(r"^Top 1 Accuracy\t1\tin the card's text", result.stderr, re.MULTILINE)
    assert Path("deep/card.md").read_text() == Path("cards/dpn98/README.md").read_text()


def test_several_cards_need_a_folder(zoo: Run) -> None:
    with pytest.raises(
        UsageError, match=r"^6 files to write: name a folder for them with --output DIR$"
    ):
        zoo("card", "dpn*")
    zoo("card", "dpn*", "--output", "cards/")
    assert sorted(path.parent.name for path in Path("cards").glob("*/README.md")) == [
        "dpn107",
        "dpn131",
        "dpn68",
        "dpn68b",
        "dpn92",
        "dpn98",
    ]


def test_a_folder_may_have_a_suffix(zoo: Run) -> None:
    message = (
        r"^6 files to write, and cards-v1\.0 is a file by its suffix; "
        r"as a folder it is cards-v1\.0/$"
    )
    with pytest.raises(UsageError, match=message):
        zoo("card", "dpn*", "--output", "cards-v1.0")
    for folder in ("cards-v1.0/", "cards-v1.0"):
        told = zoo("card", "dpn*", "--output", folder).stderr
        assert "\n6 files written in cards-v1.0\n" in told


def test_a_file_that_exists_is_a_file(zoo: Run) -> None:
    Path("README").write_text("old")
    assert "written" not in zoo("card", "dpn98", "--output", "README").stderr
    assert ModelCard(Path("README").read_text()).data.model_name == "dpn98"
    with pytest.raises(UsageError, match=r"^6 files to write, and README is a file$"):
        zoo("card", "dpn*", "--output", "README")


def test_evaluation_results_are_written_where_the_data_set_is_of_the_hub(zoo: Run) -> None:
    Path("a.yml").write_text(HUB)
    result = zoo("card", "a", "--index", "a.yml", "--eval-results", "results")
    assert result.stderr.endswith("\n1 file written in results\n")
    (entry,) = parse_eval_result_entries(
        yaml.safe_load(Path("results/a/ilsvrc-imagenet-1k.yaml").read_text())
    )
    assert (entry.dataset_id, entry.value) == ("ILSVRC/imagenet-1k", 70)
    result = zoo("card", "dpn98", "--eval-results", "none")
    told = "no data set of these models has an identifier of the Hub in the index\n"
    assert result.stderr.endswith(told)
    assert not Path("none").exists()


def test_an_index_is_converted_and_nothing_is_lost(zoo: Run) -> None:
    Path("a.yml").write_text(INDEX)
    result = zoo("convert", "a.yml", "--to", "pwc", "--output", "b.yml")
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        "",
        "2 models as pwc; nothing was lost\n",
    )
    assert [entry.fields for entry in load(["b.yml"]).entries] == [
        entry.fields for entry in load(["a.yml"]).entries
    ]


def test_what_was_lost_is_a_table(zoo: Run) -> None:
    Path("a.yml").write_text(INDEX)
    result = zoo("convert", "a.yml", "--to", "csv")
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert (row["model"], row["quantity"], row["value"], row["file"]) == (
        "a",
        "FLOPs",
        "1000000000",
        "a.yml",
    )
    assert result.stderr == (
        "2 models as csv; cannot be converted exactly:\n"
        "What\tCount\tWhy\n"
        "Metadata.LR\t1\ta table of claims has no column for it\n"
        "Model b\t1\tit claims nothing\n"
    )


def test_flops_are_not_relabelled(zoo: Run) -> None:
    Path("a.yml").write_text("Models:\n- {Name: dla46_c, Metadata: {FLOPs: 1166400768}}\n")
    claimed = next(entry for entry in load().entries if entry.name == "dla46_c").claims[0].raw
    Path("a.yml").write_text(f"Models:\n- {{Name: dla46_c, Metadata: {{FLOPs: {claimed}}}}}\n")
    result = zoo("convert", "a.yml", "--to", "openmmlab")
    assert re.search(
        r"\nFLOPs\t1\tnot checked to be multiply-adds; kept as published\n", result.stderr
    )
    zoo("verify", "--index", "a.yml", "--ledger", "known")
    result = zoo("convert", "a.yml", "--to", "openmmlab", "--ledger", "known")
    assert re.search(r"\nFLOPs\t1\tin another convention: thop; kept as published\n", result.stderr)
    assert yaml.safe_load(result.stdout)["Models"][0]["Metadata"]["FLOPs"] == int(claimed)


@pytest.mark.parametrize("target", list(TARGETS))
def test_every_target_writes_a_folder(zoo: Run, target: str) -> None:
    result = zoo("convert", "--to", str(target), "--output", f"{target}/")
    files = [path for path in Path(str(target)).rglob("*") if path.is_file()]
    assert (result.exit_code, result.stdout) == (0, "")
    assert len(files) == {"pwc": 6, "huggingface": 25}.get(str(target), 1)


def test_cards_of_an_index_need_a_folder(zoo: Run) -> None:
    with pytest.raises(UsageError, match=r"^25 files to write: name a folder"):
        zoo("convert", "--to", "huggingface")


def test_a_source_is_never_overwritten(zoo: Run) -> None:
    Path("a.yml").write_text(INDEX)
    with pytest.raises(
        UsageError, match=r"^a\.yml: the index was read from this file; name another with --output$"
    ):
        zoo("convert", "a.yml", "--to", "pwc", "--output", "a.yml")
    assert Path("a.yml").read_text() == INDEX


@pytest.mark.parametrize(
    "arguments",
    [
        ("convert", "a.yml", "--to", "csv", "--output"),
        ("card", "a", "--index", "a.yml", "--output"),
    ],
)
def test_an_output_goes_into_a_pipe(zoo: Run, arguments: tuple[str, ...]) -> None:
    """And is no folder for having no suffix."""
    Path("a.yml").write_text(INDEX)
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    zoo(*arguments, "pipe")
    assert Path("pipe").is_fifo()
    assert os.read(reader, 1 << 16) == zoo(*arguments[:-1]).stdout_bytes
    os.close(reader)


def test_no_file_is_written_where_one_of_them_is_a_source(zoo: Run) -> None:
    Path("cards/b").mkdir(parents=True)
    source = "<!--Type: model-index\nModels: [{Name: a}, {Name: b}]\n-->\n"
    Path("cards/b/README.md").write_text(source)
    message = r"^cards/b/README\.md: the index was read from this file; name another with --output$"
    with pytest.raises(UsageError, match=message):
        zoo("convert", "cards", "--to", "huggingface", "--output", "cards")
    assert [str(path) for path in Path("cards").rglob("*.md")] == ["cards/b/README.md"]
    assert Path("cards/b/README.md").read_text() == source


def test_control_characters_of_losses_do_not_reach_the_terminal(zoo: Run) -> None:
    Path("a.yml").write_text('Models:\n- Name: "a\\e]0;owned\\a"\n')
    result = zoo("convert", "a.yml", "--to", "csv")
    assert "Model a\ufffd]0;owned\ufffd" in result.stderr and "\x1b" not in result.stderr
