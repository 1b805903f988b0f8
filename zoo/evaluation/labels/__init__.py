"""Map a data set's labels to a model's outputs."""
