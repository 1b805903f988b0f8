"""TODO zoo/weights/http."""
