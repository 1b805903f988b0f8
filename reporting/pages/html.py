"""Pieces that a page has a hundred of: a badge, a number, a claim, a link. Made here and not by a
template's macros, because a macro call takes longer than all that it does."""

from functools import lru_cache

from markupsafe import Markup

from zoo.reporting.i18n.gettext import _, current
from zoo.reporting.text import escape
from zoo.reporting.text.escape import safe
from zoo.reporting.text.format import format_measured, format_with_unit, human
from zoo.reporting.views.catalogue import Check
from zoo.reporting.views.verdicts import Standing


def badge(standing: Standing) -> Markup:
    """A verdict with its sign, colour and meaning."""
    return _badge(standing, current())


@lru_cache(maxsize=64)
def _badge(standing: Standing, language: str) -> Markup:
    return Markup(
        f'<span class="zoo-badge zoo-badge--{standing.key}" title="{safe(_(standing.meaning))}">'
        f'<span class="zoo-badge__sign" aria-hidden="true">{safe(standing.sign)}</span>{safe(_(standing.label))}</span>'
    )


def number(value: int | None, unit: str = "") -> Markup:
    """A count as people read it, with all digits in its tooltip."""
    if value is None:
        return Markup(f'<span class="zoo-none">{safe(_("not measured"))}</span>')
    more = f" {safe(unit)}" if unit else ""
    return Markup(f'<span title="{value:,}{more}">{safe(human(value))}</span>')


def claim(check: Check) -> Markup:
    """A claim as printed, its value in full in the tooltip; of an address the file's name."""
    claim_ = check.claim
    shown = escape.one_line(
        claim_.row.show(claim_.value) if claim_.quantity == "weights" else claim_.printed
    )
    return Markup(
        f'<span title="{safe(format_with_unit(check.finding, claim_.value))}">{safe(shown)}</span>'
    )


def measured(check: Check) -> Markup:
    """What was measured for a claim, in full in the tooltip."""
    finding = check.finding
    if finding.measured is None:
        return Markup('<span class="zoo-none">–</span>')
    return Markup(
        f'<span title="{safe(format_with_unit(finding, finding.measured))}">{safe(format_measured(finding))}</span>'
    )


def outside(address: object, label: object) -> Markup:
    """A label as a link to another site, where the address is one of the web; search engines do not
    follow it."""
    shown = safe(escape.one_line(label))
    target = escape.web_address(address)
    return (
        Markup(f'<a href="{safe(target)}" rel="nofollow noopener">{shown}</a>') if target else shown
    )


TABLE = {
    "badge": badge,
    "number": number,
    "claim_shown": claim,
    "measured_shown": measured,
    "outside": outside,
}
