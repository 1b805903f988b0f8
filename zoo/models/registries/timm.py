"""timm's registry: every architecture at its default configuration."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from zoo.model_index.dialects.tables.join import TAG
from zoo.models.registries.registry import Fields, Registry

if TYPE_CHECKING:
    from timm.models import PretrainedCfg

# Label in an index -> attribute of a pretrained configuration.
SETTINGS = {
    "Crop Pct": "crop_pct",
    "Crop Mode": "crop_mode",
    "Interpolation": "interpolation",
    "Mean": "mean",
    "Std": "std",
}


def list_names() -> list[str]:
    """Return the architectures."""
    import timm

    names: list[str] = timm.list_models()
    return names


def _has(name: str) -> bool:
    return name.split(".")[0] in list_names()


def _entries() -> Iterator[Fields]:
    """Yield a model for each architecture; its collection is its module."""
    import timm

    for name in list_names():
        module = timm.models.model_entrypoint(name).__module__.rpartition(".")[2]
        yield {"Name": name, "In Collection": module} | describe_model(name)


def describe_model(name: str) -> Fields:
    """Return the fields of an architecture, with a pretrained tag or at its default
    configuration."""
    import timm

    return {"Metadata": describe(timm.get_pretrained_cfg(name))}


def describe(pretrained: "PretrainedCfg | None") -> dict[str, Any]:
    """Return the metadata of an entry: the settings of a pretrained configuration, and its tag."""
    configuration = pretrained.to_dict() if pretrained else {}  # type: ignore[no-untyped-call]
    metadata = dict(_settings(configuration))
    if pretrained and pretrained.tag:
        metadata[TAG] = pretrained.tag
    return metadata


def _settings(configuration: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the labels and values of preprocessing and licence; a square size as one number."""
    yield "Tasks", ["Image Classification"]
    if size := configuration.get("input_size"):
        yield "Image Size", print_size(size[-2:])
    for label, key in SETTINGS.items():
        if (value := configuration.get(key)) not in (None, ""):
            yield label, [*value] if isinstance(value, tuple) else value
    if licence := configuration.get("license"):
        yield "License", str(licence)


def print_size(size: tuple[int, int]) -> str:
    """Print a size as an index does: a square as one number."""
    height, width = size
    return str(height) if height == width else f"{height}x{width}"


TIMM = Registry(
    headline="PyTorch Image Models",
    docs="https://huggingface.co/docs/timm",
    format=2,
    names=list_names,
    has=_has,
    describe=describe_model,
    entries=_entries,
)
