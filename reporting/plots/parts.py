"""Parts that every drawing shares: the frame with its description, ticks, and names of points."""

from collections.abc import Iterable, Iterator

from markupsafe import Markup

from zoo.reporting.plots.axes import Axis, tick_text
from zoo.reporting.plots.canvas import Canvas
from zoo.reporting.plots.marks import short
from zoo.reporting.plots.point_names import CHARACTER, Label
from zoo.reporting.text.escape import one_line, safe


def frame(
    canvas: Canvas, label: str, parts: Iterable[str], kind: str = "", role: str = "img"
) -> Markup:
    """Return one `<svg>` in the page's colours; `label` says in a sentence what it shows,
    `kind` are further classes: `wide-only`. A drawing with links is a `group`."""
    style = f"plot {kind}".strip()
    head = (
        f'<svg class="{style}" viewBox="0 0 {canvas.width} {canvas.height}" role="{role}" '
        f'aria-label="{safe(one_line(label))}">'
    )
    return Markup("".join([head, *parts, "</svg>"]))


def text(x: float, y: float, words: str, *, anchor: str = "", style: str = "") -> str:
    """Return a text whose baseline is at `y`; `anchor` is `middle` or `end`."""
    where = f'x="{short(x)}" y="{short(y)}"'
    anchored = f' text-anchor="{anchor}"' if anchor else ""
    styled = f' class="{style}"' if style else ""
    return f"<text{styled} {where}{anchored}>{safe(one_line(words))}</text>"


def grid(canvas: Canvas, x: Axis, y: Axis) -> Iterator[str]:
    """Draw the lines and numbers of the ticks of both axes."""
    rows = [(short(y.pixel(tick)), tick) for tick in y.ticks]
    lines = "".join(f"M{canvas.left} {at}H{canvas.rightmost}" for at, _ in rows)
    yield f'<path class="grid" d="{lines}"/>'
    numbers = [
        text(canvas.left - 6, y.pixel(tick) + 4, tick_text(tick), anchor="end") for tick in y.ticks
    ]
    numbers += [
        text(x.pixel(tick), canvas.lowest + 16, tick_text(tick), anchor="middle")
        for tick in x.ticks
    ]
    yield f'<g class="faint">{"".join(numbers)}</g>'


def axis_names(canvas: Canvas, x: str, y: str) -> Iterator[str]:
    """Write the name of the y axis at the left and of the x axis at the right, below the ticks;
    where both have no room, the former is cut."""
    room = int(canvas.rightmost / CHARACTER) - len(x) - 2
    y = y if len(y) <= room else f"{y[: max(1, room - 1)]}…"
    yield text(0, canvas.height - 4, y, style="faint")
    yield text(canvas.rightmost, canvas.height - 4, x, anchor="end", style="faint")


def names(labels: Iterable[Label], style: str = "") -> Iterator[str]:
    """Write the names of points, with a line to those further away; `style` is a further class."""
    labels = list(labels)
    lines = "".join(
        f"M{short(label.spot[0])} {short(label.spot[1])}L{short(label.x)} {short(label.y - 4)}"
        for label in labels
        if label.is_far
    )
    if lines:
        yield f'<path class="base" d="{lines}"/>'
    for anchor in ("start", "middle", "end"):
        words = [text(x.x, x.y, x.text) for x in labels if x.anchor == anchor]
        if words:
            yield f'<g class="halo{style}" text-anchor="{anchor}">{"".join(words)}</g>'
