"""Two accuracies differ only where the images tell it."""

import math

import pytest

from zoo.reporting.views.accuracy_difference import (
    FEW_IMAGES,
    difference_interval,
    difference_words,
    tells_apart,
    wilson_interval,
)

IMAGENET = 50_000


@pytest.mark.parametrize(
    ("right", "images", "interval"),
    [
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_intervals_of_a_share_are_those_of_the_paper(
    right: int, images: int, interval: tuple[float, float]
) -> None:
    """Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I."""
    assert wilson_interval(right / images, images) == pytest.approx(interval, abs=1e-4)


def test_the_interval_of_a_difference_is_that_of_the_paper() -> None:
    """Newcombe (1998), table II, method 10: 9/10 less 3/10."""
    assert difference_interval(90, 30, 10) == pytest.approx((17.05, 80.90), abs=0.01)


def test_the_interval_mirrors() -> None:
    low, high = difference_interval(79.99, 78.51, IMAGENET)
    assert difference_interval(78.51, 79.99, IMAGENET) == pytest.approx((-high, -low))
    assert low < 1.48 < high


@pytest.mark.parametrize("accuracy", [1.0, 50.0, 79.99, 99.0])
def test_the_interval_covers(accuracy: float) -> None:
    """Near the normal approximation of two independent samples, which holds for so many images."""
    variance = 2 * accuracy * (100 - accuracy) / IMAGENET
    low, high = difference_interval(accuracy, accuracy, IMAGENET)
    assert high == pytest.approx(1.96 * math.sqrt(variance), rel=0.02) and low == -high


def test_few_images_tell_little() -> None:
    assert tells_apart(79.99, 78.51, IMAGENET)
    assert not tells_apart(79.99, 79.65, IMAGENET)
    assert not tells_apart(79.99, 78.51, 797)
    assert not tells_apart(79.99, 79.99, IMAGENET)


def test_an_unknown_number_of_images_is_a_small_one() -> None:
    assert tells_apart(80, 70, None) == tells_apart(80, 70, FEW_IMAGES) is True
    assert tells_apart(80, 79, None) == tells_apart(80, 79, FEW_IMAGES) is False


@pytest.mark.parametrize(
    ("second", "images", "words"),
    [
        (78.51, IMAGENET, "1.48 points, more than chance with 50,000 images"),
        (79.65, IMAGENET, "0.34 points: 50,000 images cannot tell them apart"),
        (79.49, None, "0.50 points: too little, as the number of images is not known"),
        (59.99, None, "20.00 points, more than chance even with 1,000 images"),
    ],
)
def test_the_words_say_what_the_images_tell(second: float, images: int | None, words: str) -> None:
    assert difference_words(79.99, second, images) == words


@pytest.mark.parametrize(("share", "images"), [(1.2, 10), (-0.1, 10), (0.5, 0)])
def test_what_is_no_share_is_refused(share: float, images: int) -> None:
    with pytest.raises(ValueError, match="no share of images"):
        wilson_interval(share, images)
