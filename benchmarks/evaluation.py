"""Images a second of `zoo eval`, beside the bare model and beside a loop such as timm's
`validate.py`.

First on tensors that are there already: what counting, keeping predictions and watching cost over
the model's own forward pass, with the same batch and threads. Then on a folder of JPEGs that is
made for it: the whole way from files to accuracies, against a loop over timm's own data set and
loader with the meters that such loops have. The two sides take turns within each round, and medians
of the rounds' ratios are printed.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import numpy as np
import timm
import torch
from PIL import Image
from timm.data import create_dataset, create_loader
from timm.utils import AverageMeter, accuracy
from torch import nn

from zoo.evaluation.datasets import find
from zoo.evaluation.inference import Setup, load_batches
from zoo.evaluation.labels.targets import build_targets
from zoo.evaluation.loop import EvaluationLoop, draw_order
from zoo.evaluation.predictions import Predictions
from zoo.evaluation.preprocessing import Preprocessing

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BAR_FORWARD, BAR_PEER = 0.95, 1.0
CLASSES = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="resnet18")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--images", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    pre = Preprocessing(
        input_size=(3, 224, 224),
        crop_pct=0.875,
        crop_mode="center",
        interpolation="bicubic",
        mean=MEAN,
        std=STD,
    )
    setup = Setup(torch.device("cpu"), "fp32", options.batch_size, options.workers)
    model = setup.prepare(timm.create_model(options.model, num_classes=CLASSES))
    with tempfile.TemporaryDirectory() as name:
        folder = photographs(Path(name) / "images", options.images)
        images = find(str(folder))

        def ours(load: Callable = load_batches) -> None:
            """A whole evaluation, predictions and all."""
            with tempfile.TemporaryDirectory(dir=name) as store:
                targets = build_targets(images, CLASSES)
                path = Path(store) / "cell.parquet"
                predictions = Predictions(path, images.names, targets.answers)
                loop = EvaluationLoop(
                    model=model,
                    images=images,
                    targets=targets,
                    order=draw_order(len(images), targets.excluded, 0),
                    pre=pre,
                    setup=setup,
                    outputs=CLASSES,
                    predictions=predictions,
                    load=load,
                )
                loop.evaluate(loop.tally())

        tensors = made(options.images, options.batch_size)
        compare(
            "on tensors, over the bare forward pass",
            options,
            BAR_FORWARD,
            lambda: ours(lambda *_: iter(tensors)),
            lambda: forward(model, tensors),
        )
        compare(
            "on JPEGs, over a validation loop with timm's loader",
            options,
            BAR_PEER,
            ours,
            lambda: validate(model, folder, options.batch_size, options.workers),
        )


def compare(
    what: str,
    options: argparse.Namespace,
    bar: float,
    ours: Callable[[], None],
    peer: Callable[[], None],
) -> None:
    """Both in turn, one round not counted; images a second of ours over the peer's."""
    rates: list[tuple[float, float]] = []
    for number in range(options.rounds + 1):
        pair = [
            options.images / timed(run) for run in ((ours, peer) if number % 2 else (peer, ours))
        ]
        if number:
            rates.append((pair[0], pair[1]) if number % 2 else (pair[1], pair[0]))
    ratios = sorted(mine / other for mine, other in rates)
    verdict = "reached" if median(ratios) >= bar else "missed"
    print(
        f"{options.model}, batch {options.batch_size}: {what}: {median(ratios):.3f}x (rounds "
        f"{ratios[0]:.3f} to "
        f"{ratios[-1]:.3f}); {median(a for a, _ in rates):.1f} and "
        f"{median(b for _, b in rates):.1f} images/s; "
        f"bar {bar}x {verdict}"
    )


def timed(run: Callable[[], None]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def made(images: int, batch_size: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Normalised inputs with their numbers, as a loader gives them."""
    numbers = torch.arange(images).split(batch_size)
    generator = torch.Generator().manual_seed(0)
    return [(torch.randn(len(each), 3, 224, 224, generator=generator), each) for each in numbers]


@torch.inference_mode()
def forward(model: nn.Module, tensors: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
    for inputs, _ in tensors:
        model(inputs)


@torch.inference_mode()
def validate(model: nn.Module, folder: Path, batch_size: int, workers: int) -> None:
    """A validation loop: timm's data set and prefetching loader, loss and accuracies averaged batch
    by batch."""
    data = create_dataset("", root=str(folder))
    batches: Iterator = create_loader(
        data,
        input_size=(3, 224, 224),
        batch_size=batch_size,
        interpolation="bicubic",
        mean=MEAN,
        std=STD,
        num_workers=workers,
        crop_pct=0.875,
        device=torch.device("cpu"),
        use_prefetcher=True,
    )
    criterion = nn.CrossEntropyLoss()
    losses, top1, top5, took = (AverageMeter() for _ in range(4))
    end = time.time()
    for inputs, target in batches:
        output = model(inputs)
        losses.update(criterion(output, target).item(), len(inputs))
        first, fifth = accuracy(output.detach(), target, topk=(1, 5))
        top1.update(first.item(), len(inputs))
        top5.update(fifth.item(), len(inputs))
        took.update(time.time() - end)
        end = time.time()


def photographs(folder: Path, count: int) -> Path:
    """A folder of JPEGs in classes, 500 by 375 pixels of smooth noise, which compress about as
    photographs do."""
    random = np.random.default_rng(0)
    for number in range(count):
        place = folder / f"class{number % CLASSES}"
        place.mkdir(parents=True, exist_ok=True)
        small = Image.fromarray(random.integers(0, 256, (47, 63, 3), dtype=np.uint8))
        small.resize((500, 375), Image.Resampling.BICUBIC).save(
            place / f"{number:05d}.jpg", quality=90
        )
    return folder


if __name__ == "__main__":
    main()
