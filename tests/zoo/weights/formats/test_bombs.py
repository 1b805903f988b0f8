"""Files that ask for more memory or time than there is: each is read by a process that has little
of both."""

import io
import json
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.zoo.weights.formats.wire_format import field, varint

ROOT = Path(__file__).parents[4]
SECONDS = 20  # of the machine's time; the reader's own limits stop it within a few
PROBE = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
from pathlib import Path
from zoo.model_index.errors import ZooError
from zoo.weights.formats import read
path = Path(sys.argv[1])
with path.open("rb") as file:
    try:
        found = read(file, path.stat().st_size, "bomb")
        said = f"{len(found.tensors)} tensors"
    except ZooError as error:
        said = f"{type(error).__name__}: {error}"
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"said": said, "seconds": usage.ru_utime + usage.ru_stime}))
"""
PROTOCOL = b"\x80\x02"
LEGACY_HEAD = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}."
MILLION = 1_000_000


def in_zip(pickle: bytes, compression: int = zipfile.ZIP_STORED) -> bytes:
    """A checkpoint as torch.save writes it, of this pickle and no storages."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("a/data.pkl", pickle)
    return file.getvalue()


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def number(value: int) -> bytes:
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return (
        b"\x8a" + bytes([len(data)]) if len(data) < 256 else b"\x8b" + struct.pack("<I", len(data))
    ) + data


def calls(function: str, *arguments: bytes) -> bytes:
    module, _, name = function.rpartition(".")
    return b"c%b\n%b\n(%btR" % (module.encode(), name.encode(), b"".join(arguments))


def deep(depth: int) -> bytes:
    """Lists in lists."""
    return in_zip(PROTOCOL + b"]" * depth + b"a" * (depth - 1) + b".")


def doubled(levels: int) -> bytes:
    """A pair of one pair of one pair: 2^levels objects for whoever walks through them."""
    level = b"".join(
        b"r" + struct.pack("<I", n) + b"j" + struct.pack("<I", n) + b"\x86" for n in range(levels)
    )
    return in_zip(PROTOCOL + b"}" + text("a") + b")" + level + b"s.")


def pairs_again(pairs: int, times: int) -> bytes:
    """One list of pairs, from which a dictionary is made again and again."""
    again = calls("collections.OrderedDict", b"h\x00") + b"0"
    return in_zip(PROTOCOL + b"](" + b"K\x01K\x02\x86" * pairs + b"eq\x00" + again * times + b"}.")


def aliases(items: int) -> bytes:
    """One dictionary of many items, under as many names."""
    inner = b"}(" + b"".join(text(f"{n}") + b"N" for n in range(items)) + b"uq\x00"
    return in_zip(
        PROTOCOL + inner + b"0}(" + b"".join(text(f"{n}") + b"h\x00" for n in range(items)) + b"u."
    )


def collisions(items: int) -> bytes:
    """Numbers with one hash as keys: a dictionary compares each with all before it."""
    return in_zip(
        PROTOCOL + b"}(" + b"".join(number(n * (2**61 - 1)) + b"N" for n in range(1, items)) + b"u."
    )


def long_name(times: int) -> bytes:
    """A name of ten million letters, asked for again and again."""
    names = text("os") + text("x" * 10 * MILLION) + b"q\x010q\x000"
    return in_zip(b"\x80\x04" + names + b"h\x00h\x01\x930" * times + b"N.")


def shape(*dimensions: bytes) -> bytes:
    """A tensor of one element that claims to have these dimensions."""
    size, stride = b"(" + b"".join(dimensions) + b"t", b"(" + b"K\x01" * len(dimensions) + b"t"
    storage = (
        b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu") + b"K\x01tQ"
    )
    tensor = calls(
        "torch._utils._rebuild_tensor_v2", storage, b"K\x00", size, stride, b"\x89", b"N"
    )
    return in_zip(PROTOCOL + b"}" + text("weight") + tensor + b"s.")


def members(count: int, name: str) -> bytes:
    """A zip file of empty members; written by hand, for zipfile takes a minute."""
    local, central = [], []
    for n in range(count):
        path = name.format(n).encode()
        local.append(
            struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, len(path), 0) + path
        )
    offset = 0
    for n, header in enumerate(local):
        path = name.format(n).encode()
        fields = (b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, len(path), 0, 0, 0, 0, 0, offset)
        central.append(struct.pack("<4sHHHHHHIIIHHHHHII", *fields) + path)
        offset += len(header)
    body, directory = b"".join(local), b"".join(central)
    count = min(count, 0xFFFF)
    return (
        body
        + directory
        + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)
    )


def header(content: bytes, length: int | None = None) -> bytes:
    return struct.pack("<Q", len(content) if length is None else length) + content


def many_tensors(count: int) -> bytes:
    entry = '"blocks.{}.weight":{{"dtype":"F32","shape":[0,1],"data_offsets":[0,0]}}'
    return header(("{" + ",".join(entry.format(n) for n in range(count)) + "}").encode())


def gguf(*parts: bytes, tensors: int = 0, values: int = 0) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, values) + b"".join(parts)


def key(name: str, kind: int) -> bytes:
    return struct.pack("<Q", len(name)) + name.encode() + struct.pack("<I", kind)


def texts(count: int) -> bytes:
    return gguf(key("tokens", 9), struct.pack("<IQ", 8, count), b"\0" * 8 * count, values=1)


UNREADABLE, UNSUPPORTED = "Unreadable: 'bomb': ", "UnsupportedFormat: 'bomb': "
NO_STATE = UNSUPPORTED + "it holds no dictionary of tensors, so no state dict"
STEPS = UNREADABLE + "pickles of more than 4000000 steps"
SHAPE = UNREADABLE + "tensor 'of storage 0' has an impossible shape"
TOKENS = UNREADABLE + "its header has more than 5000000 commas and brackets"
NO_ENTRY = UNREADABLE + "tensor '0' lacks a valid dtype, shape and data_offsets"
JSON = UNREADABLE + "its header is not JSON"
HEX = b"c_codecs\nencode\n" * 60 + text("a") + (text("hex") + b"\x86R") * 60


def item(value: bytes) -> bytes:
    """A checkpoint of one thing by name."""
    return in_zip(PROTOCOL + b"}" + text("a") + value + b"s.")


def wants(step: str, length: int, start: int) -> str:
    return f"{UNREADABLE}{step} needs {length} bytes from byte {start}, which is not plausible"


def claims(what: str, number: int = 1 << 60) -> str:
    return f"{UNREADABLE}it claims {number} {what}, which is not plausible"


# What a file is made of, and what is said of it.
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "doubled": (lambda: doubled(100_000), NO_STATE),
    "long name": (lambda: long_name(500_000), UNREADABLE + "a name of 10000000 characters"),
    "memo": (lambda: in_zip(PROTOCOL + b"}r\xff\xff\xff\xff."), NO_STATE),
    "text": (
        lambda: in_zip(PROTOCOL + b"X" + struct.pack("<I", 1 << 30) + b"x."),
        UNREADABLE + "the pickle at byte 0 is incomplete or invalid, at byte 9",
    ),
    "text, legacy": (
        lambda: LEGACY_HEAD + PROTOCOL + b"X" + struct.pack("<I", 1 << 30) + b"x.",
        wants("the pickle", 1 << 30, 32),
    ),
    "bytes": (
        lambda: LEGACY_HEAD + PROTOCOL + b"\x8e" + struct.pack("<Q", 1 << 60) + b"x.",
        wants("the pickle", 1 << 60, 36),
    ),
    "line": (
        lambda: LEGACY_HEAD + PROTOCOL + b"c" + b"x" * 70 * MILLION,
        wants("the pickle", 65536, 67043328),
    ),
    "bytearray": (lambda: item(calls("builtins.bytearray", number(1 << 60))), NO_STATE),
    "tensor": (lambda: item(calls("torch.Tensor", number(10**12))), NO_STATE),
    "hex": (lambda: item(HEX), NO_STATE),
    "shape": (lambda: shape(number(1 << 63)), SHAPE),
    "shape of two": (lambda: shape(number(1 << 62), number(1 << 62)), SHAPE),
    "shape of 60 MB": (lambda: shape(number(1 << 8 * 60 * MILLION)), SHAPE),
    "negative shape": (lambda: shape(number(-1)), SHAPE),
    "deflated": (
        lambda: in_zip(PROTOCOL + b"N" * 60 * MILLION + b".", zipfile.ZIP_DEFLATED),
        UNREADABLE + "member 'a/data.pkl' is compressed, which torch.save never does",
    ),
    "header": (
        lambda: header(b"{}", 1 << 60),
        f"{UNREADABLE}its header claims {1 << 60} bytes and the file has 10",
    ),
    "header of depth": (lambda: header(b'{"a":' * 5 * MILLION), JSON),
    "tensors": (lambda: gguf(tensors=1 << 60), claims("tensors")),
    "values": (lambda: gguf(values=1 << 60), claims("values")),
    "key": (lambda: gguf(struct.pack("<Q", 1 << 60), values=1), claims("bytes of text")),
    "array": (
        lambda: gguf(key("a", 9), struct.pack("<IQ", 4, 1 << 60), values=1),
        claims("values in an array"),
    ),
    "ONNX of a field": (
        lambda: onnx(b"\x2a" + varint(1 << 60)),
        UNREADABLE + "the field at byte 4 extends beyond its message",
    ),
    "ONNX of a shape": (
        lambda: onnx(field(5, b"\x08" + varint(1 << 62) + b"\x08\x08\x10\x01")),
        UNREADABLE + "tensor '' has an impossible shape",
    ),
    "ONNX of depth": (
        lambda: onnx(in_graphs(200)),
        UNREADABLE + "graphs in graphs, more than 32 deep",
    ),
    "lists in lists": (
        lambda: gguf(key("a", 9), struct.pack("<IQ", 9, 1) * 1000, values=1),
        UNSUPPORTED + "an array of type 9 before byte 49",
    ),
}
# The same, of many megabytes.
HEAVY: dict[str, tuple[Callable[[], bytes], str]] = {
    "deep": (lambda: deep(1_900_000), UNSUPPORTED + "it holds no dictionary, so no state dict"),
    "pairs again": (lambda: pairs_again(500_000, 400_000), STEPS),
    "aliases": (lambda: aliases(300_000), NO_STATE),
    "collisions": (lambda: collisions(MILLION), NO_STATE),
    "opcodes": (lambda: in_zip(PROTOCOL + b"N" * 60 * MILLION + b"."), STEPS),
    "marks": (lambda: in_zip(PROTOCOL + b"(" * 60 * MILLION + b"."), STEPS),
    "dictionaries": (lambda: in_zip(PROTOCOL + b"}q\x00" * 20 * MILLION + b"."), STEPS),
    "members": (
        lambda: members(400_000, "a/{}"),
        wants("the directory of the zip file", 21488890, 15088890),
    ),
    "arrays": (
        lambda: members(200_000, "{}.npy"),
        "NeedsMore: 'bomb': 200000 arrays, each with its own header",
    ),
    "header of lists": (lambda: header(b'{"a":' + b"[]," * 33 * MILLION), TOKENS),
    "header of names": (
        lambda: header(b"{" + b",".join(b'"%x":1' % n for n in range(4_900_000)) + b"}"),
        NO_ENTRY,
    ),
    "header of brackets": (lambda: header(b'{"a":' + b"[]," * 2_400_000), JSON),
    "header of a million": (lambda: many_tensors(MILLION), TOKENS),
    "header of half a million": (lambda: many_tensors(500_000), "500000 tensors"),
    "texts": (lambda: texts(1_900_000), "0 tensors"),
    "ONNX of a million": (
        lambda: onnx(b"".join(field(5, described(n)) for n in range(MILLION))),
        UNREADABLE + "it has more than 500000 tensors, which is not plausible",
    ),
    "ONNX of fields": (
        lambda: onnx(b"\x10\0" * 4 * MILLION),
        UNREADABLE + "it has more than 3,000,000 fields, which is not plausible",
    ),
    "ONNX of dimensions": (
        lambda: onnx(field(5, field(1, b"\1" * 60 * MILLION) + b"\x10\x01")),
        UNREADABLE + "tensor '' has 65 dimensions",
    ),
    "ONNX of constants": (
        lambda: onnx(b"".join(field(1, constant(n)) for n in range(200_000))),
        "200000 tensors",
    ),
}


def onnx(graph: bytes) -> bytes:
    return b"\x08\x0a" + field(7, graph) + b"\x42\0"


def in_graphs(depth: int) -> bytes:
    graph = b""
    for _ in range(depth):
        graph = field(1, field(5, field(6, graph)))
    return graph


def described(number: int) -> bytes:
    """A tensor without an element."""
    return b"\x08\0\x10\x01" + field(8, b"%x" % number)


def constant(number: int) -> bytes:
    """A node that gives a tensor."""
    return field(4, b"Constant") + field(2, b"%x" % number) + field(5, field(5, described(0)))


def refused(bomb: tuple[Callable[[], bytes], str], path: Path) -> None:
    build, said = bomb
    path.write_bytes(build())
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROBE, str(path)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert document["said"] == said
    assert document["seconds"] < SECONDS


@pytest.mark.parametrize("name", BOMBS)
def test_a_claim_that_cannot_be_met_is_refused_before_it_costs_anything(
    name: str, tmp_path: Path
) -> None:
    refused(BOMBS[name], tmp_path / "bomb")


@pytest.mark.slow
@pytest.mark.parametrize("name", HEAVY)
def test_a_large_bomb_is_read_or_refused_in_two_gigabytes_and_some_seconds(
    name: str, tmp_path: Path
) -> None:
    refused(HEAVY[name], tmp_path / "bomb")
