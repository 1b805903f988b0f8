"""Say what changed in words: a line for each change, those of one kind of a family joined.

A line has the standing before and after, since a reader asks whether a number can be used. The
start page has the newest lines, the page of changes all of them by date.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from zoo.model_index.findings import STANDINGS, Standing, Verdict
from zoo.model_index.ledger.history import ClaimChange, ClaimState, Key, Moment, verdict_key
from zoo.model_index.quantities.show import human, show_address, show_count
from zoo.model_index.quantities.table import row_of
from zoo.reporting.i18n.gettext import N_, _, n_
from zoo.reporting.pages.base import Site
from zoo.reporting.text.escape import one_line, printable
from zoo.reporting.views.catalogue import Check, Model
from zoo.reporting.views.claim_lines import claim_line, quantity_label

# The words of a change, by its kind and by the standing after it.
WORDS = {
    ("added", "right"): N_("published, and right"),
    ("added", "wrong"): N_("published, and wrong"),
    ("added", "unknown"): N_("published, not checked yet"),
    ("removed", ""): N_("no longer published"),
    ("claim", "right"): N_("printed otherwise, and right now"),
    ("claim", "wrong"): N_("printed otherwise, and wrong now"),
    ("claim", "unknown"): N_("printed otherwise, not checked yet"),
    ("verdict", "right"): N_("now right"),
    ("verdict", "wrong"): N_("now wrong"),
    ("verdict", "unknown"): N_("unknown again"),
}
# The words where the standing stays.
SAME = {
    ("claim", "right"): N_("printed otherwise, right as before"),
    ("claim", "wrong"): N_("printed otherwise, wrong as before"),
    ("claim", "unknown"): N_("printed otherwise, unknown as before"),
    ("verdict", "right"): N_("checked again: right as before"),
    ("verdict", "wrong"): N_("checked again: wrong as before"),
    ("verdict", "unknown"): N_("unknown as before, for another reason"),
}
# Which change stands first: what a reader must not miss.
SIZE = re.compile(r" at \d+x\d+$")  # of a cause that is an input size
MOST_LABELS = 4  # quantities that a line names
ORDER = {"wrong": 0, "right": 1, "": 2, "unknown": 3}


@dataclass(frozen=True, slots=True)
class ChangeSubject:
    """A model that changed: its name, and its page and the anchor of the claim while there is
    one."""

    name: str
    page: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """Changes of one kind: of a publisher's claims about models of one family, of several
    quantities where they are not wrong.

    `before` and `after` are standings, empty where there is no claim. `printed` are the numbers of
    the first model before and after, of one quantity alone; `why` is the cause of a wrong number.
    `family` is the family of `subjects`.
    """

    day: str
    kind: str
    family: str
    publisher: str
    quantities: tuple[str, ...]
    before: str
    after: str
    printed: tuple[str, str]
    subjects: tuple[ChangeSubject, ...]
    why: str = ""

    @property
    def label(self) -> str:
        """Return the labels of the quantities in the current language, few of many."""
        labels = [quantity_label(row_of(key)) for key in self.quantities]
        if len(labels) <= MOST_LABELS:
            return ", ".join(labels)
        count = len(labels) - MOST_LABELS + 1
        few = ", ".join(labels[: MOST_LABELS - 1])
        return n_(
            "%(quantities)s and %(count)s more quantity",
            "%(quantities)s and %(count)s more quantities",
            count,
            quantities=few,
        )

    @property
    def words(self) -> str:
        """Say what happened in the current language."""
        same = SAME.get((self.kind, self.after)) if self.before == self.after else None
        return _(same or WORDS[self.kind, self.after])

    @property
    def more(self) -> str:
        """Say how many models more: `and 5 more DPN`; empty for one model."""
        count = len(self.subjects) - 1
        return _("and %(count)s more %(family)s", count=count, family=self.family) if count else ""


class ChangeWriter:
    """Writes the lines of moments; it knows the models and claims of today."""

    def __init__(self, site: Site):
        self._site = site

    @cached_property
    def _by_name(self) -> Mapping[str, Model]:
        return {model.entry.name: model for model in reversed(self._site.catalogue.models)}

    @cached_property
    def _checks(self) -> Mapping[tuple[str, ...], tuple[Model, Check]]:
        """Return the first claim of each model, publisher and quantity; two zoos may share a
        name."""
        checks: dict[tuple[str, ...], tuple[Model, Check]] = {}
        for model, check in self._site.catalogue.checks:
            claim = check.claim
            checks.setdefault((claim.model, claim.publisher, claim.quantity), (model, check))
            checks.setdefault((claim.model, claim.publisher), (model, check))
        return checks

    def lines(self, moment: Moment) -> list[ChangeLine]:
        """Return the lines of a moment: what became wrong first, then what became right."""
        groups: dict[tuple[str, ...], list[ClaimChange]] = {}
        for change in moment.changes:
            groups.setdefault(self._group(change), []).append(change)
        lines = [self._line(moment, changes) for changes in groups.values()]
        return sorted(lines, key=lambda line: (line.before == line.after, ORDER[line.after]))

    def _group(self, change: ClaimChange) -> tuple[str, ...]:
        """Return what changes share that are one line: of wrong numbers the quantity and the cause
        as well, of claims that are printed otherwise the model."""
        name, publisher, quantity, dataset, _conditions = change.key
        states = _standing(change.before), _standing(change.after)
        shared = (change.kind, *states, publisher, self._family(change.key) or name)
        if change.after and "wrong" in states:
            return (*shared, quantity, dataset, SIZE.sub("", change.after.cause))
        return (*shared, name, quantity) if change.kind == "claim" else shared

    def _line(self, moment: Moment, changes: Sequence[ClaimChange]) -> ChangeLine:
        first = changes[0]
        quantities = tuple(dict.fromkeys(change.key[2] for change in changes))
        subjects: dict[str, ChangeSubject] = {}
        for change in changes:
            subject = self._subject(change.key)
            subjects.setdefault(subject.page or subject.name, subject)
        states = (first.before, first.after) if len(quantities) == 1 else (None, None)
        before, after = (_printed(quantities[0], state) for state in states)
        return ChangeLine(
            day=moment.at[:10],
            kind=first.kind,
            family=self._family(first.key),
            publisher=one_line(first.key[1]),
            quantities=quantities,
            before=_standing(first.before),
            after=_standing(first.after),
            printed=(before, after),
            subjects=tuple(subjects.values()),
            why=self._why(first),
        )

    def _why(self, change: ClaimChange) -> str:
        """Return the cause of a wrong number in words, while it is the one of today."""
        model, check = self._checks.get(change.key[:3], (None, None))
        if model is None or check is None or change.after is None:
            return ""
        today = check.finding.cause or "", verdict_key(check.finding)
        same = today == (change.after.cause, change.after.verdict)
        return claim_line(model, check).words if same and _standing(change.after) == "wrong" else ""

    def _model(self, key: Key) -> Model | None:
        """Find the model by its name and publisher; by its name where this publisher claims nothing
        about it today."""
        pair = self._checks.get(key[:2])
        return pair[0] if pair else self._by_name.get(key[0])

    def _family(self, key: Key) -> str:
        model = self._model(key)
        return model.family if model else ""

    def _subject(self, key: Key) -> ChangeSubject:
        model, pair = self._model(key), self._checks.get(key[:3])
        if model is None:
            return ChangeSubject(printable(key[0]))
        return ChangeSubject(model.name, model.page, pair[1].anchor if pair else "")


def _standing(state: ClaimState | None) -> str:
    """Return the standing of a state's verdict; empty without a claim."""
    if state is None:
        return ""
    if state.verdict == "explained-wrong":
        return str(Standing.WRONG)
    known = state.verdict in set(map(str, Verdict))
    return str(STANDINGS[Verdict(state.verdict)] if known else Standing.UNKNOWN)


def _printed(quantity: str, state: ClaimState | None) -> str:
    """Return a claim as printed; a bare count as `15.00 G`."""
    text = one_line(state.claimed) if state else ""
    if row_of(quantity).show is show_address:
        return show_address(text)
    if row_of(quantity).show is show_count and text.isdecimal() and len(text) > 4:
        return human(int(text))
    return text


def title(moment: Moment) -> str:
    """Describe a moment in a few words."""
    if moment.first:
        claims = n_("%(count)s claim", "%(count)s claims", moment.claims)
        models = n_("%(count)s model", "%(count)s models", moment.models)
        return _("First record: %(claims)s of %(models)s", claims=claims, models=models)
    return n_("%(count)s change", "%(count)s changes", len(moment.changes) + len(moment.renamed))


def renames(moment: Moment) -> Iterator[tuple[str, str]]:
    """Yield former and new names of a moment's models."""
    yield from ((printable(old), printable(new)) for old, new in moment.renamed.items())
