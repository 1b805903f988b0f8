"""Write the changes of the zoo as an Atom feed, and all of them as JSON."""

import json
import uuid
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from zoo.model_index.ledger.history import ClaimChange, Moment
from zoo.model_index.quantities.table import row_of
from zoo.reporting.i18n.gettext import _
from zoo.reporting.pages.base import File, Site
from zoo.reporting.pages.changes.lines import title
from zoo.reporting.pages.changes.page import FEED, anchor
from zoo.reporting.text.escape import one_line, printable

MAX_ENTRIES = 50  # moments in the feed
MAX_LINES = 200  # changes in an entry
KEY = ("model", "publisher", "quantity", "dataset", "conditions")


def files(site: Site) -> Iterator[File]:
    """Yield all changes as JSON, and the feed."""
    rows = [
        {
            "at": moment.at,
            "kind": change.kind,
            **dict(zip(KEY, change.key, strict=True)),
            "before": _state(change, "before"),
            "after": _state(change, "after"),
        }
        for moment in site.catalogue.zoo.history.moments
        for change in moment.changes
    ]
    text = json.dumps(rows, indent=1, ensure_ascii=False)
    yield File("downloads/changes.json", f"{text}\n")
    yield File(FEED, feed(site))


def _state(change: ClaimChange, which: str) -> dict[str, str] | None:
    state = getattr(change, which)
    if not state:
        return None
    return {"claimed": state.claimed, "verdict": state.verdict, "cause": state.cause}


def feed(site: Site) -> str:
    """Return the feed as Atom 1.0 (RFC 4287): an entry for each moment, the newest first.

    Identifiers follow from the names of what they identify.
    """
    settings, moments = site.settings, site.catalogue.zoo.history.moments
    base = settings.url.rstrip("/")
    page = f"{base}/changes/" if base else "../changes/"
    updated = moments[-1].at if moments else "1970-01-01T00:00:00+00:00"
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<title>{_xml(_('Changes of %(site)s', site=settings.name))}</title>",
        f"<id>{_identifier(_site_name(site))}</id>",
        f"<updated>{_xml(updated)}</updated>",
        f"<author><name>{_xml(settings.name)}</name></author>",
        *(
            [f'<link rel="self" type="application/atom+xml" href={quoteattr(f"{base}/{FEED}")}/>']
            if base
            else []
        ),
        _link("alternate", "text/html", page),
    ]
    for moment in list(reversed(moments))[:MAX_ENTRIES]:
        lines += _entry(moment, page, _site_name(site))
    return "\n".join([*lines, "</feed>"]) + "\n"


def _link(relation: str, kind: str, address: str) -> str:
    return f'<link rel="{relation}" type="{kind}" href={quoteattr(address)}/>'


def _site_name(site: Site) -> str:
    """Return what tells this site from others: its address, else its name."""
    return site.settings.url or site.settings.name


def _entry(moment: Moment, page: str, of: str) -> Iterator[str]:
    items = "".join(f"<li>{escape(line)}</li>" for line in _lines(moment))
    yield "<entry>"
    yield f"<title>{_xml(title(moment))}</title>"
    yield f"<id>{_identifier(f'{of} {moment.name}')}</id>"
    yield f"<updated>{_xml(moment.at)}</updated>"
    yield f"<link href={quoteattr(f'{page}#{anchor(moment)}')}/>"
    yield f'<content type="html">{_xml(f"<ul>{items}</ul>")}</content>'
    yield "</entry>"


def _lines(moment: Moment) -> Iterator[str]:
    if moment.first:
        yield title(moment)
    for old, new in moment.renamed.items():
        yield _("%(old)s is called %(new)s now", old=printable(old), new=printable(new))
    for change in moment.changes[:MAX_LINES]:
        yield sentence(change)
    if len(moment.changes) > MAX_LINES:
        yield _("%(count)s more", count=len(moment.changes) - MAX_LINES)


def sentence(change: ClaimChange) -> str:
    """Return a change as a line: `dpn98, FLOPs of timm: 15003675112 (explained) → 11.67 G
    (exact)`."""
    model, publisher, quantity, *_rest = map(printable, change.key)
    label = row_of(quantity).label
    before, after = (
        f"{printable(state.claimed)} ({state.verdict})" if state else "–"
        for state in (change.before, change.after)
    )
    return f"{model}, {label} of {publisher}: {before} → {after}"


def _identifier(name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"


def _xml(text: str) -> str:
    """Escape text for XML, without the characters that no XML document may hold."""
    return escape("".join(c for c in one_line(text) if _allowed_in_xml(c)))


def _allowed_in_xml(character: str) -> bool:
    code = ord(character)
    return character == "\t" or (code >= 32 and not 0xD800 <= code <= 0xDFFF)
