"""One module per dialect; each maps its own spelling to the records of
`zoo.model_index.records.records`."""
