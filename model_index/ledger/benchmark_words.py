"""Sentences of the terminal and of the site about a benchmark: why it stopped, and what disturbed
it."""

from zoo.model_index.ledger.benchmark import Benchmark

# By `Benchmark.stopped`; a benchmark that is precise needs no word.
STOPPED = {
    "precise": "",
    "maximum": "all processes ran and the interval is wider than 2% on either side",
    "budget": "stopped because the budget ended",
    "interrupted": "interrupted before the interval was narrow",
}
# By the flags of `Replicate`.
DISTURBANCES = {
    "throttled": "a process was slowed down by heat, power or a quota",
    "power capped": "the GPU was held at its power limit",
    "steal": "the hypervisor gave time to other machines",
    "busy machine": "other programs used the processor",
    "foreign processes": "other programs used the GPU",
    "warmup_not_converged": "warm-up had not settled",
}
SINGLE = "one process gives no interval"
APART = "the processes differ too much for an interval"


def list_remarks(benchmark: Benchmark) -> list[str]:
    """Return what a reader has to know of a benchmark before the number is used."""
    stopped = STOPPED.get(benchmark.stopped, benchmark.stopped)
    if len(benchmark.replicates) == 1 and benchmark.stopped == "maximum":
        stopped = SINGLE
    apart = APART if len(benchmark.replicates) > 1 and benchmark.interval is None else ""
    disturbances = [DISTURBANCES.get(flag, flag) for flag in benchmark.flags]
    return [text for text in (stopped, apart, *disturbances) if text]
