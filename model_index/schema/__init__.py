"""TODO model_index/schema."""
