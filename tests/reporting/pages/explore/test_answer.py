"""The first plot in words: what is best, what is on the frontier, and what is not drawn."""

from dataclasses import replace

from zoo.model_index.findings import Verdict
from zoo.reporting.pages.explore.answer import FirstPlot, first_plot
from zoo.reporting.pages.settings import Settings
from zoo.reporting.pages.table_columns import columns
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Zoo


def plot_of(zoo: Zoo) -> FirstPlot:
    site = site_of(zoo, Settings())
    plot = first_plot(columns(site), site.catalogue.models)
    assert plot is not None
    return plot


def test_the_title_names_the_best(photographed: Zoo) -> None:
    plot = plot_of(photographed)
    assert plot.title == "Best top-1 on ImageNet: net3, 79.30 % (published)"
    assert plot.subtitle == (
        "Top-1, %, published (ImageNet) against GMACs, measured. 3 of 3 models are on the frontier."
    )
    assert plot.notes == "Checked here: 0 of 3 numbers for top-1; the others are as published."


def test_a_wrong_number_is_left_out_and_named(photographed: Zoo) -> None:
    claims = [c for e in photographed.index.entries for c in e.claims if c.quantity == "top1"]
    wrong = tuple(
        replace(photographed.findings[0], claim=c, verdict=Verdict.MISMATCH, wrong=True)
        for c in claims
        if c.model == "net3"
    )
    plot = plot_of(replace(photographed, findings=photographed.findings + wrong))
    assert plot.title == "Best top-1 on ImageNet: net2, 75.20 % (published)"
    assert "1 model is left out, since its number is wrong: net3." in plot.notes


def test_a_model_that_is_not_measured_is_not_drawn(photographed: Zoo) -> None:
    (place,) = [e.place for e in photographed.index.entries if e.name == "net3"]
    primary = {where: key for where, key in photographed.primary.items() if where != place}
    plot = plot_of(replace(photographed, primary=primary))
    assert "net3" not in plot.title
    assert "1 of 3 models has no measured GMACs and is not drawn." in plot.notes


def test_dearer_models_that_are_no_better_are_not_on_the_frontier(photographed: Zoo) -> None:
    plot = plot_of(photographed)
    dear = replace(plot.spots[0], x=plot.spots[-1].x * 2)
    assert [spot.model.name for spot in replace(plot, spots=(*plot.spots, dear)).frontier] == [
        "net1",
        "net2",
        "net3",
    ]


def test_what_the_images_cannot_tell_is_not_called_best(photographed: Zoo) -> None:
    plot = plot_of(photographed)
    first, second, last = plot.spots
    near = replace(plot, spots=(first, replace(second, y=last.y - 0.1), last))
    assert near.title == "Highest top-1 on ImageNet: net3, 79.30 % (published)"
    assert near.subtitle.endswith("50,000 images cannot tell it from: net2.")
