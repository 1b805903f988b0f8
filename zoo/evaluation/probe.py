"""Probe whether an accuracy is a property of a model and its images at all.

It is none where the outputs for an image depend on the other images of its batch (a norm that has
no running statistics normalises by the batch), or on chance (dropout that is on in evaluation). A
few images, run again in another composition, show it.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from zoo.evaluation.datasets.base import Images
from zoo.evaluation.inference import EvaluationError, Scorer, Setup, load_batches
from zoo.evaluation.loop import pad_answers
from zoo.evaluation.preprocessing import Preprocessing
from zoo.models.precision import DTYPES

FEW = 8  # images that are run
# How far outputs may be apart, of the largest output, by the rounding of other batch sizes.
TOLERANCES = {torch.float32: 1e-3, torch.float16: 2e-2, torch.bfloat16: 1e-1}
DRAWS = "two runs of the model on the same batch differ: it draws random numbers in evaluation"
DEPENDS = "the outputs for an image depend on the other images of its batch"


def find_variation(
    model: nn.Module, images: Images, pre: Preprocessing, setup: Setup, answers: int
) -> str:
    """Say what else than an image its outputs depend on; empty where nothing was found.

    `answers` is the number of images. The model is left as it was.
    """
    few = np.arange(min(FEW, answers))
    scorer = Scorer(model, setup, pad_answers([()]), None)
    try:
        inputs, _ = next(load_batches(images, few, pre, replace(setup, batch_size=FEW, workers=0)))
        first = scorer.logits(inputs)
        if _differ(first, scorer.logits(inputs), setup):
            return DRAWS
        alone = scorer.logits(inputs[:1])
        turned = scorer.logits(inputs.flip(0)).flip(0)
    except (EvaluationError, StopIteration):
        return ""  # the evaluation itself meets the same error, and says so
    if _differ(first[:1], alone, setup) or _differ(first, turned, setup):
        return DEPENDS + _name_norm(model)
    return ""


def _differ(outputs: torch.Tensor, again: torch.Tensor, setup: Setup) -> bool:
    tolerance = TOLERANCES.get(DTYPES[setup.precision], max(TOLERANCES.values()))
    if setup.precision not in ("fp32", "fp16", "bf16"):
        tolerance = max(TOLERANCES.values())  # mixed precision and TF32
    gap = (outputs - again).abs().amax()
    return bool(gap > tolerance * outputs.abs().amax().clamp(min=1e-6))


def _name_norm(model: nn.Module) -> str:
    """Name the first norm that normalises by the batch in evaluation."""
    for name, module in model.named_modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and (
            module.running_mean is None or module.training
        ):
            return f" ({name} normalises by the batch)"
    return ""
