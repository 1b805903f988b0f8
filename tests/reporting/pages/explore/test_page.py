"""The page of the plot, without its script: what there is to choose, the static plot, the table."""

import json
import re
from collections.abc import Callable
from typing import Any

from zoo.reporting.views.catalogue import Zoo

Rendered = Callable[[Zoo], dict[str, str]]
PAGE = "explore/index.md"
MODEL = """\
- Name: {name}
  In Collection: {family}
  Metadata: {{FLOPs: {flops} G}}
  Results:
  - {{Task: {task}, Dataset: {data}, Metrics: {{{metric}: {value}%}}}}
"""
IMAGES = {"task": "Image Classification", "data": "ImageNet", "metric": "Top 1 Accuracy"}
BOXES = {"task": "Object Detection", "data": "COCO", "metric": "box AP"}


def index(*models: dict[str, Any]) -> str:
    return "Models:\n" + "".join(MODEL.format(**model) for model in models)


TWO = index(
    {"name": "a", "family": "N", "flops": 1, "value": 70, **IMAGES},
    {"name": "b", "family": "N", "flops": 2, "value": 75, **IMAGES},
    {"name": "c", "family": "M", "flops": 3, "value": 72, **IMAGES},
    {"name": "d", "family": "D", "flops": 90, "value": 40, **BOXES},
    {"name": "e", "family": "D", "flops": 99, "value": 45, **BOXES},
)


def script_data(page: str) -> dict[str, Any]:
    match = re.search(r'id="explore-data">(.*?)</script>', page)
    assert match
    data: dict[str, Any] = json.loads(match[1])
    return data


def test_a_single_data_set_is_drawn_first_and_others_may_be_chosen(
    zoo_of: Callable[[str], Zoo], rendered: Rendered
) -> None:
    page = rendered(zoo_of(TWO))[PAGE]
    assert "Best top-1 on ImageNet: b, 75.00 % (published)" in page
    assert list(script_data(page)["boards"].values())[1] == "Object Detection on COCO"
    (select,) = re.findall(r'<select name="board">.*?</select>', page)
    assert select.count("<option") == 2
    (metrics,) = re.findall(r'<select name="y">.*?</select>', page)
    assert "Top-1" in metrics and "AP" not in metrics


def test_the_frontier_is_a_table_and_a_picture_without_a_script(
    zoo_of: Callable[[str], Zoo], rendered: Rendered
) -> None:
    page = rendered(zoo_of(TWO))[PAGE]
    (body,) = re.findall(r"<tbody>.*?</tbody>", page, re.DOTALL)
    assert re.findall(r'<th scope="row"><a href="[^"]*">(\w+)</a>', body) == ["b", "a"]
    assert 'class="plot' in page and "GFLOPs, published" in page


def test_two_costs_have_no_best(zoo_of: Callable[[str], Zoo], rendered: Rendered) -> None:
    model = "- Name: {n}\n  Metadata: {{FLOPs: {n} G, File Size: {n} MB}}\n"
    page = rendered(zoo_of("Models:\n" + "".join(model.format(n=n) for n in (1, 2, 3))))[PAGE]
    assert "<span data-say>GFLOPs against file size of 3 models</span>" in page
    assert "on the frontier" not in page.partition("</header>")[0]


def test_models_without_two_numbers_make_no_plot(
    zoo_of: Callable[[str], Zoo], rendered: Rendered
) -> None:
    page = rendered(zoo_of("Models:\n- Name: a\n"))[PAGE]
    assert "No model has both numbers" in page and "explore.js" not in page
