"""Text for pages and files: escaping, formatting, Markdown, CSV cells and YAML blocks."""
