"""What torch.save writes into pickles: which names it may use, and how tensors and storages are
described.

Names fall in three: those that torch's own `weights_only` loader knows, those of plain data that
training scripts put beside a state dict, and all others. A file with one of the others wants code
to run, and is refused.
"""

from typing import Any, NamedTuple

from zoo.weights.formats.base import Unreadable, UnsupportedFormat, checked, is_count, shown
from zoo.weights.formats.dtypes import DTYPES, STORAGES
from zoo.weights.formats.pickles import MOST_ARGUMENTS, CallResult, Global, Map, Reader, decoded

# functions of storage, offset, size and stride, and which argument is the type, if one is
TENSORS = {
    "torch._utils._rebuild_tensor": None,
    "torch._utils._rebuild_tensor_v2": None,
    "torch._utils._rebuild_tensor_v3": 6,
    "torch._utils._rebuild_qtensor": None,
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
NOT_READ = {  # tensors that torch's own loader would make; a file that has one is refused by name
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
SCHEMES = "per_tensor_affine per_tensor_symmetric per_channel_affine per_channel_symmetric per_channel_affine_float_qparams"
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
    """Where a tensor's elements are: in which storage of the file, and how many there are from its
    start."""

    key: str
    dtype: str
    elements: int


class StoredTensor(NamedTuple):
    """A tensor as it lies in a storage."""

    dtype: str
    shape: tuple[int, ...]


class TorchReader(Reader):
    """Reads the pickles of one checkpoint and remembers the storages they speak of, and names torch
    would refuse."""

    def __init__(self) -> None:
        super().__init__(self._found, self._built, self._storage)
        self.storages: dict[str, int] = {}  # bytes, by key
        self.refused: dict[str, None] = {}

    def _found(self, name: str) -> Global:
        module, _, rest = name.partition(".")
        name = f"{PYTHON_2.get(module, module)}.{rest}"
        if name not in WEIGHTS_ONLY:
            if name not in DATA:
                raise Unreadable(
                    f"it refers to {shown(name)}, which may be code; nothing of it was run"
                )
            self.refused[name] = None
        return Global(name)

    def _built(self, name: str, arguments: tuple[Any, ...]) -> Any:
        if name == SUBCLASS:
            function, _, arguments, *_ = arguments
            name = function.name
            if (name not in TENSORS and name not in PARAMETERS) or len(arguments) > MOST_ARGUMENTS:
                raise TypeError
        if name in NOT_READ:
            raise UnsupportedFormat(f"a tensor that {name} would make is not read")
        if name in TENSORS:
            return laid(arguments, TENSORS[name])
        if name in PARAMETERS:
            return arguments[0]
        if name in MAPS:
            return self._map(arguments)
        if name == "torch.Size":
            return arguments[0]
        return CallResult(name)

    def _map(self, arguments: tuple[Any, ...]) -> Map:
        """`OrderedDict([[key, value], ...])`, which is Python 2's, `Counter({...})`, or an empty
        one."""
        content = arguments[0] if arguments else None
        if type(content) is Map:
            return content
        if type(content) is not list:
            return Map([])
        self.charge(len(content))
        return Map([(key, value) for key, value in content])

    def _storage(self, identity: Any) -> Storage:
        """What the pickle calls a persistent id: ("storage", class, key, device, elements[,
        view])."""
        if type(identity) is not tuple or len(identity) > MOST_ARGUMENTS:
            raise TypeError
        kind, storage, key, _, elements, *view = identity
        if decoded(kind) != "storage":
            raise UnsupportedFormat("it holds a whole module with its source, and not a state dict")
        dtype = STORAGE_NAMES[storage.name]
        if not is_count(elements):
            raise Unreadable(f"storage {shown(key)} has a size that none can have")
        size = DTYPES[dtype].bytes(elements)
        if self.storages.setdefault(decoded(key), size) != size:
            raise Unreadable(f"storage {shown(key)} has two sizes")
        if view and view[0] is not None:
            _, start, count = view[0]
            if not is_count(start) or not is_count(count) or start + count > elements:
                raise Unreadable(f"a view runs beyond the end of storage {shown(key)}")
            elements = count
        return Storage(decoded(key), dtype, elements)


def laid(arguments: tuple[Any, ...], dtype_at: int | None) -> StoredTensor:
    """A tensor of the arguments its function would get; refused where it reaches beyond its
    storage."""
    storage, offset, size, stride, *_ = arguments
    if (
        type(storage) is not Storage
        or type(size) is not tuple
        or type(stride) is not tuple
        or len(size) != len(stride)
    ):
        raise TypeError
    dtype = storage.dtype if dtype_at is None else TORCH_DTYPES[arguments[dtype_at].name]
    tensor = checked(f"of storage {storage.key}", dtype, size)
    if not is_count(offset) or not all(map(is_count, stride)):
        raise Unreadable(f"a tensor of storage {shown(storage.key)} lies as none can")
    last = offset + sum((length - 1) * step for length, step in zip(size, stride, strict=True))
    if tensor.elements and DTYPES[dtype].bytes(last + 1) > DTYPES[storage.dtype].bytes(
        storage.elements
    ):
        raise Unreadable(f"a tensor reaches beyond the end of storage {shown(storage.key)}")
    return StoredTensor(dtype, tensor.shape)
