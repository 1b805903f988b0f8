"""Plan the page of coverage: the verified share by quantity, family, publisher and day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from zoo.model_index.ledger.history import Moment
from zoo.reporting.pages.base import Page, Site
from zoo.reporting.views.summaries import Count, coverage
from zoo.reporting.views.verdicts import VERDICT_BADGES

PAGE = "coverage/index.md"
# The verdicts of claims that were compared with a measurement.
VERIFIED = ("exact", "rounded", "consistent", "explained", "explained-wrong", "mismatch")
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 760, 220, 48, 24, 8
MOST = 60  # moments of the chart


@dataclass(frozen=True, slots=True)
class Share:
    """The claims under one name: their number, the number that was compared with a measurement, and
    their verdicts."""

    name: str
    total: int
    verified: int
    verdicts: Mapping[str, int]

    @property
    def percent(self) -> float:
        return 100 * self.verified / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class DayShare:
    """The share on a day of the history."""

    day: str
    share: Share


def pages(site: Site) -> Iterator[Page]:
    """Plan the page."""
    checks = list(site.catalogue.checks)
    named = {
        "quantity": coverage((check.claim.row.label, check) for _, check in checks),
        "family": coverage((model.family, check) for model, check in checks),
        "publisher": coverage((check.claim.publisher, check) for _, check in checks),
    }
    tables = {name: [_share(count) for count in counts] for name, counts in named.items()}
    whole = [_share(count) for count in coverage(("", check) for _, check in checks)]
    days = over_time(site.catalogue.zoo.history.moments)
    context = {
        "tables": tables,
        "whole": whole[0] if whole else None,
        "days": days,
        "bar": bar,
        "chart": chart,
    }
    yield Page(PAGE, "coverage.md.j2", context)


def _share(count: Count) -> Share:
    return Share(
        count.name, count.total, sum(count.verdicts[key] for key in VERIFIED), count.verdicts
    )


def over_time(moments: Sequence[Moment]) -> list[DayShare]:
    """Return the share at the end of each day that has a moment, the newest last."""
    days: dict[str, Share] = {}
    for moment in moments:
        verdicts: dict[str, int] = {}
        for counts in moment.coverage.get("family", {}).values():
            for key, number in counts.items():
                verdicts[key] = verdicts.get(key, 0) + number
        verified = sum(verdicts.get(key, 0) for key in VERIFIED)
        days[moment.at[:10]] = Share(moment.at[:10], sum(verdicts.values()), verified, verdicts)
    return [DayShare(day, share) for day, share in days.items()][-MOST:]


def bar(share: Share) -> Markup:
    """Draw the verdicts of a row as one bar in their colours; the numbers stand beside it."""
    x, parts = 0.0, []
    for badge in VERDICT_BADGES:
        width = 100 * share.verdicts.get(badge.key, 0) / (share.total or 1)
        if width:
            place = f'x="{x:.2f}" width="{width:.2f}"'
            parts.append(f'<rect class="zoo-bar--{badge.key}" {place} height="8"/>')
            x += width
    return Markup(
        '<svg class="zoo-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        + "".join(parts)
        + "</svg>"
    )


def chart(days: Sequence[DayShare], label: str) -> Markup:
    """Draw claims by verdict over time, stacked; the table below has the numbers."""
    most = max(day.share.total for day in days) or 1
    step = (WIDTH - LEFT) / len(days)
    height = HEIGHT - TOP - BOTTOM
    parts = [
        f'<text class="zoo-plot__tick zoo-plot__tick--y" x="{LEFT - 6}" y="{TOP + 10}">'
        f"{most:,}</text>"
    ]
    for number, day in enumerate(days):
        x, y = LEFT + number * step, float(HEIGHT - BOTTOM)
        for badge in VERDICT_BADGES:
            tall = height * day.share.verdicts.get(badge.key, 0) / most
            if tall:
                y -= tall
                parts.append(
                    f'<rect class="zoo-bar--{badge.key}" x="{x + step * 0.1:.1f}" y="{y:.1f}" '
                    f'width="{min(step * 0.8, 60):.1f}" height="{tall:.1f}"/>'
                )
        if number in (0, len(days) - 1):
            place = f'x="{x + step / 2:.1f}" y="{HEIGHT - 6}"'
            parts.append(f'<text class="zoo-plot__tick" {place}>{day.day}</text>')
    return Markup(
        f'<svg class="zoo-plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">'
        + "".join(parts)
        + "</svg>"
    )
