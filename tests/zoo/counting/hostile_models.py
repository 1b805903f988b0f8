"""Models that do something to the process that builds or runs them. No test imports this module
itself: processes do."""

import ctypes
import os
import signal
import sys
import threading
import time
import warnings

import torch
from torch import nn


class Plain(nn.Module):
    """A model that does nothing but its work."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, width, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.convolution(x)


class Monkey(Plain):
    def __init__(self) -> None:
        super().__init__()
        nn.Linear.forward = lambda self, x: x[..., :1].expand(*x.shape[:-1], self.out_features)
        nn.Conv2d.forward = lambda self, x: x[:, :1].expand(-1, self.out_channels, -1, -1)
        torch.nn.functional.relu = lambda x, inplace=False: x


class Types(Plain):
    def __init__(self) -> None:
        super().__init__()
        torch.set_default_dtype(torch.float16)
        torch.set_default_device("cpu")


class Modes(Plain):
    def __init__(self) -> None:
        super().__init__()
        torch.set_grad_enabled(True)
        torch.use_deterministic_algorithms(True)
        warnings.simplefilter("error")


class Hooks(Plain):
    def __init__(self) -> None:
        super().__init__()
        torch.nn.modules.module.register_module_forward_hook(lambda module, x, y: y * 2 + 1)


class Folder(Plain):
    def __init__(self) -> None:
        super().__init__()
        os.chdir("/")


class Umask(Plain):
    def __init__(self) -> None:
        super().__init__()
        os.umask(0)


class Prints(Plain):
    def __init__(self) -> None:
        super().__init__()
        print('{"json": "injected"}')
        os.write(1, b"written to descriptor 1\n")
        sys.__stdout__.write("written to the stream\n")
        ctypes.CDLL(None).puts(b"written by C")
        ctypes.CDLL(None).fflush(None)


class Reads(Plain):
    def __init__(self) -> None:
        super().__init__()
        assert sys.stdin.read() == "" and os.read(0, 1) == b""


class Closes(Plain):
    def __init__(self) -> None:
        super().__init__()
        sys.stdout.close()
        os.close(1)


class ClosesAll(Plain):
    def __init__(self) -> None:
        super().__init__()
        os.closerange(3, 200)


class Environment(Plain):
    def __init__(self) -> None:
        super().__init__()
        os.environ.clear()
        sys.modules.pop("msgspec", None)
        sys.path.clear()


class Recursion(Plain):
    def __init__(self) -> None:
        super().__init__()
        sys.setrecursionlimit(90)


class Endless(Plain):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.forward(x)


class Signals(Plain):
    def __init__(self) -> None:
        super().__init__()
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(sign, signal.SIG_IGN)


class Thread(Plain):
    def __init__(self) -> None:
        super().__init__()
        threading.Thread(target=time.sleep, args=[600]).start()


class Fork(Plain):
    """The child returns from the constructor as well."""

    def __init__(self) -> None:
        super().__init__()
        os.fork()


class Orphan(Plain):
    """A grandchild stays behind."""

    def __init__(self) -> None:
        super().__init__()
        if os.fork() == 0:
            time.sleep(600)
            os._exit(0)


class Unknown(BaseException):
    pass


class Base(Plain):
    def __init__(self) -> None:
        raise Unknown("no exception")


class Interrupt(Plain):
    def __init__(self) -> None:
        raise KeyboardInterrupt


class ForwardInterrupt(Plain):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise KeyboardInterrupt


class Generator(Plain):
    def __init__(self) -> None:
        raise GeneratorExit


class Exit(Plain):
    def __init__(self) -> None:
        sys.exit(0)


class ExitNow(Plain):
    def __init__(self) -> None:
        os._exit(0)


class ForwardExitNow(Plain):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        os._exit(0)


class ExitThree(Plain):
    def __init__(self) -> None:
        os._exit(3)


class Abort(Plain):
    def __init__(self) -> None:
        os.abort()


class Segfault(Plain):
    def __init__(self) -> None:
        ctypes.string_at(0)


class Killed(Plain):
    def __init__(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Group(Plain):
    """It ends its whole process group."""

    def __init__(self) -> None:
        os.killpg(0, signal.SIGTERM)


class Text(Plain):
    def __init__(self) -> None:
        raise ValueError("x\x1b[31m\n::error::injected\n" + "A" * 1_000_000)


class Swallow(Plain):
    def __init__(self) -> None:
        self.kept = []
        while True:
            self.kept.append(bytearray(1 << 26))


class Disk(Plain):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise OSError(28, "No space left on device")


class Computes(Plain):
    def __init__(self) -> None:
        super().__init__()
        while True:
            pass


class Sleeps(Plain):
    def __init__(self, seconds: float = 600) -> None:
        super().__init__()
        time.sleep(seconds)


class Stops(Plain):
    def __init__(self) -> None:
        super().__init__()
        os.kill(os.getpid(), signal.SIGSTOP)


class Digits(nn.Module):
    """A classifier of digits that does something while it is built and while it runs."""

    def __init__(self, builds: str = "", runs: str = "") -> None:
        super().__init__()
        self.linear, self.in_chans = nn.Linear(64, 10), 1
        self.runs = runs
        ACTIONS[builds]()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not torch.compiler.is_exporting():
            ACTIONS[self.runs]()
        return self.linear(x.flatten(1))


def _raise(error: BaseException) -> None:
    raise error


ACTIONS = {
    "": lambda: None,
    "prints": lambda: os.write(1, b"{injected") and print("[injected"),
    "closes": lambda: (sys.stdout.close(), os.closerange(1, 2)),
    "leaves": lambda: os._exit(0),
    "exits": lambda: sys.exit(0),
    "raises": lambda: _raise(Unknown("no exception")),
    "interrupts": lambda: _raise(KeyboardInterrupt()),
    "moves": lambda: os.chdir("/"),
}
