"""TODO reporting/pages."""
