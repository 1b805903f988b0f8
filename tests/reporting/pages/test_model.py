"""The page of a model: the answer first, then a part for each tab; nothing that is empty."""

import dataclasses
import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape

import msgspec
import yaml

from zoo.model_index.findings import ANOTHER_MODEL, Verdict
from zoo.reporting.views.catalogue import Zoo

Rendered = Callable[[Zoo], dict[str, str]]
ZooOf = Callable[[str], Zoo]


def text(html: str) -> str:
    """What a reader sees of a piece of a page, on one line."""
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).split())


def part(page: str, opening: str, closing: str = "section") -> str:
    """The element that begins with `opening`; none of its kind may stand inside."""
    start = page.index(opening)
    return page[start : page.index(f"</{closing}>", start)]


def facts(page: str) -> dict[str, str]:
    """The tiles: number, standing."""
    tiles = part(page, '<dl class="tiles">', "dl")
    rows = re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd><dd class=.t.>(.*?)</dd>", tiles)
    return {text(label): f"{text(number)}, {text(standing)}" for label, number, standing in rows}


def tabs(page: str) -> list[str]:
    return re.findall(r'href="#(\w+)"', part(page, '<nav class="tabs-bar"', "nav"))


def rows_of(table: str) -> list[str]:
    """The rows of a table of claims."""
    return re.findall(r'<tr id="claim-.*?</tr>', table, re.DOTALL)


def front(page: str) -> dict[str, str]:
    """The values of the page's front matter."""
    return yaml.safe_load(page.split("---\n")[1])


def test_the_first_screen_answers(toy: Zoo, rendered: Rendered) -> None:
    page = rendered(toy)["models/net10.md"]
    assert text(part(page, '<header class="head">', "p")) == (
        "net10 Networks · built by timm as net10.v1 · mit · weights"
    )
    assert facts(page) == {
        "Top-1, ImageNet": "71.5 %, unknown, as Acme says",
        "Multiply-adds": "1.00 MMACs, measured",
        "Parameters": "12.34 k, measured",
        "Latency": "not measured, nobody states it",
        "Input": "32×32 px, right",
    }
    strip = text(part(page, '<section class="strip"'))
    assert strip == (
        "1 of 9 published numbers is wrong 4 right 4 unknown "
        "Layers, Acme 11 10 The name says 10 layers Where : Layers, Acme"
    )
    code = text(part(page, '<div class="first', "pre"))
    assert code.startswith("import timm, torch from PIL import Image model = timm.create_model(")
    assert text(part(page, '<p class="prep">', "p")) == (
        "Preprocessing resize 35, bicubic · crop 32, centre · mean 0.5 · std 0.229 0.224 0.225"
    )


def test_the_title_states_the_answer(toy: Zoo, rendered: Rendered) -> None:
    meta = front(rendered(toy)["models/net10.md"])
    assert meta["title"] == (
        "net10: 1.00 MMACs, 12.34 k parameters; 1 of 9 published numbers is wrong"
    )
    assert meta["description"] == "Layers of net10: Acme says 11, use 10. The name says 10 layers."


def test_claims_stand_by_standing_with_one_notation(toy: Zoo, rendered: Rendered) -> None:
    page = rendered(toy)["models/net10.md"]
    numbers = part(page, '<section id="numbers">')
    assert re.findall(r'rowgroup">(.*?)<', numbers) == ["1 wrong", "4 right", "4 unknown"]
    rows = [re.sub(r" \S*toy.yml ?:\d+$", "", text(row)) for row in rows_of(numbers)]
    assert rows[:4] == [
        "wrong Layers Acme 11 10 +1 The name says 10 layers",
        "right FLOPs Acme 2.0 M 2000000 1.00 MMACs Another way to count it: two operations per "
        "multiply-add Why",
        "right Parameters Acme 12.3 k 12.34 k Rounded to 3 digits from 12,345",
        "right Model built Acme net10 net10.v1 The name builds this model",
    ]
    assert "72.0 % 0.720" in text(numbers)


def test_a_count_that_differs_is_explained_by_a_sum(toy: Zoo, rendered: Rendered) -> None:
    pages = rendered(toy)
    page = pages["models/net10.md"]
    why = text(part(page, '<article class="why" id="why-acme-flops">', "article"))
    assert why.startswith("FLOPs of Acme: 2.0 M right Another way to count it")
    assert "Counted again convolutions 2,000,000 equals the page, every digit 2,000,000" in why
    assert "two operations per multiply-add 2,000,000 0" in why and "953,674 +109.72 %" in why
    assert 'href="#why-acme-flops"' in page and 'href="#doc-' in page
    assert "why-" not in pages["models/net20.md"]


def test_other_causes_that_fit_are_named(toy: Zoo, rendered: Rendered) -> None:
    changed = dataclasses.replace(toy.findings[0], alternatives=("a", "b"), wrong=True)
    zoo = dataclasses.replace(toy, findings=(changed, *toy.findings[1:]))
    page = rendered(zoo)["models/net10.md"]
    why = part(page, '<article class="why" id="why-acme-flops">', "article")
    assert "These fit as well: a; b." in why and "<del>2.0 M</del>" in why


def test_the_architecture_has_stages_and_classes(toy: Zoo, rendered: Rendered) -> None:
    architecture = part(rendered(toy)["models/net10.md"], '<section id="architecture">')
    assert text(part(architecture, "<h2>", "h2")) == "stem … act does 100 % of the work"
    assert "32×32 pixels" in architecture and '<tr><th scope="row">convolution</th>' in architecture
    row = part(architecture, '<tr><th scope="row">stem … act', "tr")
    assert text(row) == "stem … act Conv2d, ReLU 1.00 M 100.0 % 12.34 k 100.0 %"


def test_empty_parts_are_left_out(zoo_of: ZooOf, toy: Zoo, rendered: Rendered) -> None:
    pages = rendered(toy)
    assert tabs(pages["models/net10.md"]) == [
        "numbers", "evidence", "architecture", "code", "training", "cite",
    ]  # fmt: skip
    assert tabs(pages["models/lone.md"]) == ["code", "cite"]
    assert 'class="strip"' not in pages["models/lone.md"]
    assert text(part(pages["models/lone.md"], '<header class="head">', "p")) == (
        "lone built by torchvision.models.densenet:DenseNet"
    )
    alone = rendered(zoo_of(CHECKPOINT))["models/tiny.gguf.md"]
    assert tabs(alone) == ["numbers", "code", "cite"] and 'class="first' not in alone
    assert facts(alone) == {
        "Parameters": "1.1 G, unknown, as Acme says",
        "File size": "668.79 MB, unknown, as Acme says",
    }
    assert text(part(alone, '<div class="strip-say">', "p")) == (
        "None of 2 published numbers was checked here"
    )


CHECKPOINT = """\
Library: {Name: Acme}
Models:
- Name: tiny.gguf
  Builder: none
  Weights: https://weights.example/tiny.gguf
  Metadata: {Parameters: 1.1 G, File Size: 668788096}
"""


def test_a_name_that_builds_another_model_shows_no_cost_of_it(toy: Zoo, rendered: Rendered) -> None:
    page = rendered(another(toy, "other_net.v1"))["models/net10.md"]
    assert text(part(page, '<p class="banner">', "p")).startswith(
        "timm builds other_net for this name."
    )
    tiles = facts(page)
    assert tiles["Parameters"] == "12.34 k, right"
    assert tiles["FLOPs"] == "not measured, another model is built" and "1.00 MMACs" not in page
    assert "create_model" not in page and 'class="table stage-table"' not in page
    assert 'class="first' not in page and "GMACs" not in front(page)["title"]


def test_the_input_of_another_model_says_nothing_about_this_model(
    toy: Zoo, rendered: Rendered
) -> None:
    zoo = another(toy, "other_net.v1")
    without = tuple(f for f in zoo.findings if f.claim.quantity != "image_size")
    page = rendered(dataclasses.replace(zoo, findings=without))["models/net10.md"]
    assert facts(page)["Input"] == "32×32 px, as the index says"


def test_a_builder_that_nobody_named_and_nothing_built_is_not_shown(
    zoo_of: Callable[[str], Zoo], rendered: Rendered
) -> None:
    """The name of a model is no code that makes it."""
    text = "Models: [{Name: net, Metadata: {FLOPs: 1 G, Tasks: [Image Classification]}}]"
    page = rendered(zoo_of(text))["models/net.md"]
    assert "create_model" not in page and "built by" not in page
    assert facts(page)["Parameters"] == "not measured, no builder is named"


def another(toy: Zoo, resolved: str) -> Zoo:
    """The toy zoo, whose first name builds another model, as its builder says."""
    key = toy.primary[toy.index.entries[0].place]
    document = toy.evidence[key]
    values = document.values | {
        "resolved": resolved,
        "registry": {"named": {"name": "net10", "arguments": {}}},
    }
    built = msgspec.structs.replace(document, values=values)
    wrong = dataclasses.replace(
        toy.findings[2],
        verdict=Verdict.MISMATCH,
        measured=resolved,
        cause=ANOTHER_MODEL,
        causes=(ANOTHER_MODEL,),
    )
    findings = [*toy.findings[:2], wrong, *toy.findings[3:]]
    for number in (0, 1):
        findings[number] = dataclasses.replace(
            findings[number], causes=(ANOTHER_MODEL,), wrong=not number
        )
    return dataclasses.replace(toy, findings=tuple(findings), evidence={**toy.evidence, key: built})


SPEEDS = """\
Library: {Name: Acme}
Models:
- Name: net10
  Reported:
  - Publisher: Other
    Source: https://other.example/a.md
    Metadata:
      Inference Time (ms):
      - {value: 6.15, hardware: V100, batch size: 1}
      - {value: 25.22, hardware: V100, batch size: 4}
      - {value: 62.77751, hardware: T4, batch size: 8}
  - Publisher: Other
    Source: https://other.example/b.md
    Metadata:
      Inference Time (ms):
      - {value: 18.45, hardware: V100, batch size: 1}
"""


def test_claims_about_speed_are_one_row(zoo_of: ZooOf, rendered: Rendered) -> None:
    page = rendered(zoo_of(SPEEDS))["models/net10.md"]
    numbers = text(part(page, '<section id="numbers">'))
    assert "Latency, 4 claims Other 6.150 to 62.78 ms" in numbers
    assert "Reported for V100, T4; not measured there All of them" in numbers
    assert facts(page)["Latency"] == "not measured, 4 claims, unknown"
    benchmarks = part(page, '<section id="benchmarks">')
    assert "pages of one publisher disagree by up to 3.0 times" in benchmarks
    rows = [text(row) for row in benchmarks.split("<tr>")[2:]]
    assert rows == [
        "unknown V100 6.150 25.22 a.md", "unknown T4 62.78 a.md", "unknown V100 18.45 b.md",
    ]  # fmt: skip
    assert len(re.findall(r'<span id="claim-other-inference_time(?:-\d)?">', benchmarks)) == 4


MANY = "Models:\n- Name: net\n  Results:\n" + "".join(
    f"  - {{Task: Text, Dataset: set{n}, Metrics: {{Accuracy: {n}%}}}}\n" for n in range(60)
)


def test_many_claims_are_opened_on_demand(zoo_of: ZooOf, rendered: Rendered) -> None:
    page = rendered(zoo_of(MANY))["models/net.md"]
    numbers = part(page, '<section id="numbers">')
    assert numbers.count("<tr id=") == 60 and "36 more" in numbers
    assert numbers.index("<details") < numbers.index("set59")
    assert numbers[: numbers.index("<details")].count("<tr id=") == 24


def test_a_record_can_be_cited(toy: Zoo, rendered: Rendered) -> None:
    cite = text(part(rendered(toy)["models/net10.md"], '<section id="cite">'))
    assert "@misc{net, title={On Nets}}" in cite
    key = toy.primary[toy.index.entries[0].place][:8]
    record = (
        "@misc{zoo-net10, title={net10 in Model zoo ledger}, year={2026}, note={as of 2026-11-22,"
    )
    assert f"{record} records {key}}} }}" in cite


def test_an_incomplete_count_is_no_measurement(toy: Zoo, rendered: Rendered) -> None:
    place = toy.index.entries[0].place
    key = toy.primary[place]
    values = toy.evidence[key].values
    values = values | {"trace": values["trace"] | {"uncounted": ["conv4d"]}}
    partial = msgspec.structs.replace(toy.evidence[key], outcome="incomplete", values=values)
    made = rendered(
        Zoo(index=toy.index, findings=(), evidence={key: partial}, primary={place: key})
    )
    assert "The count is incomplete: no rule for conv4d." in made["models/net10.md"]
    tiles = facts(made["models/net10.md"])
    assert tiles["FLOPs"] == "2.0 M, unknown, as Acme says" and "12.34 k" in tiles["Parameters"]


def test_a_failed_measurement_is_told(toy: Zoo, rendered: Rendered) -> None:
    place = toy.index.entries[0].place
    key = toy.primary[place]
    failed = msgspec.structs.replace(
        toy.evidence[key], outcome="failed", values={}, error="<MemoryError>"
    )
    page = rendered(
        Zoo(index=toy.index, findings=(), evidence={key: failed}, primary={place: key})
    )["models/net10.md"]
    assert "Measuring this model failed: &lt;MemoryError&gt;" in page


def test_a_document_without_a_trace_is_told(toy: Zoo, rendered: Rendered) -> None:
    place = toy.index.entries[0].place
    key = toy.primary[place]
    bare = msgspec.structs.replace(
        toy.evidence[key], values=toy.evidence[key].values | {"trace": None}
    )
    page = rendered(Zoo(index=toy.index, findings=(), evidence={key: bare}, primary={place: key}))[
        "models/net10.md"
    ]
    assert "Measuring this model failed: its document holds no count" in page


def test_why_multiply_adds_are_not_known(toy: Zoo, rendered: Rendered) -> None:
    """Of a count that depends on the data the page names the operator."""
    key = toy.primary[toy.index.entries[0].place]
    evidence = toy.evidence[key]
    trace = evidence.values["trace"] | {"depends": "aten::nonzero in rpn"}
    part = msgspec.structs.replace(evidence, values=evidence.values | {"trace": trace})
    zoo = dataclasses.replace(toy, evidence={**toy.evidence, key: part})
    text = (
        "The multiply-adds are not known: the work depends on the data from aten::nonzero in rpn on"
    )
    assert text in rendered(zoo)["models/net10.md"]


def test_a_wrong_accuracy_is_in_no_tile(toy: Zoo, rendered: Rendered) -> None:
    finding = next(f for f in toy.findings if f.claim.quantity == "top1")
    wrong = dataclasses.replace(finding, verdict=Verdict.MISMATCH, reason="above 100%")
    others = [f for f in toy.findings if f is not finding]
    page = rendered(dataclasses.replace(toy, findings=(wrong, *others)))["models/net10.md"]
    assert facts(page)["Top-1, ImageNet"] == "72.0 %, unknown, as Other says"
    measured = dataclasses.replace(wrong, measured=Decimal("70.00"), residual=Decimal("1.5"))
    page = rendered(dataclasses.replace(toy, findings=(measured, *others)))["models/net10.md"]
    assert facts(page)["Top-1, ImageNet"] == "70 %, measured"
