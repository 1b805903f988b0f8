"""`python -m zoo`."""

import sys

if not sys.flags.safe_path:
    del sys.path[0]  # the working folder, which `python -m` puts there

from zoo.cli import main

main()
