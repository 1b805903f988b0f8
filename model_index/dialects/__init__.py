"""One module per dialect; each maps its own spelling to the records of `model_index.records`."""
