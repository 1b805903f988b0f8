"""Code and commands that a reader can copy from a page."""
