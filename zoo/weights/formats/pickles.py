"""Read a pickle as a description: a stack machine whose every object is a plain record.

`torch.load(weights_only=True)` calls functions that it trusts, and a pickle may make them create
`bytearray(2**60)`, or double a string forty times. Here nothing is imported and nothing is called.
A global is its name, and the result of a call is a record; the few functions that make tensors and
dictionaries are in `zoo.weights.formats.torch_pickle`. So time and memory grow with the length of
the pickle and the number of its opcodes only.
"""

from collections.abc import Callable
from pickletools import opcodes
from typing import Any, NamedTuple, Protocol

from zoo.weights.formats.base import Unreadable, quote

MAX_BYTES = 64 << 20
MAX_NAME = 1_000  # characters
MAX_ARGUMENTS = 32
MAX_OPCODES = 4_000_000  # about 120 thousand tensors
LITERALS = set(
    "BININT BININT1 BININT2 LONG1 LONG4 BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES BINBYTES8"
    " BYTEARRAY8 BINUNICODE SHORT_BINUNICODE BINUNICODE8 BINFLOAT".split()
)
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}


class Readable(Protocol):
    """The stream that a pickle is read from."""

    def read(self, length: int = -1, /) -> bytes: ...
    def readline(self) -> bytes: ...
    def tell(self) -> int: ...


class Global(NamedTuple):
    """The name of a class or function; it is never looked up."""

    name: str


class CallResult(NamedTuple):
    """The result that a class or function would return."""

    callee: str


class Map:
    """A dictionary as its pairs: no key is hashed, so none can collide."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: list[tuple[Any, Any]]):
        self.pairs = pairs

    def items_by_name(self) -> dict[str, Any]:
        """Return the items whose keys are text; the last of equal keys counts."""
        return {
            decode_name(key): value for key, value in self.pairs if isinstance(key, str | bytes)
        }


def decode_name(text: str | bytes) -> str:
    """Decode a name, which Python 2 wrote as bytes; what is not Unicode becomes an escape.

    Raises:
        Unreadable: the name is long; a pickle may use it a million times.
    """
    if len(text) > MAX_NAME:
        raise Unreadable(f"a name of {len(text)} characters")
    if isinstance(text, str):
        return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
    return text.decode("utf-8", "backslashreplace")


class PickleReader:
    """Reader of the pickles of one file, with their limits and the handlers of globals and
    storages."""

    def __init__(
        self,
        find: Callable[[str], Global],
        build: Callable[[str, Any], Any],
        load: Callable[[Any], Any],
    ):
        self.find, self.build, self.load = find, build, load
        self.opcodes = 0

    def read(self, stream: Readable) -> Any:
        """Read the object of the pickle that starts here."""
        start = stream.tell()
        machine = Machine(self)
        try:
            while not machine.stopped:
                self.charge(1)
                machine.step(stream)
        except (ValueError, TypeError, IndexError, KeyError, AttributeError):
            fault = f"the pickle at byte {start} is incomplete or invalid"
            raise Unreadable(f"{fault}, at byte {stream.tell()}") from None
        return machine.result

    def charge(self, steps: int) -> None:
        """Count work against the limit, since a pickle may use the same thousand pairs often."""
        self.opcodes += steps
        if self.opcodes > MAX_OPCODES:
            raise Unreadable(f"pickles of more than {MAX_OPCODES} steps")


class Machine:
    """The state of one pickle."""

    def __init__(self, reader: PickleReader):
        self.reader = reader
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.stopped = False
        self.result: Any = None

    def step(self, stream: Readable) -> None:
        code = stream.read(1)
        if not code:
            raise Unreadable(f"the file ends in a pickle, at byte {stream.tell()}")
        row = ACTIONS.get(code)
        if row is None:
            name = NAMES.get(code, quote(code))
            raise Unreadable(f"opcode {name} at byte {stream.tell() - 1}, which no checkpoint has")
        read, act = row
        act(self, read(stream) if read else None)

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def above_mark(self) -> list[Any]:
        items, self.stack = self.stack, self.marks.pop()
        return items

    def global_(self, name: str) -> None:
        self.stack.append(self.reader.find(name))

    def call(self, arguments: Any) -> None:
        """Replace the callee of REDUCE or NEWOBJ by a record of its result."""
        callee = self.stack[-1]
        if (
            type(callee) is not Global
            or type(arguments) is not tuple
            or len(arguments) > MAX_ARGUMENTS
        ):
            raise TypeError
        self.stack[-1] = self.reader.build(callee.name, arguments)

    def set_items(self, items: list[Any]) -> None:
        if type(self.stack[-1]) is not Map or len(items) % 2:
            raise TypeError
        self.stack[-1].pairs.extend(zip(items[::2], items[1::2], strict=True))

    def extend(self, items: list[Any]) -> None:
        if type(self.stack[-1]) is not list:
            raise TypeError
        self.stack[-1].extend(items)

    def pop_two(self) -> list[Any]:
        value = self.stack.pop()
        return [self.stack.pop(), value]

    def tuple_of(self, count: int) -> None:
        if count > len(self.stack):
            raise IndexError
        self.stack[-count:] = [tuple(self.stack[-count:])]

    def mark(self) -> None:
        self.marks.append(self.stack)
        self.stack = []

    def stack_global(self) -> None:
        module, name = self.pop_two()
        if not isinstance(module, str) or not isinstance(name, str):
            raise TypeError
        self.global_(f"{decode_name(module)}.{decode_name(name)}")

    def new_with_keywords(self) -> None:
        arguments, keywords = self.pop_two()
        if type(keywords) is not Map:
            raise TypeError
        self.call(arguments)

    def set_state(self) -> None:
        """Drop the attributes that BUILD sets; a state dict stores its versions there."""
        self.stack.append(self.pop_two()[0])

    def stop(self) -> None:
        self.result, self.stopped = self.stack.pop(), True


Act = Callable[[Machine, Any], object]


def _constant(value: Any) -> Act:
    return lambda machine, argument: machine.stack.append(value)


ACTS: dict[str, Act] = {
    **{name: (lambda machine, argument: machine.stack.append(argument)) for name in LITERALS},
    **{name: _constant(value) for name, value in CONSTANTS.items()},
    "PROTO": lambda machine, argument: None,
    "FRAME": lambda machine, argument: None,
    "MARK": lambda machine, argument: machine.mark(),
    "POP": lambda machine, argument: machine.stack.pop(),
    "POP_MARK": lambda machine, argument: machine.above_mark(),
    "DUP": lambda machine, argument: machine.stack.append(machine.stack[-1]),
    "EMPTY_LIST": lambda machine, argument: machine.stack.append([]),
    "EMPTY_SET": lambda machine, argument: machine.stack.append([]),
    "EMPTY_DICT": lambda machine, argument: machine.stack.append(Map([])),
    "LIST": lambda machine, argument: machine.push(machine.above_mark()),
    "FROZENSET": lambda machine, argument: machine.push(machine.above_mark()),
    "TUPLE": lambda machine, argument: machine.push(tuple(machine.above_mark())),
    "TUPLE1": lambda machine, argument: machine.tuple_of(1),
    "TUPLE2": lambda machine, argument: machine.tuple_of(2),
    "TUPLE3": lambda machine, argument: machine.tuple_of(3),
    "APPEND": lambda machine, argument: machine.extend([machine.stack.pop()]),
    "APPENDS": lambda machine, argument: machine.extend(machine.above_mark()),
    "ADDITEMS": lambda machine, argument: machine.extend(machine.above_mark()),
    "SETITEM": lambda machine, argument: machine.set_items(machine.pop_two()),
    "SETITEMS": lambda machine, argument: machine.set_items(machine.above_mark()),
    "BINPUT": lambda machine, argument: machine.memo.__setitem__(argument, machine.stack[-1]),
    "LONG_BINPUT": lambda machine, argument: machine.memo.__setitem__(argument, machine.stack[-1]),
    "MEMOIZE": lambda machine, argument: machine.memo.__setitem__(
        len(machine.memo), machine.stack[-1]
    ),
    "BINGET": lambda machine, argument: machine.stack.append(machine.memo[argument]),
    "LONG_BINGET": lambda machine, argument: machine.stack.append(machine.memo[argument]),
    "GLOBAL": lambda machine, argument: machine.global_(argument),
    "STACK_GLOBAL": lambda machine, argument: machine.stack_global(),
    "REDUCE": lambda machine, argument: machine.call(machine.stack.pop()),
    "NEWOBJ": lambda machine, argument: machine.call(machine.stack.pop()),
    "NEWOBJ_EX": lambda machine, argument: machine.new_with_keywords(),
    "BUILD": lambda machine, argument: machine.set_state(),
    "BINPERSID": lambda machine, argument: machine.stack.append(
        machine.reader.load(machine.stack.pop())
    ),
    "STOP": lambda machine, argument: machine.stop(),
}
NAMES = {opcode.code.encode("latin-1"): opcode.name for opcode in opcodes}


def _two_lines(stream: Readable) -> str:
    """Read GLOBAL's module and name; pickletools reads Python literals and warns otherwise."""
    lines = [stream.readline(), stream.readline()]
    if not all(line.endswith(b"\n") for line in lines):
        raise ValueError
    return ".".join(decode_name(line[:-1]) for line in lines)


READERS: dict[str, Callable[[Any], Any]] = {
    opcode.name: opcode.arg.reader for opcode in opcodes if opcode.arg is not None
} | {"GLOBAL": _two_lines}
ACTIONS: dict[bytes, tuple[Callable[[Any], Any] | None, Act]] = {
    opcode.code.encode("latin-1"): (READERS.get(opcode.name), ACTS[opcode.name])
    for opcode in opcodes
    if opcode.name in ACTS
}
