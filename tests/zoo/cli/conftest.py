"""Fixtures of the command line's tests: the toy models of the benchmarks' tests."""

from tests.zoo.bench.conftest import pretender, toys

__all__ = ["pretender", "toys"]
