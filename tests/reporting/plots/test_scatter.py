import random
import xml.etree.ElementTree as ET

import matplotlib

from zoo.reporting.plots import matplotlib_files, svg
from zoo.reporting.plots.scatter import CROWD, MANY, Plot, Point, layout, pareto, plots
from zoo.reporting.views.catalogue import Catalogue, Zoo


def plot_of(points: list[Point]) -> Plot:
    return Plot(
        key="k",
        title="Title",
        x_label="x (operations)",
        y_label="y, claimed by Acme (%)",
        series=((0, "A"), (1, "B")),
        points=tuple(points),
    )


def named(points: list[Point]) -> str:
    return "".join(sorted(point.label for point in points))


def test_pareto_with_ties() -> None:
    a, b, c = (
        Point(label="a", series=0, x=1, y=10),
        Point(label="b", series=0, x=2, y=20),
        Point(label="c", series=0, x=3, y=15),
    )
    assert named(pareto([c, b, a])) == "ab"
    assert (
        named(pareto([a, Point(label="d", series=0, x=1, y=12)])) == "d"
    )  # same cost, less accurate
    assert named(pareto([b, Point(label="e", series=0, x=3, y=20)])) == "b"  # same accuracy, dearer
    assert named(pareto([a, Point(label="f", series=0, x=1, y=10)])) == "af"  # equal in both
    assert pareto([]) == []


def test_every_point_has_a_label_of_its_own_and_a_link() -> None:
    points = [
        Point(
            label=f"net{n}", series=n % 2, x=1e6 * (n + 1), y=60 + n % 7, page=f"models/net{n}.md"
        )
        for n in range(25)
    ]
    drawn = ET.fromstring(str(svg.draw(plot_of(points), lambda page: f"../{page}")))
    texts = [node.text for node in drawn.iter("{http://www.w3.org/2000/svg}text")]
    links = list(drawn.iter("{http://www.w3.org/2000/svg}a"))
    assert all(texts.count(point.label) == 1 for point in points)
    assert [link.get("href") for link in links] == [f"../models/net{n}.md" for n in range(25)]
    assert {link.get("tabindex") for link in links} == {"-1"}
    assert "x (operations)" in texts and "y, claimed by Acme (%)" in texts


def test_many_points_are_numbered() -> None:
    points = [Point(label=f"net{n}", series=0, x=1e6 * (n + 1), y=60) for n in range(MANY + 1)]
    assert [placed.text for placed in layout(plot_of(points)).placed] == [
        str(n) for n in range(1, MANY + 2)
    ]


def test_in_a_crowd_the_frontier_is_labelled_and_the_rest_is_in_titles() -> None:
    points = [
        Point(label=f"net{n}", series=0, x=1e6 * (n + 1), y=60 if n else 61)
        for n in range(CROWD + 1)
    ]
    placed = layout(plot_of(points)).placed
    assert [p.text for p in placed if p.labelled] == ["1"] and placed[7].text == "8"
    assert "<title>net7: 8.00 M, 60%</title>" in svg.draw(plot_of(points), str)


def test_in_a_crowd_points_in_one_place_have_one_label() -> None:
    points = [
        Point(label=f"net{n}", series=0, x=1e6 * (1 + n % 2), y=60 + n % 2)
        for n in range(CROWD + 2)
    ]
    placed = layout(plot_of(points)).placed
    assert [p.text for p in placed if p.labelled] == ["1", "2"] and all(p.best for p in placed)


def test_labels_overlap_neither_each_other_nor_a_marker() -> None:
    dice = random.Random(1)
    points = [
        Point(label=f"densenet{n}", series=0, x=dice.uniform(1e8, 2e9), y=dice.uniform(60, 80))
        for n in range(15)
    ]
    placed = layout(plot_of(points)).placed
    boxes = [(p.label_x, p.label_y, len(p.text) * 3.4, 6) for p in placed]
    for i, (x, y, w, h) in enumerate(boxes):
        assert not any(abs(x - p.x) < w and abs(y - p.y) < h for p in placed)
        assert not any(abs(x - a) < w + c and abs(y - b) < h + d for a, b, c, d in boxes[i + 1 :])


def test_series_differ_in_shape_and_in_colour() -> None:
    assert len(set(svg.MARKERS)) == len(svg.MARKERS) == svg.COLOURS
    assert (
        len(set(matplotlib_files.MARKERS))
        == len(matplotlib_files.MARKERS)
        == len(set(matplotlib_files.COLOURS))
    )


def test_one_point_and_none() -> None:
    assert len(layout(plot_of([Point(label="a", series=0, x=5, y=5)])).placed) == 1
    assert "No model has both values yet." in svg.draw(plot_of([]), str)


def test_files_have_the_same_bytes_each_time() -> None:
    plot = plot_of(
        [Point(label="a", series=0, x=1e6, y=70), Point(label="$b_1$", series=1, x=2e6, y=71)]
    )
    first, second = matplotlib_files.draw(plot), matplotlib_files.draw(plot)
    assert first == second and first["png"].startswith(b"\x89PNG") and b"$b_1$" in first["svg"]
    assert (
        matplotlib_files.digest(plot)
        == matplotlib_files.digest(plot)
        != matplotlib_files.digest(plot_of([Point(label="a", series=0, x=1e6, y=70)]))
    )


def test_a_figure_of_nothing_can_be_drawn() -> None:
    assert matplotlib_files.draw(plot_of([]))["svg"]


def test_one_publisher_a_plot_and_it_is_named(toy: Zoo) -> None:
    made = plots("k", "Net", Catalogue.of(toy).families[0].models, ["Net"])
    assert [plot.y_label for plot in made] == [
        "Top-1 accuracy on ImageNet, claimed by Acme (%)"
    ] * 2
    assert [point.label for point in made[0].points] == ["net10", "net20"]


def test_models_without_a_value_are_named(toy: Zoo) -> None:
    catalogue = Catalogue.of(toy)
    assert plots("k", "All", catalogue.models, ["Net", "Other"])[0].left_out == ("lone",)


def test_settings_of_matplotlib_change_no_figure() -> None:
    """It reads a file `matplotlibrc` of the working folder, which may ask for a run of LaTeX."""
    plot = plot_of([Point(label="a", series=0, x=1e6, y=70)])
    with matplotlib.rc_context({"text.usetex": True, "font.size": 30, "svg.fonttype": "path"}):
        drawn = matplotlib_files.draw(plot)
    assert drawn == matplotlib_files.draw(plot)
