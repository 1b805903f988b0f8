"""Write badges for other people's pages: how a model's claims stand, as SVG and as JSON for
shields.io."""

import json
from collections.abc import Iterator
from dataclasses import replace
from xml.sax.saxutils import escape, quoteattr

from zoo.model_index.findings import Standing
from zoo.reporting.i18n.gettext import ENGLISH, speaking
from zoo.reporting.pages.base import File, Site
from zoo.reporting.pages.settings import BADGES, QUANTITY_BADGES, Settings
from zoo.reporting.text.escape import printable
from zoo.reporting.views.badges import FOLDER, badge_checks
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.claim_lines import Counts, claim_line, counts_of

COLOURS = {Standing.RIGHT: "#1a7f4b", Standing.WRONG: "#b3132b", Standing.UNKNOWN: "#5c6470"}
HEIGHT, PADDING = 20, 6
NARROW, WIDE = 4.0, 9.5  # pixels of letters at 11 pixels, the others are 6.6 wide
LETTERS = {**dict.fromkeys("ijlI.,:;'|!()[]1 ", NARROW), **dict.fromkeys("mwMW@%", WIDE)}
LONGEST = 60  # letters of a badge


def files(site: Site) -> Iterator[File]:
    """Yield the badges that the settings ask for, SVG and JSON: of the zoo, of each due model and
    of its quantities."""
    if not site.settings.asks_for(BADGES, QUANTITY_BADGES):
        return
    with speaking(ENGLISH):  # a badge stands on pages of any language
        counts = counts_of(site.catalogue)
        yield from _svg_and_json(f"{FOLDER}/index", site.settings.name, *_summary(counts))
        for model in site.due:
            for file in model_badges(model, model.slug, site.settings):
                yield replace(file, owner=model.slug)


def model_badges(model: Model, slug: str, settings: Settings) -> Iterator[File]:
    """Yield a model's badges under a slug, its own or a former one."""
    if not settings.asks_for(BADGES, QUANTITY_BADGES):
        return
    yield from _svg_and_json(f"{FOLDER}/{slug}", "claims", *_summary(counts_of(model)))
    for check in badge_checks(model) if settings.asks_for(QUANTITY_BADGES) else ():
        line = claim_line(model, check)
        use = f", use {line.use}" if line.standing is Standing.WRONG and line.use else ""
        message = f"{line.standing}: {printable(line.published)}{printable(use)}"
        path = f"{FOLDER}/{slug}/{check.claim.quantity}"
        yield from _svg_and_json(path, line.quantity, message, line.standing)


def _summary(counts: Counts) -> tuple[str, Standing]:
    """Return `3 of 16 wrong`, or `13 right, 3 unknown`, and the standing that gives the colour."""
    if counts.wrong:
        return f"{counts.wrong} of {counts.total} wrong", Standing.WRONG
    if not counts.right:
        return "unknown", Standing.UNKNOWN
    rest = f", {counts.unknown} unknown" if counts.unknown else ""
    return f"{counts.right} right{rest}", Standing.RIGHT


def _svg_and_json(path: str, label: str, message: str, standing: Standing) -> Iterator[File]:
    label, message, colour = printable(label)[:LONGEST], message[:LONGEST], COLOURS[standing]
    endpoint = {"schemaVersion": 1, "label": label, "message": message, "color": colour}
    yield File(f"{path}.svg", badge(label, message, colour))
    yield File(f"{path}.json", json.dumps(endpoint, ensure_ascii=False) + "\n")


def badge(label: str, message: str, colour: str) -> str:
    """Return the SVG: two boxes side by side with white text; the title has both texts."""
    left, right = _width(label), _width(message)
    title = f"{label}: {message}"
    arc = f"M{left} 0h{right - 3}a3 3 0 0 1 3 3v{HEIGHT - 6}a3 3 0 0 1-3 3h-{right - 3}z"
    font = 'font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{HEIGHT}" '
        f'role="img" aria-label={quoteattr(title)}><title>{escape(title)}</title>'
        f'<rect width="{left + right}" height="{HEIGHT}" rx="3" fill="#444"/>'
        f'<path d="{arc}" fill="{colour}"/><g fill="#fff" {font}>'
        f"{_text(label, left / 2, left)}{_text(message, left + right / 2, right)}</g></svg>\n"
    )


def _text(text: str, middle: float, width: int) -> str:
    length = width - 2 * PADDING
    return f'<text x="{middle:g}" y="14" textLength="{length}">{escape(text)}</text>'


def _width(text: str) -> int:
    """Return the pixels of a box around a text; Chinese and other wide letters are as wide as they
    are high."""
    letters = sum(LETTERS.get(c, 6.6 if ord(c) < 0x2E80 else 11.0) for c in text)
    return round(letters) + 2 * PADDING
