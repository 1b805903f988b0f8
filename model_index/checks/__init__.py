"""TODO model_index/checks."""
