"""The parts of `benchmarks/site.py`."""
