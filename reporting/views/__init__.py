"""TODO reporting/views."""
