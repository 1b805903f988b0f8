"""TODO zoo/counting."""
