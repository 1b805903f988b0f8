"""A checkpoint, looked at without downloading it: where it is, what it holds, how it fits the live
model."""
