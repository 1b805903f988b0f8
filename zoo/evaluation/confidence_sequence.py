"""Bound the accuracy on a whole data set by the right answers on a random part of it.

The accuracy on a data set of N images is a count: m answers are right. The first n images of a
random order, k of them right, bound m. `zoo eval --check` computes these bounds after every batch
and stops when they decide, so they have to be valid at all n at once. An interval for one fixed n
is not: computed after every image, a 99% interval misses m in far more than 1% of the runs.

Each possible m is tested by a bet against it. Before the first image, a prior is spread over the
possible accuracies. After n images the evidence against m is

    M_n(m) = sum_j w_j B(a_j + k, b_j + n - k) / B(a_j, b_j)  /  L_m(n, k)
    L_m(n, k) = [m]_k [N - m]_(n - k) / [N]_n          with [x]_i = x (x - 1) ... (x - i + 1)

The numerator is the probability of the observed answers under the prior, a mixture of Beta
distributions. L_m is their probability if m of N are right and images are drawn without
replacement. If m is true, M_n(m) starts at 1 and its expectation never grows (it is a martingale as
long as both answers are still possible), so by Ville's inequality the chance that it *ever* reaches
1 / level is at most `level`. The m whose evidence is below 1 / level are a confidence sequence:
with probability 1 - level, the true m is among them at every n.

Sources: H. Robbins, "Statistical methods related to the law of the iterated logarithm", Annals of
Mathematical Statistics 41, 1970, for the mixture; I. Waudby-Smith and A. Ramdas, "Confidence
sequences for sampling without replacement", NeurIPS 2020, section 2, for the ratio of prior and
posterior without replacement.

The numerator is also a mixture of L_0 ... L_N, so it never exceeds the largest of them: the
likeliest m is never excluded. L has one maximum in m, at floor(k (N + 1) / n). So the counts m that
are not excluded form an interval, two bisections find it, and a decision needs the evidence only at
the edges of a range.
"""

from dataclasses import dataclass
from decimal import Decimal
from math import log
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, gammaln

from zoo.model_index.errors import UsageError

Decision = Literal["holds", "fails"]

TOLERANCE = Decimal("0.005")
LEVEL = 0.01

# Weight and standard deviation, in tolerances, of the two components around a claim; the uniform
# component has the remaining weight. Chosen among 15 mixtures of up to three components by the
# geometric mean of the share of images looked at, simulated for N = 10,000 and 50,000, accuracies
# 0.6, 0.8, 0.95, 0.99 and claims off by -5 ... 5 points. The narrow one confirms right claims
# early, the wide one refutes claims that are off by a few tolerances, the uniform one covers all
# other accuracies. The choice is not critical: five of the mixtures are within 1%. The uniform
# component alone needs 9% more images, and 22% more where the claim is right.
SPREADS = ((0.6, 0.25), (0.3, 4.0))


@dataclass(frozen=True)
class Component:
    """A Beta(a, b) distribution of the accuracy, and its share in the prior."""

    weight: float
    a: float
    b: float


@dataclass(frozen=True)
class ConfidenceSequence:
    """Bounds of the number of right answers on all images, valid after any number of them.

    `population` is N. `level` is the probability that the bounds miss the true count at any n. The
    prior is fixed before the first image: it may depend on the claim and on N, not on a
    measurement.
    """

    population: int
    level: float
    prior: tuple[Component, ...]

    def __post_init__(self) -> None:
        if self.population < 1:
            raise UsageError(f"expected at least one image, got {self.population}")
        if not 0 < self.level < 1:
            raise UsageError(f"expected a level between 0 and 1, got {self.level}")
        if abs(sum(part.weight for part in self.prior) - 1) > 1e-9:
            raise ValueError(
                f"expected weights that add up to 1, got {[part.weight for part in self.prior]}"
            )

    @classmethod
    def uniform(cls, population: int, level: float = LEVEL) -> Self:
        """Build a sequence for an accuracy without a claim."""
        return cls(population, level, (Component(1.0, 1.0, 1.0),))

    @classmethod
    def of_claim(
        cls,
        population: int,
        expected: Decimal,
        tolerance: Decimal = TOLERANCE,
        level: float = LEVEL,
    ) -> Self:
        """Build a sequence that is narrow early if a claim is right, and valid in any case.

        `expected` and `tolerance` are fractions of 1. Each row of `SPREADS` gives a Beta(1 + s c, 1
        + s (1 - c)), which has its mode at the claim c, with s such that its standard deviation is
        about that many tolerances. Raises UsageError for fractions outside of 0 ... 1.
        """
        _check(expected, tolerance, population)
        # A claim of 0 or 1 has no variance and a tolerance of 0 no width; s has to be finite.
        center, margin = float(expected), max(float(tolerance), 1 / population)
        variance = max(center * (1 - center), margin)
        sizes = [(weight, variance / (margin * spread) ** 2) for weight, spread in SPREADS]
        peaks = [
            Component(weight, 1 + size * center, 1 + size * (1 - center)) for weight, size in sizes
        ]
        uniform = Component(1 - sum(weight for weight, _ in SPREADS), 1.0, 1.0)
        return cls(population, level, (*peaks, uniform))

    def log_evidence(self, n: ArrayLike, k: ArrayLike, m: ArrayLike) -> NDArray[np.float64]:
        """Return log M_n(m) for n answers, k of them right, and a true count m.

        The arguments broadcast. The result is infinite where m right answers of N cannot give k of
        n. m is excluded once it reaches log(1 /
        level). Raises ValueError unless 0 <= k <= n <= N and 0 <= m <= N.
        """
        (seen, right), count = self._answers(n, k), _counts(m)
        if (wrong := (count < 0) | (count > self.population)).any():
            raise ValueError(f"expected 0 <= m <= {self.population}, got {count[wrong][0]}")
        return self._log_prior_probability(seen, right) - self._log_likelihood(seen, right, count)

    def interval(self, n: int, k: int) -> tuple[int, int]:
        """Return the smallest and the largest count that n answers, k of them right, do not
        exclude.

        (0, N) for n = 0 and (k, k) for n = N. It is a function of n and k alone. The intersection
        with all earlier intervals would be as valid and sometimes narrower, but it depends on how
        often it was computed: a resumed or differently sharded run has to give the same result as
        an uninterrupted one.
        """
        top = int(self._likeliest(*self._answers(n, k)))
        return (
            self._last_included(n, k, top, k),
            self._last_included(n, k, top, self.population - n + k),
        )

    def decide(self, n: int, k: int, low: int, high: int) -> Decision | None:
        """Decide whether the true count lies in low ... high; None while it is open.

        `fails` means that every count of the range is excluded, `holds` that every count outside of
        it is. If the true count is inside, the probability that the decision is ever `fails` is at
        most `level`; if it is outside, the probability that it is ever `holds` is at most `level`.
        At n = N the decision is exact. An empty range (low > high) fails, and one with all counts
        holds, before the first image.
        """
        return _DECISIONS[int(self.decisions(n, k, low, high))]

    def decisions(self, n: ArrayLike, k: ArrayLike, low: int, high: int) -> NDArray[np.int8]:
        """Decide for arrays of n and k that broadcast: 1 for `holds`, -1 for `fails`, 0 for
        open."""
        seen, right = self._answers(n, k)
        if low > high:
            return np.full(seen.shape, -1, dtype=np.int8)
        top = self._likeliest(seen, right)
        inside = (top >= low) & (top <= high)
        # A count is excluded if its likelihood is at most this.
        bound = self._log_prior_probability(seen, right) + log(self.level)
        # The likeliest count of the range is its edge next to the top, the likeliest outside is
        # beyond one of its edges.
        fails = ~inside & (self._log_likelihood(seen, right, np.clip(top, low, high)) <= bound)
        holds = inside
        for outside in (low - 1, high + 1):
            if 0 <= outside <= self.population:
                holds = holds & (self._log_likelihood(seen, right, _counts(outside)) <= bound)
        return np.asarray(holds, dtype=np.int8) - np.asarray(fails, dtype=np.int8)

    def _answers(self, n: ArrayLike, k: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        seen, right = np.broadcast_arrays(_counts(n), _counts(k))
        if (wrong := (right < 0) | (right > seen) | (seen > self.population)).any():
            pair = f"n = {seen[wrong][0]}, k = {right[wrong][0]}"
            raise ValueError(f"expected 0 <= k <= n <= {self.population}, got {pair}")
        return seen, right

    def _log_prior_probability(
        self, n: NDArray[np.int64], k: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        terms = [
            log(c.weight) + betaln(c.a + k, c.b + (n - k)) - betaln(c.a, c.b) for c in self.prior
        ]
        total: NDArray[np.float64] = np.logaddexp.reduce(terms)
        return total

    def _log_likelihood(
        self, n: NDArray[np.int64], k: NDArray[np.int64], m: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        # For an impossible count, gamma has a pole in the denominator: gammaln is +inf there, and
        # the result is -inf.
        rights = gammaln(m + 1) - gammaln(m - k + 1)
        wrongs = gammaln(self.population - m + 1) - gammaln(self.population - m - (n - k) + 1)
        orders = gammaln(self.population + 1) - gammaln(self.population - n + 1)
        likelihood: NDArray[np.float64] = rights + wrongs - orders
        return likelihood

    def _likeliest(self, n: NDArray[np.int64], k: NDArray[np.int64]) -> NDArray[np.int64]:
        # L_(m+1) >= L_m iff m <= k (N + 1) / n - 1. With n = 0 all are equally likely.
        return np.clip(k * (self.population + 1) // np.maximum(n, 1), k, self.population - n + k)

    def _last_included(self, n: int, k: int, included: int, end: int) -> int:
        """Bisect for the last count from `included` towards `end` that is not excluded."""
        threshold = -log(self.level)
        if self.log_evidence(n, k, end) < threshold:
            return end
        while abs(end - included) > 1:
            middle = (included + end) // 2
            if self.log_evidence(n, k, middle) >= threshold:
                end = middle
            else:
                included = middle
        return included


_DECISIONS: dict[int, Decision | None] = {1: "holds", -1: "fails", 0: None}


def _counts(values: ArrayLike) -> NDArray[np.int64]:
    # The product of two counts may not fit into 32 bits, which a column of a file may have.
    return np.asarray(values, dtype=np.int64)


def _check(expected: Decimal, tolerance: Decimal, population: int) -> None:
    if population < 1:
        raise UsageError(f"expected at least one image, got {population}")
    for name, value in (("claim", expected), ("tolerance", tolerance)):
        if not 0 <= value <= 1:
            raise UsageError(f"expected a {name} between 0 and 1, got {value}")
