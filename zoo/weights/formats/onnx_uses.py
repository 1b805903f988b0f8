"""Tell what the tensors of an ONNX graph are by the nodes that take them.

The operators: https://onnx.ai/onnx/operators, and those of onnxruntime:
https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md.
"""

from collections.abc import Mapping
from typing import NamedTuple

from zoo.weights.formats.base import Tensor
from zoo.weights.formats.dtypes import kind_of

BUFFER, SCALE, WEIGHT, CONSTANT = "buffer", "scale", "weight", "constant"
CONVOLUTION_BIAS = "convolution bias"
PACKED_WEIGHT = "MatMulNBits"


class Node(NamedTuple):
    """A node: its operator, the names that it takes and gives, and its attributes that are
    integers."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    numbers: dict[str, int]


# By operator, what the inputs are that tell more than that they are taken, by position. The weight
# of a quantised layer holds integers.
OPERATORS: dict[str, dict[int, str]] = {
    "BatchNormalization": {3: BUFFER, 4: BUFFER},
    "Conv": {2: CONVOLUTION_BIAS},
    "ConvTranspose": {2: CONVOLUTION_BIAS},
    "Clip": {1: CONSTANT, 2: CONSTANT},
    "Pad": {2: CONSTANT},
    "Resize": {1: CONSTANT, 2: CONSTANT},
    "Upsample": {1: CONSTANT},
    "DequantizeLinear": {0: WEIGHT, 1: SCALE, 2: SCALE},
    "QuantizeLinear": {1: SCALE, 2: SCALE},
    "QLinearConv": {
        1: SCALE,
        2: SCALE,
        3: WEIGHT,
        4: SCALE,
        5: SCALE,
        6: SCALE,
        7: SCALE,
        8: CONVOLUTION_BIAS,
    },
    "QLinearMatMul": {
        0: WEIGHT,
        1: SCALE,
        2: SCALE,
        3: WEIGHT,
        4: SCALE,
        5: SCALE,
        6: SCALE,
        7: SCALE,
    },
    "QGemm": {1: SCALE, 2: SCALE, 3: WEIGHT, 4: SCALE, 5: SCALE, 6: WEIGHT, 7: SCALE, 8: SCALE},
    "QLinearAdd": {
        0: WEIGHT,
        1: SCALE,
        2: SCALE,
        3: WEIGHT,
        4: SCALE,
        5: SCALE,
        6: SCALE,
        7: SCALE,
    },
    "QLinearGlobalAveragePool": {1: SCALE, 2: SCALE, 3: SCALE, 4: SCALE},
    "ConvInteger": {1: WEIGHT, 2: SCALE, 3: SCALE},
    "MatMulInteger": {1: WEIGHT, 2: SCALE, 3: SCALE},
    "DynamicQuantizeMatMul": {1: WEIGHT, 2: SCALE, 3: SCALE},
    "MatMulIntegerToFloat": {1: WEIGHT, 2: SCALE, 3: SCALE, 4: SCALE, 5: SCALE},
    PACKED_WEIGHT: {1: WEIGHT, 2: SCALE, 3: SCALE, 4: SCALE},
}


class TensorUses:
    """Collects how nodes use names; `constants` are the names that nodes give, not initialisers."""

    def __init__(self) -> None:
        self.constants: set[str] = set()
        self._roles: dict[str, str] = {}
        self._packed: dict[str, int] = {}

    def add(self, node: Node) -> None:
        for position, role in OPERATORS.get(node.operator, {}).items():
            if position < len(node.inputs) and (name := node.inputs[position]):
                self._roles.setdefault(name, role)
        if node.operator == PACKED_WEIGHT and len(node.inputs) > 1:
            sides = node.numbers.get("K", 0), node.numbers.get("N", 0)
            self._packed[node.inputs[1]] = sides[0] * sides[1]

    def roles(self, tensors: Mapping[str, Tensor]) -> dict[str, str]:
        """Return the roles of the tensors that have one; a weight of floating-point numbers is one
        without saying so.

        Some exporters write every weight as a node `Constant`. Where such nodes hold more than the
        initialisers, theirs are weights too, but for single numbers.
        """
        roles = {name: role for name, role in self._roles.items() if name in tensors}
        names = [name for name in tensors if name in self.constants and name not in roles]
        numbers = [name for name in names if kind_of(tensors[name].dtype) == "floating"]
        held = sum(tensors[name].elements for name in numbers)
        listed = (t for name, t in tensors.items() if name not in self.constants)
        stored = sum(t.elements for t in listed if kind_of(t.dtype) == "floating")
        weights = {name for name in numbers if tensors[name].elements > 1}
        constants = set(names) - (weights if held > stored else set())
        return roles | dict.fromkeys(constants, CONSTANT)

    def logical(self, tensors: Mapping[str, Tensor]) -> dict[str, int]:
        """Return the numbers of weights in tensors that pack several in an element."""
        return {
            name: number
            for name, number in self._packed.items()
            if name in tensors and kind_of(tensors[name].dtype) == "integer"
            # two to eight in a byte, with the last block filled up
            if 0 < number <= tensors[name].elements * 8
        }
