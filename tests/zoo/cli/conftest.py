"""Fixtures of the benchmarks' tests, for `zoo bench`: toy models and a worker that only
pretends."""

from tests.zoo.bench.conftest import entries, items, pretender, toys

__all__ = ["entries", "items", "pretender", "toys"]
