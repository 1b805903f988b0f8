"""Count one model in this process: build it, trace it, and say what came of it."""

import sys
import time
from collections.abc import Collection
from contextlib import redirect_stdout
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from zoo.model_index.findings import Gap
from zoo.model_index.records.records import Builder
from zoo.models import builders
from zoo.models.builders.tensors import list_tensors
from zoo.models.cells import Variant
from zoo.models.memory_errors import is_memory_error

if TYPE_CHECKING:
    from zoo.models.builders import BuiltModel

UNKNOWN_MODEL = "unknown model"  # the failure of a name that its library does not have
DEFAULT_SIZE = (224, 224)  # assumed where nothing states the input of a model


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """What came of counting a model: the values of its evidence, or why there are none.

    `missing` and `gap` say why it cannot be built on this machine, `error` what it raised. An error
    that is not `lasting` says nothing about the model, but about this run.
    """

    values: dict[str, Any] = {}
    missing: str = ""
    gap: Gap = Gap("unreachable")
    error: str = ""
    lasting: bool = True
    seconds: float | None = None


class ModelCounter:
    """Counts models one after another, and keeps the last one for other input sizes."""

    def __init__(self, trusted: Collection[str] = ()):
        self.trusted = trusted
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
        # a forward pass may raise anything: record it and go on with the next model
        except BaseException as problem:
            own = isinstance(problem, builders.BuildError)
            error = str(problem) if own else f"{type(problem).__name__}: {problem}"
            lasting = not isinstance(problem, OSError) and not is_memory_error(problem)
        seconds = round(time.perf_counter() - clock, 4)
        return Count(values=values, error=error, lasting=lasting, seconds=seconds)

    def _values(self, builder: Builder, variant: Variant) -> dict[str, Any]:
        from zoo.counting import tracer

        built = self._build(builder, variant.form)
        configured = built.configuration.get("input_size")
        channels = builders.input_channels(built, builder)
        height, width = variant.size or (configured[-2:] if configured else DEFAULT_SIZE)
        model = built.model
        if variant.size and built.arguments_at:
            arguments = builder.arguments | built.arguments_at(variant.size)
            model = self._build(replace(builder, arguments=arguments), variant.form).model
        trace, parts = tracer.count(model, (1, channels, height, width))
        return {
            "resolved": built.resolved,
            "configuration": {k: v for k, v in built.configuration.items() if v is not None},
            "registry": built.registry,
            "parts": [list(part) for part in parts],
            "tensors": [list(row) for row in list_tensors(model)],
            "trace": trace.to_lists(),
        }

    def _build(self, builder: Builder, form: str) -> "BuiltModel":
        key = (str(builder), repr(sorted(builder.arguments.items())), form)
        if self._built is None or self._built[0] != key:
            self._built = None  # release the last model before the next one is built
            self._built = (key, builders.build(builder, self.trusted, form))
        return self._built[1]
