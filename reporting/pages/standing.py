"""Make the HTML of a standing, a correction and a number with its unit.

Functions, as in `zoo.reporting.pages.html`: a page shows them for each of its claims, and the call
of a macro takes longer than its work. `parts/standing.j2` has what a page shows once.
"""

from functools import lru_cache

from markupsafe import Markup

from zoo.model_index.findings import Standing
from zoo.reporting.i18n.gettext import N_, _, current
from zoo.reporting.text import escape
from zoo.reporting.text.escape import safe

WORDS: dict[str, str] = {
    Standing.WRONG: N_("wrong"),
    Standing.RIGHT: N_("right"),
    Standing.UNKNOWN: N_("unknown"),
}

LONGEST = 22  # characters of a file's name; of a longer one HEAD and TAIL are shown
HEAD, TAIL = 10, 11


def standing(kind: str, words: str = "") -> Markup:
    """Return a standing's word; `words` replace it ("3 wrong"). The style adds sign and colour."""
    return _standing(kind, words, current())


@lru_cache(maxsize=1024)
def _standing(kind: str, words: str, language: str) -> Markup:
    shown = safe(escape.one_line(words)) if words else safe(_(WORDS[kind]))
    return Markup(f'<span class="st st--{kind}">{shown}</span>')


def tally(wrong: int, right: int, unknown: int) -> Markup:
    """Return counts of claims by standing, the wrong ones first; none of a count of zero."""
    counts = zip(WORDS, (wrong, right, unknown), strict=True)
    shown = (standing(kind, f"{count:,} {_(WORDS[kind])}") for kind, count in counts if count)
    return Markup(f'<span class="tally">{Markup(" ").join(shown)}</span>')


def correction(published: str, use: str) -> Markup:
    """Return a published number struck through, the number to use beside it; without one to use,
    the published number alone."""
    old = f"<del>{safe(escape.one_line(published))}</del>"
    new = f" <ins>{safe(escape.one_line(use))}</ins>" if use else ""
    return Markup(f'<span class="fix">{old}{new}</span>')


def with_unit(number: str, unit: str) -> Markup:
    """Return a number with its unit in grey."""
    shown = safe(escape.one_line(number))
    return Markup(f"{shown}<small>{safe(escape.one_line(unit))}</small>") if unit else shown


def where_link(where: str, address: str | None) -> Markup:
    """Return file and line of a claim, as a link where its repository's address is known; a long
    name of a file without its middle."""
    return Markup(f'<span class="src">{place_link(where, address)}</span>')


def place_link(where: str, address: str | None) -> str:
    """Return the link of `where_link`, for a cell that has its style."""
    whole = escape.one_line(where)
    file, colon, number = whole.rpartition(":")
    short = f"{file[:HEAD]}…{file[-TAIL:]}" if len(file) > LONGEST else file
    # breaks at the line
    shown = f"{escape.line(short)}<wbr>{colon}{safe(number)}" if file else str(safe(number))
    title = f' title="{safe(whole)}"' if short != file else ""
    target = escape.web_address(address) if address else None
    if target:
        return f'<a href="{safe(target)}"{title}>{shown}</a>'
    return f"<span{title}>{shown}</span>" if title else shown


TABLE = {
    "standing": standing,
    "tally": tally,
    "correction": correction,
    "with_unit": with_unit,
    "where_link": where_link,
}
