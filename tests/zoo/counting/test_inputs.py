"""Every kind of input is counted, and what depends on the data is a part."""

from dataclasses import dataclass

import pytest
import torch
from torch import nn

from zoo.counting import tracer
from zoo.counting.api import NotCountable, count
from zoo.model_index.errors import UsageError
from zoo.model_index.ledger.trace import Trace
from zoo.model_index.records.input_text import parse_input
from zoo.models.builders.meta import move_to_meta
from zoo.models.inputs import make_empty, make_random


def trace(model: nn.Module, text: str) -> Trace:
    model = move_to_meta(model.eval())
    before = {name: id(tensor) for name, tensor in model.state_dict(keep_vars=True).items()}
    traced, _ = tracer.count(model, make_empty(model, parse_input(text)))
    assert before == {n: id(t) for n, t in model.state_dict(keep_vars=True).items()}
    return traced


class Layer(nn.Module):
    """A module with one linear layer, for others to use."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 5)
        self.table = nn.Embedding(9, 4)


class Clip(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv3d(3, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x)


class Pair(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(6, 2, 1)

    def forward(self, image1: torch.Tensor, image2: torch.Tensor) -> list[torch.Tensor]:
        return [self.layer(torch.cat([image1, image2], 1))] * 2


class Listed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 2, 1)

    def forward(self, images: list[torch.Tensor], targets: object = None) -> dict[str, object]:
        assert targets is None
        return {"boxes": [self.layer(image[None]) for image in images]}


@dataclass
class Output:
    state: torch.Tensor
    shape: object = object()


class Tokens(Layer):
    """Reads its mask, as attention masks are read, and makes positions without a device."""

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        decoder_input_ids: torch.Tensor | None = None,
    ) -> Output:
        positions = torch.arange(input_ids.shape[1]) % 9
        mask = attention_mask if attention_mask is not None else torch.ones(input_ids.shape)
        assert bool(mask.bool().all()), "a mask of ones"
        length = int(mask.sum(-1).max().item())
        state = self.layer(self.table(input_ids[:, :length]) + self.table(positions))
        if decoder_input_ids is not None:
            state = torch.cat([state, self.layer(self.table(decoder_input_ids))], 1)
        return Output(state)


class Sound(Layer):
    def forward(self, wave: torch.Tensor) -> torch.Tensor:
        return self.layer(wave.unfold(-1, 4, 4))


class Both(Layer):
    def forward(self, image: torch.Tensor, text: torch.Tensor) -> tuple[torch.Tensor, ...]:
        end = text.argmax(-1)
        return self.layer(image.mean(1)), self.layer(self.table(text))[torch.arange(1), end]


@pytest.mark.parametrize(
    ("model", "text", "macs"),
    [
        (Clip, "2x4x4 clip", 32 * 6),
        (Pair, "4x4 image pair", 16 * 12),
        (Pair, "image2=4x4 image, image1=4x4 image", 16 * 12),
        (Listed, "4x4 image list", 16 * 6),
        (Tokens, "7 tokens", 7 * 20),
        (Tokens, "7 tokens with mask", 7 * 20),
        (Tokens, "7 tokens with mask, 3 decoder tokens", 10 * 20),
        (Tokens, "input_ids=1x7 int64, attention_mask=1x7 bool", 7 * 20),
        (Sound, "16 samples", 4 * 20),
        (Sound, "3x16 features", 12 * 20),
        (Both, "4x4 image, 6 tokens", 4 * 20 + 6 * 20),
    ],
)
def test_every_kind_of_input_is_counted(model: type[nn.Module], text: str, macs: int) -> None:
    traced = trace(model(), text)
    assert (traced.macs, traced.incomplete, traced.batch) == (macs, "", 1)


def test_a_part_is_counted_up_to_the_first_operator_that_depends_on_the_data() -> None:
    class TwoStage(Layer):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            scores = self.layer(x)
            boxes = x[scores[:, 0] > 0.5]
            return self.layer(boxes)

    traced = trace(TwoStage(), "3x4 tensor")
    assert (traced.macs, traced.depends) == (3 * 20, "aten::index in the model")
    assert traced.incomplete == "the work depends on the data from aten::index in the model on"


def test_what_follows_and_multiplies_nothing_is_not_missing() -> None:
    class OneStage(Layer):
        def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
            scores = self.layer(x)[:, 0]
            return [x[torch.where(scores > 0.5)[0]] * 2, scores.unique()]

    traced = trace(OneStage(), "3x4 tensor")
    assert (traced.macs, traced.incomplete) == (3 * 20, "")
    assert {row.operator for row in traced.rows} == {"linear"}


@pytest.mark.parametrize("read", [lambda x: x.sum() > 0, lambda x: x.max().item() > 0])
def test_a_path_that_depends_on_the_data_is_a_part(read) -> None:
    class Branch(Layer):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.layer(x)
            return x if read(x) else self.layer(x[:, :4])

    traced = trace(Branch(), "3x4 tensor")
    assert (traced.macs, traced.depends.split()[0]) == (3 * 20, "aten::_local_scalar_dense")


def test_a_value_written_over_by_the_data_is_not_known() -> None:
    class Written(Layer):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            flags = torch.zeros(3)
            flags[:] = self.layer(x)[:, 0]
            return self.layer(x) if (flags * 2).sum().item() else x

    assert trace(Written(), "3x4 tensor").macs == 3 * 20
    assert trace(Written(), "3x4 tensor").depends


def test_an_input_that_does_not_fit_says_which_and_where() -> None:
    with pytest.raises(NotCountable) as caught:
        count(Clip(), "4x4 image")
    assert "its forward pass raised RuntimeError" in str(caught.value)
    assert "it was given 4x4 image" in str(caught.value)
    with pytest.raises(UsageError, match="expected tokens such as 512 tokens, got 'tokens'"):
        count(Tokens(), "tokens")


def test_a_persons_module_runs_where_it_is_and_a_run_is_labelled() -> None:
    class TwoStage(Layer):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.layer(x[self.layer(x)[:, 0] > -1e9])

    cost = count(TwoStage(), "3x4 tensor")
    assert (cost.macs, cost.device, cost.trace.depends) == (2 * 3 * 20, "cpu", "")
    cost = count(TwoStage(), "3x4 tensor", run=True)
    assert cost.remarks == (
        "counted on cpu, of a run on random values: other values may take other work, so it judges "
        "no claim and is not kept",
    )


def test_random_values_fit_every_table_of_the_model() -> None:
    model = Tokens()
    inputs = make_random(model, parse_input("50 tokens with mask"))
    assert int(inputs.args[0].max()) < 9
    assert bool(inputs.kwargs["attention_mask"].all())
    assert make_random(model.half(), parse_input("3x4 tensor")).args[0].dtype is torch.float16
