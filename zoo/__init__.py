"""The live side: build models, count them, judge claims, and the command line.

Importing `zoo` imports neither torch nor timm; the modules that need them import them when called.
"""

__version__ = "0.1.0"
