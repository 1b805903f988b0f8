"""How many images the accuracies of a data set are shares of."""

import pytest

from zoo.reporting.views.dataset_sizes import count_images


@pytest.mark.parametrize(
    ("dataset", "images"),
    [("ImageNet", 50_000), ("ImageNet-1K", 50_000), ("CIFAR-10", 10_000), ("Ours", None)],
)
def test_a_data_set_is_known_by_any_spelling_of_its_name(dataset: str, images: int | None) -> None:
    assert count_images(dataset) == images
