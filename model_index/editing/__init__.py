"""TODO model_index/editing."""
