"""Element types: torch's short names, their sizes, and their names in each format."""

from typing import NamedTuple


class Dtype(NamedTuple):
    """The size of an element type: `block` elements take `size` bytes. A block is one element,
    except where several are packed or scaled together."""

    block: int
    size: int

    def bytes(self, elements: int) -> int:
        """Return the bytes of these elements, in whole blocks."""
        return -(-elements // self.block) * self.size


PLAIN = {
    1: "bool uint8 int8 quint8 qint8 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz "
    "float8_e8m0fnu",
    2: "int16 uint16 float16 bfloat16",
    4: "int32 uint32 float32 qint32 complex32",
    8: "int64 uint64 float64 complex64",
    16: "complex128",
}
PACKED = {
    "int4": Dtype(2, 1),
    "uint4": Dtype(2, 1),
    "int2": Dtype(4, 1),
    "uint2": Dtype(4, 1),
    "float4_e2m1fn": Dtype(2, 1),
    "float6_e2m3fn": Dtype(4, 3),
    "float6_e3m2fn": Dtype(4, 3),
}
# https://github.com/ggml-org/ggml/blob/master/docs/gguf.md: number, name, elements of a block, its
# bytes. The names of plain types are torch's.
GGML = {
    0: ("float32", 1, 4),
    1: ("float16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("int8", 1, 1),
    25: ("int16", 1, 2),
    26: ("int32", 1, 4),
    27: ("int64", 1, 8),
    28: ("float64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("bfloat16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
}
DTYPES = (
    {name: Dtype(1, size) for size, names in PLAIN.items() for name in names.split()}
    | PACKED
    | {name: Dtype(block, size) for name, block, size in GGML.values()}
)
SAFETENSORS = {
    "BOOL": "bool",
    "U8": "uint8",
    "I8": "int8",
    "F8_E5M2": "float8_e5m2",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2FNUZ": "float8_e5m2fnuz",
    "F8_E4M3FNUZ": "float8_e4m3fnuz",
    "F8_E8M0": "float8_e8m0fnu",
    "F4": "float4_e2m1fn",
    "F6_E2M3": "float6_e2m3fn",
    "F6_E3M2": "float6_e3m2fn",
    "I16": "int16",
    "U16": "uint16",
    "F16": "float16",
    "BF16": "bfloat16",
    "I32": "int32",
    "U32": "uint32",
    "F32": "float32",
    "I64": "int64",
    "U64": "uint64",
    "F64": "float64",
    "C64": "complex64",
}
# The storage classes of torch.save; an untyped storage counts bytes.
STORAGES = {
    "Double": "float64",
    "Float": "float32",
    "Half": "float16",
    "BFloat16": "bfloat16",
    "Long": "int64",
    "Int": "int32",
    "Short": "int16",
    "Char": "int8",
    "Byte": "uint8",
    "Bool": "bool",
    "ComplexDouble": "complex128",
    "ComplexFloat": "complex64",
    "QInt8": "qint8",
    "QUInt8": "quint8",
    "QInt32": "qint32",
    "Untyped": "uint8",
}
# https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, `TensorProto.DataType`; 8 is text.
ONNX = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
    14: "complex64",
    15: "complex128",
    16: "bfloat16",
    17: "float8_e4m3fn",
    18: "float8_e4m3fnuz",
    19: "float8_e5m2",
    20: "float8_e5m2fnuz",
    21: "uint4",
    22: "int4",
    23: "float4_e2m1fn",
    24: "float8_e8m0fnu",
    25: "uint2",
    26: "int2",
    27: "float6_e2m3fn",
    28: "float6_e3m2fn",
}
NUMPY = {
    "b1": "bool",
    "i1": "int8",
    "i2": "int16",
    "i4": "int32",
    "i8": "int64",
    "u1": "uint8",
    "u2": "uint16",
    "u4": "uint32",
    "u8": "uint64",
    "f2": "float16",
    "f4": "float32",
    "f8": "float64",
    "c8": "complex64",
    "c16": "complex128",
}


def kind_of(dtype: str) -> str:
    """Return what elements are: `floating`, `complex`, `integer` or `bool`.

    Blocks of GGML hold their scales and count as floating-point numbers; torch's quantised types do
    not, since a tensor's scale is no part of it.
    """
    if dtype == "bool":
        return "bool"
    if dtype.startswith("complex"):
        return "complex"
    floating = dtype.startswith(("float", "bfloat")) or dtype[:1].isupper()
    return "floating" if floating else "integer"
