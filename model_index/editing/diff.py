"""Write a change as a unified diff for `git apply` and `patch -p1`."""

from difflib import unified_diff

from zoo.model_index.editing.splice import Change

NO_END = "\\ No newline at end of file\n"


def diff(change: Change) -> str:
    """Return the unified diff of one file; a path outside the working folder is given from the
    root on."""
    old, new = (_header(f"{side}/{change.file.lstrip('/')}") for side in "ab")
    if not change.before:
        old = "/dev/null"  # the file is new
    lines = list(unified_diff(_lines(change.before), _lines(change.after), lineterm=""))[2:]
    return "".join((f"--- {old}\n+++ {new}\n", *map(_ended, lines))) if lines else ""


def _lines(text: str) -> list[str]:
    """Split lines as git does: only a line feed ends one."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + lines[-1:] * bool(lines[-1])


def _ended(line: str) -> str:
    """Return a line of a diff with its end; where the file's last line has none, followed by
    git's mark."""
    if line.startswith("@@"):
        return f"{line}\n"
    return line if line.endswith("\n") else f"{line}\n{NO_END}"


def _header(name: str) -> str:
    """Return the name of a file as git writes it: quoted where it has characters no header has,
    marked where it has spaces."""
    if all(character.isprintable() and character not in '"\\' for character in name):
        return f"{name}\t" if " " in name else name
    characters = (
        f"\\{byte:03o}" if byte < 32 or byte > 126 or byte in b'"\\' else chr(byte)
        for byte in name.encode()
    )
    return f'"{"".join(characters)}"'
