"""Counting tools that patch functions, and torchinfo: formulas over the calls of a pass.

A table says what a call adds, by the function's name. A call with a remark in brackets that a table
does not hold has no rule: the tool fails there, or counts what cannot be told from the call.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from zoo.counting.calls import ACTIVATIONS, NORMS, POOLS, Call
from zoo.counting.hook_based_tools import Terms, add_terms

CallRule = Callable[[Call], Terms]


def _take(term: str, column: str, times: int = 1) -> CallRule:
    """Return a rule: a column of the call, a number of times."""
    return lambda call: {term: times * getattr(call, column)}


def _each(*rules: CallRule) -> CallRule:
    return lambda call: add_terms(rule(call) for rule in rules)


def _bias(column: str) -> CallRule:
    return lambda call: {"bias": call.bias * getattr(call, column)}


def _norm(plain: int, affine: int) -> CallRule:
    return lambda call: {"norm": (affine if call.weights else plain) * call.inputs}


def _named(prefix: str, names: Sequence[str], rule: CallRule) -> dict[str, CallRule]:
    return {f"{prefix}.{name}": rule for name in names}


PRODUCTS = ("torch.matmul", "Tensor.matmul", "torch.mm", "Tensor.mm", "torch.bmm", "Tensor.bmm")
ADDED = ("torch.addmm", "Tensor.addmm", "torch.baddbmm")
ELEMENTWISE = ("torch.mul", "Tensor.mul", "torch.add", "Tensor.add")
CONVS = ("conv1d", "conv2d", "conv3d")
TRANSPOSED_CONVS = tuple(f"conv_transpose{d}d" for d in "123")
RESIZES = ("interpolate", "upsample")
REFUSED = ("no batch)", "arguments)", "lists)")  # remarks on calls that tools fail at


@dataclass(frozen=True, slots=True)
class FunctionTool:
    """A tool that patches functions: what a call of each adds."""

    rules: Mapping[str, CallRule]

    def terms(self, calls: Sequence[Call]) -> Terms:
        """Return the sum over the calls."""
        return add_terms(self.rules[call.function](call) for call in calls if self.counts(call))

    def counts(self, call: Call) -> bool:
        """Whether the tool patches this function."""
        return call.function in self.rules

    def refuses(self, calls: Sequence[Call]) -> str:
        """Return the first call that the tool has no number for; empty where there is none."""
        for call in calls:
            name, _, remark = call.function.partition(" (")
            if remark in REFUSED and name in self.rules:
                return call.function
        return ""


def _doubling(attention: bool, matmul: Sequence[str], aligned: str) -> dict[str, CallRule]:
    """Return the rules that DeepSpeed and calflops share: two operations for each multiply-add,
    and those of norms, activations, pooling and elementwise functions."""
    norms = {"batch_norm": _norm(1, 2), "batch_norm (training)": _norm(4, 5)}
    return {
        "functional.linear": _take("linear", "macs", 2),
        **_named("functional", CONVS, _each(_take("conv", "macs", 2), _bias("extra"))),
        **_named("functional", (*ACTIVATIONS, "softmax"), _take("activation", "inputs")),
        **_named("functional", POOLS, _take("pooling", "inputs")),
        **{f"functional.{name}": norms.get(name, _norm(4, 5)) for name in (*NORMS, *norms)},
        **dict.fromkeys(matmul, _take("matmul", "macs", 2)),
        **dict.fromkeys(ADDED, _each(_take("matmul", "macs", 2), _take("elementwise", "inputs"))),
        **dict.fromkeys(ELEMENTWISE, _take("elementwise", aligned)),
        **(
            {"functional.scaled_dot_product_attention": _take("matmul", "macs", 2)}
            if attention
            else {}
        ),
        "torch.einsum": _take("einsum", "extra"),
        "recurrent": lambda call: {
            "recurrent": 2 * call.macs - call.inputs,
            "elementwise": call.extra,
        },
    }


def _macs_only(rules: Mapping[str, CallRule]) -> dict[str, CallRule]:
    """Return the rules for the second number of such a tool: its multiply-adds."""
    terms = ("linear", "conv", "matmul")

    def halve(rule: CallRule) -> CallRule:
        return lambda call: {
            name: count // 2 for name, count in rule(call).items() if name in terms
        }

    return {name: halve(rule) for name, rule in rules.items() if name != "recurrent"}


_DEEPSPEED = _doubling(True, (*PRODUCTS, "Tensor.__matmul__"), "outputs") | {
    **_named(
        "functional",
        TRANSPOSED_CONVS,
        _each(_take("conv", "macs", 2), _bias("outputs")),
    ),
    **{
        f"functional.{name} ({how})": _take("resizing", "extra")
        for name in RESIZES
        for how in ("size", "scale")
    },
}
DEEPSPEED, DEEPSPEED_MACS = FunctionTool(_DEEPSPEED), FunctionTool(_macs_only(_DEEPSPEED))

_CALFLOPS = _doubling(False, PRODUCTS[:2], "extra") | {
    **_named("functional", TRANSPOSED_CONVS, _each(_take("conv", "inputs", 2), _bias("extra"))),
    **{f"functional.{name} (size)": _take("resizing", "extra") for name in RESIZES},
    **{f"functional.{name} (scale)": _take("resizing", "inputs") for name in RESIZES},
}
CALFLOPS, CALFLOPS_MACS = FunctionTool(_CALFLOPS), FunctionTool(_macs_only(_CALFLOPS))

# ptflops 0.7: the functions it patches count beside the layers it hooks, so `nn.ReLU` counts twice.
_ONCE = tuple(name for name in ACTIVATIONS if name != "leaky_relu")
PTFLOPS_07_FUNCTIONS = FunctionTool(
    {
        **_named("functional", (*_ONCE, "softmax"), _take("activation", "inputs")),
        **_named("functional", POOLS, _take("pooling", "inputs")),
        **{f"functional.{name} (size)": _take("resizing", "outputs") for name in RESIZES},
        **{f"functional.{name} (scale)": _take("resizing", "extra") for name in RESIZES},
        **dict.fromkeys(PRODUCTS, _take("matmul", "macs")),
        **dict.fromkeys(
            ADDED,
            lambda call: {"matmul": call.macs, "elementwise": call.weights * call.inputs},
        ),
        **dict.fromkeys(ELEMENTWISE, _take("elementwise", "extra")),
    },
)
# What hooks of whole modules add that no row of a trace tells.
_RECURRENT: CallRule = lambda call: {"recurrent": call.macs, "elementwise": call.extra}  # noqa: E731
_ATTENTION = _take("attention", "extra")
PTFLOPS_MODULES = FunctionTool(
    {
        "recurrent": _RECURRENT,
        "attention": _ATTENTION,
        "transposed layer": _each(
            _take("conv", "macs"), lambda call: {"conv bias": call.bias * call.outputs}
        ),
    }
)
PTFLOPS_07_MODULES = FunctionTool(
    {"recurrent": _RECURRENT, "attention": _ATTENTION, "timm attention": _ATTENTION}
)
THOP_01_MODULES = FunctionTool(
    {
        "recurrent": _take("recurrent", "outputs"),
        "softmax layer": _take("activation", "extra"),
        "transposed layer": _take("conv", "macs"),
    }
)
THOP_MODULES = FunctionTool(
    {
        "recurrent": _take("recurrent", "outputs"),
        "transposed layer": PTFLOPS_MODULES.rules["transposed layer"],
    }
)
