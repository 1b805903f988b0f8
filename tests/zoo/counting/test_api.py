"""Counting a person's own module: right numbers, and the module stays what it was."""

import random
import threading
from pathlib import Path

import pytest
import torch
from torch import nn

from zoo.counting.api import NotCountable, count
from zoo.counting.cost import Cost
from zoo.model_index.errors import UsageError, ZooError


class Net(nn.Module):
    """A network with a norm, a shared layer, a frozen one, and modes of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)
        self.head = nn.Linear(8, 5)
        self.again = self.head
        self.head.bias.requires_grad_(False)
        self.calls = 0
        self.seen: list[torch.Size] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        self.seen.append(x.shape)
        torch.rand(1)
        return self.head(nn.functional.dropout(self.norm(self.conv(x)).mean((2, 3)), 0.5))


class DataDependent(Net):
    """A network whose path depends on a value."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.norm.num_batches_tracked += 1
        return super().forward(x) if x.sum() < 1e9 else x


class Locked(Net):
    """A network that cannot be copied."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()


MACS = 6 * 6 * 8 * 27 + 40


def state(model: Net) -> dict[str, object]:
    """Everything that has to stay."""
    return {
        "parameters": [(n, id(p), p.requires_grad, p.device) for n, p in model.named_parameters()],
        "values": [p.clone() for p in model.parameters()],
        "buffers": [(n, id(b), b.clone()) for n, b in model.named_buffers()],
        "training": [m.training for m in model.modules()],
        "hooks": [(dict(m._forward_hooks), dict(m._forward_pre_hooks)) for m in model.modules()],
        "own": (model.calls, list(model.seen)),
        "random": (torch.get_rng_state(), random.getstate()),
        "modes": (
            torch.is_grad_enabled(),
            torch.get_default_dtype(),
            torch.relu,
            nn.functional.relu,
        ),
        "tensor": {name: vars(torch.Tensor)[name] for name in vars(torch.Tensor)},
        "attributes": set(vars(model)),
    }


def assert_same(before: object, after: object) -> None:
    if isinstance(before, torch.Tensor):
        assert isinstance(after, torch.Tensor) and torch.equal(before, after)
    elif isinstance(before, dict):
        assert isinstance(after, dict) and before.keys() == after.keys()
        for key in before:
            assert_same(before[key], after[key])
    elif isinstance(before, (tuple, list)):
        assert isinstance(after, (tuple, list)) and len(before) == len(after)
        for one, other in zip(before, after, strict=True):
            assert_same(one, other)
    else:
        assert before == after


@pytest.mark.parametrize("kind", [Net, DataDependent, Locked], ids=lambda kind: kind.__name__)
def test_a_module_stays_what_it_was(kind: type[Net]) -> None:
    model = kind().train()
    model.norm.eval()
    model.conv.register_forward_hook(lambda *_: None)
    before = state(model)
    cost = count(model, (1, 3, 8, 8))
    assert_same(before, state(model))
    assert cost.macs == MACS
    assert cost.parameters == sum(p.numel() for p in model.parameters()) == 285
    assert cost.trainable == 280
    assert cost.device == ("meta" if kind is Net else "cpu")
    assert bool(cost.remarks) == (kind is not Net)


def test_a_module_that_fails_stays_what_it_was_and_says_why() -> None:
    model = Net().train()
    before = state(model)
    with pytest.raises(
        NotCountable, match=r"Net: its forward pass raised RuntimeError.*torch.zeros"
    ) as raised:
        count(model, (1, 4, 8, 8))
    assert_same(before, state(model))
    assert raised.value.parameters == 285
    assert raised.value.memory and raised.value.memory.parameters == {"float32": 4 * 285}
    assert issubclass(NotCountable, ZooError)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_module_on_a_gpu_stays_there() -> None:
    model = Net().cuda()
    before, device = state(model), torch.cuda.get_rng_state_all()
    assert count(model, (1, 3, 8, 8)).macs == MACS
    assert count(DataDependent().cuda(), (1, 3, 8, 8)).device == "cuda:0"
    assert_same(before, state(model))
    assert_same(device, torch.cuda.get_rng_state_all())


class Pair(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table, self.layer = nn.Embedding(10, 4), nn.Linear(4, 2)

    def forward(self, words: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.layer(self.table(words) * mask[..., None])


def test_inputs_are_sizes_tensors_tuples_and_dicts() -> None:
    words, mask = torch.zeros(1, 7, dtype=torch.long), torch.ones(1, 7)
    for inputs in ((words, mask), {"words": words, "mask": mask}, (words, (1, 7))):
        cost = count(Pair(), inputs)
        assert (cost.macs, cost.input_size) == (7 * 8, (1, 7))
    assert count(nn.Linear(4, 2).double(), torch.zeros(3, 4).double()).macs == 24
    with pytest.raises(NotCountable, match="state the size"):
        count(nn.Linear(4, 2))
    with pytest.raises(UsageError, match="from 1 on"):
        count(nn.Linear(4, 2), (0, 4))
    with pytest.raises(UsageError, match="expected a size"):
        count(nn.Linear(4, 2), object())  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="or a name, got a int"):
        count(3)  # type: ignore[arg-type]


def test_wrappers_are_opened() -> None:
    assert count(nn.DataParallel(Net()), (1, 3, 8, 8)).macs == MACS
    assert count(torch.compile(Net()), (1, 3, 8, 8)).macs == MACS


def test_memory_is_by_type() -> None:
    memory = count(Net().half(), (1, 3, 8, 8)).memory
    assert memory.parameters == {"float16": 2 * 285}
    assert memory.buffers == {"float16": 32, "int64": 8}
    assert memory.bytes == 610
    assert str(memory) == "570 B in float16, 40 B of buffers"


@pytest.fixture(scope="module")
def cost() -> Cost:
    return count(Net(), (1, 3, 8, 8), name="<b>Net</b>")


def test_tables(cost: Cost) -> None:
    assert {row.kind: row.macs for row in cost.by_class()}["convolution"] == MACS - 40
    assert [row.path for row in cost.by_module(1)] == ["conv", "norm", "the model itself", "head"]
    assert sum(row.macs for row in cost.by_stage()) == MACS
    with pytest.raises(UsageError, match="from 1 on"):
        cost.by_module(0)
    rows = cost.to_dicts()
    assert {"model", "input", "tool", "number", "why"} <= rows[0].keys()
    assert cost.to_pandas().set_index("tool").number["torch"] == 2 * MACS
    assert list(cost.by_class().to_pandas().columns)[:3] == ["kind", "calls", "macs"]


def test_text_is_escaped(cost: Cost) -> None:
    html = cost._repr_html_()
    assert "<b>Net" not in html and "&lt;b&gt;Net" in html
    assert f"{MACS:,}" in str(cost)


def test_pandas_is_optional(cost: Cost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(UsageError, match=r"pip install 'model-zoo-ledger\[pandas\]'"):
        cost.to_pandas()


SOURCE = """
from torch import nn
import helper

class Own(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.layer = nn.Conv2d(3, width, 1, bias=helper.BIAS)

    def forward(self, x):
        return self.layer(x)

def number():
    return 3
"""


def test_names_lead_to_libraries_and_to_own_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_net.py").write_text(SOURCE)
    (tmp_path / "helper.py").write_text("BIAS = False\n")
    package = tmp_path / "own_package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "nets.py").write_text(
        SOURCE.replace("import helper", "").replace("helper.BIAS", "0")
    )
    assert count("own_net.py:Own", (8, 8), arguments={"width": 5}).macs == 64 * 15
    assert count("own_package.nets:Own", (1, 3, 2, 2)).macs == 48
    assert count("torchvision:resnet18", (64, 64)).input_size == (1, 3, 64, 64)
    assert count("vit_b_32", (64, 64)).name.startswith("torchvision:vit_b_32")
    for name, message in {
        "own_net.py:number": "not a torch.nn.Module",
        "own_net.py:Missing": "has no 'Missing'",
        "own_net.py": r"own_net.py:Net",
        "absent.py:Net": "absent.py: no such file",
        "resnet81": "did you mean",
        "timm:resnet81": "timm has no model 'resnet81': did you mean",
    }.items():
        with pytest.raises(ZooError, match=message):
            count(name)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_packed_weights_are_named() -> None:
    cost = count(
        nn.Sequential(
            torch.ao.nn.quantized.Quantize(1.0, 0, torch.quint8), torch.ao.nn.quantized.Linear(8, 4)
        ),
        (1, 8),
    )
    assert (cost.parameters, cost.memory.packed) == (0, 32 + 4)
    assert any("weights are packed" in remark for remark in cost.remarks)
