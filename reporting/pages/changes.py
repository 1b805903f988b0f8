"""What changed in the zoo: a page, a feed and a file, from the history beside the evidence."""

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from zoo.model_index.ledger.history import Change, Moment
from zoo.model_index.quantities.table import BY_KEY
from zoo.reporting.i18n.gettext import N_, _, n_
from zoo.reporting.pages.base import Page, Site
from zoo.reporting.text.escape import one_line, printable
from zoo.reporting.views.verdicts import BY_KEY as STANDINGS

PAGE = "changes/index.md"
FEED = "feeds/changes.atom"
MOST = 500  # changes on the page; the file has them all
ENTRIES = 50  # of the feed
LINES = 200  # of an entry
KINDS = {
    "verdict": N_("Verdicts that changed"),
    "claim": N_("Claims that are printed otherwise"),
    "added": N_("New claims"),
    "removed": N_("Claims that are gone"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A moment with the changes that the page tells of it, by kind; `left` are told by the file
    alone."""

    moment: Moment
    kinds: tuple[tuple[str, tuple[Change, ...]], ...]
    left: int


def pages(site: Site) -> Iterator[Page]:
    """The page, the newest first."""
    models = {model.name: model for model in site.catalogue.models}
    context = {
        "told": told(site.catalogue.zoo.history.moments),
        "kinds": KINDS,
        "standing": STANDINGS,
        "anchors": _anchors(site),
        "models": models,
        "faults": site.catalogue.zoo.history.faults,
        "feed": FEED,
    }
    yield Page(PAGE, "changes.md.j2", context)


def _anchors(site: Site) -> dict[tuple[str, ...], str]:
    """By model, publisher and quantity, the anchor of the first such claim."""
    found: dict[tuple[str, ...], str] = {}
    for model, check in site.catalogue.checks:
        found.setdefault((model.name, check.claim.publisher, check.claim.quantity), check.anchor)
    return found


def told(moments: Sequence[Moment]) -> list[Told]:
    """The newest moments first, until the page is full."""
    room, result = MOST, []
    for moment in reversed(moments):
        shown = moment.changes[:room]
        room -= len(shown)
        kinds = tuple((kind, tuple(c for c in shown if c.kind == kind)) for kind in KINDS)
        result.append(
            Told(moment, tuple(pair for pair in kinds if pair[1]), len(moment.changes) - len(shown))
        )
    return result


def files(site: Site) -> Iterator[tuple[str, str]]:
    """All changes as JSON, and the feed."""
    moments = site.catalogue.zoo.history.moments
    rows = [
        {
            "at": moment.at,
            "kind": c.kind,
            **_named(c),
            "before": _known(c, "before"),
            "after": _known(c, "after"),
        }
        for moment in moments
        for c in moment.changes
    ]
    yield "downloads/changes.json", json.dumps(rows, indent=1, ensure_ascii=False) + "\n"
    yield FEED, feed(site)


def _named(change: Change) -> dict[str, str]:
    return dict(
        zip(("model", "publisher", "quantity", "dataset", "conditions"), change.key, strict=True)
    )


def _known(change: Change, which: str) -> dict[str, str] | None:
    known = getattr(change, which)
    return (
        {"claimed": known.claimed, "standing": known.standing, "cause": known.cause}
        if known
        else None
    )


def feed(site: Site) -> str:
    """Atom 1.0 (RFC 4287): an entry for each time that something changed. Identifiers follow from
    what they name."""
    settings, moments = site.settings, site.catalogue.zoo.history.moments
    base = settings.url.rstrip("/")
    updated = moments[-1].at if moments else "1970-01-01T00:00:00+00:00"
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<title>{_xml(_('Changes of %(site)s', site=settings.name))}</title>",
        f"<id>{_identifier(settings.url or settings.name)}</id>",
        f"<updated>{_xml(updated)}</updated>",
        f"<author><name>{_xml(settings.name)}</name></author>",
        *([f'<link rel="self" href={quoteattr(f"{base}/{FEED}")}/>'] if base else []),
        f'<link rel="alternate" href={quoteattr(f"{base}/changes/" if base else "../changes/")}/>',
    ]
    for moment in list(reversed(moments))[:ENTRIES]:
        lines += _entry(moment, f"{base}/changes/" if base else "../changes/")
    return "\n".join([*lines, "</feed>"]) + "\n"


def _entry(moment: Moment, page: str) -> Iterator[str]:
    yield "<entry>"
    yield f"<title>{_xml(title(moment))}</title>"
    yield f"<id>{_identifier(moment.name)}</id>"
    yield f"<updated>{_xml(moment.at)}</updated>"
    yield f"<link href={quoteattr(f'{page}#{anchor(moment)}')}/>"
    items = [f"<li>{escape(line)}</li>" for line in _lines(moment)]
    yield f'<content type="html">{_xml("<ul>" + "".join(items) + "</ul>")}</content>'
    yield "</entry>"


def title(moment: Moment) -> str:
    """What a moment is about in a few words."""
    if moment.first:
        return _(
            "The first record: %(claims)s claims of %(models)s models",
            claims=moment.claims,
            models=moment.models,
        )
    return n_("%(count)s change", "%(count)s changes", len(moment.changes) + len(moment.renamed))


def anchor(moment: Moment) -> str:
    """Where the page tells of it."""
    return f"change-{moment.name.lower()}"


def _lines(moment: Moment) -> Iterator[str]:
    if moment.first:
        yield title(moment)
    for old, new in moment.renamed.items():
        yield _("%(old)s is called %(new)s now", old=printable(old), new=printable(new))
    for change in moment.changes[:LINES]:
        yield sentence(change)
    if len(moment.changes) > LINES:
        yield _("%(count)s more", count=len(moment.changes) - LINES)


def sentence(change: Change) -> str:
    """A change as one line: `dpn98, FLOPs of timm: 15003675112 (explained) → 11.67 G (exact)`."""
    model, publisher, quantity, *_rest = map(printable, change.key)
    label = BY_KEY[quantity].label if quantity in BY_KEY else quantity
    before, after = (
        f"{printable(k.claimed)} ({k.standing})" if k else "–"
        for k in (change.before, change.after)
    )
    return f"{model}, {label} of {publisher}: {before} → {after}"


def _identifier(name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"


def _xml(text: str) -> str:
    """Text for an XML document, without what no document may hold."""
    return escape(
        "".join(
            c
            for c in one_line(text)
            if c == "\t" or (ord(c) >= 32 and not 0xD800 <= ord(c) <= 0xDFFF)
        )
    )
