"""Export live models with their weights to files of other formats, and check these files."""
