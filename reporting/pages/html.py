"""Make the HTML of small parts that a page repeats: numbers and links.

Templates call these functions instead of macros, because the call of a macro takes longer than its
work.
"""

from markupsafe import Markup

from zoo.model_index.quantities.show import human
from zoo.reporting.i18n.gettext import _
from zoo.reporting.text import escape
from zoo.reporting.text.escape import safe


def number(value: int | None, unit: str = "") -> Markup:
    """Return a count rounded for reading, with all digits in its tooltip."""
    if value is None:
        return Markup(f'<span class="zoo-none">{safe(_("not measured"))}</span>')
    more = f" {safe(unit)}" if unit else ""
    return Markup(f'<span title="{value:,}{more}">{safe(human(value))}</span>')


def outside(address: object, label: object) -> Markup:
    """Return a label as a link to another site, where the address is a web address; search engines
    do not follow it."""
    shown = safe(escape.one_line(label))
    target = escape.web_address(address)
    return (
        Markup(f'<a href="{safe(target)}" rel="nofollow noopener">{shown}</a>') if target else shown
    )


TABLE = {
    "number": number,
    "outside": outside,
}
