"""Write badges for other people's pages: whether a model's claims hold, as SVG and as JSON for
shields.io."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from xml.sax.saxutils import escape, quoteattr

from zoo.reporting.i18n.gettext import ENGLISH, speaking
from zoo.reporting.pages.base import File, Site
from zoo.reporting.text.escape import printable
from zoo.reporting.views.badges import FOLDER, badge_checks
from zoo.reporting.views.catalogue import Check, Model
from zoo.reporting.views.verdicts import BY_KEY

COLOURS = {
    "exact": "#1a7f4b",
    "rounded": "#1a7f4b",
    "consistent": "#1a7f4b",
    "explained": "#8a6100",
    "explained-wrong": "#b3391b",
    "mismatch": "#b3132b",
    "unchecked": "#5c6470",
    "error": "#b3132b",
}
HEIGHT, PADDING = 20, 6
NARROW, WIDE = 4.0, 9.5  # pixels of letters at 11 pixels, the others are 6.6 wide
LETTERS = {**dict.fromkeys("ijlI.,:;'|!()[]1 ", NARROW), **dict.fromkeys("mwMW@%", WIDE)}
LONGEST = 60  # letters of a badge


def files(site: Site) -> Iterator[File]:
    """Yield the badges of the zoo, of each due model and of its quantities: SVG and JSON."""
    with speaking(ENGLISH):  # a badge stands on pages of any language
        checks = [check for _, check in site.catalogue.checks]
        yield from _svg_and_json(f"{FOLDER}/index", site.settings.name, *_summary(checks))
        for model in site.due:
            for file in model_badges(model, model.slug):
                yield replace(file, owner=model.slug)


def model_badges(model: Model, slug: str) -> Iterator[File]:
    """Yield a model's badges under a slug, its own or a former one."""
    yield from _svg_and_json(f"{FOLDER}/{slug}", "claims", *_summary(model.checks))
    for check in badge_checks(model):
        text = f"{printable(check.claim.printed)} {BY_KEY[check.verdict_badge.key].label}"
        yield from _svg_and_json(
            f"{FOLDER}/{slug}/{check.claim.quantity}",
            check.claim.row.label,
            text,
            check.verdict_badge.key,
        )


def _summary(checks: Iterable[Check]) -> tuple[str, str]:
    """Return `19 of 22 hold`, and the verdict that gives the badge its colour."""
    compared = [check for check in checks if check.verdict_badge.key != "unchecked"]
    failing = sum(check.finding.fails() for check in compared)
    if not compared:
        return "unchecked", "unchecked"
    return f"{len(compared) - failing} of {len(compared)} hold", "mismatch" if failing else "exact"


def _svg_and_json(path: str, label: str, message: str, verdict: str) -> Iterator[File]:
    label, message = printable(label)[:LONGEST], message[:LONGEST]
    endpoint = {"schemaVersion": 1, "label": label, "message": message, "color": COLOURS[verdict]}
    yield File(f"{path}.svg", badge(label, message, COLOURS[verdict]))
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
