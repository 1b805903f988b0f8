"""TODO reporting/site."""
