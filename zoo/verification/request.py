"""The request to verify claims, as plain data: the command line makes it, jobs carry it as JSON."""

import msgspec

MEMORY = 4.0  # GiB that a process may take for a model
SECONDS = 300.0  # that a process may take for a model


class VerifyRequest(msgspec.Struct, frozen=True, kw_only=True, tag="verify"):
    """What to verify, and how; see `zoo verify --help`.

    `memory_limit` is in GiB, `time_limit` in seconds, both for one model. `since` is a git
    revision or a range `A...B`. `changed` means the last commit, or what pre-commit asks about.
    `allow_unbuilt` lets models pass that cannot be built.
    """

    names: tuple[str, ...] = ()
    index: tuple[str, ...] = ()
    ledger: str = "ledger"
    strict: bool = False
    allow_unbuilt: bool = False
    fresh: bool = False
    trust: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    counter: str = "zoo"
    changed: bool = False
    since: str | None = None
    weights: bool = False
    download: bool = False
    offline: bool = False
    allow_host: tuple[str, ...] = ()
    jobs: int | None = None
    memory_limit: float = MEMORY
    time_limit: float = SECONDS
