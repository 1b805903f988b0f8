"""Make the HTML of small parts that a page repeats: badges, numbers, claims, links.

Templates call these functions instead of macros, because the call of a macro takes longer than its
work.
"""

from functools import lru_cache

from markupsafe import Markup

from zoo.model_index.quantities.show import human
from zoo.reporting.i18n.gettext import _, current
from zoo.reporting.text import escape
from zoo.reporting.text.escape import safe
from zoo.reporting.text.format import format_measured, format_with_unit
from zoo.reporting.views.catalogue import Check
from zoo.reporting.views.verdicts import VerdictBadge


def badge(verdict: VerdictBadge) -> Markup:
    """Return a verdict with its sign, colour and meaning."""
    return _badge(verdict, current())


@lru_cache(maxsize=64)
def _badge(verdict: VerdictBadge, language: str) -> Markup:
    return Markup(
        f'<span class="zoo-badge zoo-badge--{verdict.key}" title="{safe(_(verdict.meaning))}">'
        f'<span class="zoo-badge__sign" aria-hidden="true">{safe(verdict.sign)}</span>'
        f"{safe(_(verdict.label))}</span>"
    )


def number(value: int | None, unit: str = "") -> Markup:
    """Return a count rounded for reading, with all digits in its tooltip."""
    if value is None:
        return Markup(f'<span class="zoo-none">{safe(_("not measured"))}</span>')
    more = f" {safe(unit)}" if unit else ""
    return Markup(f'<span title="{value:,}{more}">{safe(human(value))}</span>')


def printed_claim(check: Check) -> Markup:
    """Return a claim as printed, with its full value in the tooltip; an address as its file's
    name."""
    claim_ = check.claim
    shown = escape.one_line(
        claim_.row.show(claim_.value) if claim_.quantity == "weights" else claim_.printed
    )
    return Markup(
        f'<span title="{safe(format_with_unit(check.finding, claim_.value))}">{safe(shown)}</span>'
    )


def measured_number(check: Check) -> Markup:
    """Return the measurement for a claim, with all digits in the tooltip."""
    finding = check.finding
    if finding.measured is None:
        return Markup('<span class="zoo-none">–</span>')
    title = safe(format_with_unit(finding, finding.measured))
    return Markup(f'<span title="{title}">{safe(format_measured(finding))}</span>')


def outside(address: object, label: object) -> Markup:
    """Return a label as a link to another site, where the address is a web address; search engines
    do not follow it."""
    shown = safe(escape.one_line(label))
    target = escape.web_address(address)
    return (
        Markup(f'<a href="{safe(target)}" rel="nofollow noopener">{shown}</a>') if target else shown
    )


TABLE = {
    "badge": badge,
    "number": number,
    "printed_claim": printed_claim,
    "measured_number": measured_number,
    "outside": outside,
}
