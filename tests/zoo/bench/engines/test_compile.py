import re
import shutil

import pytest
import torch
from torch import nn

from zoo.bench.engines import create_engine
from zoo.bench.engines.base import EngineOptions
from zoo.bench.engines.errors import Unsupported
from zoo.bench.engines.output_check import check, eager_outputs
from zoo.models.inputs import Inputs

COMPILER = any(map(shutil.which, ("g++", "clang++", "c++")))


@pytest.mark.slow
@pytest.mark.skipif(not COMPILER, reason="no C++ compiler on the PATH")
@pytest.mark.filterwarnings("ignore")  # of the compiler's many parts
def test_its_output_is_the_models(toy_network: nn.Module, images: torch.Tensor) -> None:
    from torch._dynamo.utils import counters
    from torch._inductor import config

    expected = eager_outputs(toy_network, Inputs.of(images))
    compiled = create_engine("compile")
    with config.patch(
        cpp_cache_precompile_headers=False
    ):  # takes longer than it saves for one graph
        compiled.prepare(toy_network, Inputs.of(images), EngineOptions(threads=1))
        counters.clear()
        compiled.run()
        compiled.synchronise()
        assert check(compiled.outputs(), expected, "fp32").ok
    assert counters["stats"]["unique_graphs"] == 1  # compiled in the first call, and once
    compiled.close()
    compiled.close()


def test_the_mode_is_handed_on(
    toy_network: nn.Module, images: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, object] = {}
    monkeypatch.setattr(torch, "compile", lambda model, **options: given.update(options) or model)
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    create_engine("compile").prepare(
        toy_network, Inputs.of(images), EngineOptions(compile_mode="max-autotune")
    )
    assert given == {"mode": "max-autotune", "fullgraph": False, "dynamic": False}


def test_without_a_compiler_it_is_unsupported(
    toy_network: nn.Module, images: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    message = "torch.compile on the CPU needs a C++ compiler: g++ or clang++ on the PATH"
    with pytest.raises(Unsupported, match=f"^{re.escape(message)}$"):
        create_engine("compile").prepare(toy_network, Inputs.of(images), EngineOptions())
