"""Answer the sentence that chooses a model: the best, near misses, and what is not measured.

`home.js` has the same rules, in the same order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.pages.home.chooser import Choice, metric_label
from zoo.reporting.views.accuracy_difference import tells_apart
from zoo.reporting.views.catalogue import Model

NEAR = 1.2  # a model of up to so many times the limit is a near miss
MOST_OVER = 3  # near misses over the limit of GMACs
MOST_SLOW = 2  # near misses over the limit of milliseconds
MOST_ALIKE = 3  # models that are named as no worse, those of least cost

# The texts of an answer, which the script uses too.
WORDS = {
    "best": N_("%(model)s is best: %(score)s %(metric)s at %(cost)s."),
    "highest": N_("%(model)s has the highest: %(score)s %(metric)s at %(cost)s."),
    "alike": N_("%(images)s images cannot tell it from: %(others)s."),
    "near": N_("Too near to tell, as the number of images is not known: %(others)s."),
    "cost": N_("%(gmacs)s GMACs"),
    "both": N_("%(gmacs)s GMACs and %(ms)s ms"),
    "limits": N_("%(gmacs)s GMACs and %(ms)s ms on %(device)s"),
    "time": N_("%(ms)s ms on %(device)s"),
    "unlimited": N_("any limit"),
    "slow": N_("No timed model stays under %(limits)s."),
    "nothing": N_("No model with %(metric)s on %(data)s stays under %(limits)s."),
    "over": N_("+%(points)s points for %(gmacs)s GMACs over the limit"),
    "half": N_("%(points)s points less at half the GMACs or fewer"),
    "dear": N_("%(gmacs)s GMACs over the limit"),
    "late": N_("%(ms)s ms over the limit"),
    "untimed": N_("best under %(limits)s, if time did not matter"),
    "blank": N_("not timed"),
    "missing": N_(
        "Not timed on %(device)s here, so without an answer: %(count)s of %(all)s models."
    ),
    "considered": N_("Models with %(metric)s on %(data)s that were considered: %(all)s."),
    "anything": N_("any data set"),
    "axis": N_("GMACs, measured, log scale"),
    "limit": N_("your %(gmacs)s GMACs"),
    "published": N_("%(metric)s, %% (published)"),
    "picture": N_("%(metric)s against GMACs, models: %(count)s"),
    "failed": N_("The models could not be loaded: %(reason)s"),
}


def word(key: str, **values: object) -> str:
    """Return a text of an answer in the current language."""
    message = WORDS[key]
    return _(message, **values)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model with its score, GMACs, and latency in ms where it was timed."""

    model: Model
    score: float
    macs: float
    ms: float | None


@dataclass(frozen=True, slots=True)
class Miss:
    """A model that nearly answers, and what keeps it from it."""

    candidate: Candidate
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer: the best candidate, if any, a sentence with `%(model)s` for its link, near
    misses, and what is not measured."""

    best: Candidate | None
    sentence: str
    misses: tuple[Miss, ...]
    note: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a sentence; 0 for none."""

    gmacs: float
    ms: float
    device: str

    @property
    def text(self) -> str:
        """Return the limits in words."""
        values = {"gmacs": f"{self.gmacs:g}", "ms": f"{self.ms:g}", "device": self.device}
        keys = {(True, True): "limits", (True, False): "cost", (False, True): "time"}
        key = keys.get((bool(self.gmacs), bool(self.ms)), "unlimited")
        return word(key, **values)


def candidates(choice: Choice) -> list[Candidate]:
    """Return the models with a cost and the first score."""
    times = choice.devices[0].values if choice.devices else (None,) * len(choice.models)
    rows = zip(choice.models, choice.scores[0].values, choice.macs, times, strict=True)
    return [Candidate(m, score, macs, ms) for m, score, macs, ms in rows if score and macs]


def answer(choice: Choice) -> Answer:
    """Answer the first sentence of a zoo: its first score, device and limits."""
    device = choice.devices[0].label if choice.devices else ""
    limits, every = Limits(choice.gmacs, choice.ms, device), candidates(choice)
    fitting = [c for c in every if c.macs <= limits.gmacs]
    timed = [c for c in every if c.ms is not None]
    quick = [c for c in fitting if not limits.ms or (c.ms is not None and c.ms <= limits.ms)]
    best, cheapest = _best(quick), _best(fitting)
    over = _over(every, best, limits) + _cheaper(quick, best) if best else []
    nearest = _slow(fitting, limits) if fitting else _dear(every, limits)
    misses = over if best else nearest
    if limits.ms and cheapest and cheapest is not best:
        only = Limits(limits.gmacs, 0, "").text
        misses.append(Miss(cheapest, word("untimed", limits=only)))
    return Answer(
        best=best,
        sentence=_sentence(choice, best, limits, bool(timed), _alike(choice, quick, best)),
        misses=tuple(misses),
        note=_note(choice, limits, len(every), len(every) - len(timed)),
        candidates=tuple(every),
    )


def _best(listed: Sequence[Candidate]) -> Candidate | None:
    """Return the best score; of equal ones the cheapest."""
    return min(listed, key=lambda c: (-c.score, c.macs), default=None)


def _over(every: Sequence[Candidate], best: Candidate, limits: Limits) -> list[Miss]:
    """Return better models a little over the limit of GMACs, the best of their cost."""
    near = sorted(
        (
            c
            for c in every
            if c.score > best.score
            and limits.gmacs < c.macs <= limits.gmacs * NEAR
            and (not limits.ms or c.ms is not None)
        ),
        key=lambda c: c.macs,
    )
    leading = [c for n, c in enumerate(near) if all(b.score < c.score for b in near[:n])]
    return [
        Miss(
            c,
            word(
                "over",
                points=f"{c.score - best.score:.2f}",
                gmacs=f"{c.macs - limits.gmacs:.2f}",
            ),
        )
        for c in leading[-MOST_OVER:]
    ]


def _cheaper(fitting: Sequence[Candidate], best: Candidate) -> list[Miss]:
    """Return the best model at half the cost of the answer."""
    half = _best([c for c in fitting if c.macs <= best.macs / 2])
    points = f"{best.score - half.score:.2f}" if half else ""
    return [Miss(half, word("half", points=points))] if half else []


def _slow(fitting: Sequence[Candidate], limits: Limits) -> list[Miss]:
    """Return the quickest models over the limit of milliseconds."""
    timed = [(c.ms, c) for c in fitting if c.ms is not None]
    return [
        Miss(c, word("late", ms=f"{ms - limits.ms:.1f}"))
        for ms, c in sorted(timed, key=lambda pair: pair[0])[:MOST_SLOW]
    ]


def _dear(every: Sequence[Candidate], limits: Limits) -> list[Miss]:
    """Return the models of least cost, where all are over the limit of GMACs."""
    return [
        Miss(c, word("dear", gmacs=show_gmacs(c.macs - limits.gmacs)))
        for c in sorted(every, key=lambda c: c.macs)[:MOST_SLOW]
    ]


def _alike(choice: Choice, fitting: Sequence[Candidate], best: Candidate | None) -> str:
    """Say from which models the images of the data set cannot tell the best one; "" from none."""
    score = choice.scores[0]
    if best is None or not score.is_share:
        return ""
    near = [c for c in fitting if not tells_apart(best.score, c.score, score.images)]
    others = sorted((c for c in near if c is not best), key=lambda c: c.macs)
    names = [c.model.name for c in others[:MOST_ALIKE]]
    if len(others) > MOST_ALIKE:
        names.append(f"+ {len(others) - MOST_ALIKE:,}")
    key = "alike" if score.images else "near"
    return word(key, images=f"{score.images or 0:,}", others=", ".join(names)) if names else ""


def _sentence(
    choice: Choice, best: Candidate | None, limits: Limits, timed: bool, alike: str
) -> str:
    metric = metric_label(choice.scores[0].metric)
    if best is None:
        key = "slow" if limits.ms and timed else "nothing"
        return word(key, limits=limits.text, metric=metric, data=data_label(choice))
    both = {"gmacs": show_gmacs(best.macs), "ms": f"{best.ms or 0:.1f}"}
    cost = word("both" if limits.ms else "cost", **both)
    score = f"{best.score:.2f} %"
    sentence = word(
        "highest" if alike else "best", model="%(model)s", score=score, metric=metric, cost=cost
    )
    return f"{sentence} {alike}".strip()


def _note(choice: Choice, limits: Limits, total: int, missing: int) -> str:
    values = {"all": f"{total:,}", "count": f"{missing:,}", "device": limits.device}
    if limits.ms and missing:
        return word("missing", **values)
    metric = metric_label(choice.scores[0].metric)
    return word("considered", metric=metric, data=data_label(choice), **values)


def data_label(choice: Choice) -> str:
    """Name the first data set."""
    return choice.scores[0].dataset or word("anything")


def show_gmacs(value: float) -> str:
    """Print GMACs: two decimals, four of a small number."""
    return f"{value:,.4f}" if value < 0.0995 else f"{value:,.2f}"
