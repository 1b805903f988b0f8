"""Draw published counts beside the measured ones of a family: a row a model, a cross for each wrong
number, and how far it is from what was measured.

A publisher that counts two operations per multiply-add is compared with twice the measured number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from zoo.model_index.findings import Standing
from zoo.reporting.i18n.gettext import N_, _, n_
from zoo.reporting.plots.axes import Axis, linear_axis, logarithmic_axis, tick_text
from zoo.reporting.plots.canvas import Canvas
from zoo.reporting.plots.marks import short
from zoo.reporting.plots.parts import frame, names, text
from zoo.reporting.plots.point_names import CHARACTER, Label, Wish, around, place
from zoo.reporting.plots.scatter import list_few
from zoo.reporting.text.escape import safe
from zoo.reporting.views.catalogue import Check, Model

MOST = 14  # rows, those that are furthest off first
WIDTHS = {"wide-only": 960, "narrow-only": 358}
ROW, TOP, BOTTOM = 34, 26, 38
LETTERS = {"wide-only": 28, "narrow-only": 13}  # of a model's name
FAR = 20  # from this ratio of largest to smallest on, the axis is logarithmic
CROSS = "m-4.5-4.5l9 9m0-9l-9 9"
# Quantity of the index, what it is called on the axis, and how many make one of its unit.
QUANTITIES = (
    ("flops", N_("G operations"), Decimal(10**9)),
    ("parameters", N_("M parameters"), Decimal(10**6)),
)


@dataclass(frozen=True, slots=True)
class PublishedCount:
    """A published count: its publisher, its value and what it should be, in the axis' unit."""

    publisher: str
    value: float
    true: float
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A model with its measured count and the published ones."""

    name: str
    measured: float
    published: tuple[PublishedCount, ...]

    @property
    def off(self) -> float:
        """Return by what factor the worst published count is off."""
        return max((max(p.value / p.true, p.true / p.value) for p in self.published), default=1)


@dataclass(frozen=True, slots=True)
class Dumbbell:
    """The finished drawing for both widths, with its legend, and the models it leaves out."""

    svg: Markup
    quantity: str
    left_out: tuple[str, ...]


def dumbbell(models: Sequence[Model]) -> Dumbbell | None:
    """Return the drawing of the quantity with most wrong claims; None where no measured one is
    wrong."""
    candidates = [(key, label, list(_rows(models, key, unit))) for key, label, unit in QUANTITIES]
    key, label, rows = max(candidates, key=lambda candidate: _count_wrong(candidate[2]))
    if not _count_wrong(rows):
        return None
    worst = sorted(rows, key=lambda row: -row.off)[:MOST]
    shown = [row for row in rows if row in worst]
    names_ = {row.name for row in shown}
    drawings = [_draw(shown, _(label), kind) for kind in WIDTHS]
    rest = tuple(model.name for model in models if model.name not in names_)
    return Dumbbell(Markup("").join([_legend(shown), *drawings]), key, rest)


def _count_wrong(rows: Sequence[Row]) -> int:
    return sum(published.is_wrong for row in rows for published in row.published)


def _rows(models: Sequence[Model], quantity: str, unit: Decimal) -> Iterator[Row]:
    """Yield the models whose count was measured and is published."""
    for model in models:
        measured = model.macs if quantity == "flops" else model.parameters
        if not measured:
            continue
        true = Decimal(measured) / unit
        checks = [c for c in model.checks if c.claim.quantity == quantity]
        published = tuple(p for check in checks if (p := _published(check, true, unit)))
        if published:
            yield Row(model.name, float(true), published)


def _published(check: Check, true: Decimal, unit: Decimal) -> PublishedCount | None:
    """Return a judged claim; where two operations per multiply-add are nearer, beside those."""
    value = check.claim.value
    if check.finding.standing is Standing.UNKNOWN or not isinstance(value, Decimal) or value <= 0:
        return None
    number = value / unit
    doubled = check.claim.quantity == "flops" and not check.finding.causes
    if doubled and abs(number - 2 * true) < abs(number - true):
        true = 2 * true
    is_wrong = check.finding.standing is Standing.WRONG
    return PublishedCount(check.claim.publisher, float(number), float(true), is_wrong)


def _draw(rows: Sequence[Row], unit: str, kind: str) -> Markup:
    most = LETTERS[kind]
    shown = [row.name if len(row.name) <= most else f"{row.name[: most - 1]}…" for row in rows]
    left = int(max(map(len, shown)) * (CHARACTER + 0.4)) + 14
    height = TOP + ROW * len(rows) + BOTTOM
    canvas = Canvas(WIDTHS[kind], height, left=left, right=14, top=TOP, bottom=BOTTOM)
    axis = _axis(rows, canvas)
    parts = [*_ticks(axis, canvas, unit)]
    lines, crosses, dots, circles, ticks = "", "", "", "", ""
    for number, row in enumerate(rows):
        y = TOP + ROW * number + ROW // 2
        parts.append(text(0, y + 4, shown[number], style="strong"))
        dots += f"M{short(axis.pixel(row.measured))} {y}{DOT}"
        for p in row.published:
            at, true = axis.pixel(p.value), axis.pixel(p.true)
            if p.true != row.measured:
                circles += f"M{short(true)} {y}{DOT}"
            if p.is_wrong:
                lines += f"M{short(true)} {y}H{short(at)}"
                crosses += f"M{short(at)} {y}{CROSS}"
            else:
                ticks += f"M{short(at)} {y - 13}{TICK}"
    stroke = 'fill="none" stroke="var(--{})" stroke-width="2"'
    parts += [
        f'<path {stroke.format("wrong")} stroke-opacity=".5" d="{lines}"/>',
        f'<path fill="var(--right)" d="{dots}"/>',
        f'<path fill="var(--paper)" stroke="var(--right)" stroke-width="2" d="{circles}"/>',
        f'<path {stroke.format("right")} d="{ticks}"/>',
        f'<path {stroke.format("wrong")} stroke-linecap="round" d="{crosses}"/>',
    ]
    parts += names(_publisher_labels(rows, axis, canvas))
    return frame(canvas, _describe(rows), parts, kind)


DOT = "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z"
TICK = "m-4 0 3 3 6-7"


def _axis(rows: Sequence[Row], canvas: Canvas) -> Axis:
    numbers = [n for row in rows for p in row.published for n in (row.measured, p.value, p.true)]
    start, end = canvas.left + 8, canvas.rightmost - 8
    if max(numbers) / min(numbers) >= FAR:
        return logarithmic_axis(numbers, start, end)
    return linear_axis(numbers, start, end, zero=True)


def _ticks(axis: Axis, canvas: Canvas, unit: str) -> Iterator[str]:
    lines = "".join(f"M{short(axis.pixel(t))} {TOP - 6}V{canvas.lowest}" for t in axis.ticks)
    yield f'<path class="grid" d="{lines}"/>'
    for tick in axis.ticks:
        shown = tick_text(tick)
        yield text(axis.pixel(tick), canvas.lowest + 16, shown, anchor="middle", style="faint")
    yield text(canvas.width, canvas.height - 4, unit, anchor="end", style="faint")


def _publisher_labels(rows: Sequence[Row], axis: Axis, canvas: Canvas) -> list[Label]:
    """Name the publisher of the wrong numbers, once each, at the row where they are furthest."""
    boxes = []
    for number, row in enumerate(rows):
        y = TOP + ROW * number + ROW // 2
        boxes += [around((axis.pixel(x), y)) for p in row.published for x in (p.value, p.true)]
        boxes.append(around((axis.pixel(row.measured), y)))
    publishers = dict.fromkeys(p.publisher for row in rows for p in row.published if p.is_wrong)
    wishes = []
    for publisher in publishers:
        own = [
            (abs(axis.pixel(p.value) - axis.pixel(p.true)), axis.pixel(p.value), number)
            for number, row in enumerate(rows)
            for p in row.published
            if p.is_wrong and p.publisher == publisher
        ]
        _gap, x, number = max(own)
        wishes.append(Wish((x, TOP + ROW * number + ROW // 2), publisher))
    return place(wishes, boxes, (canvas.left, 0, canvas.width, canvas.lowest))


def _legend(rows: Sequence[Row]) -> Markup:
    """Return the marks that the drawing has, each with its name."""
    published = [(row, p) for row in rows for p in row.published]
    by = list(dict.fromkeys(p.publisher for _, p in published if p.is_wrong))
    stroke = 'fill="none" stroke="var(--{})" stroke-width="2"'
    items = [
        (f'fill="var(--right)" d="M0 0{DOT}"', _("measured")),
        (
            f'fill="var(--paper)" stroke="var(--right)" stroke-width="2" d="M0 0{DOT}"',
            _("twice the measured") if any(p.true != row.measured for row, p in published) else "",
        ),
        (
            f'{stroke.format("wrong")} d="M0 0{CROSS}"',
            _("published, wrong: %(publishers)s", publishers=list_few(by)),
        ),
        (
            f'{stroke.format("right")} d="M0 0{TICK}"',
            _("published, right") if any(not p.is_wrong for _, p in published) else "",
        ),
    ]
    shown = (
        f'<li><svg viewBox="-7 -7 14 14" aria-hidden="true"><path {drawn}/></svg>{safe(name)}</li>'
        for drawn, name in items
        if name
    )
    return Markup(f'<ul class="key">{"".join(shown)}</ul>')


def _describe(rows: Sequence[Row]) -> str:
    """Say for readers of the page who do not see it what the drawing shows."""
    return n_(
        "Published numbers of %(count)s model beside the measured ones; wrong: %(wrong)s",
        "Published numbers of %(count)s models beside the measured ones; wrong: %(wrong)s",
        len(rows),
        wrong=_count_wrong(rows),
    )
