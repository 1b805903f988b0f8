"""Cache what is computed from a trace, for all claims that are about it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from zoo.model_index.ledger.trace import Trace

P = ParamSpec("P")
T = TypeVar("T")


def cache_by_trace(
    compute: Callable[Concatenate[Trace, P], T],
) -> Callable[Concatenate[Trace, P], T]:
    """Cache the results of a function of a trace and hashable arguments while the trace exists.

    The results must not refer to the trace, which would then never be released.
    """
    results: WeakKeyDictionary[Trace, dict[object, T]] = WeakKeyDictionary()

    @wraps(compute)
    def cached(trace: Trace, *args: P.args, **kwargs: P.kwargs) -> T:
        of_trace = results.setdefault(trace, {})
        key = (args, tuple(sorted(kwargs.items())))
        if key not in of_trace:
            of_trace[key] = compute(trace, *args, **kwargs)
        return of_trace[key]

    return cached  # type: ignore[return-value]
