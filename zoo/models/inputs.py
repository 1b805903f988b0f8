"""What a model takes, and the tensors of it: on meta to be counted, with values to be run."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from zoo.model_index.records.input_spec import PROPOSED, InputSpec, InputTensor, image_input
from zoo.model_index.records.place import Place
from zoo.models.builders.base import BuiltModel

if TYPE_CHECKING:
    import torch
    from torch import nn

ASSUMED = image_input((224, 224))  # where nothing states the input of a model
STATED, ASSUMPTION = "stated", "assumed"
Change = Callable[["torch.Tensor"], "torch.Tensor"]
Fill = Callable[["InputTensor", "torch.dtype", "torch.device"], "torch.Tensor"]


class Inputs(NamedTuple):
    """The arguments of a forward pass, of so many samples."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}  # noqa: RUF012 (nobody changes it)
    batch: int = 1

    @classmethod
    def of(cls, *tensors: "torch.Tensor") -> "Inputs":
        """Return tensors as the arguments by position, batch first."""
        return cls(tensors, {}, len(tensors[0]))

    def map(self, change: "Change") -> "Inputs":
        """Return the arguments with each tensor changed, also those in lists and mappings."""
        return Inputs(_map(self.args, change), _map(self.kwargs, change), self.batch)

    def to(self, device: str) -> "Inputs":
        """Return the arguments with their tensors on a device."""
        return self.map(lambda tensor: tensor.to(device))

    def cast(self, dtype: "torch.dtype", *, channels_last: bool = False) -> "Inputs":
        """Return the arguments with all numbers of a fraction in a type, images in a layout."""
        import torch

        def change(tensor: "torch.Tensor") -> "torch.Tensor":
            last = channels_last and tensor.ndim == 4
            layout = torch.channels_last if last else torch.preserve_format
            kind = dtype if tensor.is_floating_point() else tensor.dtype
            return tensor.to(dtype=kind, memory_format=layout)

        return self.map(change)

    def first(self, samples: int) -> "Inputs":
        """Return the arguments of the first samples of the batch."""

        def cut(value: Any) -> Any:
            if isinstance(value, list):
                return value[:samples]
            return value[: len(value) * samples // self.batch]

        kwargs = {name: cut(value) for name, value in self.kwargs.items()}
        return Inputs(tuple(map(cut, self.args)), kwargs, min(samples, self.batch))

    def tensors(self) -> "dict[str, torch.Tensor]":
        """Return the tensors by name: of the argument, else `input`; several have a number."""
        named = [("input", value) for value in self.args] + list(self.kwargs.items())
        rows: list[tuple[str, torch.Tensor]] = []
        for name, value in named:
            several = value if isinstance(value, (list, tuple)) else [value]
            rows += [(name, tensor) for tensor in several]
        names = [name for name, _ in rows]
        seen: dict[str, int] = {}
        result = {}
        for name, tensor in rows:
            seen[name] = seen.get(name, 0) + 1
            result[f"{name}_{seen[name]}" if names.count(name) > 1 else name] = tensor
        return result


def _map(value: Any, change: "Change") -> Any:
    import torch

    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, dict):
        return {key: _map(part, change) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_map(part, change) for part in value)
    return value


class InputChoice(NamedTuple):
    """The input of a model, and who says so: the index or a person (`stated`), the builder or the
    pretrained configuration (`proposed`), or nobody (`assumed`)."""

    spec: InputSpec
    origin: str


def choose_input(stated: InputSpec | None, built: BuiltModel) -> InputChoice:
    """Return the input to give a model: what its builder proposes, at the sizes that are stated."""
    configured = built.configuration.get("input_size")
    image = image_input((configured[-2], configured[-1])) if configured else None
    proposed = built.input or image
    origin = STATED if stated else PROPOSED if proposed else ASSUMPTION
    return InputChoice((proposed or ASSUMED).adapt(stated), origin)


def object_to_input(spec: InputSpec | None, place: Place | None = None) -> str:
    """Say why a command that gives models one image cannot take a model of this input; "" where it
    can, or where nothing is stated."""
    if spec is None or spec.is_image:
        return ""
    where = f" ({place})" if place else ""
    return f"it takes {spec}{where}, and this command gives a model one image"


def make_empty(model: "nn.Module", spec: InputSpec, channels: int = 3, batch: int = 1) -> Inputs:
    """Return an input without values, on the device of a model and of its type of numbers."""
    import torch

    devices = {tensor.device for tensor in (*model.parameters(), *model.buffers())}
    device = devices.pop() if len(devices) == 1 else torch.device("meta")

    def fill(tensor: InputTensor, dtype: "torch.dtype", device: "torch.device") -> "torch.Tensor":
        return torch.empty(tensor.shape, dtype=dtype, device=device)

    return _pass(spec.tensors(channels, batch), fill, float_type(model), device, batch)


def make_random(
    model: "nn.Module",
    spec: InputSpec,
    channels: int = 3,
    batch: int = 1,
    generator: "torch.Generator | None" = None,
) -> Inputs:
    """Return an input of random values on the CPU: noise, ids that every table of the model has,
    masks of ones. The type of numbers is that of the model, of one without parameters float32."""
    import torch
    from torch import nn

    tables = (part.num_embeddings for part in model.modules() if isinstance(part, nn.Embedding))
    vocabulary = min(tables, default=2)

    def fill(tensor: InputTensor, dtype: "torch.dtype", device: "torch.device") -> "torch.Tensor":
        if tensor.fill == "ones":
            return torch.ones(tensor.shape, dtype=dtype)
        if dtype.is_floating_point:
            return torch.randn(tensor.shape, generator=generator).to(dtype)
        return torch.randint(0, vocabulary, tensor.shape, generator=generator).to(dtype)

    return _pass(spec.tensors(channels, batch), fill, float_type(model), torch.device("cpu"), batch)


def float_type(model: "nn.Module") -> "torch.dtype":
    """Return the type of a model's numbers; the default one where it has several, or none."""
    import torch

    types = {parameter.dtype for parameter in model.parameters() if parameter.is_floating_point()}
    return types.pop() if len(types) == 1 else torch.get_default_dtype()


def _pass(
    tensors: tuple[InputTensor, ...],
    fill: Fill,
    floats: "torch.dtype",
    device: "torch.device",
    batch: int,
) -> Inputs:
    """Return the arguments of these tensors: by position, by keyword, or together in a list."""
    import torch

    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    listed: dict[str, list[Any]] = {}
    for tensor in tensors:
        dtype = floats if tensor.dtype == "float" else getattr(torch, tensor.dtype)
        made = fill(tensor, dtype, device)
        if tensor.listed:
            group = listed.setdefault(tensor.keyword, [])
            if group:
                group.append(made)
                continue
            group.append(made)
            value: Any = group
        else:
            value = made
        if tensor.keyword:
            kwargs[tensor.keyword] = value
        else:
            args.append(value)
    return Inputs(tuple(args), kwargs, batch)
