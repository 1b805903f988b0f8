"""Badges for other people's pages: how a model's claims stand, as SVG and as what shields.io
reads."""

import json
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from zoo.reporting.i18n.gettext import ENGLISH, speaking
from zoo.reporting.pages.base import Site
from zoo.reporting.text.escape import printable
from zoo.reporting.views.catalogue import Check, Model
from zoo.reporting.views.verdicts import BY_KEY

FOLDER = "badges"
COLOURS = {
    "exact": "#1a7f4b", "rounded": "#1a7f4b", "consistent": "#1a7f4b", "explained": "#8a6100", "mistake": "#b3391b",
    "mismatch": "#b3132b", "unchecked": "#5c6470", "error": "#b3132b",
}  # fmt: skip
HEIGHT, PADDING = 20, 6
NARROW, WIDE = 4.0, 9.5  # pixels of letters at 11 pixels, the others are 6.6 wide
LETTERS = {**dict.fromkeys("ijlI.,:;'|!()[]1 ", NARROW), **dict.fromkeys("mwMW@%", WIDE)}
COUNTED = (
    "flops",
    "parameters",
    "weights",
    "accuracy",
    "depth",
)  # what a reader chooses by; settings have none
LONG = 60  # letters of a badge


def files(site: Site) -> Iterator[tuple[str, str]]:
    """For the zoo, for each model, and for each quantity that a model's own publisher claims: SVG
    and JSON."""
    with speaking(ENGLISH):  # a badge stands on pages of any language
        checks = [check for _, check in site.catalogue.checks]
        yield from _both(f"{FOLDER}/index", site.settings.name, *_sum(checks))
        for model in site.due:
            yield from of_model(model, model.slug)


def of_model(model: Model, slug: str) -> Iterator[tuple[str, str]]:
    """A model's badges under a slug, its own or a former one."""
    yield from _both(f"{FOLDER}/{slug}", "claims", *_sum(model.checks))
    for check in own(model):
        text = f"{printable(check.claim.printed)} {BY_KEY[check.standing.key].label}"
        yield from _both(
            f"{FOLDER}/{slug}/{check.claim.quantity}",
            check.claim.row.label,
            text,
            check.standing.key,
        )


def own(model: Model) -> list[Check]:
    """The first claim of each quantity, its own publisher's before others'."""
    ours = sorted(model.checks, key=lambda check: check.claim.publisher != model.entry.publisher)
    found: dict[str, Check] = {}
    for check in ours:
        if check.claim.row.check in COUNTED:
            found.setdefault(check.claim.quantity, check)
    return list(found.values())


def _sum(checks: Iterable[Check]) -> tuple[str, str]:
    """`19 of 22 hold`, and the standing whose colour says how it is."""
    found = list(checks)
    compared = [check for check in found if check.standing.key != "unchecked"]
    failing = sum(check.finding.fails() for check in compared)
    if not compared:
        return "unchecked", "unchecked"
    return f"{len(compared) - failing} of {len(compared)} hold", "mismatch" if failing else "exact"


def _both(path: str, label: str, message: str, standing: str) -> Iterator[tuple[str, str]]:
    label, message = printable(label)[:LONG], message[:LONG]
    told = {"schemaVersion": 1, "label": label, "message": message, "color": COLOURS[standing]}
    yield f"{path}.svg", badge(label, message, COLOURS[standing])
    yield f"{path}.json", json.dumps(told, ensure_ascii=False) + "\n"


def badge(label: str, message: str, colour: str) -> str:
    """Two boxes side by side with white text; its title is both texts."""
    left, right = _width(label), _width(message)
    text = escape(f"{label}: {message}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{HEIGHT}" role="img" '
        f"aria-label={quoteattr(f'{label}: {message}')}><title>{text}</title>"
        f'<rect width="{left + right}" height="{HEIGHT}" rx="3" fill="#444"/>'
        f'<path d="M{left} 0h{right - 3}a3 3 0 0 1 3 3v{HEIGHT - 6}a3 3 0 0 1-3 3h-{right - 3}z" fill="{colour}"/>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{left / 2:g}" y="14" textLength="{left - 2 * PADDING}">{escape(label)}</text>'
        f'<text x="{left + right / 2:g}" y="14" textLength="{right - 2 * PADDING}">{escape(message)}</text></g></svg>\n'
    )


def _width(text: str) -> int:
    """Pixels of a box around a text; Chinese and other wide letters are as wide as they are
    high."""
    return round(sum(LETTERS.get(c, 6.6 if ord(c) < 0x2E80 else 11.0) for c in text)) + 2 * PADDING


def markdown(site: Site, model: Model) -> str:
    """What to copy into a README to show the model's badge; None of it needs this site's name."""
    base = site.settings.url.rstrip("/")
    return f"[![claims]({base}/{FOLDER}/{model.slug}.svg)]({base}/models/{model.slug}/)"
