"""Verify the zoos of the world and write what is right, wrong and unknown in them as facts."""
