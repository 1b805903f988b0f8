"""MkDocs' server for `zoo serve`: it answers only for this machine's own names, and looks at the
configuration again before each build."""

import ipaddress
import socket
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from mkdocs.commands import serve
from mkdocs.livereload import LiveReloadServer

from zoo.cli.address import Address, explain_refusal
from zoo.cli.output.console import say
from zoo.model_index.errors import UsageError, ZooError


def serve_locally(config: str, address: Address, host: str, check: Callable[[], object]) -> None:
    """Serve a configuration until interrupted, and print the address when it can be opened and
    after each rebuild; `host` is what was typed. `check` raises where the configuration may not be
    used.

    Raises:
        UsageError: the address is no longer free.
    """
    server = partial(LocalServer, address=address, own_name=host, check=check)
    setattr(serve, LiveReloadServer.__name__, server)  # the only way to give MkDocs another one
    serve.serve(config, dev_addr=address.netloc, livereload=True)


class LocalServer(LiveReloadServer):
    """MkDocs' server of an address."""

    def __init__(
        self,
        builder: Callable[..., None],
        address: Address,
        own_name: str,
        check: Callable[[], object],
        **options: Any,
    ):
        self._address, self._own_name = address, own_name

        def build(*configuration: Any) -> None:
            try:
                check()
            except ZooError as error:
                raise SystemExit(f"zoo: {error}") from error  # the server prints it, and stays
            builder(*configuration)
            self.print_address()

        super().__init__(builder=build, **options)

    def serve_request(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request for one of this machine's own names."""
        if is_own_name(environ.get("HTTP_HOST", ""), self._own_name):
            return super().serve_request(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain")])
        return [b"zoo serve answers for this machine's own names only; see --host\n"]

    def server_bind(self) -> None:
        """Take the address.

        Raises:
            UsageError: it is no longer free.
        """
        try:
            super().server_bind()
        except OSError as error:
            raise UsageError(explain_refusal(self._address, error)) from error

    def server_activate(self) -> None:
        """Listen, and print the address."""
        super().server_activate()
        self.print_address()

    def print_address(self) -> None:
        """Print what to open; a pipe gets it at once."""
        say(f"{self._address.url(self.mount_path)} (Ctrl-C ends)")
        sys.stdout.flush()


def is_own_name(header: str, host: str) -> bool:
    """Return whether a request's Host is an address, localhost, `host`, or this machine's name.

    Any other name may be a stranger's that was made to lead here (DNS rebinding).
    """
    name = header.rpartition(":")[0] if header.rpartition(":")[2].isdigit() else header
    name = name.strip("[]").lower()
    if name in {"localhost", host.lower(), socket.gethostname().lower()}:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
