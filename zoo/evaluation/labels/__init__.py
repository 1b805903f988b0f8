"""TODO zoo/evaluation/labels."""
