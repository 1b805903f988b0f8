"""The conventions in which people count the parameters of a checkpoint, a row each."""

from typing import NamedTuple


class CheckpointReading(NamedTuple):
    """A convention: its name, what it adds up, what it has beyond the parameters, and whether a
    claim by it is wrong."""

    name: str
    label: str
    more: str = ""
    wrong: bool = False


# In the order in which they are tried; `zoo.weights.contents.summary` has their numbers.
READINGS = {
    row.name: row
    for row in (
        CheckpointReading("with buffers", "parameters and buffers", "buffers"),
        CheckpointReading("tied once", "the embedding once, which the file holds twice"),
        CheckpointReading(
            "tied twice", "the embedding twice, for input and output", "embedding again"
        ),
        CheckpointReading("without embeddings", "parameters without embeddings"),
        CheckpointReading(
            "norms not folded", "parameters with the batch norms that the file has folded", "norms"
        ),
        CheckpointReading("with constants", "parameters and constants of the graph", "constants"),
        CheckpointReading("with scales", "parameters and scales of quantisation", "scales"),
        CheckpointReading(
            "as stored", "the file's elements, of which some hold several weights", wrong=True
        ),
    )
}
