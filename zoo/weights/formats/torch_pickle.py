"""Interpret the pickles of torch.save: the names they may use, their tensors and storages.

There are three kinds of names: those that torch's `weights_only` loader accepts, those of plain
data that training scripts put beside a state dict, and all others. A file with one of the others
may run code, and is refused.
"""

from typing import Any, NamedTuple

from zoo.weights.formats.base import (
    Extent,
    Unreadable,
    UnsupportedFormat,
    check_tensor,
    is_count,
    quote,
)
from zoo.weights.formats.dtypes import DTYPES, STORAGES
from zoo.weights.formats.pickles import (
    MAX_ARGUMENTS,
    CallResult,
    Global,
    Map,
    PickleReader,
    decode_name,
)

# Functions of storage, offset, size and stride, and the position of the type among the arguments.
TENSORS = {
    "torch._utils._rebuild_tensor": None,
    "torch._utils._rebuild_tensor_v2": None,
    "torch._utils._rebuild_tensor_v3": 6,
    "torch._utils._rebuild_qtensor": None,
}
# How many arguments describe a tensor that is its elements and no more; the next says that they are
# conjugated or negated, or is a quantiser.
PLAIN_ARGUMENTS = {
    "torch._utils._rebuild_tensor": 4,
    "torch._utils._rebuild_tensor_v2": 6,
    "torch._utils._rebuild_tensor_v3": 7,
    "torch._utils._rebuild_qtensor": 0,
}
PARAMETERS = {
    "torch._utils._rebuild_parameter",
    "torch._utils._rebuild_parameter_with_state",
    "torch.nn.parameter.Parameter",
}
SUBCLASS = "torch._tensor._rebuild_from_type_v2"
MAPS = {
    "collections.OrderedDict",
    "collections.Counter",
    "collections.defaultdict",
    "builtins.dict",
}
# Functions of tensors that torch's loader makes; a file with one is refused by its name.
NOT_READ = {
    "torch._utils._rebuild_sparse_tensor",
    "torch._utils._rebuild_meta_tensor_no_storage",
    "torch._utils._rebuild_wrapper_subclass",
    "torch._utils._rebuild_device_tensor_from_numpy",
    "torch._utils._rebuild_device_tensor_from_cpu_tensor",
}
STORAGE_NAMES = {
    f"{module}.{name}Storage": dtype
    for name, dtype in STORAGES.items()
    for module in ("torch", "torch.cuda")
}
STORAGE_NAMES |= {"torch.storage.UntypedStorage": "uint8", "torch.storage.TypedStorage": "uint8"}
TORCH_DTYPES = {f"torch.{name}": name for name in DTYPES if name.islower()}
SCHEMES = (
    "per_tensor_affine per_tensor_symmetric per_channel_affine per_channel_symmetric"
    " per_channel_affine_float_qparams"
)
WEIGHTS_ONLY = (
    {*TENSORS, *PARAMETERS, *NOT_READ, *STORAGE_NAMES, *TORCH_DTYPES, SUBCLASS}
    | {f"torch.{name}" for name in SCHEMES.split()}
    | {
        "collections.OrderedDict",
        "collections.Counter",
        "torch.serialization._get_layout",
        "torch.Size",
    }
    | {
        "torch.Tensor",
        "torch.device",
        "_codecs.encode",
        "builtins.bytearray",
        "builtins.set",
        "builtins.complex",
    }
)
NUMPY = "scalar _reconstruct"
DATA = (
    MAPS
    | {f"numpy.{core}.multiarray.{name}" for core in ("core", "_core") for name in NUMPY.split()}
    | {
        f"numpy.{name}"
        for name in "dtype ndarray float64 float32 float16 int64 int32 bool_".split()
    }
    | {
        f"numpy.dtypes.{name}DType"
        for name in "Float64 Float32 Float16 Int64 Int32 UInt8 Bool".split()
    }
    | {
        f"builtins.{name}"
        for name in "list tuple frozenset int float str bytes bool object".split()
    }
    | {
        f"pathlib.{name}"
        for name in "Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath".split()
    }
    | {"argparse.Namespace", "types.SimpleNamespace", "datetime.datetime", "datetime.timedelta"}
    | {
        "yacs.config.CfgNode",
        "fvcore.common.config.CfgNode",
        "easydict.EasyDict",
        "addict.addict.Dict",
    }
    | {"mmengine.logging.history_buffer.HistoryBuffer", "copyreg._reconstructor"}
)
PYTHON_2 = {"__builtin__": "builtins", "copy_reg": "copyreg"}


class Storage(NamedTuple):
    """A storage of the file, or a view of it: its key, the type and the number of its elements, and
    where the view starts."""

    key: str
    dtype: str
    elements: int
    start: int = 0


class StoredTensor(NamedTuple):
    """A tensor, and where its values lie; None where it is more than its elements."""

    dtype: str
    shape: tuple[int, ...]
    extent: Extent | None


class TorchReader(PickleReader):
    """Reader of the pickles of one checkpoint; it collects their storages, and the names that torch
    refuses."""

    def __init__(self) -> None:
        super().__init__(self._check_name, self._call, self._load_storage)
        self.storages: dict[str, int] = {}  # bytes, by key
        self.refused: dict[str, None] = {}

    def _check_name(self, name: str) -> Global:
        module, _, attribute = name.partition(".")
        name = f"{PYTHON_2.get(module, module)}.{attribute}"
        if name not in WEIGHTS_ONLY:
            if name not in DATA:
                raise Unreadable(f"it refers to {quote(name)}, which may run code; it was not run")
            self.refused[name] = None
        return Global(name)

    def _call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        if name == SUBCLASS:
            function, _, arguments, *_ = arguments
            name = function.name
            if (name not in TENSORS and name not in PARAMETERS) or len(arguments) > MAX_ARGUMENTS:
                raise TypeError
        if name in NOT_READ:
            raise UnsupportedFormat(f"a tensor made by {name} is not supported")
        if name in TENSORS:
            tensor = read_tensor(arguments, TENSORS[name])
            plain = len(arguments) <= PLAIN_ARGUMENTS[name]
            return tensor if plain else tensor._replace(extent=None)
        if name in PARAMETERS:
            return arguments[0]
        if name in MAPS:
            return self._map(arguments)
        if name == "torch.Size":
            return arguments[0]
        return CallResult(name)

    def _map(self, arguments: tuple[Any, ...]) -> Map:
        """Return the map of `OrderedDict([[key, value], ...])` (Python 2), `Counter({...})`, or an
        empty one."""
        content = arguments[0] if arguments else None
        if type(content) is Map:
            return content
        if type(content) is not list:
            return Map([])
        self.charge(len(content))
        return Map([(key, value) for key, value in content])

    def _load_storage(self, identity: Any) -> Storage:
        """Load a persistent id: ("storage", class, key, device, elements[, view])."""
        if type(identity) is not tuple or len(identity) > MAX_ARGUMENTS:
            raise TypeError
        kind, storage, key, _, elements, *view = identity
        if decode_name(kind) != "storage":
            raise UnsupportedFormat(
                "it holds a whole module with its source instead of a state dict"
            )
        dtype = STORAGE_NAMES[storage.name]
        if not is_count(elements):
            raise Unreadable(f"storage {quote(key)} has an impossible size")
        size = DTYPES[dtype].bytes(elements)
        if self.storages.setdefault(decode_name(key), size) != size:
            raise Unreadable(f"storage {quote(key)} has two sizes")
        if view and view[0] is not None:
            _, start, count = view[0]
            if not is_count(start) or not is_count(count) or start + count > elements:
                raise Unreadable(f"a view extends beyond the end of storage {quote(key)}")
            return Storage(decode_name(key), dtype, count, start)
        return Storage(decode_name(key), dtype, elements)


def read_tensor(arguments: tuple[Any, ...], dtype_position: int | None) -> StoredTensor:
    """Return the tensor of a function's arguments.

    Raises:
        Unreadable: the tensor extends beyond its storage.
    """
    storage, offset, size, stride, *_ = arguments
    if (
        type(storage) is not Storage
        or type(size) is not tuple
        or type(stride) is not tuple
        or len(size) != len(stride)
    ):
        raise TypeError
    dtype = (
        storage.dtype if dtype_position is None else TORCH_DTYPES[arguments[dtype_position].name]
    )
    tensor = check_tensor(f"of storage {storage.key}", dtype, size)
    if not is_count(offset) or not all(map(is_count, stride)):
        raise Unreadable(
            f"a tensor of storage {quote(storage.key)} has an impossible offset or stride"
        )
    last = offset + sum((length - 1) * step for length, step in zip(size, stride, strict=True))
    available = DTYPES[storage.dtype].bytes(storage.elements)
    if tensor.elements and DTYPES[dtype].bytes(last + 1) > available:
        raise Unreadable(f"a tensor extends beyond the end of storage {quote(storage.key)}")
    first = DTYPES[storage.dtype].bytes(storage.start) + DTYPES[dtype].bytes(offset)
    return StoredTensor(dtype, tensor.shape, Extent(storage.key, first, stride))
