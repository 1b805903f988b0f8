"""Words of tables in packages that know no languages: quantities, operator classes, modes, tasks.

`words` gives them to `zoo.reporting.i18n.extract`, so each becomes a message to translate.
"""

from collections.abc import Iterable, Iterator

from zoo.model_index.gaps import MODELS
from zoo.model_index.ledger.benchmark import MODES
from zoo.model_index.ledger.trace import CLASSES
from zoo.model_index.quantities.table import QUANTITIES
from zoo.model_index.records.fields import Plain
from zoo.reporting.i18n.gettext import N_, _
from zoo.reporting.text.escape import replace_invisible
from zoo.reporting.text.format import flat

TASKS = (
    N_("Image Classification"),
    N_("Object Detection"),
    N_("Semantic Segmentation"),
    N_("Instance Segmentation"),
    N_("Image Retrieval"),
    N_("Pose Estimation"),
    N_("Depth Estimation"),
    N_("Optical Flow"),
    N_("Optical Flow Estimation"),
    N_("Video Classification"),
    N_("Keypoint Detection"),
    N_("Self-Supervised Image Classification"),
)
# Fields of a training recipe that papers and zoos use; a field that is not here stands as it is.
FIELDS = (
    N_("Training Data"),
    N_("Training Techniques"),
    N_("Training Resources"),
    N_("Training Time"),
    N_("Training Memory"),
    N_("Training Tokens"),
    N_("Pretraining Data"),
    N_("Epochs"),
    N_("Steps"),
    N_("Iterations"),
    N_("Batch Size"),
    N_("Optimizer"),
    N_("Learning Rate"),
    N_("LR"),
    N_("LR Gamma"),
    N_("LR Step Size"),
    N_("Warmup Epochs"),
    N_("Weight Decay"),
    N_("Momentum"),
    N_("Dropout"),
    N_("Label Smoothing"),
    N_("Gradient Clip"),
    N_("Augmentation"),
    N_("Distillation"),
    N_("Seed"),
    N_("Year"),
    N_("Crop Size"),
)
# What the ledger says of a record: kinds, outcomes, conditions, memory, settings of machines.
RECORDS = (
    N_("count"),
    N_("benchmark"),
    N_("evaluation"),
    N_("measured"),
    N_("failed"),
    N_("proposed"),
    N_("budget"),
    N_("precise"),
    N_("interrupted"),
    N_("host peak"),
    N_("allocated"),
    N_("reserved"),
    N_("max abs"),
    N_("samples"),
    N_("tolerance"),
    N_("cores"),
    N_("cpu"),
    N_("machine"),
    N_("memory"),
    N_("platform"),
    N_("initialised"),
    N_("hardware"),
    N_("engine"),
    N_("mode"),
)


def words() -> Iterator[str]:
    """The labels of the tables, whose rows need no edit here."""
    for quantity in QUANTITIES:
        yield quantity.label
        if quantity.column:
            yield quantity.column.heading
    yield from CLASSES
    yield from MODES
    yield from (row.reason for row in MODELS.values())


def tasks_of(value: Plain) -> str:
    """Tasks of an index in the page's language where a translation exists, else as they are
    stated."""
    return ", ".join(_(flat(task)) for task in (value if isinstance(value, list) else [value]))


def task_labels(tasks: Iterable[str]) -> dict[str, str]:
    """Tasks and what a page calls them, for a script; without characters that nobody sees, which
    scripts replace in what they load, too."""
    return {replace_invisible(task): replace_invisible(tasks_of(task)) for task in tasks if task}
