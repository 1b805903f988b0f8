"""Draw plots as SVG in the page: once for wide screens and once for phones, in the site's colours.

A point of the wide drawing leads to its model, and its tooltip has the numbers; the keyboard skips
it, since the page has the same links and numbers in a table. Of very many points only those with a
name do.
"""

from collections.abc import Callable, Iterator

from markupsafe import Markup

from zoo.reporting.i18n.gettext import _
from zoo.reporting.plots.canvas import NARROW, PANEL, WIDE
from zoo.reporting.plots.geometry import CAP, PlacedPoint
from zoo.reporting.plots.layout import PlotLayout, layout
from zoo.reporting.plots.marks import COLOURS, mark, short
from zoo.reporting.plots.parts import axis_names, frame, grid, names
from zoo.reporting.plots.scatter import Plot
from zoo.reporting.text.escape import one_line, safe

MOST_LINKS = 120  # points that lead to their model; of more, those with a name


def draw(plot: Plot, href: Callable[[str], str]) -> Markup:
    """Draw a plot for wide and for narrow screens, with its legend; empty without points.

    `href` turns a page's path into an address relative to the plot's page.
    """
    if not plot.points:
        return Markup("")
    wide, narrow = layout(plot, WIDE), layout(plot, NARROW)
    return Markup("").join(
        [
            _legend(wide),
            _draw(wide, "wide-only", href),
            _draw(narrow, "narrow-only"),
        ]
    )


def draw_panel(plot: Plot, focus: str) -> Markup:
    """Draw a small plot that stands beside others, with one family in focus."""
    return _draw(layout(plot, PANEL, focus), "") if plot.points else Markup("")


def _draw(scene: PlotLayout, kind: str, href: Callable[[str], str] | None = None) -> Markup:
    plot = scene.plot
    parts = [*grid(scene.canvas, scene.x, scene.y), *_frontier(scene), *_lines(scene)]
    if spans := _intervals(scene.placed):
        parts.append(f'<path class="base" fill="none" d="{spans}"/>')
    parts += _points(scene, href)
    parts += names(scene.labels)
    parts += axis_names(scene.canvas, plot.x_label, plot.y_label)
    label = f"{plot.title}. {plot.y_label}; {plot.x_label}"
    return frame(scene.canvas, label, parts, kind, role="group" if href else "img")


def _points(scene: PlotLayout, href: Callable[[str], str] | None) -> Iterator[str]:
    """Draw the points: those without a link as one path a series, and the named ones on top."""
    labelled = {label.spot for label in scene.labels}
    linked: list[PlacedPoint] = []
    if href:
        few = len(scene.placed) <= MOST_LINKS
        linked = [p for p in scene.placed if few or p.spot in labelled]
    apart = {id(p) for p in linked}
    rest = [p for p in scene.placed if id(p) not in apart]
    series: dict[int, list[str]] = {}
    for p in rest:
        series.setdefault(scene.colour(p), []).append(p.where)
    for colour in sorted(series, reverse=True):
        yield mark(colour, series[colour])
    for p in sorted(linked, key=lambda p: -scene.colour(p)):
        assert href
        title = f"<title>{safe(note(p, scene.plot))}</title>"
        link = f'<a href="{safe(href(p.point.page))}" tabindex="-1">'
        yield f"{link}{mark(scene.colour(p), [p.where], title=title)}</a>"


def _frontier(scene: PlotLayout) -> Iterator[str]:
    if scene.frontier:
        corners = "L".join(f"{short(x)} {short(y)}" for x, y in scene.frontier)
        yield f'<path class="front" d="M{corners}"/>'


def _lines(scene: PlotLayout) -> Iterator[str]:
    for colour, spots in scene.lines:
        corners = "L".join(f"{short(x)} {short(y)}" for x, y in spots)
        style = 'fill="none" stroke-opacity=".5"'
        yield f'<path {style} stroke="{COLOURS[colour]}" d="M{corners}"/>'


def _legend(scene: PlotLayout) -> Markup:
    """Return the legend as a list, which wraps by itself."""
    items = [
        f'<li><svg viewBox="-6 -6 12 12" aria-hidden="true">{mark(colour, ["0 0"])}</svg>'
        f"{safe(one_line(name or _('others')))}</li>"
        for colour, name in scene.legend
    ]
    return Markup(f'<ul class="key">{"".join(items)}</ul>') if items else Markup("")


def note(placed: PlacedPoint, plot: Plot) -> str:
    """Describe a point in words, for its tooltip: `dpn98: 11.67 GMACs, 79.65 %`."""
    point, look = placed.point, plot.look
    unit = f" {look.y_unit.strip()}" if look.y_unit.strip() else ""
    spans = [
        f" ({show(span[0])} – {show(span[1])})" if span else ""
        for span, show in ((point.x_span, look.show_x), (point.y_span, look.show_y))
    ]
    words = _("on the Pareto frontier")
    best = f", {words}" if placed.best else ""
    x = f"{look.show_x(point.x)}{look.x_unit}{spans[0]}"
    return one_line(f"{point.label}: {x}, {look.show_y(point.y)}{unit}{spans[1]}{best}")


def _intervals(placed: tuple[PlacedPoint, ...]) -> str:
    """Return intervals as lines with a stroke across each end."""
    drawn = []
    for p in placed:
        for (x1, y1), (x2, y2) in p.spans:
            line = f"M{short(x1)} {short(y1)}L{short(x2)} {short(y2)}"
            across = f"v{2 * CAP}" if y1 == y2 else f"h{2 * CAP}"
            ends = [(x, y - CAP) if y1 == y2 else (x - CAP, y) for x, y in ((x1, y1), (x2, y2))]
            drawn.append(line + "".join(f"M{short(x)} {short(y)}{across}" for x, y in ends))
    return "".join(drawn)
