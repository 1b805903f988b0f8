"""MkDocs' server for `zoo serve`: it answers only for this machine's own names, and looks at the
configuration again before each build."""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any

from mkdocs.commands import serve
from mkdocs.livereload import LiveReloadServer

from zoo.model_index.errors import ZooError


def serve_locally(config: str, host: str, port: int, check: Callable[[], object]) -> None:
    """Serve a configuration until interrupted; `check` raises where it may not be used."""

    class Server(LiveReloadServer):
        """The server of this address."""

        def __init__(self, builder: Callable[..., None], **options: Any):
            def build(*configuration: Any) -> None:
                try:
                    check()
                except ZooError as error:
                    raise SystemExit(f"zoo: {error}") from error  # the server prints it, and stays
                builder(*configuration)

            super().__init__(builder=build, **options)

        def serve_request(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            if is_own_name(environ.get("HTTP_HOST", ""), host):
                return super().serve_request(environ, start_response)
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"zoo serve answers for this machine's own names only; see --host\n"]

    setattr(serve, LiveReloadServer.__name__, Server)  # the only way to give MkDocs another one
    serve.serve(config, dev_addr=f"{host}:{port}", livereload=True)


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
