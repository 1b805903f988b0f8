"""What is computed from a trace is computed once, and released with the trace."""

import gc

from zoo.counting.trace_cache import cache_by_trace
from zoo.model_index.ledger.trace import Row, Trace


def test_results_are_shared_by_equal_traces_and_released() -> None:
    calls: list[tuple[int, int]] = []

    @cache_by_trace
    def count_rows(trace: Trace, times: int = 1) -> int:
        calls.append((len(trace.rows), times))
        return times * len(trace.rows)

    def trace() -> Trace:
        return Trace(((1, 3, 8, 8),), (Row("conv2d", "convolution", "stem", "Conv2d", 5),))

    first, again = trace(), trace()
    assert [count_rows(first), count_rows(again), count_rows(first, 2)] == [1, 1, 2]
    assert calls == [(1, 1), (1, 2)]
    assert hash(first) == hash(again)
    del first, again
    gc.collect()
    assert count_rows(trace()) == 1
    assert calls == [(1, 1), (1, 2), (1, 1)]
