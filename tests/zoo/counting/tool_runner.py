"""Run real counting tools on the models of `tool_models`, in a process of their own.

`python tool_runner.py MODEL,... TOOL=FOLDER ...` puts the folders first on the path, where the
tools' packages are installed without their requirements, and prints JSON: for each tool a number
for each model, or the error as text. What a tool imports beside torch and does not use for counting
is replaced by empty modules.
"""

import contextlib
import copy
import importlib.machinery
import io
import json
import logging
import sys
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

Size = tuple[int, ...]


def _package(name: str, folder: str) -> None:
    """Make a package whose modules can be imported without running its `__init__`."""
    module = types.ModuleType(name)
    module.__path__ = [str(Path(folder, *name.split(".")))]
    module.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
    sys.modules[name] = module


def _stub(name: str, **values: object) -> None:
    module = types.ModuleType(name)
    vars(module).update(values)
    sys.modules[name] = module


def torch_flops(model: nn.Module, size: Size, folder: str) -> int:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as mode:
        model(torch.zeros(size))
    return mode.get_total_flops()


def fvcore(model: nn.Module, size: Size, folder: str) -> int:
    from fvcore.nn import FlopCountAnalysis

    logging.getLogger("fvcore.nn.jit_analysis").setLevel(logging.ERROR)
    analysis = FlopCountAnalysis(model, torch.zeros(size))
    return round(analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total())


def mmengine(model: nn.Module, size: Size, folder: str) -> int:
    if "mmengine" not in sys.modules:
        for name in ("mmengine", "mmengine.analysis", "mmengine.utils", "mmengine.logging"):
            _package(name, folder)
        _stub("mmengine.logging", print_log=lambda *_, **__: None)
        _stub("mmengine.utils", is_tuple_of=lambda *_, **__: True)
    from mmengine.analysis.print_helper import get_model_complexity_info

    logging.disable(logging.CRITICAL)
    info = get_model_complexity_info(model, inputs=(torch.zeros(size),), show_table=False)
    return round(info["flops"])


def thop(model: nn.Module, size: Size, folder: str) -> int:
    import collections
    import collections.abc

    vars(collections).setdefault("Iterable", collections.abc.Iterable)  # it is of 2020
    import thop as package

    return int(package.profile(model, (torch.zeros(size),), verbose=False)[0])


def ptflops(model: nn.Module, size: Size, folder: str, **options: str) -> int:
    from ptflops import get_model_complexity_info

    macs, _ = get_model_complexity_info(
        model, size[1:], as_strings=False, print_per_layer_stat=False, **options
    )
    if macs is None:
        raise RuntimeError("ptflops failed")
    return int(macs)


def ptflops_aten(model: nn.Module, size: Size, folder: str) -> int:
    return ptflops(model, size, folder, backend="aten")


def torchinfo(model: nn.Module, size: Size, folder: str) -> int:
    from torchinfo import summary

    return summary(model, size, verbose=0, device="cpu").total_mult_adds


def _calflops(model: nn.Module, size: Size, folder: str) -> tuple[int, int]:
    if "calflops" not in sys.modules:
        _package("calflops", folder)
    from calflops.flops_counter import calculate_flops

    flops, macs, _ = calculate_flops(
        model, size, print_results=False, print_detailed=False, output_as_string=False
    )
    return int(flops), int(macs)


def _deepspeed(model: nn.Module, size: Size, folder: str) -> tuple[int, int]:
    if "deepspeed" not in sys.modules:
        for name in ("deepspeed", "deepspeed.profiling"):
            _package(name, folder)
        timers = {f"{name}_GLOBAL_TIMER": "" for name in ("FORWARD", "BACKWARD", "STEP")}
        accelerator = types.SimpleNamespace(synchronize=lambda: None)
        _stub("deepspeed.accelerator", get_accelerator=lambda: accelerator)
        _stub("deepspeed.utils", logger=logging.getLogger("deepspeed"))
        _stub("deepspeed.moe.layer", MoE=type("MoE", (nn.Module,), {}))
        _stub("deepspeed.utils.timer", **timers)
        _stub("deepspeed.utils.torch", required_torch_version=lambda **_: True)
        _stub("einops", einsum=lambda *_: None)
    from deepspeed.profiling.flops_profiler.profiler import get_model_profile

    flops, macs, _ = get_model_profile(model, size, print_profile=False, as_string=False, warm_up=0)
    return int(flops), int(macs)


def torchprofile(model: nn.Module, size: Size, folder: str) -> int:
    from torchprofile import profile_macs

    return int(profile_macs(model, torch.zeros(size)))


RUNNERS: dict[str, Callable[[nn.Module, Size, str], Any]] = {
    "torch": torch_flops,
    "fvcore": fvcore,
    "mmengine": mmengine,
    "thop": thop,
    "thop-0.1": thop,
    "ptflops": ptflops,
    "ptflops-0.7": ptflops,
    "ptflops-aten": ptflops_aten,
    "torchinfo": torchinfo,
    "calflops": lambda *args: _calflops(*args)[0],
    "calflops-macs": lambda *args: _calflops(*args)[1],
    "deepspeed": lambda *args: _deepspeed(*args)[0],
    "deepspeed-macs": lambda *args: _deepspeed(*args)[1],
    "torchprofile": torchprofile,
}


def main(names: str, *pairs: str) -> None:
    """Print what the tools count for each model."""
    folders = dict(pair.split("=", 1) for pair in pairs)
    sys.path[:0] = dict.fromkeys(folders.values())
    from tool_models import MODELS

    warnings.simplefilter("ignore")
    numbers: dict[str, dict[str, int | str]] = {tool: {} for tool in folders}
    for name in names.split(","):
        make, size = MODELS[name]
        model = make().eval()
        for tool, folder in folders.items():
            numbers[tool][name] = run(tool, model, size, folder)
    print(json.dumps(numbers))


def run(tool: str, model: nn.Module, size: Size, folder: str) -> int | str:
    """Return what a tool counts, or its error."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            return int(RUNNERS[tool](copy.deepcopy(model), size, folder))
        except Exception as error:
            return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main(*sys.argv[1:])
