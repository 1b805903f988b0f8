"""Wrong claims by quantity: how often what is printed of each quantity holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from zoo.model_index.quantities.table import row_of
from zoo.reporting.i18n.gettext import _, n_
from zoo.reporting.pages.base import Site
from zoo.reporting.views.claim_lines import quantity_label
from zoo.reporting.views.standing_counts import count_by

MOST = 6  # quantities
FEWEST = 5  # claims of a quantity that the heading speaks of


@dataclass(frozen=True, slots=True)
class QuantityCount:
    """The claims of a quantity by standing."""

    key: str
    wrong: int
    right: int
    unknown: int

    @property
    def total(self) -> int:
        return self.wrong + self.right + self.unknown

    @property
    def label(self) -> str:
        """Return the quantity's label in the current language."""
        return quantity_label(row_of(self.key))

    @property
    def widths(self) -> tuple[float, float]:
        """Return the shares of wrong and right claims in percent, what is there at least 0.8 wide:
        a thinner bar is not seen."""
        return tuple(  # type: ignore[return-value]
            max(0.8, round(100 * count / self.total, 1)) if count else 0.0
            for count in (self.wrong, self.right)
        )


def count_quantities(site: Site) -> list[QuantityCount]:
    """Return the quantities with most wrong claims, then those with most claims."""
    rows = count_by((check.claim.quantity, "", check) for _model, check in site.catalogue.checks)
    return [QuantityCount(row.name, *row.counts) for row in rows[:MOST]]


def say_quantities(rows: Sequence[QuantityCount]) -> str:
    """Say the finding: of which quantity the largest share is wrong; for a heading."""
    if not any(row.right or row.wrong for row in rows):
        return _("Nothing is checked yet")
    wrong = [row for row in rows if row.wrong]
    if not wrong:
        return _("No number here is known to be wrong")
    worst = max([row for row in wrong if row.total >= FEWEST] or wrong, key=_share)
    if worst.wrong == worst.total:
        return n_(
            "The %(quantity)s claim is wrong",
            "All %(count)s %(quantity)s claims are wrong",
            worst.total,
            quantity=worst.label,
        )
    return n_(
        "%(count)s of %(total)s %(quantity)s claims is wrong",
        "%(count)s of %(total)s %(quantity)s claims are wrong",
        worst.wrong,
        total=f"{worst.total:,}",
        quantity=worst.label,
    )


def _share(row: QuantityCount) -> float:
    return row.wrong / row.total
