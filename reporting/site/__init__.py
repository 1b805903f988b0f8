"""Writes the site: renders pages, and keeps files that are unchanged."""
