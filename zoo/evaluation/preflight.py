"""Refuse evaluations that the index, the options and the names of files alone rule out.

Nothing here imports torch, builds a model or reads an image, so a refusal takes no longer than
reading the index.
"""

from pathlib import Path

from zoo.evaluation import parse_request
from zoo.evaluation.checkpoint_files import check_weights
from zoo.evaluation.data_names import check_data, data_name, dataset_name
from zoo.evaluation.labels import files
from zoo.evaluation.request import PRECISIONS, EvalRequest
from zoo.model_index.errors import UsageError
from zoo.model_index.errors.suggestions import describe_unknown
from zoo.model_index.records.records import Entry
from zoo.models import builders, devices
from zoo.models.inputs import object_to_input


def check_options(request: EvalRequest) -> None:
    """Check the options that hold for all models.

    Raises:
        UsageError: a value that does not exist, a file that cannot be read, a device that is not
            there.
    """
    parse_request.parse_conditions(request.condition)
    parse_request.parse_class_folder(request.class_folder)
    parse_request.parse_confidence(request.confidence)
    parse_request.parse_tolerance(request.tolerance)
    dataset_name(request.dataset, request.labels)
    if request.precision not in PRECISIONS:
        raise UsageError(describe_unknown("--precision: no", request.precision, PRECISIONS))
    if absence := devices.explain_absence(request.device):
        raise UsageError(absence)
    if request.labels:
        files.check_spelling(request.labels)
    for file in (request.class_map, None if request.labels == files.REAL else request.labels):
        if file is not None and not Path(file).is_file():
            raise UsageError(f"{file}: no such file")
    if request.data is not None:
        check_data(request.data)


def check_entry(entry: Entry, request: EvalRequest) -> None:
    """Check what an entry needs: a builder that may run, data and weights.

    Raises:
        BuilderMissing: its package is not installed or not trusted.
        UsageError, NoSource: it has no data, an Input that is not one image, or no weights on this
            machine.
    """
    if objection := object_to_input(entry.input, entry.input_place):
        raise UsageError(f"{entry.name}: {objection}")
    builders.check_package(entry.builder, request.trust)
    check_weights(entry, request.weights, download=request.download)
    data_name(entry, request.data)
