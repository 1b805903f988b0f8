"""Plots and diagrams as SVG in pages, and as files."""
