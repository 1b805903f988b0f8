"""What runs in a worker: a process forks a child for each model, which does the model's tasks.

The process itself runs no model. It only imports the module that the models come from, once. So
every model begins in the same state, whatever those before it did to their own processes. A worker
leads a process group, which is killed as a whole. Its standard output is standard error, its
standard input is empty.
"""

import gc
import importlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from multiprocessing.connection import Connection
from typing import Any

import msgspec

from zoo.isolation.limits import Limits, limit_cpu, limit_memory, refuse_core_files
from zoo.models import search_path

Call = tuple[Callable[..., Any], tuple[Any, ...]]
ALONE = 2  # threads of Python in a process that can be forked: this one and the watch


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a worker says: the result of a task as JSON, or why there is none, or the exit code of
    a child.

    `child` is the number of the child. `last` tells that the worker does no other model.
    """

    child: int
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: str = ""
    exit_code: int | None = None
    last: bool = False


def serve(
    connection: "Connection[Message, Call | None]",
    module: str,
    limits: Limits,
    folders: tuple[str, ...],
    packages: tuple[str, ...],
) -> None:
    """Do tasks until the parent ends. None instead of a task is the end of a model.

    The `packages` are imported from the `folders` first.
    """
    search_path.extend(folders, packages)
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    _redirect()
    refuse_core_files()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()
    can_fork = _import(module, limits)
    gc.freeze()  # collecting garbage copies no page that the children share
    for number in count():
        child = os.fork() if can_fork else 0
        if not child:
            _do_tasks(connection, number, limits, last=not can_fork)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        connection.send_bytes(msgspec.json.encode(Message(number, exit_code=code)))


def _redirect() -> None:
    """Let descriptor 1 be standard error, and read nothing from descriptor 0."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # standard error is closed
        os.dup2(null, 1)
        os.dup2(null, 2)
    sys.stdout = sys.stderr


def _end_after(parent: "multiprocessing.process.BaseProcess") -> None:
    """End this process and all below it when its parent has ended, however that happens."""
    parent.join()
    os.killpg(0, signal.SIGKILL)


def _import(module: str, limits: Limits) -> bool:
    """Import the module that the models come from; return whether children can be forked then.

    What the import raises is raised again where a model is built.
    """
    limit_memory(limits.memory)
    limit_cpu(limits.seconds)
    with suppress(BaseException):
        if module:
            importlib.import_module(module)
    limit_cpu(None)
    return threading.active_count() <= ALONE  # a child would miss the threads of the module


def _do_tasks(
    connection: "Connection[Message, Call | None]", number: int, limits: Limits, *, last: bool
) -> None:
    """Do the tasks of one model and end this process."""
    process, code = os.getpid(), 1
    limit_memory(limits.memory)
    try:
        while call := connection.recv():
            limit_cpu(limits.seconds)
            message = _answer(call, number, last)
            if os.getpid() != process:
                break  # a child of the model's that came back from the call as well
            connection.send_bytes(message)
        code = 0
    finally:
        os._exit(code)


def _answer(call: Call, number: int, last: bool) -> bytes:
    function, arguments = call
    limit = sys.getrecursionlimit()
    try:
        try:
            result = function(*arguments)
        finally:
            sys.setrecursionlimit(limit)
        raw = msgspec.Raw(msgspec.json.encode(result))
        return msgspec.json.encode(Message(number, raw, last=last))
    except BaseException as error:
        text = f"{type(error).__name__}: {error}"
        return msgspec.json.encode(Message(number, error=text, last=last))
