"""Train the weights that ship with the embedded index: `python -m zoo.examples.train_digits
--output FILE`.

The recipe was chosen on the last 200 images of the train split (`--hold-out 200` trains without
them and prints their accuracy). The test split is used once, when the weights are written.
"""

import argparse
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo.evaluation.datasets.base import Images
from zoo.evaluation.datasets.builtin import digits
from zoo.examples.digits import SETTINGS, DigitsCNN

SCRIPT = "python -m zoo.examples.train_digits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The training recipe: AdamW, with a learning rate that falls from `rate` to 0 along half a
    cosine.

    Each image is moved and turned at random, by at most `shift` pixels in each direction and
    `angle` radians.
    """

    seed: int = 0
    epochs: int = 60
    batch: int = 50
    rate: float = 2e-3
    decay: float = 0.01
    shift: float = 0.5
    angle: float = 0.15


def tensors(images: Images) -> tuple[Tensor, Tensor]:
    """Return images (n, 1, 8, 8) as float32 after the network's own normalisation, and labels (n)
    as int64."""
    pixels = np.stack([np.asarray(images.open(index)) for index in range(len(images))])
    scaled = torch.from_numpy(pixels).unsqueeze(1).float() / 255
    return (scaled - SETTINGS["mean"][0]) / SETTINGS["std"][0], torch.tensor(images.labels)


def augment(x: Tensor, recipe: Recipe) -> Tensor:
    """Move and turn each image of the batch (n, 1, height, width) at random, and fill with
    paper."""
    n, _, height, width = x.shape
    angle = (torch.rand(n) * 2 - 1) * recipe.angle
    moved = (torch.rand(n, 2) * 2 - 1) * recipe.shift * 2 / torch.tensor([width, height])
    cos, sin = angle.cos(), angle.sin()
    rows = [torch.stack([cos, -sin, moved[:, 0]], 1), torch.stack([sin, cos, moved[:, 1]], 1)]
    grid = functional.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    return functional.grid_sample(x + 1, grid, align_corners=False) - 1  # paper is -1 and padding 0


def train(x: Tensor, y: Tensor, recipe: Recipe) -> DigitsCNN:
    """Train the network on images (n, 1, 8, 8) and labels (n); the weights are the same each time
    on the same machine."""
    torch.manual_seed(recipe.seed)
    model = DigitsCNN().train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    steps = recipe.epochs * -(-len(x) // recipe.batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(recipe.epochs):
        batches = torch.randperm(len(x)).split(recipe.batch)
        for chosen in batches:
            loss = functional.cross_entropy(model(augment(x[chosen], recipe)), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return model.eval()


@torch.inference_mode()
def accuracy(model: nn.Module, x: Tensor, y: Tensor, k: int = 1) -> float:
    """Return the share of images whose label is among the k largest outputs, in percent."""
    right = (model(x).topk(k).indices == y[:, None]).any(1)
    return 100 * int(right.sum()) / len(y)


def write(model: nn.Module, recipe: Recipe, path: Path) -> None:
    """Write the weights as safetensors; the metadata name the script, recipe and versions."""
    from safetensors.torch import save

    versions = {name: metadata.version(name) for name in ("torch", "scikit-learn", "numpy")}
    notes = {"script": SCRIPT} | asdict(recipe) | versions
    path.write_bytes(save(model.state_dict(), {key: str(value) for key, value in notes.items()}))


def set_deterministic() -> None:
    """Use one thread and no operator whose result depends on the order in which threads finish."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog=SCRIPT, description="Train a small network on scikit-learn's digits."
    )
    parser.add_argument("--output", type=Path, required=True, help="the safetensors file to write")
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument(
        "--hold-out", type=int, default=0, metavar="N", help="judge by the last N images of train"
    )
    options = parser.parse_args(arguments)
    set_deterministic()
    recipe = Recipe(seed=options.seed, epochs=options.epochs)
    x, y = tensors(digits("train"))
    cut = len(x) - options.hold_out
    judged = (
        ("held out", x[cut:], y[cut:]) if options.hold_out else ("test", *tensors(digits("test")))
    )
    model = train(x[:cut], y[:cut], recipe)
    write(model, recipe, options.output)
    for name, images, labels in (("train", x[:cut], y[:cut]), judged):
        shares = [accuracy(model, images, labels, k) for k in (1, 5)]
        print(f"{name}: top-1 {shares[0]:.2f}%, top-5 {shares[1]:.2f}% of {len(labels):,} images")


if __name__ == "__main__":
    main()
