"""A real web server for the tests of remote files, and clients that may ask it and do not sleep."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from zoo.weights.http.client import Client

if TYPE_CHECKING:
    from weights_server import Server

_spec = importlib.util.spec_from_file_location(
    "weights_server", Path(__file__).parent / "server.py"
)
assert _spec is not None and _spec.loader is not None
weights_server = sys.modules["weights_server"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(weights_server)

Clients = Callable[..., Client]


@pytest.fixture
def server() -> "Iterator[Server]":
    with weights_server.serving() as running:
        yield running


@pytest.fixture
def slept() -> list[float]:
    """The seconds that clients of this test would have slept."""
    return []


@pytest.fixture
def clients(server: "Server", slept: list[float]) -> Iterator[Clients]:
    """Makes clients that may ask the test's server."""
    with ExitStack() as stack:

        def make(**options: Any) -> Client:
            options = {"allow_hosts": [server.host], "sleep": slept.append} | options
            return stack.enter_context(Client(**options))

        yield make


@pytest.fixture
def client(clients: Clients) -> Client:
    return clients()
