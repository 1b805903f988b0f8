"""Count one model in this process: build it, trace it, and say what came of it."""

import sys
import time
from collections.abc import Collection, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from zoo.model_index.findings import Gap
from zoo.model_index.ledger.evidence import Construction
from zoo.model_index.ledger.tensors import PACKED
from zoo.model_index.ledger.trace import Part
from zoo.model_index.records.records import Builder
from zoo.models import builders
from zoo.models.builders.tensors import list_tensors
from zoo.models.cells import Variant
from zoo.models.inputs import choose_input, make_empty
from zoo.models.memory_errors import describe_exception, is_memory_error

if TYPE_CHECKING:
    from torch import nn

    from zoo.models.builders import BuiltModel

UNKNOWN_MODEL = "unknown model"  # the failure of a name that its library does not have


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """What came of counting a model: the values of its evidence, or why there are none.

    `missing` and `gap` say why it cannot be built on this machine, `error` what it raised. Where
    the forward pass raised it, the values have what the model holds, and no trace. An error that is
    not `lasting` says nothing about the model, but about this run.
    """

    values: dict[str, Any] = {}
    missing: str = ""
    gap: Gap = Gap("unreachable")
    error: str = ""
    lasting: bool = True
    seconds: float | None = None


class ForwardError(Exception):
    """The forward pass of a model raised an exception, the cause; `values` is what is known."""

    def __init__(self, values: dict[str, Any], construction: Construction):
        self.values, self.construction = values, construction
        super().__init__()


class ModelCounter:
    """Counts models one after another, and keeps the last one for other input sizes.

    `memory` limits the bytes of parameters and buffers that a constructor may allocate.
    """

    def __init__(self, trusted: Collection[str] = (), memory: int = builders.MEMORY):
        self.trusted, self.memory = trusted, memory
        self._built: tuple[tuple[str, str, str], BuiltModel] | None = None

    def count(self, builder: Builder, variant: Variant) -> Count:
        """Count a variant of the model that `builder` builds; what the model raises is in the
        count.

        Raises:
            KeyboardInterrupt: the user interrupts, or the model raised it.
        """
        clock, lasting = time.perf_counter(), True
        values: dict[str, Any] = {}
        error = ""
        try:
            # a model that prints must not spoil what others read from standard output
            with redirect_stdout(sys.stderr):
                values = self._values(builder, variant)
        except builders.BuilderMissing as problem:
            return Count(missing=str(problem), gap=problem.gap)
        except builders.UnknownModel as problem:
            values, error = {"failure": UNKNOWN_MODEL}, str(problem)
        except KeyboardInterrupt:
            raise
        except builders.BuildError as problem:
            error = str(problem)
            lasting = not isinstance(problem, builders.TooLarge) and not is_memory_error(problem)
        except ForwardError as problem:
            cause = problem.__cause__ or problem
            values, error = problem.values, _describe_failure(problem)
            lasting = not isinstance(cause, OSError) and not is_memory_error(cause)
        # of an input, say
        except BaseException as problem:
            error = describe_exception(problem)
            lasting = not isinstance(problem, OSError) and not is_memory_error(problem)
        seconds = round(time.perf_counter() - clock, 4)
        return Count(values=values, error=error, lasting=lasting, seconds=seconds)

    def _values(self, builder: Builder, variant: Variant) -> dict[str, Any]:
        from zoo.counting import tracer

        built = self._build(builder, variant.form)
        spec, origin = choose_input(variant.input, built)
        channels = builders.input_channels(built, builder)
        model = built.model
        if variant.input and built.arguments_at and (size := spec.image_size):
            arguments = builder.arguments | built.arguments_at(size)
            model = self._build(replace(builder, arguments=arguments), variant.form).model
        values = {
            "resolved": built.resolved,
            "configuration": {k: v for k, v in built.configuration.items() if v is not None},
            "registry": built.registry,
            "construction": built.construction,
            "input": str(spec),
            "input_from": origin,
        }
        try:
            trace, parts = tracer.count(model, make_empty(model, spec, channels))
        except KeyboardInterrupt:
            raise
        # a forward pass may raise anything; what the model holds is known all the same
        except BaseException as problem:
            raise ForwardError(_list_held(model, values), built.construction) from problem
        return values | _held(model, parts) | {"trace": trace.to_lists()}

    def _build(self, builder: Builder, form: str) -> "BuiltModel":
        key = (str(builder), repr(sorted(builder.arguments.items())), form)
        if self._built is None or self._built[0] != key:
            self._built = None  # release the last model before the next one is built
            built = builders.build(builder, self.trusted, form, self.memory)
            self._built = (key, built)
        return self._built[1]


def _list_held(model: "nn.Module", values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with what the model holds; none where a parameter has no size yet."""
    from zoo.counting import tracer

    try:
        return values | _held(model, tracer.list_parts(model))
    except ValueError:
        return {}


def _held(model: "nn.Module", parts: Sequence[Part]) -> dict[str, Any]:
    tensors = [list(row) for row in list_tensors(model)]
    return {"parts": [list(part) for part in parts], "tensors": tensors}


def _describe_failure(failure: ForwardError) -> str:
    """Return what the forward pass raised, and how the model was constructed where that is
    unusual."""
    construction = failure.construction
    how = "" if construction.way == "meta" else f" (constructed: {construction.describe()})"
    text = f"its forward pass raised {describe_exception(failure.__cause__ or failure)}{how}"
    packed = any(kind == PACKED for kind, *_ in failure.values.get("tensors", ()))
    return f"quantized layers do not run on the meta device: {text}" if packed else text
