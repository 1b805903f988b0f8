"""timm's tables of results: what each cell becomes, what the name of a file says, and what is left
out."""

from decimal import Decimal
from pathlib import Path

import pytest

from zoo.model_index.dialects.tables.timm_names import conditions_of
from zoo.model_index.dialects.timm_results import SOURCE, read
from zoo.model_index.errors import IndexFaults, UsageError
from zoo.model_index.load import load
from zoo.model_index.records.records import Claim, Entry

GPU = "benchmark-infer-amp-nchw-pt240-cu124-rtx4090.csv"
HEAD = (
    "model,infer_img_size,infer_samples_per_sec,infer_step_time,infer_batch_size,param_count,"
    "infer_gmacs,infer_macts"
)
SPEEDS = f"""\
{HEAD}
net_a,160,188343.61,5.426,1024,0.37,0.04,0.48
net_b,224,32546.3,31.45,1024,"1,003.77",0.19,1.97
net_a,224,90000.5,11.38,1024,0.37,0.08,0.96
"""
ACCURACIES = """\
model,img_size,top1,top1_err,top5,top5_err,param_count,crop_pct,interpolation
net_a.v1,320,75.616,24.384,92.768,7.232,3.77,1.000,bicubic
net_a.v1,256,74.534,25.466,91.940,8.060,3.77,0.950,bicubic
net_b.v2,160,0.5,99.5,2.5,97.5,0.47,0.950,bilinear
"""


def table(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def told(claim: Claim) -> tuple[str, str, str]:
    return (
        claim.quantity,
        claim.printed,
        "; ".join(f"{key} {text}" for key, text in claim.conditions),
    )


def entries(folder: Path, name: str, text: str) -> dict[str, Entry]:
    index, faults = read([table(folder, name, text)])
    assert faults == []
    return {entry.name: entry for entry in index.entries}


def test_speeds(tmp_path: Path) -> None:
    found = entries(tmp_path, GPU, SPEEDS)
    where = (
        "engine eager; precision amp; layout nchw; torch 2.4.0; CUDA 12.4; hardware RTX 4090; "
        "batch size 1024"
    )
    assert list(found) == ["net_a", "net_b"]
    assert [told(claim) for claim in found["net_a"].claims] == [
        ("parameters", "0.37 M", ""),
        ("throughput", "188343.61", f"{where}; input size 160"),
        ("inference_time", "5.426 ms", f"{where}; input size 160"),
        ("flops", "0.04 G", "input size 160"),
        ("activations", "0.48 M", "input size 160"),
        ("throughput", "90000.5", f"{where}; input size 224"),
        ("inference_time", "11.38 ms", f"{where}; input size 224"),
        ("flops", "0.08 G", "input size 224"),
        ("activations", "0.96 M", "input size 224"),
    ]
    assert [claim.size for claim in found["net_a"].claims if claim.quantity == "flops"] == [
        (160, 160),
        (224, 224),
    ]
    assert [(c.publisher, c.source) for c in found["net_b"].claims] == [("timm", SOURCE)] * 5
    assert [c.value for c in found["net_b"].claims if c.quantity == "parameters"] == [
        Decimal(1_003_770_000)
    ]
    assert found["net_b"].claim("activations").number == 1_970_000


def test_a_claim_says_where_it_stands(tmp_path: Path) -> None:
    entry = entries(tmp_path, GPU, SPEEDS)["net_b"]
    places = [(claim.place, claim.path) for claim in entry.claims]
    assert {(Path(at.file).name, at.line, at.column, path) for at, path in places} == {
        (GPU, 3, 6, "param_count"), (GPU, 3, 3, "infer_samples_per_sec"),
        (GPU, 3, 4, "infer_step_time"), (GPU, 3, 7, "infer_gmacs"), (GPU, 3, 8, "infer_macts"),
    }  # fmt: skip


def test_accuracies(tmp_path: Path) -> None:
    found = entries(tmp_path, "results-imagenet.csv", ACCURACIES)
    assert [told(claim) for claim in found["net_a.v1"].claims] == [
        ("parameters", "3.77 M", ""), ("image_size", "320", ""), ("crop_pct", "1.000", ""),
        ("interpolation", "bicubic", ""),
        ("top1", "75.616", "input size 320; crop pct 1.000; interpolation bicubic"),
        ("top5", "92.768", "input size 320; crop pct 1.000; interpolation bicubic"),
        ("image_size", "256", ""), ("crop_pct", "0.950", ""),
        ("top1", "74.534", "input size 256; crop pct 0.950; interpolation bicubic"),
        ("top5", "91.940", "input size 256; crop pct 0.950; interpolation bicubic"),
    ]  # fmt: skip
    assert {(c.dataset, c.task) for c in found["net_a.v1"].claims if c.row.metric} == {
        ("ImageNet", "Image Classification")
    }
    assert [str(c.value) for c in found["net_b.v2"].claims if c.row.metric] == [
        "0.5",
        "2.5",
    ]  # percent, no fraction
    assert found["net_b.v2"].fields["Results"] == [
        {"Task": "Image Classification", "Dataset": "ImageNet",
         "Metrics": {"Top 1 Accuracy": "0.5%", "Top 5 Accuracy": "2.5"}}
    ]  # fmt: skip


def test_a_step_of_training_is_no_inference(tmp_path: Path) -> None:
    text = (
        "model,train_samples_per_sec,train_step_time,train_batch_size,train_img_size\n"
        "a,500.5,255.7,128,224\n"
    )
    (entry,) = entries(tmp_path, "benchmark-train-amp-nhwc-pt112-cu113-rtx3090.csv", text).values()
    assert [told(claim) for claim in entry.claims] == [
        ("throughput", "500.5",
         "engine eager; precision amp; layout nhwc; torch 1.12; CUDA 11.3; hardware RTX 3090; "
         "batch size 128; input size 224; mode train"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "conditions"),
    [
        ("benchmark-infer-fp32-nchw-pt240-cpu-i7_12700h-dynamo.csv",
         {"engine": "compile", "precision": "fp32", "layout": "nchw", "torch": "2.4.0",
          "device": "cpu", "hardware": "i7 12700H"}),
        ("benchmark-infer-bfloat16-nchw-pt2101-cu118-gtx1080ti.csv",
         {"engine": "eager", "precision": "bfloat16", "layout": "nchw", "torch": "2.10.1",
          "CUDA": "11.8", "hardware": "GTX 1080TI"}),
        ("benchmark-infer-fp16-nchw-pt210-cu121-weird_card-2x-fast.csv",
         {"engine": "eager", "precision": "fp16", "layout": "nchw", "torch": "2.1.0",
          "CUDA": "12.1", "hardware": "weird_card", "other": "2x, fast"}),
        ("benchmark.csv", {}),
        ("results-imagenet.csv", {}),
    ],
)  # fmt: skip
def test_what_a_name_says(name: str, conditions: dict[str, str]) -> None:
    assert conditions_of(f"some/folder/{name}") == conditions


def test_tables_of_one_model_are_one_entry(tmp_path: Path) -> None:
    files = [
        table(tmp_path, GPU, SPEEDS),
        table(tmp_path, "results-sketch.csv", ACCURACIES.replace("net_a.v1", "net_a")),
    ]
    index, faults = read(files)
    assert (list(index.files), faults) == (files, [])
    assert [entry.name for entry in index.entries] == ["net_a", "net_b", "net_b.v2"]
    assert {claim.dataset for claim in index.entries[0].claims if claim.row.metric} == {
        "ImageNet-Sketch"
    }


def test_bad_cells_and_rows_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    name = table(
        tmp_path,
        GPU,
        f"{HEAD}\n"
        "a,160,fast,5.4,1024,0.37,0.04,0.48\n"
        "b,160,100,5.4\n"
        "\n"
        ",160,100,5.4,1024,0.37,0.04,0.48\n"
        '"c\nd",160,100,0,many,0.37,-1,0.48\n'
        "e,big,100,5.4,8,0.37,0.04,0.48\n"
        "good,160,100,5.4,1024,0.37,0.04,\n",
    )
    index, faults = read([name])
    assert {entry.name: len(entry.claims) for entry in index.entries} == {"a": 4, "good": 4}
    assert [str(fault).removeprefix(name) for fault in faults] == [
        ":2: infer_samples_per_sec: expected a number of images a second, got 'fast'",
        ":3: expected 8 cells, got 4",
        ":5: model: expected a name, got nothing",
        ":6: infer_batch_size: expected a count, got 'many'",
        ":8: infer_img_size: expected an image size such as 224 or 224x285, got 'big'",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            b"",
            "expected a table with the columns model and top1 or infer_samples_per_sec or "
            "train_samples_per_sec, got nothing",
        ),
        (
            b"model,flops\n",
            "expected a table with the columns model and top1 or infer_samples_per_sec or "
            "train_samples_per_sec, got model, flops",
        ),
        (b"\xff\xfe", "expected a text in UTF-8"),
    ],
)
def test_no_table(tmp_path: Path, text: bytes, message: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text)
    with pytest.raises(UsageError) as error:
        read([path])
    assert str(error.value) == f"{path}: {message}"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        read([tmp_path / "t.csv"])
    assert str(error.value) == f"{tmp_path / 't.csv'}: No such file or directory"


def test_the_library_reads_tables_and_joins_them_with_an_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    speeds = table(tmp_path, GPU, SPEEDS)
    Path("index.yml").write_text("Models: [{Name: mine, Builder: 'timm:net_a'}]\n")
    assert [entry.name for entry in load([speeds]).entries] == ["net_a", "net_b"]
    index = load(["index.yml", speeds])
    assert [entry.name for entry in index.entries] == ["mine", "net_b"]
    assert {claim.model for claim in index.entries[0].claims} == {"mine"}
    assert index.files == ("index.yml", speeds)


def test_faults_of_a_table_are_those_of_the_index(tmp_path: Path) -> None:
    index = load([table(tmp_path, GPU, SPEEDS.replace("0.37,0.04", "much,0.04", 1))])
    [fault] = index.faults
    assert (fault.model, fault.expected, fault.got) == ("net_a", "a count", "'much'")
    assert [entry.name for entry in index.entries] == ["net_a", "net_b"]
    with pytest.raises(IndexFaults, match="expected a percentage, got 'many'"):
        load([table(tmp_path, "results-imagenet.csv", "model,top1\na,many\n")])


@pytest.mark.parametrize("cell", ["-", "N/A", "nan", "TBD"])
def test_a_cell_that_states_nothing_is_no_claim(tmp_path: Path, cell: str) -> None:
    text = f"model,top1,top5,param_count\na,{cell},91.2,3.5\n"
    index, faults = read([table(tmp_path, "results-imagenet.csv", text)])
    assert not faults
    assert {claim.quantity for claim in index.entries[0].claims} == {"top5", "parameters"}
