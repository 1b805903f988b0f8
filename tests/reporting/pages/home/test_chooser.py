"""The sentence that chooses a model: what may win, near misses, and what is said of the rest."""

import json
from collections.abc import Callable
from dataclasses import replace

from zoo.model_index.findings import Verdict
from zoo.reporting.pages.home.answer import answer
from zoo.reporting.pages.home.chooser import Choice, Device, Score, choice_of, files
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Zoo


def choice(zoo: Zoo) -> Choice:
    found_choice = choice_of(site_of(zoo, Settings()))
    assert found_choice is not None
    return found_choice


def timed(zoo: Zoo, *ms: float | None) -> Choice:
    """What a zoo chooses from, as if its models had been timed."""
    return replace(choice(zoo), devices=(Device("CPU", ms),))


def test_the_best_within_the_limit_answers(photographed: Zoo) -> None:
    made = answer(choice(photographed))
    assert made.best is not None and made.best.model.name == "net2"  # net3 is over the limit
    assert made.sentence == "%(model)s is best: 75.20 % top-1 at 0.0030 GMACs."
    assert made.note == "Models with top-1 on ImageNet that were considered: 3."
    (cheaper,) = made.misses
    assert cheaper.candidate.model.name == "net1"
    assert cheaper.reason == "5.10 points less at half the GMACs or fewer"


def scored(zoo: Zoo, *values: float, dataset: str = "ImageNet") -> Choice:
    """What a zoo chooses from, with other scores."""
    return replace(choice(zoo), scores=(Score("top1", dataset, values),))


def test_a_model_that_the_images_cannot_tell_from_others_is_not_called_best(
    photographed: Zoo,
) -> None:
    said = answer(scored(photographed, 75.0, 75.2, 79.3)).sentence
    assert said.startswith("%(model)s has the highest: 75.20 % top-1")
    assert said.endswith("GMACs. 50,000 images cannot tell it from: net1.")
    said = answer(scored(photographed, 73.0, 75.2, 79.3, dataset="Ours")).sentence
    assert said.endswith("Too near to tell, as the number of images is not known: net1.")
    assert "is best" in answer(scored(photographed, 65.0, 75.2, 79.3, dataset="Ours")).sentence


def test_a_wrong_score_does_not_win(photographed: Zoo) -> None:
    claims = [c for e in photographed.index.entries for c in e.claims if c.quantity == "top1"]
    wrong = tuple(
        replace(photographed.findings[0], claim=c, verdict=Verdict.MISMATCH, wrong=True)
        for c in claims
        if c.model == "net2"
    )
    made = answer(choice(replace(photographed, findings=photographed.findings + wrong)))
    assert made.best is not None and made.best.model.name == "net1"
    assert [c.model.name for c in made.candidates] == ["net1", "net3"]


def test_models_that_were_not_timed_cannot_answer(photographed: Zoo) -> None:
    made = answer(timed(photographed, 18.0, None, 40.0))
    assert made.best is not None and made.best.model.name == "net1"
    assert "Not timed on CPU here, so without an answer: 1 of 3 models." in made.note
    (untimed,) = made.misses
    assert untimed.candidate.model.name == "net2"
    assert untimed.reason.endswith("if time did not matter")


def test_where_nothing_fits_the_nearest_are_named(photographed: Zoo) -> None:
    made = answer(timed(photographed, 21.6, 26.1, 3.0))
    assert made.best is None and made.sentence.startswith("No timed model stays under")
    assert [(m.candidate.model.name, m.reason) for m in made.misses][:2] == [
        ("net1", "1.6 ms over the limit"), ("net2", "6.1 ms over the limit"),
    ]  # fmt: skip


def test_the_first_limit_leaves_some_models_out(photographed: Zoo) -> None:
    """5 GMACs say nothing about models of a thousandth of it."""
    own = choice(photographed)
    assert min(filter(None, own.macs)) < own.gmacs < max(filter(None, own.macs))


def test_the_data_has_a_column_for_each_score(photographed: Zoo) -> None:
    (file,) = files(site_of(photographed, Settings()))
    data = json.loads(file.data)
    assert data["names"] == ["net1", "net2", "net3"] and data["macs"] == [0.001, 0.003, 0.009]
    assert data["scores"] == [{"metric": "top1", "data": "ImageNet", "values": [70.1, 75.2, 79.3]}]


def test_without_costs_or_scores_there_is_nothing_to_choose(
    zoo_of: Callable[[str], Zoo], start_page: Callable[..., str]
) -> None:
    zoo = zoo_of("Models: [{Name: a, Metadata: {FLOPs: 3 G}}]")
    assert choice_of(site_of(zoo, Settings())) is None
    assert list(files(site_of(zoo, Settings()))) == []
    assert "data-chooser" not in start_page(zoo)
