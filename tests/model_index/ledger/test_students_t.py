"""Student's t without scipy: the same numbers as scipy's."""

import subprocess
import sys

import pytest
from scipy.special import stdtr, stdtrit

from zoo.model_index.ledger.students_t import probability, quantile


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 4.7, 9, 17.3, 100, 5000])
@pytest.mark.parametrize("share", [0.01, 0.4, 0.6, 0.9, 0.975, 0.995, 0.9995])
def test_quantiles_are_scipys(freedom: float, share: float) -> None:
    assert quantile(freedom, share) == pytest.approx(stdtrit(freedom, share), rel=1e-10)
    assert probability(freedom, quantile(freedom, share)) == pytest.approx(share, abs=1e-11)


@pytest.mark.parametrize("value", [-30.0, -1.0, 0.0, 0.3, 2.0, 40.0])
def test_probabilities_are_scipys(value: float) -> None:
    assert probability(4, value) == pytest.approx(stdtr(4, value), rel=1e-12)


def test_the_middle_is_nought() -> None:
    assert quantile(4, 0.5) == 0.0


@pytest.mark.parametrize(("freedom", "share"), [(0, 0.9), (-1, 0.9), (3, 0), (3, 1)])
def test_what_is_no_quantile(freedom: float, share: float) -> None:
    with pytest.raises(ValueError, match=f"no quantile {share} of {freedom} degrees of freedom"):
        quantile(freedom, share)


def test_intervals_of_benchmarks_need_no_numpy() -> None:
    code = (
        "import sys; from zoo.model_index.ledger.benchmark import interval; interval([1, 2]); "
        "print('numpy' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
        == "False\n"
    )
