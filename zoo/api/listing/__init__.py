"""The table of models: columns, values that were measured or claimed, filter and order."""
