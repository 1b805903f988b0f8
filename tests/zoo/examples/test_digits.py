"""The weights that ship are those of the network, of the script and of the claims."""

import math

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from zoo.evaluation.datasets.builtin import digits
from zoo.examples import train_digits
from zoo.examples.digits import DigitsCNN
from zoo.model_index.load import DATA, load

WEIGHTS = DATA / "digits_cnn.safetensors"


@pytest.fixture(scope="module")
def shipped() -> DigitsCNN:
    model = DigitsCNN().eval()
    model.load_state_dict(load_file(WEIGHTS), strict=True)
    return model


def test_ten_logits_an_image(shipped: DigitsCNN) -> None:
    assert shipped(torch.zeros(3, 1, 8, 8)).shape == (3, 10)


def test_the_shipped_weights_are_small_and_named_by_the_index() -> None:
    (entry,) = load().select(["digits_cnn"])
    claims = {claim.quantity: claim.value for claim in entry.claims}
    assert claims["file_size"] == WEIGHTS.stat().st_size < 200_000
    assert claims["parameters"] == sum(p.numel() for p in DigitsCNN().parameters()) < 50_000


@pytest.mark.parametrize(("label", "k"), [("Top 1 Accuracy", 1), ("Top 5 Accuracy", 5)])
def test_the_shipped_weights_have_the_accuracy_that_the_index_claims(
    shipped: DigitsCNN, label: str, k: int
) -> None:
    (entry,) = load().select(["digits_cnn"])
    (claim,) = [claim for claim in entry.claims if claim.label == label]
    assert (
        claim.raw
        == f"{train_digits.accuracy(shipped, *train_digits.tensors(digits('test')), k):.2f}%"
    )


def test_the_weights_say_where_they_are_from() -> None:
    with safe_open(WEIGHTS, "pt") as file:
        notes = file.metadata()
    assert notes["script"] == "python -m zoo.examples.train_digits"
    recipe = train_digits.Recipe()
    assert {key: notes[key] for key in ("seed", "epochs", "batch", "rate")} == {
        "seed": str(recipe.seed),
        "epochs": str(recipe.epochs),
        "batch": str(recipe.batch),
        "rate": str(recipe.rate),
    }
    assert {"torch", "scikit-learn", "numpy"} < set(notes)


def test_the_index_states_the_recipe() -> None:
    (entry,) = load().select(["digits_cnn"])
    recipe = train_digits.Recipe()
    stated = {
        key: float(str(entry.metadata[key]))
        for key in ("LR", "Epochs", "Batch Size", "Weight Decay")
    }
    assert stated == {
        "LR": recipe.rate,
        "Epochs": recipe.epochs,
        "Batch Size": recipe.batch,
        "Weight Decay": recipe.decay,
    }


def test_the_tensors_are_those_of_timms_pipeline() -> None:
    from timm.data import create_transform, resolve_data_config

    images = digits("train")
    settings = resolve_data_config(pretrained_cfg=DigitsCNN.pretrained_cfg)
    transform = create_transform(**settings)
    x, y = train_digits.tensors(images)
    assert (x.shape, y.shape) == ((1000, 1, 8, 8), (1000,))
    for index in (0, 500, 999):
        assert torch.equal(x[index], transform(images.open(index)))
    assert (float(x.min()), float(x.max())) == (-1, 1)


def test_an_augmented_image_keeps_its_paper_and_its_ink() -> None:
    recipe = train_digits.Recipe(shift=0, angle=0)
    x = torch.rand(4, 1, 8, 8) * 2 - 1
    assert torch.allclose(train_digits.augment(x, recipe), x, atol=1e-5)
    paper = torch.full((4, 1, 8, 8), -1.0)
    assert torch.allclose(
        train_digits.augment(paper, train_digits.Recipe(shift=3, angle=math.pi)), paper
    )


@pytest.fixture
def as_before():
    """The script's settings of torch are for a process of its own."""
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(strict)


@pytest.mark.usefixtures("as_before")
def test_training_twice_gives_the_same_weights(
    tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = []
    for name in ("one", "two"):
        train_digits.main(["--output", str(tmp_path / name), "--epochs", "1", "--seed", "3"])
        made.append((capsys.readouterr().out, load_file(tmp_path / name)))
    (printed, one), (again, two) = made
    assert printed == again
    assert [line.partition(":")[0] for line in printed.splitlines()] == ["train", "test"]
    assert printed.endswith("% of 797 images\n")
    assert one.keys() == two.keys()
    assert all(torch.equal(one[key], two[key]) for key in one)
    train_digits.main(["--output", str(tmp_path / "three"), "--epochs", "1", "--seed", "4"])
    assert not torch.equal(
        load_file(tmp_path / "three")["classifier.weight"], one["classifier.weight"]
    )


@pytest.mark.usefixtures("as_before")
def test_held_out_images_are_the_last_of_train(
    tmp_path, monkeypatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = []
    monkeypatch.setattr(train_digits, "digits", lambda split: seen.append(split) or digits(split))
    train_digits.main(["--output", str(tmp_path / "w"), "--epochs", "1", "--hold-out", "200"])
    lines = capsys.readouterr().out.splitlines()
    assert [(line.partition(":")[0], line.partition(" of ")[2]) for line in lines] == [
        ("train", "800 images"),
        ("held out", "200 images"),
    ]
    assert seen == ["train"]
