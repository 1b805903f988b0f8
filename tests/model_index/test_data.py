"""The embedded index: every model and every figure of its sources, as they were printed."""

import re
from collections import Counter
from pathlib import Path

import pytest

from zoo.model_index.checks.lint import lint
from zoo.model_index.load import DATA, load
from zoo.model_index.records.records import Entry, Index


@pytest.fixture(scope="module")
def index() -> Index:
    """The three families that timm's and PaddleClas' pages are about."""
    return load([DATA / f"{name}.yml" for name in ("densenet", "dla", "dpn")])


FAMILIES = {
    "DenseNet": ["densenet121", "densenet161", "densenet169", "densenet201", "densenet264"],
    "DLA": ["dla34", "dla46_c", "dla46x_c", "dla60", "dla60x", "dla60x_c", "dla60_res2net",
            "dla60_res2next", "dla102", "dla102x", "dla102x2", "dla169"],
    "DPN": ["dpn68", "dpn68b", "dpn92", "dpn98", "dpn107", "dpn131"],
}  # fmt: skip


def test_the_models_in_their_families(index: Index) -> None:
    assert {
        name: [entry.name for entry in entries] for name, entries in index.families()
    } == FAMILIES
    assert len(index.entries) == len({entry.name for entry in index.entries})
    assert [file.rpartition("/")[2] for file in index.files] == [
        "densenet.yml",
        "dla.yml",
        "dpn.yml",
    ]


def test_the_whole_index() -> None:
    whole = load()
    assert list(dict(whole.families())) == ["DenseNet", "Digits", "DLA", "DPN", "EfficientNet-Lite"]
    assert (len(whole.entries), lint(whole)) == (25, [])


def test_a_model_whose_weights_are_at_hand() -> None:
    (entry,) = load().select(["efficientnet_lite0"])
    assert [(claim.publisher, claim.label, claim.raw) for claim in entry.all_claims()] == [
        ("ml-illustrated", "File Size", "18826032"), ("TensorFlow", "FLOPs", "407M"),
        ("TensorFlow", "Parameters", "4.7M"), ("TensorFlow", "Top 1 Accuracy", "75.1%"),
    ]  # fmt: skip
    assert [link.raw.rpartition("/")[2] for link in entry.links] == [
        "efficientnet-lite0-57934424.pth"
    ]


def test_our_own_model() -> None:
    (entry,) = load().select(["digits_cnn"])
    metrics = [claim for claim in entry.all_claims() if claim.row.metric]
    assert [(claim.publisher, claim.label, claim.raw) for claim in metrics] == [
        ("Model zoo ledger", "Top 1 Accuracy", "99.00%"),
        ("Model zoo ledger", "Top 5 Accuracy", "100.00%"),
    ]
    assert {claim.dataset for claim in entry.claims if claim.row.metric} == {"digits"}
    assert str(entry.builder) == "zoo.examples.digits:DigitsCNN"
    assert [link.raw for link in entry.links] == ["digits_cnn.safetensors"]
    assert (DATA / "digits_cnn.safetensors").is_file()


DPN98 = {
    "FLOPs": "15003675112",
    "Parameters": "61570000",
    "File Size": "247021307",
    "Architecture": ["Batch Normalization", "Convolution", "DPN Block", "Dense Connections",
                     "Global Average Pooling", "Max Pooling", "Softmax"],
    "Tasks": ["Image Classification"],
    "Training Techniques": ["SGD with Momentum", "Weight Decay"],
    "Training Data": ["ImageNet"],
    "Training Resources": "40x K80 GPUs",
    "ID": "dpn98",
    "LR": "0.4",
    "Layers": "98",
    "Crop Pct": "0.875",
    "Batch Size": "1280",
    "Image Size": "224",
    "Interpolation": "bicubic",
}  # fmt: skip
DLA34 = {
    "FLOPs": "3070105576",
    "Parameters": "15740000",
    "File Size": "63228658",
    "Architecture": ["1x1 Convolution", "Batch Normalization", "Convolution",
                     "DLA Bottleneck Residual Block", "DLA Residual Block",
                     "Global Average Pooling", "Max Pooling", "ReLU", "Residual Block",
                     "Residual Connection", "Softmax"],
    "Tasks": ["Image Classification"],
    "Training Techniques": ["SGD with Momentum", "Weight Decay"],
    "Training Data": ["ImageNet"],
    "ID": "dla34",
    "LR": "0.1",
    "Epochs": "120",
    "Layers": "32",
    "Crop Pct": "0.875",
    "Momentum": "0.9",
    "Batch Size": "256",
    "Image Size": "224",
    "Weight Decay": "0.0001",
    "Interpolation": "bilinear",
}  # fmt: skip
DENSE = ["1x1 Convolution", "Average Pooling", "Batch Normalization", "Convolution", "Dense Block",
         "Dense Connections", "Dropout", "Max Pooling", "ReLU", "Softmax"]  # fmt: skip
DENSENET121 = {
    "FLOPs": "3641843200",
    "Parameters": "7980000",
    "File Size": "32376726",
    "Architecture": DENSE,
    "Tasks": ["Image Classification"],
    "Training Techniques": [
        "Kaiming Initialization",
        "Nesterov Accelerated Gradient",
        "Weight Decay",
    ],
    "Training Data": ["ImageNet"],
    "ID": "densenet121",
    "LR": "0.1",
    "Epochs": "90",
    "Layers": "121",
    "Dropout": "0.2",
    "Crop Pct": "0.875",
    "Momentum": "0.9",
    "Batch Size": "256",
    "Image Size": "224",
    "Weight Decay": "0.0001",
    "Interpolation": "bicubic",
}
DENSENET264 = {
    "Architecture": DENSE,
    "Tasks": ["Image Classification"],
    "Training Data": ["ImageNet"],
    "Layers": "264",
    "Image Size": "224",
}
CODE = (
    "https://github.com/rwightman/pytorch-image-models/blob/"
    "d8e69206be253892b2956341fea09fdebfaae4e3/timm/models/"
)


@pytest.mark.parametrize(
    ("name", "metadata", "code", "weights", "accuracies"),
    [
        (
            "dpn98",
            DPN98,
            CODE + "dpn.py#L294",
            "https://github.com/rwightman/pytorch-dpn-pretrained/releases/download/v0.1/"
            "dpn98-5b90dec4d.pth",
            ["79.65%", "94.61%"],
        ),
        (
            "dla34",
            DLA34,
            CODE + "dla.py#L362",
            "http://dl.yf.io/dla/models/imagenet/dla34-ba72cf86.pth",
            ["74.62%", "92.06%"],
        ),
        (
            "densenet121",
            DENSENET121,
            CODE + "densenet.py#L295",
            "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/"
            "densenet121_ra-50efcf5c.pth",
            ["75.56%", "92.65%"],
        ),
        ("densenet264", DENSENET264, None, None, []),
    ],
)
def test_every_field_of_an_entry(
    index: Index,
    name: str,
    metadata: dict[str, object],
    code: str | None,
    weights: str | None,
    accuracies: list[str],
) -> None:
    (entry,) = index.select([name])
    assert entry.metadata == metadata
    assert list(entry.metadata) == list(metadata)
    assert entry.text("code") == code
    assert list(entry.weights) == ([weights] if weights else [])
    assert [claim.raw for claim in entry.claims if claim.row.metric] == accuracies
    assert all(
        (c.dataset, c.task) == ("ImageNet", "Image Classification")
        for c in entry.claims
        if c.row.metric
    )


def test_densenet264_is_built_by_a_callable(index: Index) -> None:
    (entry,) = index.select(["densenet264"])
    assert str(entry.builder) == "torchvision.models.densenet:DenseNet"
    assert entry.builder.arguments == {
        "growth_rate": 32,
        "block_config": [6, 12, 64, 48],
        "num_init_features": 64,
    }
    assert entry.publisher == "PaddleClas"
    assert {str(e.builder) for e in index.entries if e is not entry} == {
        f"timm:{e.name}" for e in index.entries if e is not entry
    }


def test_each_model_has_the_claims_of_its_pages(index: Index) -> None:
    own = Counter(claim.quantity for entry in index.entries for claim in entry.claims)
    every = Counter(claim.quantity for entry in index.entries for claim in entry.all_claims())
    models = sum(map(len, FAMILIES.values()))
    by_timm = models - 1  # densenet264 is PaddleClas' alone
    rows = [line.split() for line in PADDLECLAS.split("\n") if line]
    pages = [line.split()[1:] for line in (DPN_PAGE + DPN_DENSENET_PAGE).split("\n") if line]
    assert own == {
        **dict.fromkeys(("layers", "image_size"), models),
        **dict.fromkeys(("flops", "parameters", "file_size", "id", "crop_pct"), by_timm),
        **dict.fromkeys(("interpolation", "top1", "top5"), by_timm),
        "epochs": 14,
        "batch_size": 20,
    }
    assert every - own == {
        **dict.fromkeys(("flops", "parameters", "top1", "top5", "reference_top1"), len(rows)),
        "reference_top5": sum("-" not in row for row in rows),
        "inference_time": sum(map(len, pages)),
    }


SUMS = {
    "flops": "151103850640",
    "parameters": "612400000",
    "file_size": "2473429610",
    "top1": "1681.50",
    "top5": "2045.87",
    "layers": "2379",
}


@pytest.mark.parametrize("quantity", SUMS)
def test_the_sum_of_all_claims(index: Index, quantity: str) -> None:
    """A digit changed anywhere changes the sum."""
    claims = [
        claim for entry in index.entries for claim in entry.claims if claim.quantity == quantity
    ]
    assert f"{sum(claim.value for claim in claims):f}" == SUMS[quantity]


def test_the_keys_of_all_entries(index: Index) -> None:
    """Fields that are no quantity are kept under their own spelling."""
    assert Counter(key for entry in index.entries for key in entry.metadata) == KEYS


KEYS = {
    "FLOPs": 22,
    "Parameters": 22,
    "File Size": 22,
    "Architecture": 23,
    "Tasks": 23,
    "Training Techniques": 22,
    "Training Data": 23,
    "ID": 22,
    "LR": 20,
    "Epochs": 14,
    "Layers": 23,
    "Dropout": 5,
    "Crop Pct": 22,
    "Momentum": 14,
    "Batch Size": 20,
    "Image Size": 23,
    "Weight Decay": 14,
    "Interpolation": 22,
    "Training Resources": 10,
}

# Model: top-1, top-5, reference top-1, reference top-5, FLOPs in G, parameters in M.
PADDLECLAS = """
DenseNet121 0.757 0.926 0.750 -      5.690  7.980
DenseNet161 0.786 0.941 0.778 -     15.490 28.680
DenseNet169 0.768 0.933 0.764 -      6.740 14.150
DenseNet201 0.776 0.937 0.775 -      8.610 20.010
DenseNet264 0.780 0.939 0.779 -     11.540 33.370
DPN68       0.768 0.934 0.764 0.931  4.030 10.780
DPN92       0.799 0.948 0.793 0.946 12.540 36.290
DPN98       0.806 0.951 0.799 0.949 22.220 58.460
DPN107      0.809 0.953 0.802 0.951 35.060 82.970
DPN131      0.807 0.951 0.801 0.949 30.510 75.360
"""


def reported(entry: Entry) -> list[str]:
    """The row of PaddleClas' table that an entry reports."""
    report = entry.reported[0]
    assert {each.publisher for each in entry.reported} == {"PaddleClas"}
    raw = {
        claim.quantity: claim.raw for claim in report.claims if claim.quantity != "inference_time"
    }
    keys = ("top1", "top5", "reference_top1", "reference_top5")
    accuracies = [raw.pop(key, "-") for key in keys]
    row = [
        entry.name,
        *accuracies,
        raw.pop("flops").removesuffix(" G"),
        raw.pop("parameters").removesuffix(" M"),
    ]
    assert not raw
    return row


def test_reported_rows_are_paddleclas_figures(index: Index) -> None:
    table = [line.lower().split() for line in PADDLECLAS.split("\n") if line]
    assert [reported(entry) for entry in index.entries if entry.reported] == table


# Of the page of release 2.5: V100 FP32; T4 FP16, printed under FP32; T4 FP32, printed without a
# header.
DPN_PAGE = """
DPN68   2.82 10.90 14.45  11.7827  13.12652 16.19213  11.64915 12.82807  18.57113
DPN92   4.64 11.20 20.00  18.56026 20.35983 29.89544  18.15746 23.87545  38.68821
DPN98   6.15 25.22 35.69  21.70508 24.7755  40.93595  21.18196 33.23925  62.77751
DPN107  8.39 34.44 52.12  27.84462 34.83217 60.67903  27.62046 52.65353 100.11721
DPN131  8.26 33.96 48.62  28.58941 33.01078 55.65146  28.33119 46.19439  89.24904
"""
# Of the page of release 2.2: V100 FP32 in batches of one; T4 FP16; T4 FP32.
DPN_DENSENET_PAGE = """
DenseNet121  4.371  4.16436  7.2126  10.50221  4.40447  9.32623  15.25175
DenseNet161  8.863  9.27249 14.25326 20.19849 10.39152 22.15555  35.78443
DenseNet169  6.391  6.11395 10.28747 13.68717  6.43598 12.98832  20.41964
DenseNet201  8.173  7.9617  13.4171  17.41949  8.20652 17.45838  27.06309
DenseNet264 11.942 11.70074 19.69375 24.79545 12.14722 26.27707  40.01905
DPN68       11.805 11.7827  13.12652 16.19213 11.64915 12.82807  18.57113
DPN92       17.840 18.56026 20.35983 29.89544 18.15746 23.87545  38.68821
DPN98       21.057 21.70508 24.7755  40.93595 21.18196 33.23925  62.77751
DPN107      28.685 27.84462 34.83217 60.67903 27.62046 52.65353 100.11721
DPN131      28.083 28.58941 33.01078 55.65146 28.33119 46.19439  89.24904
"""
T4 = [
    ("T4", "FP16", 1),
    ("T4", "FP16", 4),
    ("T4", "FP16", 8),
    ("T4", "FP32", 1),
    ("T4", "FP32", 4),
    ("T4", "FP32", 8),
]
V100 = [("V100", "FP32", 1), ("V100", "FP32", 4), ("V100", "FP32", 8)]
BLOB = "https://github.com/PaddlePaddle/PaddleClas/blob/release/"


@pytest.mark.parametrize(
    ("source", "table", "columns", "engine"),
    [
        ("2.5/docs/zh_CN/models/ImageNet1k/DPN.md", DPN_PAGE, V100 + T4, "TensorRT 8.0.3.4"),
        ("2.2/docs/zh_CN/models/DPN_DenseNet.md", DPN_DENSENET_PAGE, [V100[0], *T4], None),
    ],
)
def test_reported_latencies_are_those_of_the_page(
    index: Index, source: str, table: str, columns: list[tuple[str, str, int]], engine: str | None
) -> None:
    """Both pages stand with their own numbers, and no model has more than its page has."""
    expected = {line.lower().split()[0]: line.split()[1:] for line in table.split("\n") if line}
    found = {}
    for entry in index.entries:
        for report in entry.reported:
            times = [c for c in report.claims if c.quantity == "inference_time"]
            if report.source == BLOB + source and times:
                told = [dict(claim.conditions) for claim in times]
                assert [
                    (t["hardware"], t["precision"], int(t["batch size"])) for t in told
                ] == columns
                assert {t.get("engine") for t in told} == {engine}
                assert {(t["mode"], t["input size"]) for t in told} == {("latency", "224")}
                found[entry.name] = [claim.raw for claim in times]
    assert found == expected


def test_the_header_that_lacks_columns_is_put_right_and_said_so(index: Index) -> None:
    (entry,) = index.select(["dpn98"])
    told = [
        dict(claim.conditions) for claim in entry.all_claims() if claim.quantity == "inference_time"
    ]
    corrected = [
        (t["precision"], t["batch size"], t["corrected"]) for t in told if "corrected" in t
    ]
    assert corrected == [
        *(("FP16", batch, "printed under FP32") for batch in "148"),
        *(("FP32", batch, "printed without a header") for batch in "148"),
    ]


PAPERS = {
    "DenseNet": (
        "Densely Connected Convolutional Networks",
        "densely-connected-convolutional-networks",
        "1608.06993",
    ),
    "DLA": ("Deep Layer Aggregation", "deep-layer-aggregation", "1707.06484"),
    "DPN": ("Dual Path Networks", "dual-path-networks", "1707.01629"),
}


@pytest.mark.parametrize("name", PAPERS)
def test_a_family(index: Index, name: str) -> None:
    collection = next(item for item in index.collections if item.name == name)
    title, slug, eprint = PAPERS[name]
    assert collection.paper == {"Title": title, "URL": f"https://paperswithcode.com/paper/{slug}"}
    assert f"eprint={{{eprint}}}" in collection.text("citation")
    assert collection.text("citation").startswith("@misc{")


@pytest.mark.parametrize("name", PAPERS)
def test_a_description_is_plain_text(index: Index, name: str) -> None:
    (text,) = (c.text("description") for c in index.collections if c.name == name)
    assert len(text) > 300
    assert not re.search(r"[<>\[\]{}*`#|]|https?:|^[ \t]|[^\x20-\x7e\n]", text, re.MULTILINE)


def test_each_claim_stands_where_it_says(index: Index) -> None:
    texts = {file: Path(file).read_bytes().decode() for file in index.files}
    for entry in index.entries:
        for claim in entry.all_claims():
            text = texts[claim.place.file]
            assert text[claim.place.start : claim.place.end].strip("'") == claim.raw
            assert text.count("\n", 0, claim.place.start) == claim.place.line - 1
