"""The number that the start page follows to its last digit, and how it is chosen."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from zoo.model_index.findings import Finding, Standing, Verdict
from zoo.reporting.pages.home.card import WorkedExample, worked_example
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Zoo


def example_of(zoo: Zoo) -> WorkedExample | None:
    return worked_example(site_of(zoo, Settings()))


def test_a_wrong_number_is_followed_to_its_last_digit(photographed: Zoo) -> None:
    example = example_of(photographed)
    assert example is not None and example.model.name == "net2"  # of equal ones the middle one
    assert example.heading == "Acme says net2 takes 3.75 MFLOPs. It takes 3.00 MMACs."
    assert example.terms == (("convolutions", "3,750,000"), ("pooling", "1,000"))
    assert (example.counted, example.total) == ("thop, 224×285", "3,751,000")


def test_the_picture_has_both_inputs_to_scale(
    photographed: Zoo, start_page: Callable[..., str]
) -> None:
    photo = example_of(photographed)
    assert photo is not None and photo.sizes is not None and photo.sizes[1] == (224, 285)
    page = start_page(photographed)
    card = page[page.index("index-card") : page.index("</article>")]
    assert 'class="stated"' in card and 'class="counted"' in card and "224 × 285" in card
    assert card.index("convolutions") < card.index("3,751,000")


def test_a_sum_that_is_not_the_claim_is_not_shown(photographed: Zoo) -> None:
    """Terms that do not add up to the printed number prove nothing."""

    def without_a_term(finding: Finding) -> Finding:
        tried = tuple(replace(h, terms="conv 7 + pooling 1") for h in finding.tried)
        return replace(finding, tried=tried)

    shortened = replace(photographed, findings=tuple(map(without_a_term, photographed.findings)))
    example = example_of(shortened)
    assert example is not None and example.terms == () and example.line.standing is Standing.WRONG


def test_the_largest_difference_goes_before_the_middle_size(photographed: Zoo) -> None:
    first = photographed.findings[0]
    far = replace(first, measured=Decimal(first.measured or 0) / 2)  # type: ignore[arg-type]
    example = example_of(replace(photographed, findings=(far, *photographed.findings[1:])))
    assert example is not None and example.model.name == "net1"


def test_where_nothing_is_wrong_a_right_number_is_followed(toy: Zoo) -> None:
    right = tuple(f for f in toy.findings if f.standing is not Standing.WRONG)
    index = replace(toy, findings=right)
    example = example_of(index)
    assert example is not None and example.line.standing is Standing.RIGHT
    assert example.heading == "Acme says net10 takes 2.0 MFLOPs. It does."


def test_a_right_number_that_no_sum_gives_is_an_example_too(
    toy: Zoo, start_page: Callable[..., str]
) -> None:
    """A start page with right numbers never says that nothing is checked."""
    right = [f for f in toy.findings if f.standing is Standing.RIGHT and not f.claim.row.counted]
    index = replace(toy, findings=(right[0],))
    example = example_of(index)
    assert example is not None and example.heading.endswith("That is right.")
    page = start_page(index)
    assert "Nothing is checked yet" not in page and "Worst findings" not in page


def test_without_a_cause_the_worst_finding_is_shown(
    toy: Zoo, start_page: Callable[..., str]
) -> None:
    example = example_of(toy)
    assert example is not None and example.line.standing is Standing.WRONG
    assert example.heading == "Acme prints 11 as Layers of net10. Use 10."
    page = start_page(toy)
    assert "<del>11</del> <ins>10</ins>" in page


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Models: [{Name: a, Metadata: {FLOPs: 3 G}}]", "zoo verify\nzoo build"),
        ("Models: [{Name: a}]", "zoo lint\nzoo verify"),
    ],
)
def test_where_nothing_was_counted_the_card_says_what_to_do(
    zoo_of: Callable[[str], Zoo],
    start_page: Callable[..., str],
    text: str,
    words: str,
) -> None:
    zoo = zoo_of(text)
    assert example_of(zoo) is None
    page = start_page(zoo)
    assert words in page[page.index("index-card") : page.index("</article>")]


def test_an_unchecked_claim_is_no_example(toy: Zoo) -> None:
    unknown = tuple(replace(f, verdict=Verdict.UNCHECKED, wrong=False) for f in toy.findings)
    assert example_of(replace(toy, findings=unknown)) is None
