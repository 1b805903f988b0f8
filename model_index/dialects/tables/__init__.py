"""Tables of names that dialects need, and joining tables of results with an index."""
