"""TODO reporting/text."""
