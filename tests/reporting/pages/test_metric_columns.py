"""The metrics of one task and data set: columns, a page for each, none of them empty."""

import re
from collections.abc import Callable

from tests.reporting.columns import rows_of
from zoo.reporting.downloads.models_table import models_json
from zoo.reporting.pages.metric_columns import BoardTables
from zoo.reporting.pages.models.notation import show_value
from zoo.reporting.pages.models.page import MOST_ROWS, pages
from zoo.reporting.pages.models.rows import rows
from zoo.reporting.pages.settings import Settings
from zoo.reporting.pages.table_columns import columns
from zoo.reporting.plots.cost_plot import cost_plot
from zoo.reporting.site.render import render, site_of
from zoo.reporting.views.catalogue import Zoo

ZooOf = Callable[[str], Zoo]
TEXT = """\
Library: {Name: Zoo}
Models:
- Name: a
  Config: configs/a.py
  Metadata:
    Training Memory (GB): 3.7
    inference time (ms/im): [{value: 50.76, hardware: V100}]
  Results:
  - {Task: Object Detection, Dataset: COCO, Metrics: {box AP: 39.4, Odd Score: 3}}
  - {Task: Instance Segmentation, Dataset: COCO, Metrics: {mask AP: 36.1}}
- Name: b
  Config: configs/b.py
  Metadata:
    Training Memory (GB): 5.6
    inference time (ms/im): [{value: 81.3, hardware: V100}]
  Results:
  - {Task: Object Detection, Dataset: COCO, Metrics: {box AP: 41.5}}
  - {Task: Instance Segmentation, Dataset: COCO, Metrics: {mask AP: 37, mAP(ms): 38}}
- Name: c
  Config: configs/c.py
  Metadata:
    inference time (ms/im): [{value: 9, hardware: A100}]
  Results:
  - {Task: Object Detection, Dataset: COCO, Metrics: {box AP: 50}}
  - {Task: Panoptic Segmentation, Dataset: COCO, Metrics: {PQ: 52}}
"""


def test_columns_are_of_one_task_and_data_set(zoo_of: ZooOf) -> None:
    site = site_of(zoo_of(TEXT), Settings())
    tables = BoardTables(site.catalogue)
    assert [(view.label, view.slug, view.models) for view in tables.views] == [
        ("Object Detection on COCO", "", 3),
        ("Instance Segmentation on COCO", "instance-segmentation-coco", 2),
    ]  # one model alone is compared with nothing
    by_key = {column.key: column for column in columns(site, tables)}
    box, mask = by_key["box_ap"], by_key["mask_ap--instance-segmentation-coco"]
    assert (box.label, box.note, box.unit) == ("box AP", "COCO", "%")
    assert (box.better, box.board) == (1, "")
    assert (mask.label, mask.note) == ("mask AP", "COCO (Instance Segmentation)")
    models = site.catalogue.models
    assert [box.raw(model) for model in models] == [39.4, 41.5, 50]
    assert [mask.raw(model) for model in models] == [36.1, 37, None]
    assert not any("odd" in key for key in by_key)
    assert not {"macs", "parameters", "top1", "input"} & by_key.keys()  # no model has them


def test_published_speeds_share_a_column_under_the_same_conditions(zoo_of: ZooOf) -> None:
    site = site_of(zoo_of(TEXT), Settings())
    by_key = {column.key: column for column in columns(site)}
    speed = by_key["inference_time_published"]
    assert (speed.label, speed.note) == ("Inference Time", "hardware V100")
    assert [speed.raw(model) for model in site.catalogue.models] == [50.76, 81.3, None]
    assert show_value(by_key["training_memory_published"], 3.7e9) == "3,700.0"  # MB


def test_each_leaderboard_has_a_page_with_its_models(
    zoo_of: ZooOf, rendered: Callable[[Zoo], dict[str, str]]
) -> None:
    pages = rendered(zoo_of(TEXT))
    page = pages["models/index.md"]
    assert " selected>Object Detection on COCO (3)</option>" in page
    assert ">Instance Segmentation on COCO (2)</option>" in page
    assert "leaderboards/instance-segmentation-coco" in page
    heads = re.findall(r'<th scope="col" data-key="([^"]+)"', page)
    assert "box_ap" in heads and not any("mask_ap" in head for head in heads)
    assert "3 models with published box AP on COCO" in page
    other = pages["leaderboards/instance-segmentation-coco.md"]
    assert "<h1>Instance Segmentation on COCO</h1>" in other
    assert re.findall(r'<a href="../../models/\w+/" title="(\w+)">', other) == ["b", "a"]
    assert "box_ap" not in other


def test_the_best_stand_first_and_the_rows_are_bounded(zoo_of: ZooOf) -> None:
    models = "".join(
        f"- {{Name: n{n}, Results: [{{Dataset: Set, Metrics: {{Top 1 Accuracy: {n / 10}%}}}}]}}\n"
        for n in range(300, 300 + MOST_ROWS + 20)
    )
    site = site_of(zoo_of(f"Models:\n{models}- {{Name: other}}\n"), Settings())
    (page,) = pages(site)
    body = page.context["body"]
    assert body.count("<tr") == MOST_ROWS == page.context["rows"] < page.context["total"]
    names = re.findall(r'title="(n\d+)"', body)
    assert names[0] == f"n{300 + MOST_ROWS + 19}" and names == sorted(names, reverse=True)
    text = render(page, Settings())
    assert f"These are the best {MOST_ROWS} of {MOST_ROWS + 20}." in text
    assert "1 model has no metric here" in text and ">other</a>" in text


def test_downloads_have_the_metrics_of_all_leaderboards(zoo_of: ZooOf) -> None:
    site = site_of(zoo_of(TEXT), Settings())
    tables = BoardTables(site.catalogue)
    listed = columns(site, tables)
    text = models_json(site, tables, listed, rows(site.catalogue.models, listed))
    first = rows_of(text)[0]
    assert (first["mask_ap--instance-segmentation-coco"], first["box_ap"]) == (36.1, 39.4)


def test_a_model_page_has_metrics_first_and_no_command_that_needs_the_model(
    zoo_of: ZooOf, rendered: Callable[[Zoo], dict[str, str]]
) -> None:
    page = rendered(zoo_of(TEXT))["models/a.md"]
    assert page.index("box AP on COCO") < page.index('<section id="numbers">')
    assert ">Odd Score on COCO <" in page
    assert "zoo verify a" in page
    commands = page[page.index('<section id="code">') :]
    assert not re.search("zoo (eval|bench|export)", commands)


def test_all_models_are_drawn_by_what_is_published(zoo_of: ZooOf) -> None:
    catalogue = site_of(zoo_of(TEXT), Settings()).catalogue
    plot = cost_plot("all", catalogue.models, [family.name for family in catalogue.families])
    assert plot
    assert (plot.x_label, plot.y_label) == (
        "latency, ms, published (V100)",
        "box AP, % (COCO, Zoo)",
    )
    assert [(point.label, point.x, point.y) for point in plot.points] == [
        ("a", 50.76, 39.4),
        ("b", 81.3, 41.5),
    ]
    assert plot.left_out == ("c",)


def test_every_cell_is_closed(zoo_of: ZooOf, rendered: Callable[[Zoo], dict[str, str]]) -> None:
    """The parser of Material's search takes quadratic time where the end of a cell is left out."""
    page = rendered(zoo_of(TEXT))["models/index.md"]
    assert page.count("<td") == page.count("</td>") > 0
