"""The start page: a module for each of its parts."""
