"""What a training took, and what a language model was made for."""

from decimal import Decimal

from zoo.model_index.quantities.parse import parse_count, parse_hours, parse_memory
from zoo.model_index.quantities.quantity import Quantity
from zoo.model_index.quantities.rows.metrics import CHECK
from zoo.model_index.quantities.show import show_bytes, show_count, show_hours

ROWS = (
    Quantity(
        key="training_memory",
        label="Training Memory",
        unit="bytes",
        parse=parse_memory,
        show=show_bytes,
        check=CHECK,
        spellings=("training memory", "train memory", "train mem", "memory"),
        description="The memory of each GPU during training, with its unit.",
        most=Decimal(10**12),
        lenient=True,
        better=-1,
    ),
    Quantity(
        key="training_time",
        label="Training Time",
        unit="h",
        parse=parse_hours,
        show=show_hours,
        check=CHECK,
        spellings=("training time", "train time"),
        units={"training time (h)": "h", "train time (h)": "h", "training time (hours)": "h"},
        description="How long the training took, with its unit.",
        lenient=True,
        better=-1,
    ),
    Quantity(
        key="epochs",
        label="Epochs",
        unit="epochs",
        parse=parse_count,
        show=show_count,
        check=CHECK,
        spellings=("epochs", "epoch", "training epochs", "max epochs"),
        description="The epochs of the training.",
        lenient=True,
    ),
    Quantity(
        key="iterations",
        label="Iterations",
        unit="iterations",
        parse=parse_count,
        show=show_count,
        check=CHECK,
        spellings=("iterations", "iters", "iter", "total iters", "max iters", "training steps"),
        description="The iterations of the training.",
        lenient=True,
    ),
    Quantity(
        key="batch_size",
        label="Batch Size",
        unit="samples",
        parse=parse_count,
        show=show_count,
        check=CHECK,
        spellings=("batch size", "training batch size", "train batch size"),
        description="The samples of one step of the training.",
        lenient=True,
    ),
    Quantity(
        key="tokens",
        label="Training Tokens",
        unit="tokens",
        parse=parse_count,
        show=show_count,
        check=CHECK,
        spellings=("training tokens", "tokens", "pretraining tokens", "train tokens"),
        description="The tokens of the training.",
        lenient=True,
    ),
    Quantity(
        key="context_length",
        label="Context Length",
        unit="tokens",
        parse=parse_count,
        show=show_count,
        check=CHECK,
        spellings=("context length", "context window", "context size"),
        description="The tokens that a language model takes at once.",
        lenient=True,
        better=1,
    ),
)
