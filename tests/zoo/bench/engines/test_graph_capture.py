import pytest
import torch
from torch import nn

from zoo.bench.engines.graph_capture import ExportFailure, capture, root_cause
from zoo.models.inputs import Inputs


class Fixed(nn.Module):
    """Works for four images only."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(4, -1)


def test_any_batch_size_is_proven(toy_network: nn.Module, images: torch.Tensor) -> None:
    for example in (images, images[:1]):
        program = capture(toy_network, Inputs.of(example), dynamic=True)
        for batch in (1, 2, 9):
            assert program.module()(torch.zeros(batch, 3, 8, 8)).shape == (batch, 5)


def test_one_batch_size(images: torch.Tensor) -> None:
    assert capture(Fixed().eval(), Inputs.of(images), dynamic=False).module()(images).shape == (
        4,
        192,
    )
    message = (
        r"^its code does not treat every batch size alike.*; "
        r"--static writes a file for the one of --batch-size$"
    )
    with pytest.raises(ExportFailure, match=message):
        capture(Fixed().eval(), Inputs.of(images), dynamic=True)


def test_code_that_cannot_be_traced_is_named(images: torch.Tensor) -> None:
    class Broken(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("no forward today")

    with pytest.raises(
        ExportFailure, match=r"^torch\.export cannot capture it: .*no forward today"
    ):
        capture(Broken().eval(), Inputs.of(images), dynamic=False)


def test_a_graph_that_depends_on_the_data_is_not_printed(
    images: torch.Tensor, capfd: pytest.CaptureFixture[str]
) -> None:
    class Chooses(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            chosen = torch.nonzero(x > 0)
            return x if chosen.numel() == 0 else chosen

    with pytest.raises(ExportFailure, match=r"^torch.export cannot capture it: GuardOnData"):
        capture(Chooses().eval(), Inputs.of(images), dynamic=False)
    assert capfd.readouterr().err == ""


def test_the_reason_is_the_first_one_and_one_line() -> None:
    try:
        try:
            raise ValueError("\n  the bottom\nof it")
        except ValueError as error:
            raise RuntimeError("the top") from error
    except RuntimeError as error:
        assert root_cause(error) == "ValueError: the bottom"
    assert root_cause(KeyError()) == "KeyError: no reason given"
    assert len(root_cause(ValueError("x" * 999))) == 200
