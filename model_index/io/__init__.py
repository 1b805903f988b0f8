"""Write files atomically, and write the outputs that options name."""
