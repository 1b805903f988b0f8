"""Read the tables of pages: what a column means, and which model a row is about."""
