"""The extras of this package: which packages each brings, and what to type where one is missing."""

import sys
from importlib.util import find_spec

from zoo.model_index.errors import ZooError

# Extra -> the modules that it brings. `pyproject.toml` lists their distributions; a test compares.
PACKAGES = {
    "weights": ("certifi", "filelock", "fsspec", "urllib3"),
    "live": ("torch", "torchvision", "timm"),
    "parquet": ("pyarrow",),
    "eval": ("numpy", "PIL", "safetensors", "scipy", "sklearn"),
    "eval-hf": ("datasets",),
    "photographs": ("skimage",),
    "site": ("mkdocs", "material", "babel", "pygments", "matplotlib"),
    "chinese": ("jieba",),
    "pandas": ("pandas",),
    "cluster": ("submitit", "psutil"),
    "fvcore": ("fvcore",),
    "onnx": ("onnx", "onnxscript", "onnxruntime"),
    "openvino": ("openvino",),
    "tensorrt": ("tensorrt",),
    "nvidia": ("pynvml",),
}
# Extra -> the extras that it contains.
CONTAINS = {
    "live": ("weights",),
    "eval": ("live", "parquet"),
    "eval-hf": ("eval",),
    "photographs": ("eval",),
    "chinese": ("site",),
    "fvcore": ("live",),
    "onnx": ("live",),
    "openvino": ("onnx",),
    "tensorrt": ("onnx",),
    "nvidia": ("live",),
}
NAMED = 3  # missing packages that a message names
# Module -> the extra to install for it.
EXTRAS = {module: extra for extra, modules in PACKAGES.items() for module in modules}


class MissingExtra(ZooError):
    """Packages of an extra are not installed; the message says what to type."""


def require(extra: str) -> None:
    """Look for all packages of an extra; import none of them.

    Raises:
        MissingExtra: one is not installed.
    """
    if missing := [module for module in list_modules(extra) if not is_installed(module)]:
        named, more = ", ".join(missing[:NAMED]), len(missing[NAMED:])
        verb = f"and {more} more are" if more else "is" if len(missing) == 1 else "are"
        raise MissingExtra(f"{named} {verb} not installed: {install_command(extra)}")


def list_modules(extra: str) -> list[str]:
    """List the modules of an extra, those of the extras that it contains last."""
    contained = [name for inner in CONTAINS.get(extra, ()) for name in list_modules(inner)]
    return [*PACKAGES[extra], *contained]


def is_installed(module: str) -> bool:
    """Return whether a top-level module can be found; a folder of that name is none."""
    try:
        spec = find_spec(module)
    except ValueError:  # a module without a specification, or one that a test hides
        return sys.modules.get(module) is not None
    return spec is not None and spec.origin is not None


def explain_missing(error: ModuleNotFoundError) -> str:
    """Return what to type where an extra brings the module; empty where none does."""
    module = (error.name or "").partition(".")[0]
    extra = EXTRAS.get(module)
    return f"{module} is not installed: {install_command(extra)}" if extra else ""


def install_command(extra: str) -> str:
    """Return what to type for an extra."""
    return f"pip install 'model-zoo-ledger[{extra}]'"
