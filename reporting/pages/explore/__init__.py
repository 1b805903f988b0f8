"""The page where readers draw their own plot of all models."""
