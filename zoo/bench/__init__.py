"""Benchmarks: how long a live model takes, by engine, precision and batch size, as numbers that
hold when repeated."""
