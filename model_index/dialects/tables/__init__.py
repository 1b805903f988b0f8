"""TODO model_index/dialects/tables."""
