"""TODO zoo/cli/output."""
