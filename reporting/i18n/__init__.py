"""Languages of the pages: catalogues of messages, and texts of an index with translations."""
