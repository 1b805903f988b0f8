"""Say once the whole command that builds what was not built: the one that was typed, with the
options that it lacks."""

import re
import shlex
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from zoo.cli.output.console import say_note

if TYPE_CHECKING:
    from zoo.model_index.findings import Gap

OPTION = re.compile(r"(--trust|--path) (\S+)")
MOST = 5  # options of a command that is short enough to be typed


def print_command(gaps: "Iterable[Gap | None]") -> None:
    """Print the command, where options let more models be built."""
    options: dict[tuple[str, str], None] = {}
    for gap in gaps:
        if gap is not None:
            advice = gap.advice or (f"--trust {gap.subject}" if gap.kind == "untrusted" else "")
            options |= dict.fromkeys(OPTION.findall(advice))
    if options and len(options) <= MOST:
        words = [word for option, value in options for word in (option, *shlex.split(value))]
        say_note(f"to build what was not built: {shlex.join(['zoo', *sys.argv[1:], *words])}")
