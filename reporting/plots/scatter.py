"""Plots as data: points, what their axes are, and the Pareto frontier.

`layout` turns one into pixels; the picture in the page (`svg`) and the files for download
(`matplotlib_files`) draw that. A number that is wrong, or the cost of another model, is no point.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from zoo.model_index.quantities.show import human
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.text.escape import one_line

READING = N_("Higher and further left is better. The line is the Pareto frontier.")
FEW = 3  # names in a title

Spot = tuple[float, float]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A model in a plot; `series`, mostly its family, decides marker, colour and line.

    `x_span` and `y_span` are the intervals of its values where they were measured. A point that is
    not `labelled` is named by its neighbours on the line, by its tooltip, and in the table.
    """

    label: str
    series: int
    x: float
    y: float
    page: str = ""
    x_span: Span | None = None
    y_span: Span | None = None
    labelled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The style of a plot and the explanation of its axes.

    `joined` draws a line through the points of a series, `frontier` the Pareto frontier of costs
    and gains, `legend` the names of the series. `x_values` are the only values with a tick, on a
    logarithmic axis. Units stand behind numbers in tooltips; `x_count` says that x is a number of
    bytes. `y_log` allows a logarithmic axis.
    """

    joined: bool = False
    frontier: bool = True
    legend: bool = True
    x_values: tuple[float, ...] = ()
    x_unit: str = ""
    y_unit: str = "%"
    x_count: bool = False
    y_log: bool = False
    reading: str = READING

    def show_x(self, value: float) -> str:
        """Format an x value for readers."""
        return human(value) if self.x_count else f"{value:,.5g}"

    def show_y(self, value: float) -> str:
        """Format a y value for readers: percentages in two decimals."""
        return f"{value:.2f}" if self.y_unit == "%" else f"{value:,.5g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """The data of a plot; `series` are numbers and names, `left_out` the models without both
    values, `wrong` those whose values are wrong or another model's.

    `title` says what it shows. `group` says under which heading of a page it stands, `summary` what
    it shares with the others of its set-up, `short` what it is among those, `notes` and `sources`
    what is said below it.
    `batch` is the batch size that all its latencies have, 0 where there is no such size.
    """

    key: str
    title: str
    x_label: str
    y_label: str
    series: tuple[tuple[int, str], ...]
    points: tuple[Point, ...]
    left_out: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    look: Look = Look()
    group: str = "cost"
    summary: str = ""
    short: str = ""
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    batch: int = 0

    @property
    def note(self) -> str:
        """Return all that is said below the plot."""
        return " ".join(self.notes)


def axis_label(label: str, unit: str, *notes: str) -> str:
    """Return the label of an axis with its unit and what stands in brackets: `Top-1, % (timm)`."""
    text = ", ".join(filter(None, [label, unit]))
    note = ", ".join(filter(None, notes))
    return one_line(f"{text} ({note})" if note else text)


def list_few(names: Sequence[str], most: int = FEW) -> str:
    """Return a few names, and how many more there are: `a, b, c and 4 more`."""
    text = ", ".join(names[:most])
    more = len(names) - most
    return _("%(names)s and %(count)s more", names=text, count=more) if more > 0 else text


def pareto(points: Sequence[Point]) -> list[Point]:
    """Return the points that no other point dominates by lower cost or higher gain.

    Points equal in both are on the frontier together.
    """
    frontier: list[Point] = []
    for point in sorted(points, key=lambda p: (p.x, -p.y)):
        last = frontier[-1] if frontier else None
        if last is None or point.y > last.y or (point.x, point.y) == (last.x, last.y):
            frontier.append(point)
    return frontier
