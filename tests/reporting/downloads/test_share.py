"""Pictures of shared links: small PNG files, drawn where something changed, with what is wrong."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from zoo.reporting.downloads import share
from zoo.reporting.downloads.share import family_card, files, model_card, site_card
from zoo.reporting.pages.settings import Settings
from zoo.reporting.plots import share_card
from zoo.reporting.plots.share_card import Card, CardCorrection, CardValue, draw_card, has_letters
from zoo.reporting.site.build import write
from zoo.reporting.site.render import render_pages, site_of
from zoo.reporting.views.catalogue import Zoo

URL = "https://zoo.example/"
LONG = "a_very_long_name_of_a_model_patch16_clip_224.laion2b_ft_in12k_in1k"
FULL = Card(
    name=LONG,
    kind=LONG,
    tally="1,234 of 5,678 published numbers are wrong",
    standing="wrong",
    rows=[CardCorrection(LONG, "15,003,675,112 G", "11,671,217,152 GMACs", LONG)] * 3,
    values=[CardValue("1,234,567.89–9,876,543.21", LONG, "wrong", LONG)] * 5,
    date="as of 28 November 2026",
)


def read(data: bytes | None) -> Image.Image:
    assert data is not None
    return Image.open(io.BytesIO(data))


def test_a_card_is_a_png_of_the_size_that_links_show() -> None:
    assert (read(draw_card(FULL)).format, read(draw_card(FULL)).size) == ("PNG", (1200, 630))
    assert read(draw_card(FULL, 0.5)).size == (600, 315)


def test_a_models_picture_takes_at_most_8_kilobytes() -> None:
    data = draw_card(FULL, share.SMALL)
    assert data is not None and len(data) <= 8 * 1024


def test_long_text_stays_on_the_card() -> None:
    """Nothing is drawn on the paper around the card."""
    image = read(draw_card(FULL)).convert("RGB")
    paper = image.getpixel((5, 5))
    margin = [image.getpixel((x, y)) for x in (40, 1160) for y in range(630)]
    assert set(margin) == {paper}


def test_a_name_in_other_letters_has_no_picture() -> None:
    assert has_letters("DPN-98 ×²") and not has_letters("模型")
    assert draw_card(replace(FULL, name="模型")) is None


def test_cards_say_what_is_wrong(toy: Zoo) -> None:
    site = site_of(toy, Settings(name="Acme"))
    family = site.catalogue.families[0]
    model = family.models[0]
    for card in (site_card(site), family_card(family), model_card(family, model)):
        assert card.tally.endswith("wrong") and card.standing == "wrong"
    assert model_card(family, model).rows[0] == CardCorrection(
        "Layers, Acme", "11", "10", "The name says 10 layers"
    )
    assert [value.number for value in site_card(site).values][:1] == ["1"]
    assert (site_card(site).date, family_card(family).name) == ("as of 22 Nov 2026", "Net")


def test_models_have_pictures_where_the_address_is_known(toy: Zoo) -> None:
    names = {file.path for file in files(site_of(toy, Settings()))}
    assert names == {
        f"downloads/share/{name}.png" for name in ("site", "family-net", "family-other")
    }
    with_models = {file.path for file in files(site_of(toy, Settings(url=URL)))}
    assert {path.rpartition("/")[2] for path in with_models - names} == {
        "model-net10.png",
        "model-net20.png",
        "model-lone.png",
    }


@pytest.mark.usefixtures("quick_figures")
def test_a_picture_is_drawn_again_only_where_something_changed(
    toy: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def draw(card: Card, scale: float = 1.0) -> bytes | None:
        drawn.append(card.name)
        return draw_card(card, scale)

    monkeypatch.setattr(share, "draw_card", draw)
    known = replace(toy, digests={entry.place: entry.name for entry in toy.index.entries})
    write(known, tmp_path, Settings(url=URL))
    assert len(drawn) == 6
    drawn.clear()
    write(known, tmp_path, Settings(url=URL))
    assert drawn == ["Model zoo ledger"]  # it is about all models
    drawn.clear()
    changed = replace(known, digests=known.digests | {toy.index.entries[1].place: "other"})
    write(changed, tmp_path, Settings(url=URL))
    assert sorted(drawn) == ["Model zoo ledger", "Net", "net20"]


def test_pages_name_pictures_that_are_there(toy: Zoo) -> None:
    for url in ("", URL):
        site = site_of(toy, Settings(url=url))
        there = {file.path for file in files(site)}
        for page, text in render_pages(site):
            picture = text.partition('picture: "')[2].partition('"')[0]
            assert picture in there, page.path
            own = f"model-{page.path[7:-3]}.png" if page.owner in ("net10", "net20", "lone") else ""
            assert bool(url) == (own in picture) or not own, page.path


def test_every_page_has_a_description_of_its_own(
    toy: Zoo, rendered: Callable[[Zoo], dict[str, str]]
) -> None:
    pages = rendered(toy)
    told = {
        path: text.partition('description: "')[2].partition('"\n')[0]
        for path, text in pages.items()
    }
    assert all(len(text) > 15 for text in told.values()), told
    assert len(set(told.values())) == len(told)


def test_the_letters_are_those_of_matplotlib() -> None:
    assert share_card._fonts().is_dir()
