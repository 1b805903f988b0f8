"""Say whether the images of a data set tell two accuracies apart.

An accuracy is a share of N images. Published accuracies come without the answers to single images,
so two of them are compared as independent proportions, by Newcombe's interval: method 10 of
"Interval estimation for the difference between independent proportions: comparison of eleven
methods", Statistics in Medicine 17 (1998), 873-890. It is made of the two intervals of Wilson,
"Probable inference, the law of succession, and statistical inference", Journal of the American
Statistical Association 22 (1927), 209-212, and holds near 0 and 100 % too.

The images are the same for both models, which makes the samples paired. Newcombe's interval for
pairs (ibid., 2635-2650, method 10) has one number more, the correlation phi of right answers, and
is the one used here where phi is 0. Classifiers fail on the same hard images, so phi is positive
(Mania et al., "Model similarity mitigates test set overuse", 2019) and the interval of pairs is
narrower. What this one tells apart, the answers to single images do too; some differences that it
does not tell, they would.

`choose.js` computes the same for texts that follow a reader's choice; a browser test compares both.
"""

import math

from zoo.reporting.i18n.gettext import N_, _

Z = 1.959964  # of a normal distribution: 95 % lie within
FEW_IMAGES = 1_000  # of a data set whose number of images is not known: a small test set
WORDS = {
    "apart": N_("%(points)s points, more than chance with %(images)s images"),
    "same": N_("%(points)s points: %(images)s images cannot tell them apart"),
    "far": N_("%(points)s points, more than chance even with %(images)s images"),
    "unknown": N_("%(points)s points: too little, as the number of images is not known"),
}


def wilson_interval(share: float, images: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share, 0 to 1, that was counted in so many images.

    Raises:
        ValueError: a share outside of 0 to 1, or no image.
    """
    if images < 1 or not 0 <= share <= 1:
        raise ValueError(f"no share of images: {share} of {images}")
    shrink = 1 + Z * Z / images
    middle = (share + Z * Z / (2 * images)) / shrink
    half = Z * math.sqrt(share * (1 - share) / images + (Z / (2 * images)) ** 2) / shrink
    return max(0.0, middle - half), min(1.0, middle + half)


def difference_interval(first: float, second: float, images: int) -> tuple[float, float]:
    """Return Newcombe's 95 % interval of the difference of two accuracies, all in percent: it
    contains 0 where so many images do not tell them apart.

    Raises:
        ValueError: an accuracy outside of 0 to 100, or no image.
    """
    a, b = first / 100, second / 100
    (low_a, high_a), (low_b, high_b) = wilson_interval(a, images), wilson_interval(b, images)
    below = math.hypot(a - low_a, high_b - b)
    above = math.hypot(high_a - a, b - low_b)
    return first - second - 100 * below, first - second + 100 * above


def tells_apart(first: float, second: float, images: int | None) -> bool:
    """Return whether so many images tell two accuracies in percent apart; where their number is
    not known, whether already `FEW_IMAGES` would."""
    low, high = difference_interval(first, second, images or FEW_IMAGES)
    return low > 0 or high < 0


def difference_words(first: float, second: float, images: int | None) -> str:
    """Say by how many points two accuracies in percent differ, and whether the images tell it, in
    the current language: `0.34 points: 50,000 images cannot tell them apart`."""
    apart = tells_apart(first, second, images)
    key = ("apart" if apart else "same") if images else ("far" if apart else "unknown")
    points = f"{abs(first - second):.2f}"
    return _(WORDS[key], points=points, images=f"{images or FEW_IMAGES:,}")
