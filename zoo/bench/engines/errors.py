"""What an engine may raise beside what the model itself raises."""

from zoo.model_index.errors import ZooError


class Unsupported(ZooError):
    """The engine cannot run this model here; the message says what to install, or why not.

    It is a recorded outcome of a benchmark and not a fault of the run.
    """


class NotInstalled(Unsupported):
    """A package that is not there; nothing was learned about the model."""


class NoTensor(ZooError):
    """The model returned something that holds no tensor to compare."""
