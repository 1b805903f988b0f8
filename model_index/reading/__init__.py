"""TODO model_index/reading."""
