"""The start page: are the numbers of this zoo right?

It begins with the answer, a look-up and one number followed to its last digit; then the worst
findings, a sentence that chooses a model, what changed, and the families.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from markupsafe import Markup

from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.pages import json_ld
from zoo.reporting.pages.base import Page, Site
from zoo.reporting.pages.changes.page import recent
from zoo.reporting.pages.home.answer import WORDS, Answer, answer, show_gmacs, word
from zoo.reporting.pages.home.card import worked_example
from zoo.reporting.pages.home.chooser import PATH, Choice, choice_of, metric_label
from zoo.reporting.pages.home.families import list_tasks
from zoo.reporting.pages.home.quantities import count_quantities, say_quantities
from zoo.reporting.pages.home.worst import list_worst
from zoo.reporting.plots.choice_plot import ChoiceTexts, Frame, Ring, draw_choice, frame_of
from zoo.reporting.plots.input_sizes import draw_sizes
from zoo.reporting.text.escape import safe
from zoo.reporting.text.script_json import script_json
from zoo.reporting.views.catalogue import Model
from zoo.reporting.views.claim_lines import counts_of

DAYS, MOST_CHANGES = 30, 5
HINTS = 3  # names that the look-up is shown with
# What a site is called and described as where nobody named it.
UNNAMED = N_("Model zoo ledger")
USUAL = ("", "Every number checked against the live model.")


def pages(site: Site) -> Iterator[Page]:
    """Plan the page."""
    settings, quantities, example = site.settings, count_quantities(site), worked_example(site)
    tasks, more_tasks = list_tasks(site)
    context = {
        "catalogue": site.catalogue,
        "name": "" if settings.name in (UNNAMED, _(UNNAMED)) else settings.name,
        "description": "" if settings.description in USUAL else settings.description,
        "hints": _hints(site, example.model if example else None),
        "counts": counts_of(site.catalogue),
        "as_of": as_of(site),
        "example": example,
        "draw_sizes": draw_sizes,
        "worst": list_worst(site),
        "quantities": quantities,
        "quantities_say": say_quantities(quantities),
        "changes": recent(site, DAYS, MOST_CHANGES),
        "tasks": tasks,
        "more_tasks": more_tasks,
        "linked_data": json_ld.zoo_data(site, as_of(site)),
    }
    yield Page("index.md", "home.md.j2", context | _chooser(site))


def _hints(site: Site, first: Model | None) -> list[tuple[str, str]]:
    """Return names to look up, as people write them, with the names of the index: the shortest of
    each of the largest families, that of the worked example first."""
    families = sorted(site.catalogue.families, key=lambda family: -len(family.models))
    shortest = [min(family.models, key=lambda m: len(m.name)) for family in families]
    models = ([first] if first else []) + [
        m for m in shortest if not first or m.family != first.family
    ]
    return [(_as_written(model), model.name) for model in models[:HINTS]]


def _as_written(model: Model) -> str:
    """Write a name as papers do: `DPN-98` for dpn98 of the family DPN."""
    match = re.fullmatch(rf"{re.escape(model.family)}[-_ ]?(\d+)", model.name, re.IGNORECASE)
    return f"{model.family}-{match[1]}" if match else model.name


def as_of(site: Site) -> str:
    """Return the day of the last record or measurement; empty without any."""
    zoo = site.catalogue.zoo
    if zoo.history.moments:
        return zoo.history.moments[-1].at[:10]
    counted = (model.evidence for model in site.catalogue.models if model.key)
    return max((document.started_at[:10] for document in counted if document), default="")


def _chooser(site: Site) -> dict[str, Any]:
    """Return the template values of the sentence that chooses a model."""
    choice = choice_of(site)
    if choice is None:
        return {"choice": None}
    first = answer(choice)
    return {
        "choice": choice,
        "answer": first,
        "answer_plot": _draw(choice, first),
        "chooser_data": Markup(script_json(_script_data(choice))),
        "chooser_path": PATH,
        "metric_label": metric_label,
        "show_gmacs": show_gmacs,
        "said": _put_link,
    }


def _put_link(sentence: str, link: Markup) -> Markup:
    """Put the link to the best model into its sentence."""
    before, mark, after = sentence.partition("%(model)s")
    return Markup(safe(before) + link + safe(after)) if mark else safe(sentence)


def _script_data(choice: Choice) -> dict[str, Any]:
    """Return what the script needs before it loads the models: texts, labels, and the frames of
    all pictures."""
    scores = [(score, _frame(choice, score.values)) for score in choice.scores]
    return {
        "words": {key: _(text) for key, text in WORDS.items()},
        "metrics": {key: metric_label(key) for key in choice.metrics},
        "devices": [device.label for device in choice.devices],
        "scores": [
            {
                "metric": score.metric,
                "data": score.dataset,
                "frame": asdict(frame) if frame else None,
                "share": score.is_share,
                "images": score.images,
            }
            for score, frame in scores
        ],
    }


def _frame(choice: Choice, values: tuple[float | None, ...]) -> Frame | None:
    spots = [(x, y) for x, y in zip(choice.macs, values, strict=True) if x and y]
    return frame_of(spots) if spots else None


def _draw(choice: Choice, first: Answer) -> Markup:
    """Draw the candidates of the first sentence, and name those of the answer."""
    misses = [miss.candidate for miss in first.misses]
    subject = first.best or (misses[0] if misses else None)
    rings = [Ring(c.model.name, c.macs, c.score, False) for c in misses[-1:] if c is not subject]
    if subject:
        rings.append(Ring(subject.model.name, subject.macs, subject.score, True))
    metric = metric_label(choice.scores[0].metric)
    label = word("picture", metric=metric, count=f"{len(first.candidates):,}")
    texts = ChoiceTexts(
        label=label,
        x=word("axis"),
        y=word("published", metric=metric),
        limit=word("limit", gmacs=f"{choice.gmacs:g}"),
    )
    spots = [(c.macs, c.score) for c in first.candidates]
    return draw_choice(spots, frame_of(spots), choice.gmacs, rings, texts)
