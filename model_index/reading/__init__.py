"""Read files and YAML nodes with their places, within limits."""
