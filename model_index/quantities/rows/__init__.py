"""Rows of the table of quantities, a module for each subject."""
