"""The stages of a model as a picture: boxes from top to bottom, and beside each what it costs."""

from collections.abc import Sequence

from markupsafe import Markup

from zoo.reporting.i18n.gettext import _
from zoo.reporting.text.escape import safe
from zoo.reporting.text.format import human
from zoo.reporting.views.stages import Stage

WIDTH, BOX, ROW, GAP, TOP = 760, 340, 40, 18, 34
BARS = 370  # where the bars begin
LONG = 176  # pixels of a bar of 100%
NAME, CONTENTS = 40, 54  # letters that fit into a box


def diagram(stages: Sequence[Stage], label: str) -> Markup:
    """One `<svg>` in the theme's colours; the table beside it says the same."""
    height = TOP + len(stages) * (ROW + GAP)
    second = BARS + LONG + 24
    parts = [
        f'<svg class="zoo-plot zoo-diagram" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{safe(label)}">',
        f'<text class="zoo-plot__axis zoo-diagram__left" x="{BARS}" y="18">{safe(_("Multiply-adds"))}</text>',
        f'<text class="zoo-plot__axis zoo-diagram__left" x="{second}" y="18">{safe(_("Parameters"))}</text>',
    ]
    for number, stage in enumerate(stages):
        y = TOP + number * (ROW + GAP)
        if number:
            parts.append(
                f'<path class="zoo-diagram__arrow" d="M{BOX / 2:g} {y - GAP}v{GAP - 7}m-4 -4l4 4l4 -4"/>'
            )
        parts += _box(stage, y)
        parts += _bar(BARS, y, stage.share, human(stage.macs), 0)
        parts += _bar(second, y, stage.parameter_share, human(stage.parameters), 1)
    return Markup("\n".join([*parts, "</svg>"]))


def _box(stage: Stage, y: int) -> list[str]:
    again = f" ×{stage.repeats}" if stage.repeats > 1 else ""
    name = _short(stage.name or _("the model itself"), NAME - len(again))
    back = (
        f'<rect class="zoo-diagram__box" x="7" y="{y - 5}" width="{BOX - 1}" height="{ROW}" rx="4"/>'
        if again
        else ""
    )
    return [
        back,
        f'<rect class="zoo-diagram__box" x="1" y="{y}" width="{BOX - 1}" height="{ROW}" rx="4"/>',
        f'<text class="zoo-diagram__name" x="10" y="{y + 17}">{safe(name)}{again}</text>',
        f'<text class="zoo-diagram__types" x="10" y="{y + 33}">{safe(_short(stage.contents, CONTENTS))}</text>',
    ]


def _bar(x: int, y: int, share: float, text: str, colour: int) -> list[str]:
    width = max(1.0, LONG * share / 100) if share else 0
    return [
        f'<rect class="zoo-c{colour}" x="{x}" y="{y + 4}" width="{width:.1f}" height="14"/>',
        f'<text class="zoo-diagram__types" x="{x}" y="{y + 33}">{text}, {share:.1f}%</text>',
    ]


def _short(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…"
