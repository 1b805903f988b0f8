"""The order, the counts, and outputs that compete."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from zoo.evaluation.datasets.base import Images
from zoo.evaluation.distributed import Ranks
from zoo.evaluation.inference import EvaluationError, Scorer, Setup, decode_image
from zoo.evaluation.loop import NO_ANSWER, EvaluationLoop, Tally, draw_order, pad_answers
from zoo.evaluation.predictions import Batch

CPU = Setup(torch.device("cpu"))


class Fixed(nn.Module):
    """A model that returns these outputs for any input."""

    def __init__(self, outputs: object):
        super().__init__()
        self.outputs = outputs

    def forward(self, x: torch.Tensor) -> object:
        return self.outputs


def batch(top: list[list[int]], faults: dict[int, str] | None = None) -> Batch:
    count = np.arange(len(top))
    return Batch(
        positions=count,
        images=count,
        top=np.array(top),
        score=np.ones((len(top), len(top[0]))),
        right_score=np.ones(len(top)),
        faults=faults or {},
    )


def test_the_order_is_the_seeds_and_leaves_out_what_is_excluded() -> None:
    assert (draw_order(100, frozenset(), 3) == draw_order(100, frozenset(), 3)).all()
    assert (draw_order(100, frozenset(), 3) != draw_order(100, frozenset(), 4)).any()
    assert sorted(draw_order(10, frozenset({2, 7}), 0)) == [0, 1, 3, 4, 5, 6, 8, 9]


def test_of_several_right_outputs_any_is_right() -> None:
    tally = Tally(answers=pad_answers([(1, 2), (3,), ()]), classes=5)
    tally.add(batch([[2, 0], [0, 3], [4, 1]]))
    assert (tally.seen, tally.top1, tally.top5, tally.mean_per_class) == (3, 1, 2, None)


def test_the_mean_of_the_classes_weighs_them_alike() -> None:
    tally = Tally(answers=pad_answers([(0,), (0,), (0,), (1,)]), classes=3)
    tally.add(batch([[0], [0], [1], [1]]))
    assert (tally.top1, tally.mean_per_class) == (3, pytest.approx((2 / 3 + 1) / 2))


def test_a_row_without_a_prediction_is_seen_and_wrong_even_without_an_answer() -> None:
    tally = Tally(answers=pad_answers([(0,), ()]), classes=3)
    tally.add(batch([[-1, -1], [-1, -1]], {0: "torn", 1: "torn"}))
    assert (tally.seen, tally.top1, tally.top5, tally.faults) == (2, 0, 0, {0: "torn", 1: "torn"})


def predict(
    outputs: object, answers: list[tuple[int, ...]], subset: tuple[int, ...] | None = None
) -> Batch:
    count = len(answers)
    scorer = Scorer(Fixed(outputs), CPU, pad_answers(answers), subset)
    return scorer.batch(
        torch.zeros(count, 1, 2, 2), torch.arange(count), np.arange(count), np.arange(count)
    )


def test_only_outputs_of_the_subset_compete() -> None:
    outputs = torch.tensor([[9.0, 1.0, 2.0, 0.0]])
    assert predict(outputs, [(2,)]).top.tolist() == [[0, 2, 1, 3]]
    subset = predict(outputs, [(2,)], (1, 2))
    assert subset.top.tolist() == [[2, 1]]
    assert subset.score.sum() == pytest.approx(1)
    assert subset.right_score[0] == pytest.approx(torch.tensor([1.0, 2.0]).softmax(0)[1].item())


def test_the_score_of_the_right_output_is_the_best_of_them() -> None:
    result = predict(torch.tensor([[1.0, 3.0, 2.0], [0.0, 0.0, 9.0]]), [(0, 2), ()])
    assert result.right_score[0] == pytest.approx(
        torch.tensor([1.0, 3.0, 2.0]).softmax(0)[2].item()
    )
    assert np.isnan(result.right_score[1])


def test_outputs_that_are_no_classes_are_refused() -> None:
    with pytest.raises(
        EvaluationError, match=r"^the model's output is \(1, 3, 2, 2\), not \(batch, classes\)$"
    ):
        predict(torch.zeros(1, 3, 2, 2), [(0,)])
    with pytest.raises(EvaluationError, match=r"^the model's output is dict, not "):
        predict({"logits": 1}, [(0,)])
    assert predict((torch.tensor([[0.0, 1.0]]), "auxiliary"), [(1,)]).top.tolist() == [[1, 0]]


def test_padding_is_no_output() -> None:
    assert pad_answers([(1,), (2, 3)]).tolist() == [[1, NO_ANSWER], [2, 3]]
    assert NO_ANSWER not in range(-1, 10)


class Failing(Ranks):
    """Two processes, of which the other one fails to evaluate its batch."""

    def gather(self, value: object) -> list:
        return [value, EvaluationError("boom")]


def test_an_error_of_one_process_is_raised_in_all() -> None:
    loop = EvaluationLoop.__new__(EvaluationLoop)
    object.__setattr__(loop, "ranks", Failing(0, 2))
    object.__setattr__(loop, "_evaluate_batches", lambda numbers, answers: iter([batch([[0]])]))
    fresh = loop._fresh([0, 1], pad_answers([(0,)]))
    assert next(fresh).top.tolist() == [[0]]
    with pytest.raises(EvaluationError, match=r"^boom$"):
        next(fresh)


def test_ranks_are_those_of_the_outputs_where_scores_are_equal() -> None:
    outputs = torch.tensor([[150.0, 20, 5, 10, 15, 25, 30, 0, 0, 0]])
    assert predict(outputs, [(0,)]).top.tolist() == [[0, 6, 5, 1, 4]]


def test_of_several_outputs_all_have_to_name_as_many_classes() -> None:
    two = (torch.zeros(1, 12), torch.zeros(1, 10))
    with pytest.raises(
        EvaluationError, match=r"^the model has several outputs, of 10 and 12 columns$"
    ):
        predict(two, [(0,)])


def test_a_palette_with_transparency_is_read_without_a_warning() -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 200, 100, 50])
    file = io.BytesIO()
    image.save(file, "PNG", transparency=bytes([0, 128]))
    file.seek(0)
    images = Images(
        dataset="a",
        split=None,
        where="a",
        names=["a.png"],
        labels=[0],
        opener=lambda index: file,
    )
    assert decode_image(images, 0, "RGB").getpixel((0, 0)) == (200, 100, 50)
