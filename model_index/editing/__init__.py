"""Edit an index file by replacing single scalars, every other byte kept."""
