"""TODO zoo/explanation."""
