"""TODO model_index/io."""
