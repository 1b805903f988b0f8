"""Plan the page of findings: one table of every number that is not what was measured, the worst
first.

Numbers that are right by another convention stand in the same table while they are few. Where
there are many they have a page of their own, whose rows the script takes when somebody asks for
them.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from markupsafe import Markup

from zoo.reporting.i18n.gettext import N_, _, n_
from zoo.reporting.pages.base import Page, Site
from zoo.reporting.text.escape import one_line, safe
from zoo.reporting.views.catalogue import Catalogue
from zoo.reporting.views.cause_kinds import NO_CAUSE
from zoo.reporting.views.claim_lines import Counts, counts_of, quantity_label
from zoo.reporting.views.finding_rows import (
    CauseShare,
    FindingRow,
    group_rows,
    list_rows,
    main_cause,
    worst_families,
)

PAGE = "findings/index.md"
RIGHT_PAGE = "findings/right.md"
FEW = 300  # rows that the page holds whole; of more, the right ones have their own page
NAMED = 3  # families that a sentence names
LONG = 18  # characters of a name that stay in one line
LINKED = 12  # models that a cause links to
# The columns of the table: the key in the address, and the heading.
COLUMNS = (
    ("standing", N_("Standing")),
    ("model", N_("Model")),
    ("claim", N_("Claim")),
    ("published", N_("Published, to use")),
    ("off", N_("Off by")),
    ("cause", N_("Cause")),
    ("where", N_("Where")),
)


def pages(site: Site) -> Iterator[Page]:
    """Plan the page, and that of right numbers where there are many."""
    rows = list_rows(site.catalogue)
    wrong = [row for row in rows if row.wrong]
    right = [row for row in rows if not row.wrong]
    apart = len(rows) > FEW and bool(wrong) and bool(right)
    shared = {
        "columns": COLUMNS,
        "quantity_key": lambda row: row.check.claim.quantity,
        "breakable": breakable,
    }
    yield Page(
        PAGE,
        "findings.md.j2",
        shared
        | _summary(site.catalogue, wrong)
        | {
            "rows": wrong if apart else rows,
            "wrong": len(wrong),
            "right": len(right),
            "right_page": RIGHT_PAGE if apart else None,
            "groups": group_rows(wrong if apart else rows),
            "linked": LINKED,
            "quantities": _options(rows),
            "publishers": sorted({row.line.publisher for row in rows}, key=str.casefold),
        },
    )
    if apart:
        yield Page(RIGHT_PAGE, "findings_right.md.j2", shared | {"rows": right})


def _options(rows: Iterable[FindingRow]) -> list[tuple[str, str]]:
    """Return the quantities of the rows by their name: key, name."""
    names = {row.check.claim.quantity: quantity_label(row.check.claim.row) for row in rows}
    return sorted(names.items(), key=lambda pair: pair[1].casefold())


def _summary(catalogue: Catalogue, wrong: Sequence[FindingRow]) -> dict[str, Any]:
    """Return the values of the page's head: the finding in a sentence, and what is behind it."""
    counts, cause = counts_of(catalogue), main_cause(wrong)
    families = worst_families(catalogue)
    return {
        "counts": counts,
        "headline": headline(counts, cause),
        "cause": cause,
        "cause_families": join_names(cause.families) if cause else "",
        "unexplained": sum(row.kind is NO_CAUSE for row in wrong),
        "worst": [(family, counts_of(family)) for family in families[:NAMED]],
        "many_families": len(catalogue.families) > 1,
    }


def headline(counts: Counts, cause: CauseShare | None) -> str:
    """Return what was found, in a sentence or two."""
    if not counts.total:
        return _("The index holds no claims yet.")
    if not counts.wrong and not counts.right:
        return _("Nothing is measured yet.")
    if not counts.wrong:
        return n_(
            "The number that was checked is right.",
            "None of %(count)s numbers that were checked is wrong.",
            counts.right,
        )
    text = n_(
        "%(count)s of %(all)s numbers is wrong.",
        "%(count)s of %(all)s numbers are wrong.",
        counts.wrong,
        all=f"{counts.total:,}",
    )
    if cause is None:
        return text
    if len(cause.rows) == counts.wrong:
        reason = _("One cause makes them all.")
    else:
        reason = _("One cause makes %(count)s of them.", count=len(cause.rows))
    return f"{text} {reason}"


def join_names(names: Sequence[str]) -> str:
    """Return names in a sentence, the first few of many: `DPN, DLA, NASNet and 4 more`."""
    if len(names) > NAMED:
        shown, more = ", ".join(names[:NAMED]), len(names) - NAMED
        return _("%(names)s and %(count)s more", names=shown, count=more)
    *first, last = names
    return _("%(names)s and %(last)s", names=", ".join(first), last=last) if first else last


def breakable(name: str) -> Markup:
    """Return the name of a model; a long one may be broken behind its underscores and points."""
    shown = safe(one_line(name))
    if len(name) <= LONG:
        return shown
    return Markup(str(shown).replace("_", "_<wbr>").replace(".", ".<wbr>"))
