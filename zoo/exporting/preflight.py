"""Refuse exports that the index, the options and the names of files alone rule out.

Nothing here imports torch or builds a model, so a refusal takes no longer than reading the index.
"""

from pathlib import Path

from zoo.evaluation.checkpoint_files import check_weights
from zoo.exporting.formats import FORMATS, ExportOptions
from zoo.model_index.errors import UsageError
from zoo.model_index.io.outputs import refuse_sources
from zoo.model_index.ledger.store import slug
from zoo.model_index.records.records import Entry
from zoo.models import builders
from zoo.models.extras import require
from zoo.models.inputs import object_to_input


def check_export(entry: Entry, options: ExportOptions, *, download: bool) -> None:
    """Check the options, the file, the packages and the weights of an export.

    Raises:
        UsageError: contradicting options, a file that exists, an Input that is not one image, no
            weights on this machine.
        MissingExtra: what writes the format is not installed.
        BuilderMissing: the builder's package is not installed or not trusted.
        NoSource: the weights cannot be there.
    """
    options.refuse_contradictions()
    if objection := object_to_input(entry.input, entry.input_place):
        raise UsageError(f"{entry.name}: {objection}")
    _refuse_existing(output_path(entry, options), entry, options)
    if FORMATS[options.format].packages:
        require(options.format)  # the extra has the format's name
    builders.check_package(entry.builder, options.trusted)
    if not options.random:
        try:
            check_weights(entry, options.weights, download=download)
        except UsageError as error:
            raise UsageError(f"{error}; --random exports random weights") from error


def output_path(entry: Entry, options: ExportOptions) -> Path:
    """Return the file to write: as stated, else named after the model."""
    return options.output or Path(f"{slug(entry.name)}{FORMATS[options.format].suffix}")


def _refuse_existing(path: Path, entry: Entry, options: ExportOptions) -> None:
    """Raise UsageError where the file would replace another without --force."""
    if path.is_dir() or (path.exists() and not path.is_file()):
        raise UsageError(f"--output: expected a file's path, got {str(path)!r}")
    if path.exists() and not options.force:
        raise UsageError(f"{path}: the file exists; --force replaces it")
    refuse_sources("--output", path, [entry.place.file])
