"""Draw the picture that stands beside a shared link: an index card with what is wrong, as PNG.

Pillow draws it, with the letters that matplotlib brings along. The card without text is drawn once,
four times as large, so that its edges are smooth; a page's card takes a few milliseconds. Sixteen
colours are enough for text on paper, and keep the file below 8 KB.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 630
LARGE = 4  # times, of the card without text
LEFT, RIGHT = 96, 1104
PAPER, CARD, INK, INK_2, INK_3 = "#fdfcfa", "#ffffff", "#171b23", "#454d5b", "#646c7a"
RULE, RULE_2, ACCENT = "#e6e2d9", "#cfc9bc", "#2546c4"
TONES = {"wrong": "#bd2616", "right": "#17734a", "unknown": INK_3}
SIGNS = {"right": "✓ ", "unknown": "? ", "wrong": "✗ "}
COLUMNS = (96, 372, 612, 872)
OLD, NEW, WHY = 420, 566, 780  # where the parts of a correction begin
VALUE, SIZES = 224, (40, 34, 28, 23)  # width of a large number, and its sizes
LEVEL = 6  # of the compression: 9 takes four times as long for 3% less


@dataclass(frozen=True, slots=True)
class CardValue:
    """A large number, its unit below it, and its standing, if it has one, in a word."""

    number: str
    unit: str
    standing: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class CardCorrection:
    """A wrong number: what it is, as published, what to use, and why."""

    what: str
    old: str
    new: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The texts of a picture; `standing` is that of `tally`, a count of numbers."""

    name: str
    kind: str
    tally: str
    standing: str
    rows: Sequence[CardCorrection] = field(default=())
    values: Sequence[CardValue] = field(default=())
    date: str = ""


def draw_card(card: Card, scale: float = 1.0) -> bytes | None:
    """Return the picture of a card as PNG, 1200 by 630 pixels times `scale`; None where the letters
    at hand lack one of its name, as they do for Chinese."""
    if not has_letters(card.name):
        return None
    sheet = Sheet(_blank(scale).copy(), scale)
    sheet.text((LEFT, 140), card.name, 60, INK, bold=True, width=820)
    sheet.text((LEFT + 2, 174), card.kind, 21, INK_3, width=760)
    sheet.text((RIGHT, 174), card.date, 19, INK_3, anchor="rs")
    sheet.sign((LEFT, 226), card.standing)
    sheet.text((142, 251), card.tally, 29, TONES[card.standing], bold=True, width=960)
    for number, row in enumerate(card.rows[:2]):
        _correction(sheet, 318 + 48 * number, row)
    sheet.line([LEFT, 402, RIGHT, 402], RULE, 2)
    for x, value in zip(COLUMNS, card.values[: len(COLUMNS)], strict=False):
        _value(sheet, x, value)
    return _png(sheet.image)


def has_letters(text: str) -> bool:
    """Return whether the font at hand has every letter of a text."""
    known = _letters()
    return all(ord(letter) in known for letter in text)


def _correction(sheet: "Sheet", y: int, row: CardCorrection) -> None:
    sheet.text((LEFT, y), row.what, 24, INK_2, width=OLD - LEFT - 16)
    end = sheet.text((OLD, y), row.old, 24, INK_2, width=NEW - OLD - 20)
    sheet.line([OLD - 4, y - 9, end + 4, y - 9], TONES["wrong"], 3)
    sheet.text((NEW, y), row.new, 24, INK, bold=True, width=WHY - NEW - 16)
    sheet.text((WHY, y), row.why, 20, INK_2, width=RIGHT - WHY)


def _value(sheet: "Sheet", x: int, value: CardValue) -> None:
    """Write a large number, made smaller where it is long, and what it is."""
    size = next((size for size in SIZES if sheet.length(value.number, size) <= VALUE), SIZES[-1])
    sheet.text((x, 468), value.number, size, INK, bold=True, width=VALUE)
    words = f"{SIGNS[value.standing]}{value.words}" if value.standing else value.words
    if value.unit:
        sheet.text((x, 502), value.unit, 20, INK_3, width=VALUE)
    at = (x, 532 if value.unit else 502)
    sheet.text(at, words, 19, TONES.get(value.standing, INK_3), width=VALUE)


class Sheet:
    """A picture to draw on, in pixels of the full size."""

    def __init__(self, image: Image.Image, scale: float):
        self.image, self.scale = image, scale
        self.pen = ImageDraw.Draw(image)

    def at(self, *values: float) -> list[float]:
        """Return lengths in pixels of this picture."""
        return [self.scale * value for value in values]

    def line(self, points: Sequence[float], colour: str, width: float) -> None:
        """Draw a line through points: x, y, x, y."""
        self.pen.line(self.at(*points), colour, max(1, round(width * self.scale)), "curve")

    def box(
        self, ends: Sequence[float], radius: float, fill: str, edge: str = "", width: float = 0
    ) -> None:
        """Draw a box with round corners."""
        thick = round(width * self.scale)
        round_by = radius * self.scale
        self.pen.rounded_rectangle(self.at(*ends), round_by, fill, edge or None, thick)

    def length(self, text: str, size: int) -> float:
        """Return the length of a bold line."""
        return _font(size * self.scale, True).getlength(text) / self.scale

    def text(
        self,
        at: tuple[int, int],
        text: str,
        size: int,
        colour: str,
        *,
        bold: bool = False,
        width: int = RIGHT - LEFT,
        anchor: str = "ls",
    ) -> float:
        """Write a line on its base line, cut to a width; return where it ends."""
        font = _font(size * self.scale, bold)
        length = font.getlength(text)
        while text and length > width * self.scale:
            text = f"{text.rstrip('…')[: -max(1, len(text) // 12)]}…" if len(text) > 1 else ""
            length = font.getlength(text)
        x, y = self.at(*at)
        self.pen.text((x, y), text, fill=colour, font=font, anchor=anchor)
        return at[0] + length / self.scale

    def sign(self, at: tuple[int, int], standing: str) -> None:
        """Draw the sign of a standing, 30 pixels wide."""
        x, y = at
        if standing == "wrong":
            self.box((x, y, x + 30, y + 30), 7, TONES["wrong"])
            self.line((x + 9, y + 9, x + 21, y + 21), CARD, 4)
            self.line((x + 21, y + 9, x + 9, y + 21), CARD, 4)
        elif standing == "right":
            self.line((x + 3, y + 16, x + 11, y + 24, x + 27, y + 5), TONES["right"], 5)
        else:
            self.box((x, y, x + 30, y + 30), 15, CARD, TONES["unknown"], 3)
            self.text((x + 15, y + 24), "?", 22, TONES["unknown"], bold=True, anchor="ms")


@cache
def _font(size: float, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_fonts() / f"DejaVuSans{'-Bold' if bold else ''}.ttf", size)


@cache
def _fonts() -> Path:
    from matplotlib import get_data_path

    return Path(get_data_path()) / "fonts" / "ttf"


@cache
def _letters() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(_fonts() / "DejaVuSans.ttf")).get_charmap())


@cache
def _blank(scale: float) -> Image.Image:
    """Draw the card without text: paper, border, the line below the head, the mark."""
    large = LARGE * scale
    sheet = Sheet(Image.new("RGB", (round(WIDTH * large), round(HEIGHT * large)), PAPER), large)
    sheet.box((56, 52, 1144, 578), 14, CARD, RULE_2, 2)
    sheet.line((57, 196, 1143, 196), ACCENT, 4)

    def mark(*points: float) -> list[float]:
        """Return points of the mark, which is 32 wide, where it stands."""
        return [(88 if n % 2 else 968) + 2 * point for n, point in enumerate(points)]

    sheet.box(mark(2.1, 5.1, 29.9, 26.9), 6, CARD, INK, 4.4)
    sheet.line(mark(2.5, 11.4, 29.5, 11.4), ACCENT, 4.4)
    sheet.line(mark(7, 19.4, 9.6, 22, 14.4, 16.6), TONES["right"], 5.2)
    sheet.line(mark(19.3, 17, 24.3, 22), TONES["wrong"], 5.2)
    sheet.line(mark(24.3, 17, 19.3, 22), TONES["wrong"], 5.2)
    size = round(WIDTH * scale), round(HEIGHT * scale)
    small = Sheet(sheet.image.resize(size, Image.Resampling.LANCZOS), scale)
    small.text((1038, 136), "zoo", 36, INK, bold=True)
    return small.image


@cache
def _palette() -> Image.Image:
    """Return the colours of all cards: inks, and the steps from each to the card."""
    image = Image.new("P", (1, 1))
    steps = [(INK, 4), (INK_2, 1), (INK_3, 2), (TONES["wrong"], 2), (TONES["right"], 2)]
    colours = [CARD, PAPER, RULE, RULE_2, ACCENT]
    mixed = [_mix(tone, share / count) for tone, count in steps for share in range(1, count + 1)]
    flat = [part for colour in (*map(_rgb, colours), *mixed) for part in colour]
    image.putpalette(flat)
    return image


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def _mix(colour: str, share: float) -> tuple[int, int, int]:
    """Return a colour so much of which covers the card."""
    red, green, blue = (round(255 - share * (255 - part)) for part in _rgb(colour))
    return red, green, blue


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    few = image.quantize(palette=_palette(), dither=Image.Dither.NONE)
    few.save(out, "PNG", compress_level=LEVEL, bits=4)
    return out.getvalue()
