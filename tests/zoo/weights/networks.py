"""Small networks whose state dicts are unusual."""

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel


class Untied(nn.Module):
    """An embedding and a head of the same shape."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(50, 12)
        self.head = nn.Linear(12, 50, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.embedding(x))
        return logits


class Tied(Untied):
    """A head that shares the weights of the embedding."""

    def __init__(self) -> None:
        super().__init__()
        self.head.weight = self.embedding.weight


class TiedTransposed(nn.Module):
    """A head whose weights are the embedding's, transposed."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(50, 12)
        self.head = nn.Linear(50, 12, bias=False)
        self.head.weight = nn.Parameter(self.embedding.weight.t())


class Stack(nn.Sequential):
    """Four layers of one shape."""

    def __init__(self) -> None:
        super().__init__(*(nn.Linear(2, 2, bias=False) for _ in range(4)))


class Wrapper(nn.Module):
    """A network that calls its own part `module`, as DataParallel does."""

    def __init__(self) -> None:
        super().__init__()
        self.module = Stack()


class Backbone(nn.Module):
    """A network around another."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Stack()


def Averages() -> nn.Module:
    """Torch's own wrapper of averaged weights."""
    return AveragedModel(Stack())
