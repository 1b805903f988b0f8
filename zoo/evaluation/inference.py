"""From images in a given order to what a model says of them, a batch at a time.

The loader is timm's, over a data set that never skips: an image that cannot be read travels on as a
blank one with a mark, so that nothing leaves the denominator unseen.
"""

import os
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from timm.data.loader import create_loader
from torch import nn

from zoo.evaluation.datasets.base import Images
from zoo.evaluation.predictions import TOP, Batch
from zoo.evaluation.preprocessing import Preprocessing, transform
from zoo.model_index.errors import UsageError, ZooError
from zoo.models import precision

FEW = 1024  # images
UNREAD, NOT_FINITE = "unread", "the model's outputs are not finite"
ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # of an object in memory: another one each time


class EvaluationError(ZooError):
    """The model cannot be evaluated like this."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Where and how a model runs. `device` is torch's, `precision` a key of
    `zoo.models.precision.DTYPES`, `workers` the processes that load images, None for as many as the
    images are worth."""

    device: torch.device
    precision: str = "fp32"
    batch_size: int = 64
    workers: int | None = None

    @property
    def dtype(self) -> torch.dtype:
        return precision.DTYPES[self.precision]

    def autocast(self) -> AbstractContextManager:
        """Mixed precision, where it was asked for."""
        return precision.autocast(self.device.type, self.precision)

    def prepare(self, model: nn.Module) -> nn.Module:
        """The model on the device in its precision."""
        precision.allow_tf32(self.precision)
        return model.to(self.device, self.dtype).eval()


def select_device(name: str, local: int = 0) -> torch.device:
    """`cpu`, `cuda`, `cuda:1`, `mps`; a bare `cuda` is the one of this process.

    Raises:
        UsageError: torch knows no such device, or this machine has none.
    """
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UsageError(f"--device {name}: {str(error).splitlines()[0]}") from error
    have: dict[str, Callable[[], bool]] = {
        "cuda": torch.cuda.is_available,
        "mps": torch.backends.mps.is_available,
        "cpu": lambda: True,
    }
    if not have.get(device.type, lambda: False)():
        raise UsageError(
            f"--device {name}: this machine has none, or torch {torch.__version__} does not see it"
        )
    if device.type == "cuda" and device.index is None:
        return torch.device("cuda", local)
    return device


class OrderedImages(torch.utils.data.Dataset):
    """The images at `indexes`, each as (tensor, index), or (blank, -1 - index) where it cannot be
    read."""

    def __init__(self, images: Images, indexes: Sequence[int] | np.ndarray, pre: Preprocessing):
        self.images, self.indexes, self.mode = images, indexes, pre.mode
        self.blank = pre.input_size[1:]
        self.transform = transform(pre)

    def __len__(self) -> int:
        return len(self.indexes)

    def __getitem__(self, row: int) -> tuple[torch.Tensor, int]:
        index = int(self.indexes[row])
        try:
            return self.transform(decode_image(self.images, index, self.mode)), index
        except Exception:  # decoders raise whatever they like; `reason` says what it was
            return self.transform(Image.new(self.mode, self.blank[::-1])), -1 - index


def decode_image(images: Images, index: int, mode: str) -> Image.Image:
    """Image `index` with all its pixels, in PIL's `mode`."""
    opened = images.open(index)
    if isinstance(opened, Image.Image):
        return opened.convert(mode)
    with opened, Image.open(opened) as image:
        if image.mode == "P" and isinstance(image.info.get("transparency"), bytes):
            return image.convert("RGBA").convert(
                mode
            )  # the same colours, without a warning that it should go this way
        return image.convert(mode)


def reason(images: Images, index: int, mode: str) -> str:
    """Why an image cannot be read."""
    try:
        decode_image(images, index, mode)
    except Exception as error:
        return ADDRESS.sub("", f"{type(error).__name__}: {error}".splitlines()[0])[:200]
    return "it could not be read at first, and can be now"


def _in_worker(info: "torch.utils.data._utils.worker.WorkerInfo") -> int:
    """Loader processes leave an interruption to their parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return info.seed


def _workers(images: int) -> int:
    """None for few images, which are loaded sooner than processes start; else one a core, four at
    most."""
    return 0 if images <= FEW else min(4, os.cpu_count() or 1)


def load_batches(images: Images, indexes: np.ndarray, pre: Preprocessing, setup: Setup) -> Iterator:
    """timm's loader: ((batch, channels, height, width) normalised on the device, (batch,) marked
    indexes)."""
    data = OrderedImages(images, indexes, pre)
    ours = data.transform
    made = create_loader(
        data,  # type: ignore[arg-type]
        input_size=pre.input_size,
        batch_size=setup.batch_size,
        interpolation=pre.interpolation,
        mean=pre.mean,
        std=pre.std,
        crop_pct=pre.crop_pct,
        crop_mode=pre.crop_mode,
        num_workers=_workers(len(indexes)) if setup.workers is None else setup.workers,
        pin_memory=setup.device.type == "cuda",
        device=setup.device,
        img_dtype=setup.dtype,
        worker_seeding=_in_worker,  # type: ignore[arg-type]
        persistent_workers=False,
    )
    data.transform = ours  # timm's loader puts its own there, which resizes on PIL images only
    return iter(made)


def _classes(outputs: Sequence[object]) -> object:
    """The outputs of classes among several, such as those of auxiliary heads; all have to have as
    many classes.

    Raises:
        EvaluationError: they have not, and nothing says which are meant.
    """
    found = [each for each in outputs if isinstance(each, torch.Tensor) and each.ndim == 2]
    widths = sorted({each.shape[1] for each in found})
    if len(widths) > 1:
        raise EvaluationError(
            f"the model gives several outputs, of {' and '.join(map(str, widths))} columns"
        )
    return found[0] if found else outputs[0] if outputs else None


class Scorer:
    """What a model says of a batch of inputs: the best outputs, their scores and that of the right
    ones.

    `answers` is (images, most right outputs of one), padded with -1; `subset` are the outputs that
    compete.
    """

    def __init__(
        self, model: nn.Module, setup: Setup, answers: np.ndarray, subset: tuple[int, ...] | None
    ):
        self.model, self.setup = model, setup
        self.answers = torch.from_numpy(answers).to(setup.device)
        self.subset = torch.tensor(subset, device=setup.device) if subset else None

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        """(batch, outputs) in float32.

        Raises: EvaluationError: the model's output is something else, the batch does not fit, or
            the model raises.
        """
        try:
            with torch.inference_mode(), self.setup.autocast():
                found = self.model(inputs)
        except torch.OutOfMemoryError as error:
            size = f"a batch of {len(inputs)} does not fit into the memory of {self.setup.device}"
            raise UsageError(f"{size}; --batch-size names another") from error
        except Exception as error:
            raise EvaluationError(f"{type(error).__name__}: {error}") from error
        if isinstance(found, (tuple, list)):
            found = _classes(found)
        if not isinstance(found, torch.Tensor) or found.ndim != 2:
            shape = tuple(found.shape) if isinstance(found, torch.Tensor) else type(found).__name__
            raise EvaluationError(f"the model's output is {shape}, not (batch, classes)")
        return found.float()

    @torch.inference_mode()
    def batch(
        self, inputs: torch.Tensor, marked: torch.Tensor, positions: np.ndarray, images: np.ndarray
    ) -> Batch:
        """Everything that is kept of one batch; rows that could not be read have no prediction yet
        a place."""
        logits = self.logits(inputs)
        if self.subset is not None:
            competing = torch.full_like(logits, -torch.inf)
            competing[:, self.subset] = logits[:, self.subset]
            logits = competing
        competitors = logits.shape[1] if self.subset is None else len(self.subset)
        # The ranks are those of the outputs: scores of far outputs round to the same number.
        top = logits.topk(min(TOP, competitors), dim=1).indices
        scores = logits.softmax(1)
        score = scores.gather(1, top)
        right = self.answers[torch.from_numpy(images).to(self.answers.device)]
        own = scores.gather(1, right.clamp(min=0)).masked_fill(right < 0, -1).amax(1)
        own = own.masked_fill(own < 0, torch.nan)
        broken = ~torch.isfinite(score).all(1)
        best, values, mine, bad, seen = (
            each.cpu().numpy() for each in (top, score, own, broken, marked)
        )
        faults = {int(row): UNREAD for row in np.flatnonzero(seen < 0)}
        faults |= {int(row): NOT_FINITE for row in np.flatnonzero(bad & (seen >= 0))}
        for row in faults:
            best[row], values[row], mine[row] = -1, 0, np.nan
        return Batch(positions, images, best, values, mine, faults)
