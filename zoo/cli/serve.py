"""`zoo serve`: MkDocs' own server, and a watcher that rewrites the pages when what they come from
changes."""

import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.deferred_errors import DeferredErrors
from zoo.cli.options import LEDGER, Config, IndexPaths, LedgerFolder, NoVerify, Trust, TrustConfig
from zoo.cli.output.console import say
from zoo.cli.pages import mkdocs_environment, read_sites, write_pages
from zoo.model_index.errors import ZooError
from zoo.models.extras import require

if TYPE_CHECKING:
    from zoo.reporting.site.mkdocs_config import SiteConfig

State = dict[Path, tuple[int, int]]  # modification time and size of files
QUIET = 0.5  # seconds without a change before pages are written: an editor saves in several steps


def serve(
    index: IndexPaths = None,
    ledger: LedgerFolder = LEDGER,
    config: Config = None,
    host: Annotated[
        str, typer.Option(metavar="NAME", help="Listen on this address.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="N", help="Listen on this port. 0: a free one.")
    ] = 8000,
    no_verify: NoVerify = False,
    trust: Trust = None,
    trust_config: TrustConfig = False,
) -> None:
    """Serve the site on this machine and rebuild it when the index, the ledger or a page changes.

    One language is served, that of the configuration; its pages are those of `zoo build`. Requests
    for a name that is not this machine's are refused.
    """
    from zoo.model_index.errors import Unkept

    require("site")
    from zoo.cli.address import find_address

    address = find_address(host, port)

    def read() -> "list[SiteConfig]":
        return read_sites(config, trust=trust_config)

    sites = read()

    def write() -> None:
        unwritten = DeferredErrors()
        measurer = write_pages(
            sites[:1], index, ledger, trust, unwritten, fresh=False, live=not no_verify
        )
        try:
            unwritten.tell(measurer)
        except Unkept as error:  # the pages are there all the same
            for text in str(error).splitlines():
                say(f"zoo: {text}", error=True)

    write()
    os.environ.update(mkdocs_environment(sites[0].file, ledger))
    with _watching(folders_of(index, ledger), Path(ledger), write):
        from zoo.cli.local_server import serve_locally

        serve_locally(str(sites[0].file), address, host, read)


@contextmanager
def _watching(
    folders: Callable[[], list[Path]], ledger: Path, write: Callable[[], None]
) -> Iterator[None]:
    """Write the pages anew when a folder changes; MkDocs watches the docs folder itself."""
    stop = Event()
    watcher = Thread(target=_watch, args=(folders, ledger, write, stop), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stop.set()


def _watch(
    folders: Callable[[], list[Path]], ledger: Path, write: Callable[[], None], stop: Event
) -> None:
    seen = _state(folders())
    while not stop.wait(QUIET):
        state = _state(folders())
        if state == seen:
            continue
        while not stop.wait(QUIET) and (later := _state(folders())) != state:
            state = later
        try:
            write()
        except ZooError as error:  # a half-edited index is normal here: say so and keep serving
            for line in str(error).splitlines():
                print(
                    "zoo: " + "".join(c if c.isprintable() else "\ufffd" for c in line), flush=True
                )
        except Exception:
            traceback.print_exc()
        # Writing pages adds to the ledger. An edit of the index meanwhile is not in the pages yet.
        seen = _without(state, ledger) | _only(_state(folders()), ledger)


def _without(state: State, folder: Path) -> State:
    return {path: stamp for path, stamp in state.items() if not path.is_relative_to(folder)}


def _only(state: State, folder: Path) -> State:
    return {path: stamp for path, stamp in state.items() if path.is_relative_to(folder)}


def _state(folders: list[Path]) -> State:
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


def folders_of(index: Sequence[str] | None, ledger: str) -> Callable[[], list[Path]]:
    """The folders whose files decide the pages, looked up anew each time since files come and
    go."""
    from zoo.model_index.load import split_paths

    def folders() -> list[Path]:
        named = [Path(path) for path in split_paths(index or ())[0]]
        there = [path for path in named if path.exists()]  # a registry has no file here
        return [path if path.is_dir() else path.parent for path in there] + [Path(ledger)]

    return folders
