"""The version of this package, as its distribution has it; importing it costs nothing."""

__version__ = "0.1.0"
