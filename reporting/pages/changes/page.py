"""The page of changes: what each build changed, in words, by date and by period.

Periods end at the last record, so that the same history gives the same page. They are links to
parts of the page, and a rule of CSS hides what is older: a reader without scripts has them too.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from zoo.model_index.ledger.history import Moment
from zoo.reporting.i18n.gettext import _, current
from zoo.reporting.pages.base import Page, Site
from zoo.reporting.pages.changes.lines import ChangeLine, ChangeWriter, renames, title

PAGE = "changes/index.md"
FEED = "feeds/changes.atom"
MAX_LINES = 400  # on the page; downloads/changes.json has all changes
PERIODS = (7, 30, 90)  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentLines:
    """A moment with its lines on the page; `left` counts those that only the file has, and `age`
    is the shortest period it is in, 0 for none. `clock` is its hour, where its day has others."""

    moment: Moment
    lines: tuple[ChangeLine, ...]
    left: int
    age: int
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """The last `days`, 0 for all time, and the number of changes in them."""

    days: int
    changes: int


def pages(site: Site) -> Iterator[Page]:
    """Plan the page."""
    history = site.catalogue.zoo.history
    context = {
        "moments": moment_lines(history.moments, ChangeWriter(site)),
        "periods": periods(history.moments),
        "last": history.moments[-1].at[:10] if history.moments else "",
        "faults": history.faults,
        "feed": FEED,
    }
    yield Page(PAGE, "changes.md.j2", context)


def moment_lines(moments: Sequence[Moment], writer: ChangeWriter) -> list[MomentLines]:
    """Arrange the moments for the page, the newest first, until it is full."""
    space, listed = MAX_LINES, []
    days = Counter(moment.at[:10] for moment in moments)
    for moment in reversed(moments):
        lines = writer.lines(moment)
        shown = tuple(lines[:space])
        space -= len(shown)
        age = next((days for days in PERIODS if _age(moment, moments) < days), 0)
        clock = f"{moment.at[11:16]} UTC" if days[moment.at[:10]] > 1 else ""
        left = len(lines) - len(shown)
        listed.append(MomentLines(moment=moment, lines=shown, left=left, age=age, clock=clock))
    return listed


def periods(moments: Sequence[Moment]) -> list[Period]:
    """Return the periods with their numbers of changes; renamed models and the first record count
    as one change each."""
    sizes = [(_age(m, moments), len(m.changes) + len(m.renamed) + m.first) for m in moments]
    spans = [Period(days, sum(n for age, n in sizes if age < days)) for days in PERIODS]
    return [*spans, Period(0, sum(number for _, number in sizes))] if moments else []


def _age(moment: Moment, moments: Sequence[Moment]) -> int:
    """Return the days from a moment to the last one."""
    return (date.fromisoformat(moments[-1].at[:10]) - date.fromisoformat(moment.at[:10])).days


def recent(site: Site, days: int, most: int) -> list[ChangeLine | Moment]:
    """Return the newest lines of the last days, the first record as its moment."""
    moments, writer = site.catalogue.zoo.history.moments, ChangeWriter(site)
    listed: list[ChangeLine | Moment] = []
    for moment in reversed(moments):
        if len(listed) >= most or _age(moment, moments) >= days:
            break
        listed += [moment] if moment.first else writer.lines(moment)
    return listed[:most]


MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def show_day(day: str, *, year: bool = True) -> str:
    """Print a date as readers of the current language write it: `28 Nov 2026`."""
    when = date.fromisoformat(day[:10])
    if current() != "en":
        text = _("%(month)s/%(day)s", month=when.month, day=when.day)
        return f"{when.year}/{text}" if year else text
    text = f"{when.day} {MONTHS[when.month - 1]}"
    return f"{text} {when.year}" if year else text


def anchor(moment: Moment) -> str:
    """Return the anchor of a moment on the page."""
    return f"change-{moment.name.lower()}"


GLOBALS = {
    "change_anchor": anchor,
    "change_title": title,
    "renames": renames,
    "show_day": show_day,
}
