"""How many images the accuracies of a data set are shares of: what an interval needs."""

from zoo.model_index.records.leaderboards import fold_name

SHARES = ("top1", "top5")  # metrics that are a share of the images of a data set
# By the folded name of a data set: the images of the part on which accuracies are published.
IMAGES = {
    # Russakovsky et al., ImageNet Large Scale Visual Recognition Challenge (2015), table 2
    "imagenet": 50_000,
    "imagenet 1k": 50_000,
    "imagenet val": 50_000,
    "ilsvrc 2012": 50_000,
    # Recht et al., Do ImageNet Classifiers Generalize to ImageNet? (2019), section 3
    "imagenetv2": 10_000,
    "imagenet v2": 10_000,
    # Beyer et al., Are we done with ImageNet? (2020): images that have at least one label
    "imagenet real": 46_837,
    # Krizhevsky, Learning Multiple Layers of Features from Tiny Images (2009), section 3.1
    "cifar 10": 10_000,
    "cifar 100": 10_000,
    # LeCun et al., Gradient-Based Learning Applied to Document Recognition (1998), section III
    "mnist": 10_000,
    # the index of this project: the last 797 of scikit-learn's 1,797
    "digits": 797,
}


def count_images(dataset: str) -> int | None:
    """Return the number of images of a data set; None where it is not known here."""
    return IMAGES.get(fold_name(dataset))
