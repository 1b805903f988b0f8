"""Check every claim of an index against the evidence, and say what to write instead."""
