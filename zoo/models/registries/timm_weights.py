"""Find timm's model of a checkpoint by its address, or of a name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zoo.models.registries.timm import list_names

IMAGENET = 1000  # classes of the models that accuracies on ImageNet are of


@dataclass(frozen=True, slots=True)
class WeightsRegistry:
    """timm's models with their pretrained tags by the address of their weights, and its
    architectures; `classes` are those of each model."""

    by_address: Mapping[str, str]
    classes: Mapping[str, int]
    names: frozenset[str]

    def find_model(self, guess: str, addresses: Iterable[str]) -> tuple[str, bool]:
        """Return timm's model of a row and whether it is sure: by its weights, which is; by its
        name, which is not. Empty where there is neither.

        Of the weights of a row only those of ImageNet's classes count where it has others too: a
        row names what it was fine-tuned from.
        """
        models = list(dict.fromkeys(filter(None, map(self.by_address.get, addresses))))
        if len(models) > 1:
            models = [model for model in models if self.classes[model] == IMAGENET]
        if len(models) == 1:
            return models[0], True
        return (guess, False) if guess in self.names else ("", False)


def read_registry() -> WeightsRegistry:
    """Return timm's models by address. Of several with one address the first, in the order of the
    registry."""
    import timm

    by_address: dict[str, str] = {}
    classes: dict[str, int] = {}
    for name in timm.list_pretrained():
        configuration = timm.get_pretrained_cfg(name)
        if configuration and isinstance(configuration.url, str):
            by_address.setdefault(configuration.url, name)
            classes[name] = configuration.num_classes
    return WeightsRegistry(by_address, classes, frozenset(list_names()))
