"""TODO zoo/exporting."""
