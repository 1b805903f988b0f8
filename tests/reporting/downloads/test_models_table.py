"""Columns of all models: what they hold, whose verdict they carry, and the files made of them."""

import csv
import io
import json
from collections.abc import Callable

from tests.reporting.columns import column_of, rows_of
from zoo.model_index.quantities.table import QUANTITIES
from zoo.reporting.downloads import models_table
from zoo.reporting.downloads.models_table import cell_text, models_csv, models_json
from zoo.reporting.pages.columns import COLUMNS
from zoo.reporting.pages.metric_columns import BoardTables
from zoo.reporting.pages.models.rows import rows
from zoo.reporting.pages.settings import Settings
from zoo.reporting.pages.table_columns import columns
from zoo.reporting.site.render import site_of
from zoo.reporting.text.script_json import script_json
from zoo.reporting.views.catalogue import Zoo
from zoo.reporting.views.measured_quantities import MEASURED


def made(zoo: Zoo, settings: Settings | None = None) -> str:
    site = site_of(zoo, settings or Settings())
    tables = BoardTables(site.catalogue)
    listed = columns(site, tables)
    return models_json(site, tables, listed, rows(site.catalogue.models, listed))


def test_keys_are_unique_and_directions_are_known() -> None:
    assert len({column.key for column in COLUMNS}) == len(COLUMNS)
    assert all(column.better or not column.unit or column.kind != "number" for column in COLUMNS)


def test_values_stand_by_column_in_the_order_of_the_models(toy: Zoo) -> None:
    text = made(toy)
    data, models = json.loads(text), rows_of(text)
    assert (data["schema"], data["families"]) == (models_table.SCHEMA, ["Net", "Other"])
    assert data["slugs"] == ["net10", "net20", "lone"]
    assert all(len(column["values"]) == 3 for column in data["columns"])
    net10 = models[0]
    assert (net10["macs"], net10["flops"], net10["parameters"], net10["top1"]) == (
        1_000_000,
        2_000_000,
        12_345,
        71.5,
    )
    assert (net10["family"], net10["licence"]) == ("Net", "mit")
    assert "macs" not in models[2]


def test_claims_have_standings_publishers_and_anchors(toy: Zoo) -> None:
    text = made(toy)
    flops, macs = column_of(text, "flops"), column_of(text, "macs")
    assert (flops["standing"], flops["publisher"]) == ("ru-", "Acme")
    assert flops["anchor"] == "claim-acme-flops" and flops["values"][2] is None
    assert macs["measured"] and "standing" not in macs and "publisher" not in macs


def test_an_accuracy_says_of_how_many_images_it_is(toy: Zoo) -> None:
    text = made(toy)
    top1 = column_of(text, "top1")
    assert (top1["dataset"], top1["images"], top1["board"]) == ("ImageNet", 50_000, "")
    assert "images" not in column_of(text, "flops")
    assert json.loads(text)["boards"] == [
        {
            "slug": "",
            "task": "Image Classification",
            "dataset": "ImageNet",
            "models": 2,
            "page": "models/",
        }
    ]


def test_counts_of_claims_by_standing(toy: Zoo) -> None:
    counts = [(row["wrong"], row["right"], row["unknown"]) for row in rows_of(made(toy))]
    totals = [len(model.checks) for model in site_of(toy, Settings()).catalogue.models]
    assert [sum(row) for row in counts] == totals and counts[0][:2] > (0, 0)


def test_the_owners_columns_are_fields_of_the_index(toy: Zoo) -> None:
    text = made(toy, Settings(columns=("Training Techniques", "Warmup")))
    assert [column["key"] for column in json.loads(text)["columns"][-2:]] == [
        "own-training-techniques",
        "own-warmup",
    ]
    net10, net20 = rows_of(text)[:2]
    assert net10["own-training-techniques"] == "SGD, Weight Decay" and net10["own-warmup"] == "90"
    assert "own-warmup" not in net20


def test_the_owners_columns_take_nothing_of_ours_away(zoo_of: Callable[[str], Zoo]) -> None:
    """Names that are ours, that have no Latin letter, and that come to the same."""
    named = ("年份", "作者", "Page", "Slug", "Search", "Verdicts", "a b", "A-B")
    fields = ", ".join(f"{name}: x{number}" for number, name in enumerate(named))
    text = made(zoo_of(f"Models: [{{Name: net, Metadata: {{{fields}}}}}]"), Settings(columns=named))
    keys = [column["key"] for column in json.loads(text)["columns"]]
    assert len(set(keys)) == len(keys) and {
        "search",
        "sort",
        "all",
        "compare",
        "columns",
        "",
    }.isdisjoint(keys)
    (net,) = rows_of(text)
    assert [net[key] for key in keys[-8:]] == [f"x{number}" for number in range(8)]


def test_publishers_stand_by_model_where_they_differ(zoo_of: Callable[[str], Zoo]) -> None:
    text = made(
        zoo_of("""\
Library: {Name: Acme}
Models:
- Name: net
  Metadata: {Parameters: 4 M}
- Name: other
  Reported: [{Publisher: Other, Metadata: {Parameters: 5 M}}]
""")
    )
    parameters = column_of(text, "parameters_claimed")
    assert parameters["publishers"] == ["Acme", "Other"] and "publisher" not in parameters
    assert parameters["anchors"] == ["claim-acme-parameters", "claim-other-parameters"]


def test_csv_has_the_verdict_behind_each_claim(toy: Zoo) -> None:
    site = site_of(toy, Settings())
    listed = columns(site)
    table = list(
        csv.DictReader(io.StringIO(models_csv(listed, rows(site.catalogue.models, listed))))
    )
    assert table[0]["flops"] == "2000000" and table[0]["flops_verdict"] == "explained"
    assert "macs_verdict" not in table[0] and table[2]["macs"] == ""


def test_no_cell_is_a_formula() -> None:
    assert cell_text("=1+1") == "'=1+1" and cell_text(("@x", "y")) == "'@x, y"
    assert (cell_text("a"), cell_text(-3), cell_text(None)) == ("a", -3, None)


def test_nothing_ends_the_script_it_stands_in() -> None:
    text = script_json({"a": "</script><!-- & ` ~"})
    assert json.loads(text) == {"a": "</script><!-- & ` ~"}
    assert "<" not in text and ">" not in text and "`" not in text


def test_hostile_names_stay_text_in_the_table(
    zoo_of: Callable[[str], Zoo], rendered: Callable[[Zoo], dict]
) -> None:
    zoo = zoo_of(
        'Models: [{Name: "<img src=x onerror=1>", Metadata: {Tasks: ["</script>", "a|b"]}}]'
    )
    page = rendered(zoo)["models/index.md"]
    assert (
        "<img" not in page
        and "&lt;img src=x onerror=1&gt;" in page
        and page.count("</script>") == 3
    )


def test_each_quantity_with_a_column_is_one() -> None:
    keys = {column.key for column in COLUMNS}
    quantities = [q for q in QUANTITIES if q.column and not q.metric]
    assert all({quantity.key, f"{quantity.key}_claimed"} & keys for quantity in quantities)
    assert {quantity.key for quantity in MEASURED} <= keys
