"""Rows of pages as models: names, sizes, links, builders, and what is left out."""

from pathlib import Path

import pytest

from zoo.model_index.errors import IndexFaults, UsageError
from zoo.model_index.load import load
from zoo.model_index.records.records import Entry, Index


def read(folder: Path, text: str, name: str = "README.md", settings: str = "") -> Index:
    """Load a page, with settings of tables where there are some."""
    (folder / name).write_text(text)
    if not settings:
        return load([folder / name])
    (folder / "zoo.toml").write_text(settings)
    return load([folder / name, f"@{folder / 'zoo.toml'}"])


def table(*rows: str) -> str:
    header, *others = rows
    rule = "|---" * header.count("|")
    return "\n".join([f"| {header} |", f"{rule}|---|", *(f"| {row} |" for row in others), ""])


def values(entry: Entry) -> list[tuple[str, str]]:
    return [(claim.quantity, claim.raw) for claim in entry.claims]


def test_rows_of_one_name_are_models_of_their_own(tmp_path: Path) -> None:
    rows = table("model | resolution | FLOPs", "A | 224 | 4G", "A | 384 | 12G", "B | 224 | 1G")
    index = read(tmp_path, f"## One\n{rows}\n## Two\n{table('model | FLOPs', 'A | 5G')}")
    names = [entry.name for entry in index.entries]
    assert names == ["A (One, 224x224)", "A (One, 384x384)", "B", "A (Two)"]
    assert [entry.row_name for entry in index.entries] == ["A", "A", "B", "A"]
    flops = [entry.claim("flops") for entry in index.entries]
    sizes = [claim.input.show() if claim and claim.input else None for claim in flops]
    assert sizes == ["224x224", "384x384", "224x224", None]


def test_rows_of_one_name_and_the_same_weights_are_one_model(tmp_path: Path) -> None:
    link = "[w](https://example.org/a.pth)"
    rows = table("model | FLOPs | download", f"A | 4G | {link}")
    index = read(tmp_path, f"# X\n{rows}\n# Y\n{rows}")
    (entry,) = index.entries
    assert values(entry) == [("flops", "4G"), ("flops", "4G")]
    assert entry.weights == ("https://example.org/a.pth",)
    assert entry.name == "A"


def test_a_row_may_be_about_several_sizes(tmp_path: Path) -> None:
    index = read(tmp_path, table("model | size (pixels) | Acc@1", "A | 224/384 | 82.1/83.3"))
    (entry,) = index.entries
    top1 = [claim for claim in entry.claims if claim.quantity == "top1"]
    sizes = [claim.input.show() if claim.input else "" for claim in top1]
    assert sizes == ["224x224", "384x384"]
    assert top1[1].conditions == (("input size", "384x384"),)


def test_a_row_may_be_about_several_models(tmp_path: Path) -> None:
    rows = table("model | Params (M) | FLOPs (G)", "R-50/101 | 25.6/44.5 | 4.1/7.8")
    index = read(tmp_path, rows)
    assert [(entry.name, values(entry)) for entry in index.entries] == [
        ("R-50", [("parameters", "25.6"), ("flops", "4.1")]),
        ("R-101", [("parameters", "44.5"), ("flops", "7.8")]),
    ]
    assert len({entry.place for entry in index.entries}) == 2


def test_links_are_told_by_their_endings(tmp_path: Path) -> None:
    rows = table(
        "model | box AP | config | download",
        "A | 38.2 | [c](a.py) | [model](https://e.org/a.pkl?x=1) \\| [log](https://e.org/a.json) "
        "[p](https://arxiv.org/abs/1512.03385)",
    )
    (entry,) = read(tmp_path, rows).entries
    fields = {key: entry.fields.get(key) for key in ("Weights", "Config", "Training Log", "Paper")}
    assert fields == {
        "Weights": "https://e.org/a.pkl?x=1",
        "Config": "a.py",
        "Training Log": "https://e.org/a.json",
        "Paper": "https://arxiv.org/abs/1512.03385",
    }


def test_a_unit_of_the_header_is_that_of_bare_numbers(tmp_path: Path) -> None:
    rows = table("model | Params (M) | FLOPs", "A | 25.6 | 4.1G", "B | 1.2G | 3.9")
    first, second = read(tmp_path, rows).entries
    assert [claim.printed for claim in first.claims] == ["25.6 M", "4.1G"]
    assert [str(claim.value) for claim in second.claims] == ["1200000000.0", "3.9"]
    # 3.9 FLOPs are none: the number stands under its own name
    assert [claim.quantity for claim in second.claims] == ["parameters", "other:flops"]


@pytest.mark.parametrize(
    ("raw", "quantity", "value"),
    [
        ("25.58", "parameters", "25580000.00"),
        ("86", "parameters", "86000000"),
        ("5,290", "parameters", "5290"),
        ("61706", "parameters", "61706"),
        ("5290", "other:params", "5290"),
    ],
)
def test_bare_parameters_are_millions_or_all_of_them(
    raw: str, quantity: str, value: str, tmp_path: Path
) -> None:
    (entry,) = read(tmp_path, table("model | Params", f"A | {raw}")).entries
    (claim,) = entry.claims
    assert (claim.quantity, str(claim.value)) == (quantity, value)


def test_words_around_a_number_are_conditions(tmp_path: Path) -> None:
    rows = table("model | latency (ms) | schedule", "A | ~38.9 ± 0.7 | 1x")
    (entry,) = read(tmp_path, rows).entries
    (claim,) = entry.claims
    assert claim.raw == "38.9"
    conditions = (("approximate", "yes"), ("±", "0.7"), ("schedule", "1x"))
    assert claim.conditions == conditions
    assert entry.metadata["schedule"] == "1x"


def test_numbers_that_are_no_claims_are_named(tmp_path: Path) -> None:
    rows = table("model | FLOPs (G) | Acc@1", "A | < 4 | 82.1 (81.0)", "- | 3 | 80.0")
    tables = read(tmp_path, rows).tables
    assert [(left.column, left.raw, left.reason) for left in tables[0].left_out] == [
        ("FLOPs (G)", "< 4", "a bound is no value"),
        ("Acc@1", "(81.0)", "the header does not say what the number in brackets is"),
        ("FLOPs (G)", "3", "the row names no model"),
        ("Acc@1", "80.0", "the row names no model"),
    ]
    assert (tables[0].claims, tables[0].numbers) == (1, 5)


def test_a_table_that_is_not_about_models_is_not_read(tmp_path: Path) -> None:
    rows = table("Package | Version", "torch | 2.1")
    index = read(tmp_path, f"{rows}\n# M\n{table('model | FLOPs', 'A | 4G')}")
    reason = "no column names models, or none is a number about them"
    assert [item.skipped for item in index.tables] == [reason, ""]
    assert [left.raw for left in index.tables[0].left_out] == ["2.1"]


def test_fractions_are_told_by_their_own_table(tmp_path: Path) -> None:
    one, two = table("model | Acc@1", "A | 0.797"), table("model | Acc@1", "B | 77.04")
    first, second = read(tmp_path, f"# ImageNet\n{one}\n# ImageNet\n{two}").entries
    assert [str(entry.claims[0].value) for entry in (first, second)] == ["79.700", "77.04"]


def test_the_builder_is_taken_from_the_name_and_is_a_guess(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, table("model | Params (M)", "ResNet-50 | 25.6")).entries
    assert (str(entry.builder), entry.builder.named) == ("timm:resnet_50", False)


def test_settings_say_what_columns_and_names_mean(tmp_path: Path) -> None:
    rows = table("net | cost | id", "A-1 | 4.1 | 7")
    settings = """
[tables]
publisher = "us"
names = "names.toml"
[tables.columns]
"NET" = "name"
"cost" = "FLOPs (G)"
"id" = "ignore"
[tables.builders]
"A-*" = "timm:{name}"
"""
    (tmp_path / "names.toml").write_text('"B" = "torchvision:resnet18"\n')
    index = read(tmp_path, rows + "| B | 2 | 8 |\n", settings=settings)
    first, second = index.entries
    assert values(first) == [("flops", "4.1")] and str(first.claims[0].value) == "4100000000.0"
    assert (str(first.builder), first.builder.named) == ("timm:a_1", True)
    assert str(second.builder) == "torchvision:resnet18"
    assert first.publisher == "us"
    (left, _) = index.tables[0].left_out
    assert (left.raw, left.reason) == ("7", "the settings ignore this column")


def test_wrong_settings_are_named_with_their_lines(tmp_path: Path) -> None:
    settings = """
[tables]
page = "x"
skip = 3
[tables.columns]
"a" = "nonsense"
[tables.builders]
"b" = "timm"
"""
    with pytest.raises(IndexFaults) as error:
        read(tmp_path, table("model | FLOPs", "A | 4G"), settings=settings)
    found = [(fault.line, fault.path) for fault in error.value.faults]
    assert found == [
        (3, "tables.page"),
        (4, "tables.skip"),
        (6, "tables.columns.a"),
        (8, "tables.builders.b"),
    ]
    assert "a quantity such as FLOPs (G)" in error.value.faults[2].expected


def test_a_mapping_file_outside_of_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexFaults, match="a file in the folder of the settings"):
        read(tmp_path, table("model | FLOPs", "A | 4G"), settings='tables = {names = "../x.toml"}')


def test_a_page_outside_of_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexFaults, match="pages in the folder of the settings"):
        read(tmp_path, table("model | FLOPs", "A | 4G"), settings='tables = {pages = "../*.md"}')


def test_in_a_folder_only_pages_of_the_settings_are_read(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(table("model | FLOPs", "A | 4G"))
    (tmp_path / "other.md").write_text(table("model | FLOPs", "B | 4G"))
    (tmp_path / "i.yml").write_text("Models:\n- {Name: m, Metadata: {FLOPs: 1G}}\n")
    assert [entry.name for entry in load([tmp_path]).entries] == ["m"]
    (tmp_path / "zoo.toml").write_text('tables = {pages = "READ*.md"}\n')
    index = load([tmp_path, f"@{tmp_path / 'zoo.toml'}"])
    assert sorted(entry.name for entry in index.entries) == ["A", "m"]


def test_tables_of_an_index_are_left_alone(tmp_path: Path) -> None:
    text = "<!--\nModels:\n- Name: m\n  Metadata: {FLOPs: 1G}\n-->\n"
    page = text + table("model | FLOPs", "A | 4G")
    assert [entry.name for entry in read(tmp_path, page).entries] == ["m"]


def test_a_table_may_be_skipped(tmp_path: Path) -> None:
    page = f"# Ablation of depth\n{table('model | FLOPs', 'A | 4G')}\n# Zoo\n"
    page += table("model | FLOPs", "B | 5G")
    index = read(tmp_path, page, settings='tables = {skip = "Ablation*"}')
    assert [entry.name for entry in index.entries] == ["B"]
    assert index.tables[0].skipped == "the settings skip this table"


def test_a_page_without_tables_is_no_index(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read(tmp_path, "no table\n")
