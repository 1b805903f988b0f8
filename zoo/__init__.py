"""The live side: build models, count them, judge claims, and the command line.

Importing `zoo` imports neither torch nor timm; the modules that need them import them when called.
"""

from zoo.version import __version__

__all__ = ["__version__"]
