"""TODO reporting/snippets."""
