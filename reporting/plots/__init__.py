"""TODO reporting/plots."""
