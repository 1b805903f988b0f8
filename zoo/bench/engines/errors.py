"""Errors of engines, apart from those that the model itself raises."""

from zoo.model_index.errors import ZooError


class Unsupported(ZooError):
    """The engine cannot run this model here; the message says why, or what to install.

    A benchmark records it as an outcome; the run continues.
    """


class MissingPackage(Unsupported):
    """A package is not installed; nothing was learned about the model."""


class NoTensor(ZooError):
    """The model's output has no tensor to compare."""
