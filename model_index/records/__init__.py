"""TODO model_index/records."""
