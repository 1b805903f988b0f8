"""Explain why a published number differs from the measured one: causes, search and siblings."""
