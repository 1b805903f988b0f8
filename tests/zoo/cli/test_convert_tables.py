"""`zoo convert --from timm-results`: tables in, an index out that says the same, and bad rows
told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from zoo.cli import app
from zoo.model_index.dialects.timm_results import read
from zoo.model_index.errors import UsageError
from zoo.model_index.load import load
from zoo.model_index.records.records import Index

Run = Callable[..., Result]
SPEEDS = "benchmark-infer-fp32-nchw-pt240-cpu-i7_12700h-dynamo.csv"
ACCURACIES = "results-imagenet.csv"


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a folder with two tables; a message for the user is raised."""
    monkeypatch.chdir(tmp_path)
    Path(SPEEDS).write_text(
        "model,infer_img_size,infer_samples_per_sec,infer_step_time,infer_batch_size,param_count,infer_gmacs\n"
        "net_a,160,930.48,1.062,1,0.46,0.03\n"
        "net_a,224,393.5,2.524,1,0.46,0.06\n"
        "net_b,224,fast,2.5,1,2.04,0.05\n"
    )
    Path(ACCURACIES).write_text(
        "model,img_size,top1,top5,param_count,crop_pct,interpolation\n"
        "net_a.v1,320,75.616,92.768,3.77,1.000,bicubic\n"
        "net_a.v1,256,0.9,91.940,3.77,0.950,bicubic\n"
    )
    return lambda *arguments: CliRunner().invoke(app, arguments, catch_exceptions=False)


def said(index: Index) -> set[tuple[object, ...]]:
    """All that claims say, but where they stand."""
    return {
        (
            c.model,
            c.publisher,
            c.source,
            c.label,
            c.raw,
            c.unit,
            c.value,
            c.conditions,
            c.dataset,
            c.task,
        )
        for entry in index.entries
        for c in entry.all_claims()
    }


@pytest.mark.parametrize("output", ["index.yml", "folder/"])
def test_the_index_says_what_the_tables_say(zoo: Run, output: str) -> None:
    tables = read([SPEEDS, ACCURACIES])[0]
    result = zoo(
        "convert", SPEEDS, ACCURACIES, "--from", "timm-results", "--to", "pwc", "--output", output
    )
    assert result.exit_code == 1  # for the cell that is left out
    again = load([output])
    assert said(again) == said(tables)
    sizes = {
        c.raw: c.size for entry in again.entries for c in entry.claims if c.quantity == "flops"
    }
    assert sizes == {"0.03": (160, 160), "0.06": (224, 224), "0.05": (224, 224)}


def test_what_is_left_out_is_told(zoo: Run) -> None:
    result = zoo("convert", SPEEDS, "--from", "timm-results", "--to", "csv")
    assert result.exit_code == 1
    assert [line for line in result.stderr.splitlines() if "left out" in line] == [
        (
            f"left out: {SPEEDS}:4: infer_samples_per_sec: "
            "expected a number of images a second, got 'fast'"
        )
    ]
    assert result.stdout.splitlines()[2] == (
        "net_a,,timm,https://github.com/huggingface/pytorch-image-models/tree/main/results,Throughput,throughput,930.48,images/s,"
        "930.48,engine=compile; precision=fp32; layout=nchw; torch=2.4.0; device=cpu; hardware=i7 "
        "12700H; "
        f"batch size=1; input size=160,,,{SPEEDS},2"
    )


def test_tables_that_can_be_read_as_they_are(zoo: Run) -> None:
    result = zoo("convert", ACCURACIES, "--from", "timm-results", "--to", "pwc")
    assert (result.exit_code, result.stderr) == (0, "1 model as pwc; nothing was lost\n")


def test_no_table_is_named(zoo: Run) -> None:
    with pytest.raises(UsageError) as error:
        zoo("convert", "--from", "timm-results", "--to", "pwc")
    assert (
        str(error.value)
        == "--from timm-results needs the tables to read, CSV files of timm's results"
    )


def test_a_reported_speed_is_shown_with_its_conditions(zoo: Run) -> None:
    lines = zoo("show", "dpn98", "--all").stdout.splitlines()
    notes = [line.split("\t")[-1] for line in lines if "\t21.05" in line or "\t21.70508" in line]
    assert [note.split(": ", 1)[1].removesuffix(": not measured on T4") for note in notes] == [
        "T4, FP16, batch size 1, TensorRT 8.0.3.4, latency, input 224, "
        "corrected: printed under FP32",
        "V100, FP32, batch size 1, latency, input 224: not measured on V100",
        "T4, FP16, batch size 1, latency, input 224",
    ]
