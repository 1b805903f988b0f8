"""Standard streams that take whatever a command writes: closed ones, narrow encodings, full
disks."""

import codecs
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper

# What stands for signs of our own, or of typography, where an encoding lacks them.
PLAIN = {
    "\u2248": "~",
    "\u2212": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2026": "...",
    "\u2192": "->",
    "\u2713": "+",
    "\u2717": "x",
    "\u00d7": "x",
    "\u00b1": "+-",
    "\u00b7": "-",
    "\u2018": "'",
    "\u2019": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u00a0": " ",
    "\ufffd": "?",
    "\u00b5": "u",
    "\u2191": "^",
    "\u2500": "-",
    "\u2502": "|",
    "\u2514": "+",
    "\u251c": "+",
}
STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))  # by the numbers of their descriptors


def open_streams() -> None:
    """Open closed streams on the null device, and let all take characters outside of their
    encoding.

    A closed descriptor would be given to the next file that is opened, and what a model prints
    would go there.
    """
    for descriptor in range(len(STREAMS)):
        _claim(descriptor)
    for descriptor, (name, mode) in enumerate(STREAMS):
        if getattr(sys, name) is None:
            stream = open(descriptor, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
        if mode == "w" and isinstance(output := getattr(sys, name), TextIOWrapper):
            codecs.register_error(replace_signs.__name__, replace_signs)
            output.reconfigure(errors=replace_signs.__name__)


def replace_signs(error: UnicodeError) -> tuple[str | bytes, int]:
    """Replace a sign that an encoding lacks by a plain one, and any other character by its
    escape."""
    assert isinstance(error, UnicodeEncodeError)
    if (plain := PLAIN.get(error.object[error.start])) is not None:
        return plain, error.start + 1
    first = UnicodeEncodeError(
        error.encoding, error.object, error.start, error.start + 1, error.reason
    )
    return codecs.backslashreplace_errors(first)


def _claim(descriptor: int) -> None:
    """Open the null device at this descriptor, unless something is open there."""
    try:
        os.fstat(descriptor)
    except OSError:
        null = os.open(os.devnull, os.O_RDWR)
        if null != descriptor:
            os.dup2(null, descriptor)
            os.close(null)


def flush_output() -> None:
    """Write what is left of standard output.

    Raises:
        OSError: it cannot be written.
    """
    try:
        sys.stdout.flush()
    except OSError:
        discard("stdout")
        raise


def discard(name: str) -> None:
    """Send what a stream still gets to the null device, so that the interpreter's end cannot fail
    on it."""
    stream = getattr(sys, name)
    with suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


@contextmanager
def keep_errors() -> Iterator[None]:
    """Drop what standard error cannot take in the block."""
    try:
        yield
    except OSError:
        discard("stderr")


def write_document(text: str) -> None:
    """Write a document to standard output as UTF-8, whatever the terminal's encoding is: its format
    says or implies that."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    buffer.write(text.encode("utf-8", "backslashreplace"))
    buffer.flush()


def is_interactive() -> bool:
    """Return whether there is a person to ask: input and messages are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()
