"""Load images in a given order and run the model on them, batch by batch.

The loader is timm's, over a data set that never skips an image: one that cannot be read becomes a
blank image with a mark, so that it still counts in the denominator.
"""

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
from zoo.evaluation.datasets.pictures import open_picture
from zoo.evaluation.predictions import TOP, Batch
from zoo.evaluation.preprocessing import Preprocessing, transform
from zoo.model_index.errors import UsageError, ZooError
from zoo.models import precision
from zoo.models.control_groups import usable_cpus

FEW = 1024  # images: so many are loaded sooner than loader processes start
UNREAD, NOT_FINITE = "unread", "the model's outputs are not finite"
EXPECTED = "not (batch, classes)"
Batches = Iterator[tuple[torch.Tensor, torch.Tensor]]
ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # of an object in memory: it differs in each run


class EvaluationError(ZooError):
    """The model cannot run on these images, or its output is not one row of classes an image."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Where and how a model runs.

    precision  a key of `zoo.models.precision.DTYPES`
    workers    processes that load images; None: chosen by the number of images
    """

    device: torch.device
    precision: str = "fp32"
    batch_size: int = 64
    workers: int | None = None

    @property
    def dtype(self) -> torch.dtype:
        return precision.DTYPES[self.precision]

    def autocast(self) -> AbstractContextManager[object]:
        """Return a context of mixed precision if `precision` asks for it."""
        return precision.autocast(self.device.type, self.precision)

    def prepare(self, model: nn.Module) -> nn.Module:
        """Move the model to the device and convert it to the precision."""
        precision.allow_tf32(self.precision)
        return model.to(self.device, self.dtype).eval()


def select_device(name: str, local: int = 0) -> torch.device:
    """Return torch's device for `cpu`, `cuda`, `cuda:1` or `mps`.

    `cuda` without an index is device `local`, the one of this process.

    Raises:
        UsageError: torch knows no such device, or this machine has none.
    """
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UsageError(f"--device {name}: {str(error).splitlines()[0]}") from error
    available: dict[str, Callable[[], bool]] = {
        "cuda": torch.cuda.is_available,
        "mps": torch.backends.mps.is_available,
        "cpu": lambda: True,
    }
    if not available.get(device.type, lambda: False)():
        raise UsageError(
            f"--device {name}: not on this machine, or not visible to torch {torch.__version__}"
        )
    if device.type == "cuda" and device.index is None:
        return torch.device("cuda", local)
    return device


class OrderedImages(torch.utils.data.Dataset[tuple[torch.Tensor, int]]):
    """Data set of the images at `indexes`.

    An item is (tensor, index), or (tensor of a blank image, -1 - index) if it cannot be read.
    """

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
        except Exception:  # decoders raise errors of many types; `read_error` reports it
            return self.transform(Image.new(self.mode, self.blank[::-1])), -1 - index


def decode_image(images: Images, index: int, mode: str) -> Image.Image:
    """Decode all pixels of image `index`, in PIL's `mode`."""
    handle = images.open(index)
    if isinstance(handle, Image.Image):
        return handle.convert(mode)
    with handle, open_picture(handle) as image:
        if image.mode == "P" and isinstance(image.info.get("transparency"), bytes):
            # The same colours as by a direct conversion, without Pillow's warning.
            return image.convert("RGBA").convert(mode)
        return image.convert(mode)


def read_error(images: Images, index: int, mode: str) -> str:
    """Read an image again and return the error that it raises."""
    try:
        decode_image(images, index, mode)
    except Exception as error:
        return ADDRESS.sub("", f"{type(error).__name__}: {error}".splitlines()[0])[:200]
    return "the first read failed, a second one succeeded"


def _ignore_interrupts(info: "torch.utils.data._utils.worker.WorkerInfo") -> int:
    """Let the parent process alone handle Ctrl-C; return the worker's seed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return info.seed


def _count_workers(images: int) -> int:
    """Number of loader processes: 0 for few images, else one a usable CPU, four at most."""
    return 0 if images <= FEW else min(4, usable_cpus())


def load_batches(images: Images, indexes: np.ndarray, pre: Preprocessing, setup: Setup) -> Batches:
    """Load batches with timm's loader.

    Yields ((batch, channels, height, width) normalised on the device, (batch,) marked indexes).
    """
    data = OrderedImages(images, indexes, pre)
    transformation = data.transform
    batches = create_loader(
        data,  # type: ignore[arg-type]
        input_size=pre.input_size,
        batch_size=setup.batch_size,
        interpolation=pre.interpolation,
        mean=pre.mean,
        std=pre.std,
        crop_pct=pre.crop_pct,
        crop_mode=pre.crop_mode,
        num_workers=_count_workers(len(indexes)) if setup.workers is None else setup.workers,
        pin_memory=setup.device.type == "cuda",
        device=setup.device,
        img_dtype=setup.dtype,
        worker_seeding=_ignore_interrupts,  # type: ignore[arg-type]
        persistent_workers=False,
    )
    # timm's loader replaces it by its own, which resizes PIL images only.
    data.transform = transformation
    return iter(batches)


def _class_outputs(outputs: Sequence[object]) -> object:
    """Choose the class outputs among several, such as those of auxiliary heads.

    Raises:
        EvaluationError: they have different numbers of classes.
    """
    tables = [item for item in outputs if isinstance(item, torch.Tensor) and item.ndim == 2]
    widths = sorted({table.shape[1] for table in tables})
    if len(widths) > 1:
        columns = " and ".join(map(str, widths))
        raise EvaluationError(f"the model has several outputs, of {columns} columns")
    return tables[0] if tables else outputs[0] if outputs else None


class Scorer:
    """Runs a model on batches and ranks its outputs.

    answers  (images, width): the right outputs of each image, padded with -2
    subset   the outputs that compete; None: all
    """

    def __init__(
        self, model: nn.Module, setup: Setup, answers: np.ndarray, subset: tuple[int, ...] | None
    ):
        self.model, self.setup = model, setup
        self.answers = torch.from_numpy(answers).to(setup.device)
        self.subset = torch.tensor(subset, device=setup.device) if subset else None

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the outputs as (batch, outputs) in float32.

        Raises:
            UsageError: the batch does not fit into the device's memory.
            EvaluationError: the model raises, or its output has another shape.
        """
        try:
            with torch.inference_mode(), self.setup.autocast():
                output = self.model(inputs)
        except torch.OutOfMemoryError as error:
            size = f"a batch of {len(inputs)} does not fit into the memory of {self.setup.device}"
            raise UsageError(f"{size}; choose a smaller --batch-size") from error
        except Exception as error:
            raise EvaluationError(f"{type(error).__name__}: {error}") from error
        if isinstance(output, (tuple, list)):
            output = _class_outputs(output)
        if not isinstance(output, torch.Tensor):
            raise EvaluationError(f"the model's output is {type(output).__name__}, {EXPECTED}")
        if output.ndim != 2:
            raise EvaluationError(f"the model's output is {tuple(output.shape)}, {EXPECTED}")
        return output.float()

    @torch.inference_mode()
    def batch(
        self, inputs: torch.Tensor, marked: torch.Tensor, positions: np.ndarray, images: np.ndarray
    ) -> Batch:
        """Predict one batch; rows that could not be read keep their place without a prediction."""
        logits = self.logits(inputs)
        if self.subset is not None:
            competing = torch.full_like(logits, -torch.inf)
            competing[:, self.subset] = logits[:, self.subset]
            logits = competing
        competitors = logits.shape[1] if self.subset is None else len(self.subset)
        # Ranks are those of the outputs: the scores of low outputs round to the same number.
        top = logits.topk(min(TOP, competitors), dim=1).indices
        scores = logits.softmax(1)
        top_scores = scores.gather(1, top)
        right = self.answers[torch.from_numpy(images).to(self.answers.device)]
        right_scores = scores.gather(1, right.clamp(min=0)).masked_fill(right < 0, -1).amax(1)
        right_scores = right_scores.masked_fill(right_scores < 0, torch.nan)
        broken = (~torch.isfinite(top_scores).all(1)).cpu().numpy()
        unread = marked.cpu().numpy() < 0
        faults = {int(row): UNREAD for row in np.flatnonzero(unread)}
        faults |= {int(row): NOT_FINITE for row in np.flatnonzero(broken & ~unread)}
        batch = Batch(
            positions=positions,
            images=images,
            top=top.cpu().numpy(),
            score=top_scores.cpu().numpy(),
            right_score=right_scores.cpu().numpy(),
            faults=faults,
        )
        for row in faults:
            batch.top[row], batch.score[row], batch.right_score[row] = -1, 0, np.nan
        return batch
