"""The worst findings of a zoo, one line for each kind: those of one family are joined."""

from collections.abc import Iterator
from dataclasses import dataclass

from zoo.model_index.findings import Standing
from zoo.reporting.i18n.gettext import _
from zoo.reporting.pages.base import Site
from zoo.reporting.pages.home.known import Pair, best_known
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.claim_lines import ClaimLine, claim_line

MOST = 5  # lines


@dataclass(frozen=True, slots=True)
class WorstLine:
    """Findings of one kind: the best known of them as a line, its model, and of how many models
    they are."""

    model: Model
    line: ClaimLine
    count: int

    @property
    def more(self) -> str:
        """Say how many models more: `and 5 more DPN`; empty for one."""
        if self.count == 1:
            return ""
        return _("and %(count)s more %(family)s", count=self.count - 1, family=self.model.family)


def list_worst(site: Site) -> list[WorstLine]:
    """Return the worst findings of different kinds, the worst first.

    Findings are of one kind where family, publisher, quantity, verdict and cause are the same.
    """
    groups: dict[tuple[object, ...], list[Pair]] = {}
    for model, check in _wrong(site):
        finding = check.finding
        kind = (model.family, check.claim.publisher, check.claim.quantity)
        groups.setdefault((*kind, finding.verdict, finding.causes), []).append((model, check))
    lines = [_join(group) for group in groups.values()]
    return sorted(lines, key=lambda group: group.line.severity)[:MOST]


def _wrong(site: Site) -> Iterator[Pair]:
    for model, check in site.catalogue.checks:
        if check.finding.standing is Standing.WRONG:
            yield model, check


def _join(group: list[Pair]) -> WorstLine:
    """Return the best known of a group with the number of its models."""
    model, check = best_known(group)
    return WorstLine(model, claim_line(model, check), len({other.slug for other, _ in group}))
