"""TODO zoo/models."""
