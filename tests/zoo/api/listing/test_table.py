"""The table of models: values, filter, order."""

from collections.abc import Callable
from pathlib import Path

import pytest

import zoo
from zoo.api.listing.columns import find_column
from zoo.api.listing.facts import Sources
from zoo.api.listing.ledger_counts import LedgerCount, LedgerCounts
from zoo.api.listing.metric_columns import MetricColumns
from zoo.api.listing.speeds import Speeds
from zoo.api.listing.table import ModelTable, make_table
from zoo.model_index.errors import UsageError
from zoo.model_index.load import load
from zoo.model_index.records.records import Index

INDEX = """
Collections:
- {Name: Net, License: mit}
Models:
- Name: net10
  In Collection: Net
  Builder: timm:net10
  Metadata: {FLOPs: 15003675112, Params: 25.6 M, Image Size: 224, Layers: 10}
  Results: [{Dataset: ImageNet, Metrics: {Top 1 Accuracy: 0.780}}]
- Name: net9
  In Collection: Net
  Builder: timm:net9
  Metadata: {GFLOPs: 3, Params: 900000, Image Size: 288x256}
  Results: [{Dataset: ImageNet, Metrics: {Top 1 Accuracy: 81.2%}}]
- Name: other
  Builder: timm:other
  Metadata: {FLOPs: 600000, Tasks: [Object Detection, keypoint-detection]}
- Name: bare
  Builder: timm:bare
"""


@pytest.fixture
def index(tmp_path: Path) -> Index:
    path = tmp_path / "index.yml"
    path.write_text(INDEX)
    return load([path])


@pytest.fixture
def table(index: Index) -> Callable[..., ModelTable]:
    """Makes a table in which net10 was counted, net9 benchmarked."""
    counts = LedgerCounts(
        LedgerCount(
            model="net10",
            builder="timm:net10",
            arguments="",
            input="224x224 image",
            at=at,
            macs=macs,
            parameters=25_557_032,
            license="apache-2.0",
        )
        for at, macs in (("2026-01-02", 11_671_217_152), ("2026-01-01", 1), ("", 2))
    )

    def make(columns: str = "name", **options: object) -> ModelTable:
        place = next(entry.place for entry in index.entries if entry.name == "net9")
        sources = Sources(
            read_counts=lambda: counts,
            read_speeds=lambda mode: Speeds({place: 12}, f"{mode} on toys"),
            count_standings=lambda: {place: {"wrong": 1, "right": 2}},
        )
        return make_table(index.entries, sources, columns=columns, **options)

    return make


def names(table: ModelTable) -> list[str]:
    return [row["name"] for row in table.to_dicts()]


def test_what_was_measured_goes_before_what_is_claimed(table: Callable[..., ModelTable]) -> None:
    rows = table("name,gmacs,params,top1,license").to_dicts()
    assert rows == [
        {
            "name": "net10",
            "gmacs": 11.671217152,
            "params": 25557032,
            "top1": 78,
            "license": "mit",
            "measured": "gmacs params",
        },
        {
            "name": "net9",
            "gmacs": 3,
            "params": 900000,
            "top1": 81.2,
            "license": "mit",
            "measured": "",
        },
        {
            "name": "other",
            "gmacs": 0.0006,
            "params": None,
            "top1": None,
            "license": None,
            "measured": "",
        },
        dict.fromkeys(("gmacs", "params", "top1", "license")) | {"name": "bare", "measured": ""},
    ]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("gmacs<5", "net9 other"),
        ("not gmacs<5", "net10"),  # bare has none: it is neither
        ("flops<5G", "net9 other"),
        ("mflops<=3000", "net9 other"),
        ("gmacs<1M", "other"),
        ("params>25.5M", "net10"),
        ("params>25_500_000 and top1<80", "net10"),
        ("top1>80%", "net9"),
        ("Top-1>=78", "net10 net9"),
        ("acc@1=81.2", "net9"),
        ("gmacs<1 or top1>80", "net9 other"),
        ("family=net", "net10 net9"),
        ("family=Net and name=net?", "net9"),
        ("name!=net*", "other bare"),
        ("image_size>224", "net9"),
        ("image_size=288x256", "net9"),
        ("image_size!=224", "net9"),
        ("latency<=12ms", "net9"),
        ("wrong>=1", "net9"),
        ("layers=1e1", "net10"),
        ("task='keypoint detection'", "other"),
        ("task=object*", "other"),
        ("task='object detection, keypoint detection'", ""),
        ("file='*index.yml'", "net10 net9 other bare"),
    ],
)
def test_the_filter(table: Callable[..., ModelTable], where: str, expected: str) -> None:
    assert names(table(where=where)) == expected.split()


@pytest.mark.parametrize(
    ("where", "message", "marked"),
    [
        ("gmac<5", "no column 'gmac': did you mean gmacs?", "gmac"),
        ("gmacs<5 and topp1>3", "no column 'topp1': did you mean top1?", "topp1"),
        ("parms<5M", "no column 'parms': did you mean params?", "parms"),
        ("licens=mit", "no column 'licens': did you mean license?", "licens"),
        ("gmacs<fast", "gmacs needs a number, as 5, 2.5 or 25M", "fast"),
        ("gmacs<5X", "gmacs needs a number, as 5, 2.5 or 25M", "5X"),
        ("family<5", "family is text: compare it by = or !=", "5"),
        ("image_size<224x224", "compare a size of two sides by = or !=", "224x224"),
    ],
)
def test_a_fault_is_pointed_at(
    table: Callable[..., ModelTable], where: str, message: str, marked: str
) -> None:
    with pytest.raises(UsageError) as error:
        table(where=where)
    first, text, marks = str(error.value).split("\n")
    assert first == f"--where: {message}"
    assert text[marks.index("^") :][: marks.count("^")] == marked


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"sort": "gmacs"}, "other net9 net10 bare"),
        ({"sort": "-gmacs"}, "net10 net9 other bare"),
        ({"sort": "gmacs", "reverse": True}, "net10 net9 other bare"),
        ({"sort": "top1"}, "net9 net10 other bare"),
        ({"sort": "-top1"}, "net10 net9 other bare"),
        ({"sort": "name"}, "bare net9 net10 other"),
        ({"sort": "family,-name"}, "net10 net9 other bare"),
        ({"sort": "layers"}, "net10 net9 other bare"),
        ({"sort": "image_size"}, "net10 net9 other bare"),
        ({"reverse": True}, "bare other net9 net10"),
        ({"limit": 2}, "net10 net9"),
    ],
)
def test_the_order(table: Callable[..., ModelTable], options: dict, expected: str) -> None:
    assert names(table(**options)) == expected.split()


def test_missing_values_are_counted(table: Callable[..., ModelTable]) -> None:
    listed = table("name,latency", where="top1>1", sort="params", limit=1)
    assert (len(listed.rows), listed.matching, listed.total) == (1, 2, 4)
    assert listed.missing == {"top1": 2, "params": 2}
    assert listed.setups == {"latency": "latency on toys"}
    assert table().setups == {}, "benchmarks are read where a column needs them"


def test_numbers_for_people(table: Callable[..., ModelTable]) -> None:
    for name, texts in {
        "gmacs": ["11.67", "3.00", "0.0006", ""],
        "params": ["25.56", "0.90", "", ""],
        "top1": ["78.0", "81.2", "", ""],
        "image_size": ["224x224", "288x256", "", ""],
        "layers": ["10", "", "", ""],
    }.items():
        listed = table(name)
        (column,) = listed.columns
        cells = [row.cell(column) for row in listed.rows]
        assert [column.show(cell.value) if cell else "" for cell in cells] == texts


def test_a_number_that_may_be_meant_in_millions(table: Callable[..., ModelTable]) -> None:
    assert table(where="params<10").doubts == ("params counts ones: did you mean params<10M?",)
    assert table(where="flops>=5").doubts == ("flops counts ones: did you mean flops>=5G?",)
    assert table(where="params<10M and gmacs<5 and layers<5").doubts == ()


def test_columns_by_any_spelling() -> None:
    for spelling in ("gmacs", "GMACs", "flops", "MACs", "mult-adds", "FLOPs (M)"):
        column = find_column(spelling)
        assert column and column.key == "gmacs"
    keys = [
        column.key
        for column in MetricColumns([]).get(["Model", "Params (M)", "crop pct", "licence"])
    ]
    assert keys == ["name", "params", "crop_pct", "license"]
    with pytest.raises(UsageError, match="no columns to list"):
        make_table([], None, columns=" ,")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"no column 'speed' \(columns: name, family, "):
        MetricColumns([]).get(["speed"])


def test_list_models_is_a_data_frame(tmp_path: Path) -> None:
    table = zoo.list_models(
        "demo",
        "dla*",
        columns=["name", "gmacs", "latency"],
        where="latency<30",
        ledger=tmp_path / "none",
    )
    frame = table.to_pandas()
    assert list(frame.columns) == ["name", "gmacs", "latency", "measured"]
    assert list(frame["name"]) == ["dla46_c"]
    assert list(frame["measured"]) == ["latency"]
    assert str(table) == "1 of 12 models"
    assert "<td>dla46_c</td>" in table._repr_html_()
