"""A command in a pseudo-terminal of its own, as a person sees it."""

import errno
import os
import pty
import re
import subprocess
import sys
import tempfile
import termios
from typing import NamedTuple

COLOR = re.compile(r"\x1b\[[0-9;]*m")


class Screen(NamedTuple):
    """What a command left on standard output, a terminal, and on standard error; its exit code."""

    lines: list[str]
    errors: list[str]
    code: int


def run_in_terminal(
    *arguments: str,
    columns: int = 80,
    color: bool = False,
    together: bool = False,
    environment: dict[str, str] | None = None,
) -> Screen:
    """Run `zoo` with standard output in a terminal of so many columns.

    Codes of colours are removed but for `color`. Standard error is a file, with `together` the
    same terminal, where bars of progress are drawn, too.
    """
    variables = dict(os.environ) | {"TERM": "xterm-256color"} | (environment or {})
    for name in ("COLUMNS", "NO_COLOR"):
        if name not in (environment or {}):
            variables.pop(name, None)
    outer, inner = pty.openpty()
    termios.tcsetwinsize(inner, (50, columns))
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "zoo", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=inner,
            stderr=inner if together else errors,
            env=variables,
        )
        os.close(inner)
        output = _read(outer)
        code = process.wait()
        errors.seek(0)
        texts = [data.decode().replace("\r\n", "\n") for data in (output, errors.read())]
    shown = [text if color else COLOR.sub("", text) for text in texts]
    return Screen(*(text.splitlines() for text in shown), code)


def _read(descriptor: int) -> bytes:
    """Read a terminal until nobody has it open."""
    parts = []
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError as error:  # how Linux says that the other side is closed
            if error.errno != errno.EIO:
                raise
            part = b""
        if not part:
            os.close(descriptor)
            return b"".join(parts)
        parts.append(part)
