"""Names of data: those that `--data` takes beside a path, and the one that an entry's claims are
about. Nothing here imports torch or reads images."""

from pathlib import Path

from zoo.evaluation.dataset_catalogue import DATASETS, canonical
from zoo.evaluation.labels import files
from zoo.model_index.errors import UsageError
from zoo.model_index.errors.suggestions import count_edits, describe_unknown, find_close
from zoo.model_index.records.records import Entry

BUILTIN = ("digits", "photographs")
PREFIXES = ("torchvision", "synthetic")  # before a colon
NAMES = ", ".join([*(f"{prefix}:..." for prefix in PREFIXES), *BUILTIN])
QUANTITIES = ("top1", "top5")
REAL = "ImageNet-ReaL"


def data_name(entry: Entry, data: str | None) -> str:
    """Return the data that a user named, else built-in data that the entry's claims are about.

    Raises:
        UsageError: the user names none, and none of the claims' data sets is built in.
    """
    if data is not None:
        return data
    stated = dict.fromkeys(
        claim.dataset for claim in entry.all_claims() if claim.quantity in QUANTITIES
    )
    built_in = [name for name in map(canonical, stated) if name in BUILTIN]
    if built_in:
        return built_in[0]
    datasets = ", ".join(name for name in stated if name) or "no data set"
    raise UsageError(
        f"{entry.name}: give the images with --data; the index claims its accuracy on {datasets}"
    )


def dataset_name(dataset: str | None, labels: str | None) -> str | None:
    """Return the data set's name as the user states it; ReaL labels make ImageNet another data set.

    Raises:
        UsageError: name and labels contradict each other.
    """
    if labels != files.REAL:
        if dataset:
            check_spelling(dataset)
        return dataset
    if dataset and canonical(dataset) != REAL:
        raise UsageError(f"--labels real: the labels of {REAL}, not of {dataset}")
    return REAL


def check_spelling(dataset: str) -> None:
    """Refuse the name of a data set that is one letter off a known one: no claim would be judged.

    A letter in front makes another name: EMNIST is no MNIST.

    Raises:
        UsageError: it is a slip of the pen.
    """
    names = (*DATASETS, "ImageNet")
    close = find_close(dataset, names, 1)
    if canonical(dataset) or not close or count_edits(dataset.lower(), close[0].lower()) > 1:
        return
    if dataset[1:].lower() != close[0].lower():
        raise UsageError(describe_unknown("no data set", dataset, names, most=1))


def prefix_of(text: str) -> str:
    """Return what stands before the first colon; empty without one."""
    return text.partition(":")[0] if ":" in text else ""


def check_data(text: str) -> None:
    """Refuse data that is neither a name nor a path of this machine.

    Raises:
        UsageError: it is empty, an address, or nothing is there.
    """
    if text in BUILTIN or (prefix := prefix_of(text)) in PREFIXES:
        return
    if not text:
        raise UsageError(f"--data is empty; give a path or a name: {NAMES}")
    if "://" in text or prefix == "pipe":
        raise UsageError(f"{text}: data is not downloaded; give a local path or a name: {NAMES}")
    shards = text.endswith(".tar") and "{" in text  # val-{000..063}.tar
    if not (Path(text).exists() or shards):
        raise UsageError(describe_nothing(text))


def describe_nothing(text: str) -> str:
    """Return the message about a text that is neither a path nor a name."""
    hint = f"a folder or file, or one of {NAMES}"
    return describe_unknown("no data", text, (*BUILTIN, *(f"{name}:" for name in PREFIXES)), hint)
