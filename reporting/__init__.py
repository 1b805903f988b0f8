"""Records in, text out: tables, plots and pages.

This package never imports torch or `zoo`; it knows an index, its findings and its evidence, nothing
live.
"""
