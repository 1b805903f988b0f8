"""TODO zoo/verification."""
