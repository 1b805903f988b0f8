"""Inspect checkpoints without downloading them: location, content, fit with the live model."""
