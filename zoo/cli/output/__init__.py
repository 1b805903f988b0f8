"""What commands print: lines, tables, JSON, progress, files."""
