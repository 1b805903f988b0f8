"""TODO model_index/quantities."""
