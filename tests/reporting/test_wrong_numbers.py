"""A number that is wrong, or another model's, decides nothing: no plot, table, sentence, snippet or
download uses it."""

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.reporting.columns import column_of, rows_of
from tests.reporting.conftest import count, read
from zoo.model_index.findings import Finding, Verdict
from zoo.reporting.downloads import model_json, models_table, names
from zoo.reporting.pages import json_ld
from zoo.reporting.pages.base import Site
from zoo.reporting.pages.columns import COLUMNS
from zoo.reporting.pages.settings import Settings
from zoo.reporting.plots.canvas import WIDE
from zoo.reporting.plots.cost_plot import cost_plot
from zoo.reporting.plots.layout import layout
from zoo.reporting.plots.scatter import Plot
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Catalogue, Zoo
from zoo.reporting.views.members import members_of
from zoo.reporting.views.model_facts import code_snippets, subject

MODELS = """\
Collections:
- Name: Net
Models:
- Name: good
  In Collection: Net
  Builder: timm:good
  Metadata: {FLOPs: 1 G, Parameters: 5 M}
  Results:
  - {Task: Image Classification, Dataset: ImageNet, Metrics: {Top 1 Accuracy: 80.1%}}
- Name: better
  In Collection: Net
  Metadata: {FLOPs: 2 G, Parameters: 6 M}
  Results:
  - {Task: Image Classification, Dataset: ImageNet, Metrics: {Top 1 Accuracy: 81.2%}}
- Name: swapped
  In Collection: Net
  Metadata: {FLOPs: 3 G, Parameters: 7 M, Crop Pct: 0.5}
  Results:
  - {Task: Image Classification, Dataset: ImageNet, Metrics: {Top 1 Accuracy: 0.98%}}
- Name: small
  In Collection: Net
  Metadata: {FLOPs: 3 M, Parameters: 7 k}
  Results:
  - {Task: Image Classification, Dataset: Digits, Metrics: {Top 1 Accuracy: 99.0%}}
- Name: renamed48
  In Collection: Net
  Builder: timm:renamed48
  Metadata: {FLOPs: 9 G, Parameters: 90 M}
  Weights: https://weights.example/renamed48.pth
  Results:
  - {Task: Image Classification, Dataset: ImageNet, Metrics: {Top 1 Accuracy: 85.4%}}
"""


@pytest.fixture
def zoo(tmp_path: Path) -> Zoo:
    """Five models: of one the accuracy is wrong, and the name of one builds another model."""
    index = read(tmp_path, MODELS)
    documents = {
        entry.place: count(entry, number * 10**9, number * 10**6)
        for number, entry in enumerate(index.entries, 1)
    }
    entry = index.entries[-1]
    other = documents[entry.place]
    values = other.values | {
        "resolved": "renamed8.tag",
        "registry": {"named": {"name": "renamed48", "arguments": {}}},
    }
    documents[entry.place] = msgspec.structs.replace(other, values=values)
    wrong = [
        claim
        for claim in index.entries[2].all_claims()
        if claim.quantity in ("top1", "flops", "crop_pct")
    ]
    return Zoo(
        index=index,
        findings=tuple(Finding(claim=c, verdict=Verdict.MISMATCH, reason="") for c in wrong),
        evidence={document.cell.key: document for document in documents.values()},
        primary={place: document.cell.key for place, document in documents.items()},
    )


@pytest.fixture
def site(zoo: Zoo) -> Site:
    return site_of(zoo, Settings())


def by_name(site: Site) -> dict[str, Any]:
    return {model.name: model for model in site.catalogue.models}


def drawn(site: Site) -> Plot:
    models = site.catalogue.models
    plot = cost_plot("all", models, [family.name for family in site.catalogue.families])
    assert plot
    return plot


def test_nothing_of_another_model_is_measured_of_a_model(site: Site) -> None:
    model = by_name(site)["renamed48"]
    assert model.another == "renamed8"
    assert (model.macs, model.parameters, model.trace, model.parts) == (None, None, None, ())
    assert model.configuration == {}
    assert model.evidence is not None  # it is there for who asks what was built
    assert by_name(site)["good"].another == "" and by_name(site)["good"].macs == 10**9


def test_benchmarks_and_evaluations_of_another_model_are_none_of_a_model(site: Site) -> None:
    good, renamed = by_name(site)["good"], by_name(site)["renamed48"]
    document = good.evidence
    for model, expected in ((good, (document,)), (renamed, ())):
        measured = replace(model, benchmarked=(document,), evaluated=(document,))
        assert measured.benchmarks == measured.evaluations == expected


def test_plots_leave_out_what_is_wrong_and_name_it(site: Site) -> None:
    plot = drawn(site)
    assert [point.label for point in plot.points] == ["good", "better"]
    assert plot.wrong == ("swapped", "renamed48")
    assert plot.left_out == ("small",)  # on another data set


def test_axes_come_from_the_numbers_that_are_drawn(site: Site) -> None:
    ticks = layout(drawn(site), WIDE).y.ticks
    assert min(ticks) > 79 and max(ticks) < 83


def test_the_caption_names_what_was_left_out(
    zoo: Zoo, rendered: Callable[[Zoo], dict[str, str]]
) -> None:
    page = rendered(zoo)["families/net.md"]
    assert "not drawn, since their numbers are wrong: swapped, renamed48." in page


def test_tables_and_downloads_have_no_wrong_number(site: Site) -> None:
    files = {file.path: str(file.data) for file in models_table.files(site)}
    text = files["downloads/models.json"]
    rows = {row["model"]: row for row in rows_of(text)}
    assert rows["good"]["macs"] == 10**9 and rows["good"]["top1"] == 80.1
    assert "top1" not in rows["swapped"] and "flops" not in rows["swapped"]
    at = json.loads(text)["slugs"].index("swapped")
    assert column_of(text, "top1")["standing"][at] == "w"
    assert rows["swapped"]["parameters_claimed"] == 7_000_000
    assert "macs" not in rows["renamed48"] and "parameters" not in rows["renamed48"]
    lines = csv.DictReader(files["downloads/models.csv"].splitlines())
    cells = {line["model"]: line for line in lines}
    assert (cells["swapped"]["top1"], cells["swapped"]["top1_verdict"]) == ("", "mismatch")
    assert cells["renamed48"]["macs"] == ""


def test_a_cell_of_a_wrong_number_says_so(
    zoo: Zoo, rendered: Callable[[Zoo], dict[str, str]]
) -> None:
    page = rendered(zoo)["models/index.md"]
    row = next(line for line in page.splitlines() if 'href="swapped/"' in line)
    assert "0.98" not in row
    assert re.search(r'<a href="swapped/#claim-[^"]+"><span class="st st--wrong">wrong<', row)


def test_another_publishers_number_stands_for_a_wrong_one(tmp_path: Path) -> None:
    text = MODELS.replace(
        "Metrics: {Top 1 Accuracy: 0.98%}}",
        """Metrics: {Top 1 Accuracy: 0.98%}}
  Reported:
  - Publisher: Other
    Results:
    - {Task: Image Classification, Dataset: ImageNet, Metrics: {Top 1 Accuracy: 82.5%}}""",
    )
    index = read(tmp_path, text)
    claim = next(c for c in index.entries[2].all_claims() if c.quantity == "top1")
    wrong = Finding(claim=claim, verdict=Verdict.MISMATCH, reason="")
    site = site_of(Zoo(index=index, findings=(wrong,), evidence={}, primary={}), Settings())
    files = {file.path: str(file.data) for file in models_table.files(site)}
    text = files["downloads/models.json"]
    rows = {row["model"]: row for row in rows_of(text)}
    assert rows["swapped"]["top1"] == 82.5
    at = json.loads(text)["slugs"].index("swapped")
    assert column_of(text, "top1")["publishers"][at] == "Other"


def test_members_of_a_family_have_their_own_costs_and_a_wrong_metric_is_corrected(
    site: Site,
) -> None:
    (family,) = site.catalogue.families
    members = members_of(family.models)
    rows = {row.model.name: row for row in members.rows}
    assert (rows["good"].macs, rows["renamed48"].macs, rows["renamed48"].parameters) == (
        "1.00",
        "",
        "",
    )
    swapped, good = rows["swapped"].metric, rows["good"].metric
    assert swapped and swapped.standing == "wrong" and good and good.standing != "wrong"
    assert any("renamed48 (renamed8)" in note for note in members.notes)


def test_machines_read_no_wrong_number(site: Site) -> None:
    swapped, renamed = (by_name(site)[name] for name in ("swapped", "renamed48"))
    (family,) = site.catalogue.families
    assert "top 1" not in json_ld.model_data(site, family, swapped).lower()
    data = json_ld.model_data(site, family, renamed)
    assert "multiply-adds" not in data.lower() and "Top 1" in data
    record = model_json.model_file(site, renamed)
    assert (record.another, record.multiply_adds, record.licence) == ("renamed8", None, None)
    assert "renamed8.tag" not in names.other_names(renamed)


def test_no_snippet_loads_another_model(site: Site) -> None:
    assert code_snippets(by_name(site)["good"]) != []
    assert code_snippets(by_name(site)["renamed48"]) == []


def test_a_snippet_has_no_wrong_setting(zoo: Zoo) -> None:
    crops = {}
    for findings in (zoo.findings, ()):
        model = Catalogue.of(replace(zoo, findings=findings)).models[2]
        model = replace(model, key="")  # without a configuration
        crops[bool(findings)] = subject(model).recipe.pipeline.crop
    assert crops == {False: 0.5, True: 0.875}


def test_no_column_that_a_claim_stands_behind_shows_a_wrong_one(site: Site) -> None:
    for column in COLUMNS:
        for model in site.catalogue.models:
            check = column.check(model)
            if check and check.usable is None:
                assert column.raw(model) is None
