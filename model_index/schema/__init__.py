"""The JSON Schema of an index file."""
