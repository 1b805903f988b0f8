"""Lint an index: checks that need the index alone, no model."""
