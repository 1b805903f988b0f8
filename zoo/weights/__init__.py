"""Weights that somebody published: reading a few bytes of remote files, safely, and downloading them when asked."""
