"""TODO reporting/cards."""
