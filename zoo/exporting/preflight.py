"""Refuse exports that the index, the options and the names of files alone rule out.

Nothing here imports torch or builds a model, so a refusal takes no longer than reading the index.
"""

from pathlib import Path

from zoo.bench.engines import FIXED_LIST, NO_LISTS
from zoo.evaluation.checkpoint_files import check_weights
from zoo.exporting.formats import FORMATS, ExportOptions
from zoo.model_index.errors import UsageError
from zoo.model_index.io.outputs import refuse_sources
from zoo.model_index.ledger.store import slug
from zoo.model_index.records.input_spec import InputSpec
from zoo.model_index.records.records import Entry
from zoo.models import builders
from zoo.models.extras import require


def check_export(entry: Entry, options: ExportOptions, *, download: bool) -> None:
    """Check the options, the file, the packages and the weights of an export.

    Raises:
        UsageError: contradicting options, a file that exists, an Input that the format cannot take,
            no weights on this machine.
        MissingExtra: what writes the format is not installed.
        BuilderMissing: the builder's package is not installed or not trusted.
        NoSource: the weights cannot be there.
    """
    options.refuse_contradictions()
    if reason := _explain_stated(entry, options):
        raise UsageError(f"{entry.name}: {reason}")
    _refuse_existing(output_path(entry, options), entry, options)
    if FORMATS[options.format].packages:
        require(options.format)  # the extra has the format's name
    builders.check_package(entry.builder, options.trusted)
    if not options.random:
        try:
            check_weights(entry, options.weights, download=download)
        except UsageError as error:
            raise UsageError(f"{error}; --random exports random weights") from error


def stated_input(entry: Entry, options: ExportOptions) -> InputSpec | None:
    """Return the input that a person or the index states; None for what the builder proposes."""
    own = entry.stated_input
    return own.adapt(options.input) if own else options.input


def _explain_stated(entry: Entry, options: ExportOptions) -> str:
    """Return why no file of the format takes the input that is stated; empty where one may."""
    spec = stated_input(entry, options)
    return explain_input(spec, options, str(entry.input_place or "")) if spec else ""


def explain_input(spec: InputSpec, options: ExportOptions, place: str = "") -> str:
    """Return why no file of the format takes an input, which stands at a place; empty where one
    may."""
    where = f"({spec}, {place})" if place else f"({spec})"
    if spec.listed and not FORMATS[options.format].lists:
        return f"{NO_LISTS} {where}"
    return f"{FIXED_LIST} {where}" if spec.listed and options.target.dynamic else ""


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
