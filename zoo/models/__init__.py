"""Build the live model of an entry, and describe the environment it is measured in."""
