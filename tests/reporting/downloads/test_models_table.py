"""Columns of all models: what they hold, whose verdict they carry, and the files made of them."""

import csv
import io
import json
from collections.abc import Callable

from zoo.model_index.quantities.table import QUANTITIES
from zoo.reporting.downloads import models_table
from zoo.reporting.downloads.models_table import cell_text, models_csv, models_json
from zoo.reporting.pages.columns import COLUMNS
from zoo.reporting.pages.models_table import rows
from zoo.reporting.pages.settings import Settings
from zoo.reporting.pages.table_columns import columns
from zoo.reporting.site.render import site_of
from zoo.reporting.text.script_json import script_json
from zoo.reporting.views.catalogue import Zoo
from zoo.reporting.views.measured_quantities import MEASURED


def made(zoo: Zoo, settings: Settings | None = None) -> dict:
    site = site_of(zoo, settings or Settings())
    listed = columns(site)
    return json.loads(models_json(site, listed, rows(site.catalogue.models, listed)))


def test_keys_are_unique_and_directions_are_known() -> None:
    assert len({column.key for column in COLUMNS}) == len(COLUMNS)
    assert all(column.better or not column.unit or column.kind != "number" for column in COLUMNS)


def test_a_model_a_line_with_values_verdicts_and_anchors(toy: Zoo) -> None:
    data = made(toy)
    assert data["schema"] == models_table.SCHEMA and data["families"] == ["Net", "Other"]
    net10 = data["models"][0]
    assert (net10["slug"], net10["page"], net10["family"]) == ("net10", "models/net10/", "Net")
    assert (net10["macs"], net10["flops"], net10["parameters"], net10["top1"]) == (
        1_000_000,
        2_000_000,
        12_345,
        71.5,
    )
    assert (
        net10["verdicts"]["flops"] == "explained"
        and net10["anchors"]["flops"] == "claim-acme-flops"
    )
    assert net10["licence"] == "mit" and net10["verdict"] == "error"
    assert "macs" not in data["models"][2]


def test_the_owners_columns_are_fields_of_the_index(toy: Zoo) -> None:
    data = made(toy, Settings(columns=("Training Techniques", "Warmup")))
    assert [column["key"] for column in data["columns"][-2:]] == [
        "own-training-techniques",
        "own-warmup",
    ]
    net10, net20 = data["models"][:2]
    assert net10["own-training-techniques"] == "SGD, Weight Decay" and net10["own-warmup"] == "90"
    assert "own-warmup" not in net20


def test_the_owners_columns_take_nothing_of_ours_away(zoo_of: Callable[[str], Zoo]) -> None:
    """Names that are ours, that have no Latin letter, and that come to the same."""
    named = ("年份", "作者", "Page", "Slug", "Search", "Verdicts", "a b", "A-B")
    fields = ", ".join(f"{name}: x{number}" for number, name in enumerate(named))
    data = made(zoo_of(f"Models: [{{Name: net, Metadata: {{{fields}}}}}]"), Settings(columns=named))
    keys = [column["key"] for column in data["columns"]]
    assert len(set(keys)) == len(keys) and {
        "search",
        "sort",
        "all",
        "compare",
        "columns",
        "",
    }.isdisjoint(keys)
    (net,) = data["models"]
    assert (net["slug"], net["page"], net["verdicts"]) == ("net", "models/net/", {})
    assert [net[key] for key in keys[-8:]] == [f"x{number}" for number in range(8)]


def test_whose_claim_a_value_is_and_on_what(zoo_of: Callable[[str], Zoo]) -> None:
    text = """\
Library: {Name: Acme}
Models:
- Name: net
  Metadata: {FLOPs: 2 M}
  Results: [{Dataset: CIFAR-10, Metrics: {Top 5 Accuracy: 99%}}]
  Reported: [{Publisher: Other, Metadata: {Parameters: 5 M}}]
"""
    (net,) = made(zoo_of(text))["models"]
    assert (net["owner"], net["publishers"]) == ("Acme", {"parameters_claimed": "Other"})
    assert net["datasets"] == {"top5": "CIFAR-10"}


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
        and page.count("</script>") == 2
    )


def test_each_quantity_with_a_column_is_one() -> None:
    keys = {column.key for column in COLUMNS}
    quantities = [q for q in QUANTITIES if q.column and not q.metric]
    assert all({quantity.key, f"{quantity.key}_claimed"} & keys for quantity in quantities)
    assert {quantity.key for quantity in MEASURED} <= keys
