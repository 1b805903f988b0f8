"""`zoo serve`: MkDocs' own server, and a watcher that rewrites the pages when what they come from
changes."""

import traceback
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

from zoo.model_index.errors import ZooError

QUIET = 0.5  # seconds without a change before pages are written: an editor saves in several steps


def serve_site(
    config: str, address: str, folders: Callable[[], list[Path]], write: Callable[[], None]
) -> None:
    """Serve until interrupted. Pages are written to the docs folder, which MkDocs watches
    itself."""
    from mkdocs.commands.serve import serve

    stop = Event()
    watcher = Thread(target=_watch, args=(folders, write, stop), daemon=True)
    watcher.start()
    try:
        serve(config, dev_addr=address, livereload=True)
    finally:
        stop.set()


def _watch(folders: Callable[[], list[Path]], write: Callable[[], None], stop: Event) -> None:
    seen = _state(folders())
    while not stop.wait(QUIET):
        now = _state(folders())
        if now == seen:
            continue
        while not stop.wait(QUIET) and (later := _state(folders())) != now:
            now = later
        try:
            write()
        except ZooError as error:  # a half-edited index is normal here: say so and keep serving
            for line in str(error).splitlines():
                print(
                    "zoo: " + "".join(c if c.isprintable() else "\ufffd" for c in line), flush=True
                )
        except Exception:
            traceback.print_exc()
        seen = _state(folders())


def _state(folders: list[Path]) -> dict[Path, tuple[int, int]]:
    """Modification time and size of every file below the folders."""
    state = {}
    for folder in folders:
        for path in folder.rglob("*"):
            try:
                stat = path.stat()
            except OSError:
                continue  # gone between listing and looking
            if path.is_file() and path.suffix != ".tmp":
                state[path] = (stat.st_mtime_ns, stat.st_size)
    return state
