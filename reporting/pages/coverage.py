"""Plan the page of coverage: how many numbers are wrong, right and unknown, why the last are, and
how that changed over time."""

from collections.abc import Iterator

from markupsafe import Markup

from zoo.reporting.i18n.gettext import _, n_
from zoo.reporting.pages import standing
from zoo.reporting.pages.base import Page, Site
from zoo.reporting.views.claim_lines import ORDER, Counts, counts_of, quantity_label
from zoo.reporting.views.standing_counts import columns_of, count_by, over_time
from zoo.reporting.views.unknown_reasons import list_reasons

PAGE = "coverage/index.md"
LINKED = 5  # models that a reason links to
OPEN = 20  # rows of a table that are shown at once


def pages(site: Site) -> Iterator[Page]:
    """Plan the page."""
    catalogue = site.catalogue
    checks = list(catalogue.checks)
    family_pages = {family.name: family.page for family in catalogue.families}
    families = ((m.family, family_pages.get(m.family, ""), check) for m, check in checks)
    days = over_time(catalogue.zoo.history.moments)
    context = {
        "counts": counts_of(catalogue),
        "headline": headline(counts_of(catalogue)),
        "reasons": list_reasons(checks),
        "quantities": count_by(
            (quantity_label(check.claim.row), "", check) for _m, check in checks
        ),
        "publishers": count_by((check.claim.publisher, "", check) for _m, check in checks),
        "families": count_by(families),
        "days": days if len(days) > 1 else [],
        "tallest": max((day.counts.total for day in days), default=1) or 1,
        "columns_of": columns_of,
        "bar": bar,
        "sign": standing.standing,
        "words": standing.WORDS,
        "linked": LINKED,
        "open": OPEN,
    }
    yield Page(PAGE, "coverage.md.j2", context)


def headline(counts: Counts) -> str:
    """Return in a sentence how many numbers were compared with a measurement."""
    if not counts.total:
        return _("The index holds no claims yet.")
    checked = counts.wrong + counts.right
    if not checked:
        return _("Nothing is measured yet.")
    return n_(
        "%(count)s of %(all)s numbers is checked, %(percent)s.",
        "%(count)s of %(all)s numbers are checked, %(percent)s.",
        checked,
        all=f"{counts.total:,}",
        percent=share(checked, counts.total),
    )


def share(part: int, whole: int) -> str:
    """Return a share in percent: `45 %`; what is not all is never 100 %, what is some never 0 %."""
    percent = round(100 * part / whole) if whole else 0
    if part:
        percent = max(1, percent)
    return f"{percent if part == whole else min(99, percent)} %"


def bar(counts: Counts) -> Markup:
    """Draw the standings as one bar in their colours; the numbers stand beside it."""
    parts = (
        f'<i class="split--{kind}" style="flex-grow:{number}"></i>'
        for kind, number in zip(ORDER, counts, strict=True)
        if number
    )
    return Markup(f'<span class="split" aria-hidden="true">{"".join(parts)}</span>')
