"""Records of what is claimed, and where it stands in a file."""
