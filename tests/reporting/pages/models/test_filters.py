"""Filters of the page of models, and the columns that it shows: what a zoo has, in the order in
which people ask."""

from collections.abc import Callable

from zoo.reporting.pages.metric_columns import BoardTables
from zoo.reporting.pages.models.filters import UNKNOWN, Filter, list_filters
from zoo.reporting.pages.models.selection import Selection, best_first, members_of, select_columns
from zoo.reporting.pages.settings import Settings
from zoo.reporting.pages.table_columns import columns
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Model, Zoo

ZooOf = Callable[[str], Zoo]
TEXT = """\
Library: {Name: Zoo}
Models:
- {Name: a, In Collection: A, License: mit, Metadata: {FLOPs: 2 G, File Size: 9000000},
   Results: [{Task: Image Classification, Dataset: ImageNet, Metrics: {Top 1 Accuracy: 70%}}]}
- {Name: b, In Collection: B, Metadata: {FLOPs: 3 G, File Size: 9500000},
   Results: [{Task: Image Classification, Dataset: ImageNet, Metrics: {Top 1 Accuracy: 80%}}]}
- {Name: c, In Collection: B, License: mit, Metadata: {FLOPs: 1 G},
   Results: [{Task: Image Classification, Dataset: ImageNet, Metrics: {Top 1 Accuracy: 80%}}]}
- {Name: elsewhere, In Collection: C,
   Results: [{Task: Image Classification, Dataset: MNIST, Metrics: {Top 1 Accuracy: 99%}}]}
"""


def selected(zoo: Zoo) -> tuple[Selection, list[Model]]:
    """The columns of the page of all models, and the models."""
    site = site_of(zoo, Settings())
    tables = BoardTables(site.catalogue)
    models = list(site.catalogue.models)
    every = columns(site, tables)
    return select_columns(every, tables.views[0], models, site.catalogue), models


def filters_of(zoo: Zoo) -> dict[str, Filter]:
    selection, models = selected(zoo)
    return {each.name: each for each in list_filters(selection, models)}


def test_names_standing_metric_and_costs_come_first(toy: Zoo, zoo_of: ZooOf) -> None:
    selection, _models = selected(toy)
    shown = [column.key for column in selection.columns if column.key in selection.shown]
    assert shown[:6] == ["model", "claims", "top1", "macs", "parameters", "top5"]
    assert (selection.primary, selection.costs) == ("top1", ("macs", "parameters"))
    selection, _models = selected(zoo_of(TEXT))  # nothing is measured: what is claimed
    assert selection.costs == ("flops",) and "flops" in selection.shown
    assert "parameters" not in [column.key for column in selection.columns]


def test_a_leaderboard_has_its_models_best_first(zoo_of: ZooOf) -> None:
    selection, models = selected(zoo_of(TEXT))
    members = members_of(selection, models)
    assert [model.name for model in members] == ["a", "b", "c"]
    primary = next(column for column in selection.columns if column.key == selection.primary)
    assert [model.name for model in best_first(primary, members)] == ["b", "c", "a"]


def test_limits_say_bound_and_unit(zoo_of: ZooOf) -> None:
    filters = filters_of(zoo_of(TEXT))
    top1, flops, size = (filters[name] for name in ("top1.min", "flops.max", "file_size.max"))
    assert (top1.before, top1.after, top1.miss) == ("top-1 ≥", "%", "points")
    assert top1.chip % {"value": 79} == "top-1 ≥ 79 %"
    assert (flops.before, flops.after) == ("≤", "GFLOPs")
    assert flops.missing % {"count": 2} == "2 have no FLOPs"
    assert top1.shown and flops.shown and not size.shown
    assert top1.label == "Top-1, ImageNet, %, at least"


def test_choices_have_the_values_that_models_have(zoo_of: ZooOf) -> None:
    filters = filters_of(zoo_of(TEXT))
    assert filters["licence"].options == (
        ("", "Every licence"),
        ("mit", "mit"),
        (UNKNOWN, "not stated"),
    )
    assert [value for value, _text in filters["family"].options] == ["", "A", "B", "C"]
    assert "zoo" not in filters  # all have the same
    assert [value for value, _text in filters["standing"].options] == [
        "",
        "wrong",
        "none",
        "unchecked",
    ]
