"""TODO reporting/downloads."""
