"""TODO model_index/dialects/base."""
