"""How fast forward passes are."""

from zoo.model_index.quantities.parse import parse_milliseconds, parse_rate
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.show import show_milliseconds, show_rate

SPEED = (
    "How fast forward passes are: a list of values, "
    "each with its hardware, precision and batch size."
)

ROWS = (
    Quantity(
        key="inference_time",
        label="Inference Time",
        unit="ms",
        parse=parse_milliseconds,
        show=show_milliseconds,
        check="benchmark",
        spellings=("inference time", "latency"),
        units={
            "inference time (ms/im)": "ms",
            "inference time (s/im)": "s",
            "latency (ms)": "ms",
            "inference time (ms)": "ms",
            "inference time (us/im)": "us",
        },
        description=SPEED,
        better=-1,
    ),
    Quantity(
        key="throughput",
        label="Throughput",
        unit="images/s",
        parse=parse_rate,
        show=show_rate,
        check="benchmark",
        spellings=("throughput", "infer samples per sec"),
        units={
            "throughput (images/s)": "images/s",
            "throughput (img/s)": "img/s",
            "throughput (samples/s)": "samples/s",
        },
        description=SPEED,
        better=1,
    ),
)
