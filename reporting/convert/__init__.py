"""One index in another's spelling: a module for each target, records in, text and a list of losses
out."""
