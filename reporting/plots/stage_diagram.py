"""Draw the stages of a model: boxes from top to bottom, and the cost of each beside it."""

from collections.abc import Sequence

from markupsafe import Markup

from zoo.model_index.ledger.stages import Stage
from zoo.model_index.quantities.show import human
from zoo.reporting.i18n.gettext import _
from zoo.reporting.text.escape import safe

WIDTH, BOX, ROW, GAP, TOP = 760, 340, 40, 18, 34
BARS = 370  # where the bars begin
HEADING = "zoo-plot__axis zoo-diagram__left"  # the class of the text over the bars
LONG = 176  # pixels of a bar of 100%
NAME, CONTENTS = 40, 54  # letters that fit into a box


def diagram(stages: Sequence[Stage], label: str) -> Markup:
    """Draw one `<svg>` in the theme's colours; the table beside it has the same numbers."""
    height = TOP + len(stages) * (ROW + GAP)
    second = BARS + LONG + 24
    parts = [
        f'<svg class="zoo-plot zoo-diagram" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{safe(label)}">',
        f'<text class="{HEADING}" x="{BARS}" y="18">{safe(_("Multiply-adds"))}</text>',
        f'<text class="{HEADING}" x="{second}" y="18">{safe(_("Parameters"))}</text>',
    ]
    for number, stage in enumerate(stages):
        y = TOP + number * (ROW + GAP)
        if number:
            arrow = f"M{BOX / 2:g} {y - GAP}v{GAP - 7}m-4 -4l4 4l4 -4"
            parts.append(f'<path class="zoo-diagram__arrow" d="{arrow}"/>')
        parts += _box(stage, y)
        parts += _bar(BARS, y, stage.share, human(stage.macs), 0)
        parts += _bar(second, y, stage.parameter_share, human(stage.parameters), 1)
    return Markup("\n".join([*parts, "</svg>"]))


def _box(stage: Stage, y: int) -> list[str]:
    again = f" ×{stage.repeats}" if stage.repeats > 1 else ""
    name = _short(stage.name or _("the model itself"), NAME - len(again))
    contents = _short(stage.contents, CONTENTS)
    return [
        _rectangle(7, y - 5) if again else "",
        _rectangle(1, y),
        f'<text class="zoo-diagram__name" x="10" y="{y + 17}">{safe(name)}{again}</text>',
        f'<text class="zoo-diagram__types" x="10" y="{y + 33}">{safe(contents)}</text>',
    ]


def _rectangle(x: int, y: int) -> str:
    size = f'width="{BOX - 1}" height="{ROW}"'
    return f'<rect class="zoo-diagram__box" x="{x}" y="{y}" {size} rx="4"/>'


def _bar(x: int, y: int, share: float, text: str, colour: int) -> list[str]:
    width = max(1.0, LONG * share / 100) if share else 0
    return [
        f'<rect class="zoo-c{colour}" x="{x}" y="{y + 4}" width="{width:.1f}" height="14"/>',
        f'<text class="zoo-diagram__types" x="{x}" y="{y + 33}">{text}, {share:.1f}%</text>',
    ]


def _short(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…"
