"""Draw two inputs of an image model to scale: the one a page states, and the one that was
counted."""

from markupsafe import Markup

from zoo.model_index.quantities.value import Size
from zoo.reporting.i18n.gettext import _
from zoo.reporting.text.escape import safe

BOX = (206, 162)  # pixels of both rectangles together
BELOW = 20  # for the text below
ROOM = 96  # pixels that a text needs inside a rectangle
LEGIBLE = 28  # pixels that a number needs


def draw_sizes(stated: Size, counted: Size) -> Markup:
    """Draw both inputs, height first, with the same corner; the counted one is dashed."""
    height, width = max(stated[0], counted[0]), max(stated[1], counted[1])
    scale = min(BOX[0] / width, BOX[1] / height)
    (h1, w1), (h2, w2) = (((side * scale) for side in size) for size in (stated, counted))
    more = round((counted[0] * counted[1]) / (stated[0] * stated[1]) * 100 - 100)
    label = _(
        "The page states %(stated)s pixels; its number belongs to %(counted)s pixels, %(more)s.",
        stated=_show(stated),
        counted=_show(counted),
        more=_percent(more),
    )
    below = _("%(size)s, as it was counted", size=_show(counted))
    bottom = height * scale + 16
    parts = [
        f'<svg class="plot inputs" viewBox="0 0 {BOX[0] + 2} {BOX[1] + BELOW}" role="img" '
        f'aria-label="{safe(label)}">',
        f'<rect class="counted" x="1" y="1" width="{w2:.1f}" height="{h2:.1f}"/>',
        f'<rect class="stated" x="1" y="1" width="{w1:.1f}" height="{h1:.1f}"/>',
        *_texts(stated, w1, h1),
        f'<text class="wrong" x="{max(w1, w2):.1f}" y="{bottom:.1f}" text-anchor="end">'
        f"{safe(below)}</text>",
        *_gap(counted[1] - stated[1], w1, w2, h1),
        "</svg>",
    ]
    return Markup("".join(parts))


def _texts(stated: Size, width: float, height: float) -> list[str]:
    """Return the text inside the stated rectangle, the size alone where it is small."""
    lines = [("strong", _show(stated))]
    if width >= ROOM:
        lines.append(("", _("as the page says")))
    start = height / 2 - (len(lines) - 1) * 9 + 4
    return [
        f'<text class="{name}" x="{width / 2:.1f}" y="{start + 18 * number:.1f}" '
        f'text-anchor="middle">{safe(text)}</text>'
        for number, (name, text) in enumerate(lines)
    ]


def _gap(more: int, inner: float, outer: float, height: float) -> list[str]:
    """Return the number of columns more, where there is room for it."""
    if outer - inner < LEGIBLE:
        return []
    x = (inner + outer) / 2
    return [
        f'<text class="wrong strong" x="{x:.1f}" y="{height / 2 + 4:.1f}" '
        f'text-anchor="middle">+{more}</text>'
    ]


def _show(size: Size) -> str:
    return f"{size[0]} × {size[1]}"


def _percent(more: int) -> str:
    if more >= 0:
        return _("%(number)s %% more", number=more)
    return _("%(number)s %% less", number=-more)
