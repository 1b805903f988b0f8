"""Benchmark live models by engine, precision and batch size, with intervals between processes."""
