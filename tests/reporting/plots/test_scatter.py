import random
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import matplotlib
import pytest

from tests.reporting.plots.conftest import judge
from zoo.model_index.findings import Verdict
from zoo.reporting.plots import matplotlib_files, svg
from zoo.reporting.plots.canvas import NARROW, PANEL, WIDE, Canvas
from zoo.reporting.plots.cost_plot import cost_plot
from zoo.reporting.plots.layout import MANY, layout, legend_rows
from zoo.reporting.plots.marks import COLOURS, OTHERS, SHAPES
from zoo.reporting.plots.point_names import CHARACTER, LINE, Label
from zoo.reporting.plots.scatter import Plot, Point, list_few, pareto
from zoo.reporting.views.catalogue import Catalogue, Zoo

SVG = "{http://www.w3.org/2000/svg}"


def plot_of(points: list[Point], series: int = 2) -> Plot:
    return Plot(
        key="k",
        title="Title",
        x_label="GMACs",
        y_label="Top-1, % (Acme)",
        series=tuple((n, f"Family {n}") for n in range(series)),
        points=tuple(points),
    )


def crowd(count: int, series: int = 1) -> list[Point]:
    dice = random.Random(1)
    return [
        Point(
            label=f"densenet{n}",
            series=n % series,
            x=dice.uniform(0.1, 20),
            y=dice.uniform(60, 80),
            page=f"models/densenet{n}.md",
        )
        for n in range(count)
    ]


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


def parse(drawn: str) -> list[ET.Element]:
    text = f'<all xmlns="http://www.w3.org/2000/svg">{drawn}</all>'
    return [node for node in ET.fromstring(text) if node.tag == f"{SVG}svg"]


def test_a_plot_is_drawn_for_two_widths_and_a_point_leads_to_its_model() -> None:
    wide, narrow = parse(svg.draw(plot_of(crowd(12, 2)), lambda page: f"../{page}"))
    assert (wide.get("class"), narrow.get("class")) == ("plot wide-only", "plot narrow-only")
    links = list(wide.iter(f"{SVG}a"))
    assert sorted(str(link.get("href")) for link in links) == sorted(
        f"../models/densenet{n}.md" for n in range(12)
    )
    assert {link.get("tabindex") for link in links} == {"-1"} and not list(narrow.iter(f"{SVG}a"))
    texts = [node.text for node in wide.iter(f"{SVG}text")]
    assert "GMACs" in texts and "Top-1, % (Acme)" in texts


@pytest.mark.parametrize("count", [60, 200, 1743])
def test_of_many_points_the_frontier_alone_is_named_and_by_name(count: int) -> None:
    plot = plot_of(crowd(count, 9), 9)
    frontier = {point.label for point in pareto(plot.points)}
    for canvas in (WIDE, NARROW):
        names = {label.text for label in layout(plot, canvas).labels}
        assert names and names <= frontier
    assert len(svg.draw(plot, str)) < 65 * count + 20_000


def test_a_family_in_focus_is_named_and_coloured_and_the_others_are_grey() -> None:
    plot = plot_of(crowd(60, 6), 6)
    scene = layout(plot, PANEL, "Family 3")
    own = {point.label for point in plot.points if point.series == 3}
    frontier = {point.label for point in pareto(plot.points)}
    assert {label.text for label in scene.labels} <= own | frontier
    assert set(map(scene.colour, scene.placed)) == {0, OTHERS}
    assert all((scene.colour(p) == 0) == (p.point.series == 3) for p in scene.placed)


def box(label: Label) -> tuple[float, float, float, float]:
    width = len(label.text) * CHARACTER
    left = {"start": 0.0, "middle": -width / 2, "end": -width}[label.anchor] + label.x
    return left, label.y - LINE + 4, left + width, label.y + 4


@pytest.mark.parametrize("canvas", [WIDE, NARROW, PANEL])
@pytest.mark.parametrize("count", [15, 25, 60])
def test_names_cover_no_point_no_name_and_no_edge(canvas: Canvas, count: int) -> None:
    scene = layout(plot_of(crowd(count)), canvas)
    boxes = [box(label) for label in scene.labels]
    assert boxes
    for i, (left, top, right, bottom) in enumerate(boxes):
        assert canvas.left <= left and right <= canvas.width and bottom <= canvas.lowest
        assert not any(
            left < x < right and top < y < bottom for x, y in (p.spot for p in scene.placed)
        )
        assert not any(
            left < c and right > a and top < d and bottom > b for a, b, c, d in boxes[:i]
        )


def test_a_name_stands_on_no_interval() -> None:
    points = [
        Point(label=f"net{n}", series=0, x=n + 1, y=60 + n, x_span=(n + 0.7, n + 1.5))
        for n in range(6)
    ]
    scene = layout(plot_of(points), WIDE)
    spans = [span for placed in scene.placed for span in placed.spans]
    assert len(scene.labels) == len(spans) == 6
    for left, top, right, bottom in map(box, scene.labels):
        assert not any(left < b[0] and right > a[0] and top < a[1] < bottom for a, b in spans)


def test_series_differ_in_shape_and_in_colour_and_none_repeats() -> None:
    assert len(set(SHAPES)) == len(SHAPES) == len(set(COLOURS)) - 1 == OTHERS
    assert len(set(matplotlib_files.MARKERS)) == len(set(matplotlib_files.COLOURS)) == OTHERS + 1
    scene = layout(plot_of(crowd(40, 10), 10), WIDE)
    assert sorted(scene.colours.values()) == [*range(OTHERS), *[OTHERS] * 4]
    assert [colour for colour, _ in scene.legend] == list(range(OTHERS + 1))


def test_a_legend_in_a_file_wraps_inside_its_edges() -> None:
    plot = plot_of(crowd(40, 6), 0)
    names = tuple((n, f"A family with a long name {n}") for n in range(6))
    rows = legend_rows(layout(replace(plot, series=names), WIDE), "others")
    assert len(rows) > 1 and sum(map(len, rows)) == 6
    ends = [x + 16 + len(name) * CHARACTER for row in rows for _, name, x in row]
    assert max(ends) <= WIDE.rightmost


def test_an_axis_begins_at_what_is_drawn() -> None:
    scene = layout(plot_of(crowd(30)), WIDE)
    ys = [p.point.y for p in scene.placed]
    assert min(ys) - 2 < min(scene.y.ticks) and max(scene.y.ticks) < max(ys) + 2
    assert scene.y.pixel(min(ys)) - scene.y.pixel(max(ys)) > 0.8 * (WIDE.lowest - WIDE.top)


def test_one_point_and_none() -> None:
    assert len(layout(plot_of([Point(label="a", series=0, x=5, y=5)]), WIDE).placed) == 1
    assert svg.draw(plot_of([]), str) == ""


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


def cost_of(zoo: Zoo) -> Plot:
    catalogue = Catalogue.of(zoo)
    plot = cost_plot("k", catalogue.models, [family.name for family in catalogue.families])
    assert plot
    return plot


def test_one_publisher_a_plot_and_what_is_not_drawn_is_named(toy: Zoo) -> None:
    plot = cost_of(toy)
    assert [point.label for point in plot.points] == ["net10", "net20"]
    assert plot.y_label == "Top-1, % (ImageNet, Acme)"
    assert plot.left_out == ("lone",) and not plot.wrong


def test_a_wrong_number_moves_no_axis_and_is_named(nets: Zoo) -> None:
    """As of a top-1 of 0.98 % among models of 70 %."""
    plot = cost_of(judge(nets, "net2", "top1", Verdict.MISMATCH))
    assert "net2" not in {point.label for point in plot.points} and plot.wrong == ("net2",)
    assert plot.title == "Best for their multiply-adds: net5, net4, net3 and 1 more"
    whole = cost_of(nets)
    assert whole.title == "Best for their multiply-adds: net5, net4, net2 and 1 more"
    assert not whole.wrong


def test_few_names_are_listed() -> None:
    assert list_few(["a", "b"]) == "a, b"
    assert list_few(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_the_drawings_use_the_colours_of_the_page() -> None:
    drawn = svg.draw(plot_of(crowd(MANY + 10, 3), 3), str)
    assert not re.search(r"#[0-9a-f]{3}", drawn) and "var(--c1)" in drawn


def test_settings_of_matplotlib_change_no_figure() -> None:
    """It reads a file `matplotlibrc` of the working folder, which may ask for a run of LaTeX."""
    plot = plot_of([Point(label="a", series=0, x=1e6, y=70)])
    with matplotlib.rc_context({"text.usetex": True, "font.size": 30, "svg.fonttype": "path"}):
        drawn = matplotlib_files.draw(plot)
    assert drawn == matplotlib_files.draw(plot)
