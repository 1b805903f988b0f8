"""The plot of a model among its neighbours."""

import re
from pathlib import Path

from tests.reporting.plots.conftest import judge, nets_of
from zoo.model_index.findings import Verdict
from zoo.reporting.plots.neighbours import Neighbourhood, NeighboursPlot, short_names
from zoo.reporting.views.catalogue import Catalogue, Model, Zoo


def plot_of(zoo: Zoo, name: str) -> NeighboursPlot | None:
    models = Catalogue.of(zoo).models
    return Neighbourhood(models).plot(next(m for m in models if m.name == name))


def names(plot: NeighboursPlot) -> set[str]:
    return set(re.findall(r">(net\d+)<", plot.svg))


def test_a_model_is_ringed_and_named_among_its_neighbours(nets: Zoo) -> None:
    plot = plot_of(nets, "net3")
    assert plot and plot.svg.count("<circle") == 1
    assert names(plot) == {f"net{n}" for n in range(1, 7)}
    assert re.search(r'class="halo strong"[^>]*><text[^>]*>net3<', plot.svg)
    assert plot.title == "net2 claims more with 67 % of the multiply-adds"
    assert len(plot.svg.encode()) < 4000


def test_a_model_that_nothing_beats_says_so(nets: Zoo) -> None:
    plot = plot_of(nets, "net1")
    assert plot and plot.title == "No neighbour claims more for less"


def test_a_difference_that_the_images_cannot_tell_is_none(tmp_path: Path) -> None:
    """50,000 images tell half a point at 75 %."""
    plot = plot_of(nets_of(tmp_path, (60, 75.3, 75, 61)), "net3")
    assert plot and plot.title == "No neighbour is better for less, as far as the images tell"
    plot = plot_of(nets_of(tmp_path, (60, 75.8, 75, 61)), "net3")
    assert plot and plot.title == "net2 claims more with 67 % of the multiply-adds"


def test_a_wrong_number_is_in_no_plot(nets: Zoo) -> None:
    wrong = judge(nets, "net2", "top1", Verdict.MISMATCH)
    assert plot_of(wrong, "net2") is None
    plot = plot_of(wrong, "net3")
    assert plot and names(plot) == {"net1", "net3", "net4", "net5", "net6"}
    assert plot.title == "No neighbour claims more for less"


def test_the_cost_of_another_model_is_in_no_plot(nets: Zoo) -> None:
    document = next(e for e in nets.evidence.values() if e.cell.model == "net2")
    document.values["registry"] = {"named": {"name": "net2_wide"}}
    plot = plot_of(nets, "net3")
    assert plot and "net2" not in names(plot)


def test_a_lone_model_has_no_plot(toy: Zoo) -> None:
    models: tuple[Model, ...] = Catalogue.of(toy).models
    assert [Neighbourhood(models).plot(model) for model in models] == [None] * len(models)


def test_names_are_as_short_as_they_can_be_told_apart() -> None:
    assert short_names(["resnet50.V1", "resnet18.V1"]) == ["resnet50", "resnet18"]
    assert short_names(["raft.V1", "raft.V2", "net"]) == ["raft.V1", "raft.V2", "net"]
    (text,) = short_names(["vit_base_patch16_clip_quickgelu_224"])
    assert text == "vit_base_pa…ckgelu_224"
