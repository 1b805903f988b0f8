"""The table of counting tools: what each prints for a model, what it calls its number, and why.

A row's `count` is the named sum that the tool computes, from the trace or from the calls of one
pass; a text in its place says why there is no number. `tests/zoo/counting/test_real_tools.py` runs
the tools themselves and compares.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from zoo.counting import conventions, hook_based_tools, openmmlab, operator_tools
from zoo.counting.calls import TIMM_ATTENTION, Call
from zoo.counting.function_tools import (
    CALFLOPS,
    CALFLOPS_MACS,
    DEEPSPEED,
    DEEPSPEED_MACS,
    PTFLOPS_07_FUNCTIONS,
    PTFLOPS_07_MODULES,
    PTFLOPS_MODULES,
    THOP_01_MODULES,
    THOP_MODULES,
    FunctionTool,
)
from zoo.counting.hook_based_tools import RECURRENT, Terms, Tool, add_terms, short
from zoo.model_index.ledger.trace import Row, Trace
from zoo.model_index.quantities.show import human


class Pass(NamedTuple):
    """What one forward pass left: its trace, and the calls that tools see."""

    trace: Trace
    calls: tuple[Call, ...]


class NoNumberError(Exception):
    """A model that a tool's number is not known for; the text says why."""


Count = Callable[[Pass], Terms]
# Terms of every tool: what of a plain count of multiply-adds they are, in words.
LAYERS = {
    "conv": "convolutions",
    "linear": "linear layers",
    "matmul": "attention's products",
    "recurrent": "recurrent layers",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingTool:
    """A tool in one version: what a person calls, and what it calls the number that it prints.

    `times` is 2 where a multiply-add counts as two operations. `words` say what the terms of its
    sum are that are no multiply-adds, and how the others differ. `remark` is what else a reader
    has to know.
    """

    key: str
    name: str
    version: str
    call: str
    unit: str
    count: Count
    times: int = 1
    words: Mapping[str, str] = field(default_factory=dict)
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCount:
    """The number that a tool prints for a model; None with the reason in `why`.

    `why` says how it differs from the multiply-adds, with amounts; `terms` are the parts of its
    sum.
    """

    tool: CountingTool
    number: int | None
    why: str
    terms: Terms

    def to_dict(self) -> dict[str, Any]:
        """Return the row of a table."""
        return {
            "tool": self.tool.key,
            "name": self.tool.name,
            "version": self.tool.version,
            "unit": self.tool.unit,
            "number": self.number,
            "why": self.why,
        }


def count_with(tool: CountingTool, traced: Pass) -> ToolCount:
    """Return the number that a tool prints."""
    if why := traced.trace.incomplete:
        return ToolCount(tool=tool, number=None, why=why, terms={})
    try:
        terms = tool.count(traced)
    except NoNumberError as reason:
        return ToolCount(tool=tool, number=None, why=f"no number: {reason}", terms={})
    why = explain_difference(tool, terms, traced)
    return ToolCount(tool=tool, number=sum(terms.values()), why=why, terms=terms)


def multiply_adds(traced: Pass) -> Terms:
    """Return the multiply-adds of a pass by the kind of layer; those of recurrent layers apart."""
    recurrent = [row for row in traced.trace.rows if _is_recurrent(row)]
    total = conventions.macs(traced.trace)
    for row in recurrent:
        kind = {"convolution": "conv", "linear": "linear"}.get(row.kind, "matmul")
        total[kind] -= row.macs
    # within torch's own module of attention a linear layer is a product to the trace
    linear = sum(call.macs for call in traced.calls if call.function == "functional.linear")
    unnamed = max(0, min(linear - total["linear"], total["matmul"]))
    total["linear"] += unnamed
    total["matmul"] -= unnamed
    return total | {"recurrent": sum(row.macs for row in recurrent)}


def explain_difference(tool: CountingTool, terms: Terms, traced: Pass) -> str:
    """Return in words how a tool's sum differs from the multiply-adds, the largest parts first."""
    plain = multiply_adds(traced)
    parts = {name: terms.get(name, 0) - tool.times * plain.get(name, 0) for name in plain | terms}
    differences = sorted((name for name in parts if parts[name]), key=lambda n: -abs(parts[n]))
    texts = [_describe(tool, name, parts[name], terms.get(name, 0)) for name in differences]
    doubled = ["two for each multiply-add"] if tool.times == 2 else []
    return ", ".join([*doubled, *texts]) or "multiply-adds"


def _describe(tool: CountingTool, name: str, difference: int, count: int) -> str:
    words = tool.words.get(name) or LAYERS.get(name) or name
    sign = "+" if difference > 0 else "−"
    left_out = " left out" if difference < 0 and not count and name not in tool.words else ""
    return f"{sign}{human(abs(difference))} {words}{left_out}"


def _is_recurrent(row: Row) -> bool:
    return row.module_type.startswith(RECURRENT)


def _refuse_layers(types: Sequence[str], reason: str) -> Callable[[Trace], None]:
    """Return a check that raises where a model has a layer of one of these types."""

    def check(trace: Trace) -> None:
        for row in trace.merged.rows:
            kind = trace.bases.get(row.module_type, row.module_type)
            if kind.startswith(tuple(types)):
                raise NoNumberError(reason.format(short(kind)))

    return check


_no_recurrent = _refuse_layers([RECURRENT], "on the CPU it does not see the products in {}")
_no_multihead = _refuse_layers(
    [f"{hook_based_tools.ACTIVATION}MultiheadAttention"],
    "its graph has {} as one operator or as several, as torch decides",
)


def _from_trace(formula: Callable[[Trace], Terms], *checks: Callable[[Trace], None]) -> Count:
    def count(traced: Pass) -> Terms:
        for check in checks:
            check(traced.trace)
        return formula(traced.trace)

    return count


def _from_graph(
    formula: Callable[[Trace], Terms],
    *checks: Callable[[Trace], None],
    fused: bool = False,
    words: bool = False,
) -> Count:
    """Return the count of a tool that reads operators. Fused attention is unknown to it, unless it
    has a rule for it (`fused`), and in a graph a convolution whose padding is a word too, unless
    it sees what that becomes (`words`)."""

    def count(traced: Pass) -> Terms:
        for check in checks:
            check(traced.trace)
        terms, plain = dict(formula(traced.trace)), multiply_adds(traced)
        layers = traced.trace.total("macs", ["linear"])
        unnamed = plain["linear"] - layers if not _has_recurrent(traced.trace) else 0
        terms["linear"] += unnamed
        terms["matmul"] -= unnamed
        if not fused:
            calls = [c for c in traced.calls if c.function == ATTENTION]
            attention = sum(call.macs for call in calls)
            terms["matmul"] -= attention - traced.trace.total("macs", ["attention"])
        if not words:
            padded = [c for c in traced.calls if c.function in CONVOLUTIONS]
            terms["conv"] -= sum(call.inputs for call in padded)
        return terms

    return count


ATTENTION = "functional.scaled_dot_product_attention"
CONVOLUTIONS = tuple(f"functional.conv{d}d" for d in "123")


def _has_recurrent(trace: Trace) -> bool:
    return any(map(_is_recurrent, trace.merged.rows))


def _from_hooks(tool: Tool, modules: FunctionTool | None = None, *, batch: bool = True) -> Count:
    """Return the count of a tool that hooks modules, by rules for rows and for whole `modules`;
    without `batch` for a batch of one alone."""

    def count(traced: Pass) -> Terms:
        if layer := tool.refuses(traced.trace):
            raise NoNumberError(f"its rule for {layer} is not held here")
        if not batch:
            _check_batch(traced.trace)
        if modules is None:
            return tool.terms(traced.trace)
        _check_arguments(traced.calls)
        return add_terms([tool.terms(traced.trace), modules.terms(traced.calls)])

    return count


def _check_arguments(calls: Sequence[Call]) -> None:
    if any(call.function == "(arguments)" for call in calls):
        raise NoNumberError("it fails at a layer that is called with keywords")


def _check_batch(trace: Trace) -> None:
    if trace.batch != 1:
        raise NoNumberError("it makes an input of its own, of batch 1")


def _from_calls(tool: FunctionTool) -> Count:
    def count(traced: Pass) -> Terms:
        if call := tool.refuses(traced.calls):
            raise NoNumberError(f"it has no right rule for {call}")
        return tool.terms(traced.calls)

    return count


def _torchinfo(traced: Pass) -> Terms:
    """Count as torchinfo: the parameters of layers without children times positions."""
    parts: list[Terms] = []
    for call in traced.calls:
        name, _, kind = call.function.partition(" ")
        if name != "layer":
            continue
        if kind.startswith("("):
            raise NoNumberError(f"a layer is {kind.strip('()')}")
        if kind in ("conv", "linear", "recurrent"):
            parts.append({kind: call.macs, "bias": call.extra})
        elif kind == "other":
            parts.append({"norm": call.macs + call.extra})
    return add_terms(parts)


def _ptflops_07(traced: Pass) -> Terms:
    """Count as ptflops 0.7: the layers it hooks, and the functions it patches."""
    trace, calls = traced
    _check_batch(trace)
    if layer := hook_based_tools.PTFLOPS_07.refuses(trace):
        raise NoNumberError(f"its rule for {layer} is not held here")
    if call := PTFLOPS_07_FUNCTIONS.refuses(calls):
        raise NoNumberError(f"it fails at {call}")
    _check_arguments(calls)
    inside = {f"{row.module}." for row in trace.rows if row.module_type == TIMM_ATTENTION}
    rows = [row for row in trace.rows if not row.module.startswith(tuple(inside))]
    hooked = hook_based_tools.PTFLOPS_07.terms(replace(trace, rows=tuple(rows)))
    patched = {f"{name} call": n for name, n in PTFLOPS_07_FUNCTIONS.terms(calls).items()}
    matmul = patched.pop("matmul call", 0)
    return add_terms([hooked, {"matmul": matmul}, PTFLOPS_07_MODULES.terms(calls), patched])


def _torchprofile(traced: Pass) -> Terms:
    """Count as torchprofile, which takes the outputs of a transposed convolution for those of
    another."""
    _no_recurrent(traced.trace)
    _no_multihead(traced.trace)
    layers = [call for call in traced.calls if call.function == "transposed layer"]
    functions = [call for call in traced.calls if "conv_transpose" in call.function]
    if len(layers) != len(functions):
        raise NoNumberError("a function of a transposed convolution is called without its layer")
    terms = _from_graph(operator_tools.torchprofile, fused=True)(traced)
    terms["conv"] += sum(call.extra for call in layers) - sum(call.macs for call in functions)
    return terms


NORMS_2 = "norms (2 an element, 1 without weights)"
POOLING_IN = "pooling (1 an input)"
HOOK_WORDS = {
    "conv bias": "convolutions' biases",
    "linear bias": "linear layers' biases",
    "conv": "convolutions of other classes",
    "linear": "linear layers within others or of other classes",
}
FVCORE_WORDS = {"norm": "norms (2 or 5 an element)", "pooling": "adaptive pooling (1 an input)"}
FUNCTION_WORDS = {
    "bias": "convolutions' biases",
    "norm": "norms (2 or 5 an element)",
    "pooling": POOLING_IN,
    "activation": "activations (1 an element)",
    "elementwise": "additions and products of elements",
    "resizing": "resizing",
    "einsum": "einsum as numpy plans it",
    "recurrent": "recurrent layers (gates once)",
}
PTFLOPS_WORDS = HOOK_WORDS | {
    "norm": NORMS_2,
    "pooling": POOLING_IN,
    "activation": "activations (1 an element)",
    "upsampling": "upsampling",
    "attention": "attention with its projections",
    "activation call": "activations again as functions",
    "pooling call": "pooling again as functions",
    "elementwise": "recurrent layers' gates",
    "elementwise call": "torch.add and torch.mul",
    "resizing call": "resizing",
}
THOP_WORDS = HOOK_WORDS | {"pooling": "average pooling", "upsampling": "upsampling"}
ACTIVATIONS = {"activation": "leaky activations (1 an element)"}

TOOLS = (
    CountingTool(
        key="torch",
        name="torch FlopCounterMode",
        version="2",
        call="FlopCounterMode().get_total_flops()",
        unit="FLOPs",
        count=_from_trace(conventions.twice, _no_recurrent),
        times=2,
    ),
    CountingTool(
        key="fvcore",
        name="fvcore",
        version="0.1.5",
        call="FlopCountAnalysis(model, x).total()",
        unit="FLOPs",
        count=_from_graph(conventions.fvcore),
        words=FVCORE_WORDS,
        remark="timm's benchmark.py prints it in units of 10^9 as GMACs",
    ),
    CountingTool(
        key="mmengine",
        name="mmengine",
        version="0.10",
        call="get_model_complexity_info(model.eval(), size)",
        unit="FLOPs",
        count=_from_graph(conventions.fvcore),
        words=FVCORE_WORDS,
        remark="a model in training mode counts 5 an element of batch norm",
    ),
    CountingTool(
        key="thop",
        name="thop 0.0.31",
        version="0.0.31",
        call="thop.profile(model, (x,))",
        unit="MACs, often named FLOPs",
        count=_from_hooks(replace(hook_based_tools.THOP, unknown=()), THOP_MODULES),
        words=THOP_WORDS | ACTIVATIONS | {"norm": "batch norm (2 an element)"},
    ),
    CountingTool(
        key="thop-0.1",
        name="thop 0.1.1",
        version="0.1.1",
        call="thop.profile(model, (x,))",
        unit="MACs",
        count=_from_hooks(replace(hook_based_tools.THOP_01, unknown=()), THOP_01_MODULES),
        words=THOP_WORDS | {"norm": "norms (4 an element)", "activation": "PReLU"},
    ),
    CountingTool(
        key="ptflops",
        name="ptflops 0.6",
        version="0.6.9",
        call="get_model_complexity_info(model, size[1:])",
        unit="MACs",
        count=_from_hooks(
            replace(hook_based_tools.PTFLOPS, unknown=()), PTFLOPS_MODULES, batch=False
        ),
        words=PTFLOPS_WORDS,
    ),
    CountingTool(
        key="ptflops-0.7",
        name="ptflops 0.7",
        version="0.7.5",
        call="get_model_complexity_info(model, size[1:], backend='pytorch')",
        unit="MACs",
        count=_ptflops_07,
        words=PTFLOPS_WORDS,
    ),
    CountingTool(
        key="ptflops-aten",
        name="ptflops 0.7, ATen",
        version="0.7.5",
        call="get_model_complexity_info(model, size[1:], backend='aten')",
        unit="MACs",
        count=_from_graph(operator_tools.ptflops_aten, _no_recurrent, words=True),
        words={"bias": "biases"},
    ),
    CountingTool(
        key="torchinfo",
        name="torchinfo",
        version="1.8.0",
        call="summary(model, size).total_mult_adds",
        unit="mult-adds",
        count=_torchinfo,
        words={
            "linear": "linear layers (1 position of each)",
            "bias": "biases",
            "norm": "norms (their parameters)",
            "conv": "convolutions",
        },
    ),
    CountingTool(
        key="calflops",
        name="calflops FLOPs",
        version="0.3.2",
        call="calculate_flops(model, size)[0]",
        unit="FLOPs",
        count=_from_calls(CALFLOPS),
        times=2,
        words=FUNCTION_WORDS,
    ),
    CountingTool(
        key="calflops-macs",
        name="calflops MACs",
        version="0.3.2",
        call="calculate_flops(model, size)[1]",
        unit="MACs",
        count=_from_calls(CALFLOPS_MACS),
    ),
    CountingTool(
        key="deepspeed",
        name="DeepSpeed FLOPs",
        version="0.19.8",
        call="get_model_profile(model, size)[0]",
        unit="FLOPs",
        count=_from_calls(DEEPSPEED),
        times=2,
        words=FUNCTION_WORDS,
    ),
    CountingTool(
        key="deepspeed-macs",
        name="DeepSpeed MACs",
        version="0.19.8",
        call="get_model_profile(model, size)[1]",
        unit="MACs",
        count=_from_calls(DEEPSPEED_MACS),
        remark="timm's benchmark.py takes it where fvcore is not installed",
    ),
    CountingTool(
        key="torchprofile",
        name="torchprofile",
        version="0.1.0",
        call="profile_macs(model, x)",
        unit="MACs",
        count=_torchprofile,
        words={
            "norm": "affine norms (1 an element)",
            "pooling": "averages (1 an output)",
            "elementwise": "products of elements",
            "activation": "leaky activations",
            "resizing": "bilinear resizing",
        },
    ),
    CountingTool(
        key="mmcv",
        name="mmcv 1",
        version="1.7.2",
        call="get_model_complexity_info(model, size[1:])",
        unit="FLOPs",
        count=_from_hooks(hook_based_tools.MMCV, batch=False),
        words=PTFLOPS_WORDS,
        remark="its flops_counter was copied from ptflops",
    ),
    CountingTool(
        key="openmmlab",
        name="OpenMMLab get_flops",
        version="2022",
        call="tools/analysis_tools/get_flops.py",
        unit="FLOPs",
        count=_from_trace(lambda trace: openmmlab.mmengine(trace.backbone), _no_recurrent),
        words={
            "norm": "norms (5 an element)",
            "pooling": "adaptive pooling (1 an input)",
            "linear": "the classifier",
        },
        remark="up to the classifier, as their zoos publish it",
    ),
    CountingTool(
        key="paddle",
        name="Paddle model_stat",
        version="1",
        call="paddle.fluid.contrib.model_stat.summary(program)",
        unit="FLOPs",
        count=_from_trace(conventions.paddle, _no_recurrent),
        times=2,
        words={
            "conv bias": "biases (2 an output)",
            "linear": "linear layers (1 a multiply-add)",
            "activation": "activations (1 an element)",
            "pooling": "pooling (1 an element read)",
        },
        remark="for the same network in Paddle, batch norm folded",
    ),
)
BY_KEY = {tool.key: tool for tool in TOOLS}
