"""The command line as tests start it in a process of its own."""

import sys


def zoo_command(arguments: str) -> list[str]:
    """Return the command of `zoo` with arguments as they are typed, separated by spaces."""
    return [sys.executable, "-m", "zoo", *arguments.split()]
