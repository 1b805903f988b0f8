import torch
from torch import nn

from zoo.bench.engines.random_weights import randomise_constants


def zeros() -> nn.Module:
    made = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))
    nn.init.zeros_(made[3].weight)  # type: ignore[arg-type]
    nn.init.zeros_(made[3].bias)  # type: ignore[arg-type]
    return made.eval()


def test_no_operator_is_without_an_effect() -> None:
    torch.manual_seed(0)
    x, model = torch.randn(2, 3, 1, 1), zeros()
    with torch.no_grad():
        assert not model(x).any()
        kept = model[0].weight.clone()  # type: ignore[index, union-attr, operator]
        found = randomise_constants(model)(x)
        assert found.std() > 0
        assert (model[0].weight == kept).all()  # type: ignore[index, union-attr]
        assert (model[1].running_var > 1).all()  # type: ignore[index, union-attr, operator]
        assert model[1].running_mean.abs().min() > 0  # type: ignore[index, union-attr, operator]
        assert model[1].num_batches_tracked == 0  # type: ignore[index, union-attr]


def test_the_same_seed_gives_the_same_values() -> None:
    first, second, third = (
        randomise_constants(zeros()),
        randomise_constants(zeros()),
        randomise_constants(zeros(), seed=1),
    )
    assert (first[3].weight == second[3].weight).all()  # type: ignore[index, union-attr]
    assert (first[3].weight != third[3].weight).any()  # type: ignore[index, union-attr]
