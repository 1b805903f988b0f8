"""The page of changes: what each build changed, from the history beside the evidence."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from zoo.model_index.ledger.history import ClaimChange, Key, Moment
from zoo.reporting.i18n.gettext import N_, _, n_
from zoo.reporting.pages.base import Page, Site
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.verdicts import BY_KEY as BADGES_BY_KEY

PAGE = "changes/index.md"
FEED = "feeds/changes.atom"
MAX_CHANGES = 500  # on the page; downloads/changes.json has all
KINDS = {
    "verdict": N_("Verdicts that changed"),
    "claim": N_("Claims that are printed otherwise"),
    "added": N_("New claims"),
    "removed": N_("Claims that are gone"),
}


@dataclass(frozen=True, slots=True)
class MomentRows:
    """A moment with its changes on the page, by kind; `left` counts those that only the file
    has."""

    moment: Moment
    kinds: tuple[tuple[str, tuple[ClaimChange, ...]], ...]
    left: int


def pages(site: Site) -> Iterator[Page]:
    """Plan the page."""
    history = site.catalogue.zoo.history
    context = {
        "moments": moment_rows(history.moments),
        "kinds": KINDS,
        "badges": BADGES_BY_KEY,
        "anchors": _anchors(site),
        "find_model": _model_finder(site),
        "faults": history.faults,
        "feed": FEED,
    }
    yield Page(PAGE, "changes.md.j2", context)


def _anchors(site: Site) -> dict[tuple[str, ...], str]:
    """Return the anchor of the first claim of each model, publisher and quantity."""
    anchors: dict[tuple[str, ...], str] = {}
    for model, check in site.catalogue.checks:
        claim = check.claim
        anchors.setdefault((model.entry.name, claim.publisher, claim.quantity), check.anchor)
    return anchors


def _model_finder(site: Site) -> Callable[[Key], Model | None]:
    """Return a function that finds the model of a claim: by its name and publisher, since two zoos
    may share a name; by its name where this publisher claims nothing about it today."""
    by_name = {model.entry.name: model for model in reversed(site.catalogue.models)}
    by_publisher = {(c.claim.model, c.claim.publisher): m for m, c in site.catalogue.checks}
    return lambda key: by_publisher.get(key[:2]) or by_name.get(key[0])


def moment_rows(moments: Sequence[Moment]) -> list[MomentRows]:
    """Arrange the moments for the page, the newest first, until it is full."""
    space, rows = MAX_CHANGES, []
    for moment in reversed(moments):
        changes = moment.changes[:space]
        space -= len(changes)
        kinds = ((kind, tuple(c for c in changes if c.kind == kind)) for kind in KINDS)
        filled = tuple((kind, group) for kind, group in kinds if group)
        rows.append(MomentRows(moment, filled, len(moment.changes) - len(changes)))
    return rows


def title(moment: Moment) -> str:
    """Describe a moment in a few words."""
    if moment.first:
        return _(
            "The first record: %(claims)s claims of %(models)s models",
            claims=moment.claims,
            models=moment.models,
        )
    return n_("%(count)s change", "%(count)s changes", len(moment.changes) + len(moment.renamed))


def anchor(moment: Moment) -> str:
    """Return the anchor of a moment on the page."""
    return f"change-{moment.name.lower()}"
