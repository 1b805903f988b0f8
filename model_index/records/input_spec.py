"""The record of what a model takes: an `InputSpec` of one part or several."""

from collections.abc import Sequence

import msgspec

from zoo.model_index.quantities.value import Size
from zoo.model_index.records.input_kinds import FLOAT, KINDS, InputKind, Shape

CHANNELS = 3
PROPOSED = "proposed"  # in a document: the input that a builder proposes, as nothing states one


class InputTensor(msgspec.Struct, frozen=True, kw_only=True):
    """One tensor of a forward pass.

    `keyword` is the argument that it is passed by, "" by position; those that are `listed` are
    passed together in a list. `dtype` is `float` for the model's own type of numbers; `fill` is
    what the numbers are: see `InputKind`.
    """

    shape: Shape
    dtype: str = FLOAT
    fill: str = "noise"
    keyword: str = ""
    listed: bool = False


class InputPart(msgspec.Struct, frozen=True):
    """One part of an input: its kind (a noun of `KINDS`), its size as it is written, the argument
    it is passed by where the index names one, and the type of numbers of a plain tensor."""

    noun: str
    size: Shape
    name: str = ""
    dtype: str = ""

    @property
    def kind(self) -> InputKind:
        """The row of the table."""
        return KINDS[self.noun]

    @property
    def text(self) -> str:
        """The spelling without the name: `16x112x112 clip`, `1x77 int64`."""
        if self.noun == "mask":
            return self.noun
        numbers = "x".join(map(str, self.size))
        return f"{numbers} {self.dtype or self.noun}"

    def __str__(self) -> str:
        return f"{self.name}={self.text}" if self.name else self.text

    def tensors(self, channels: int = CHANNELS, batch: int = 1) -> tuple[InputTensor, ...]:
        """Return the tensors of the part."""
        kind = self.kind
        return tuple(
            InputTensor(
                shape=shape,
                dtype=self.dtype or kind.dtype,
                fill=kind.fill,
                keyword=self.name or kind.keyword,
                listed=kind.listed,
            )
            for shape in kind.shapes(self.size, channels, batch)
        )

    @property
    def image_size(self) -> Size | None:
        """Height and width of a part that has them."""
        return (self.size[-2], self.size[-1]) if self.kind.spatial else None

    def at(self, size: Size) -> "InputPart":
        """Return the part at another height and width."""
        return msgspec.structs.replace(self, size=(*self.size[:-2], *size))


class InputSpec(msgspec.Struct, frozen=True):
    """What one forward pass takes: its parts, in the order of the arguments.

    Its text is its spelling in an index, on the command line and on a page: `224x224 image`, `512
    tokens with mask`, `pixel_values=224x224 image, input_ids=1x77 int64`.
    """

    parts: tuple[InputPart, ...]

    def __str__(self) -> str:
        text = ""
        for part in self.parts:
            joint = " with " if part.noun == "mask" else ", "
            text += f"{joint if text else ''}{part}"
        return text

    @property
    def is_image(self) -> bool:
        """Whether the model takes one image by position, and nothing else."""
        return len(self.parts) == 1 and self.parts[0].noun == "image" and not self.parts[0].name

    @property
    def listed(self) -> bool:
        """Whether a part of it is passed as a list of tensors."""
        return any(part.kind.listed for part in self.parts)

    @property
    def image_size(self) -> Size | None:
        """Height and width of the first part that has them."""
        return next((size for part in self.parts if (size := part.image_size)), None)

    @property
    def length(self) -> int | None:
        """The length of the first sequence: tokens or samples."""
        return next((part.size[-1] for part in self.parts if part.kind.sequence), None)

    def show(self) -> str:
        """Return the spelling for people, of one image its height and width alone: `224x224`."""
        size = self.image_size
        if self.is_image and size and len(self.parts[0].size) < 3:
            return f"{size[0]}x{size[1]}"
        return str(self)

    def tensors(self, channels: int = CHANNELS, batch: int = 1) -> tuple[InputTensor, ...]:
        """Return the tensors of one pass; `channels` are those of images that state none."""
        return tuple(tensor for part in self.parts for tensor in part.tensors(channels, batch))

    def adapt(self, stated: "InputSpec | None") -> "InputSpec":
        """Return this input at the sizes that `stated` has: `16x112x112 clip` at `128x128 image`
        is `16x128x128 clip`, `512 tokens with mask` at `128 tokens` is `128 tokens with mask`.

        An input that has a part of another kind is another one, and returned as it is.
        """
        spec = self
        for part in stated.parts if stated else ():
            adapted = spec._take(part)
            if adapted is None:
                return stated or self
            spec = adapted
        return spec

    def _take(self, stated: InputPart) -> "InputSpec | None":
        """Return the input with a stated part in the place of its like; None where it has none."""
        likes = [part for part in self.parts if part.noun == stated.noun]
        likes = [part for part in likes if part.name == stated.name or not stated.name]
        sides = stated.image_size
        if likes and sides and len(stated.size) == 2:
            return self._replace(likes[0], likes[0].at(sides))
        if likes:
            return self._replace(likes[0], msgspec.structs.replace(likes[0], size=stated.size))
        spatial = next((part for part in self.parts if part.kind.spatial), None)
        if stated.noun == "image" and not stated.name and spatial and sides:
            return self._replace(spatial, spatial.at(sides))
        return None

    def _replace(self, part: InputPart, changed: InputPart) -> "InputSpec":
        """Return the input with one part changed; masks follow their tokens."""
        parts = [changed if other is part else other for other in self.parts]
        return join_parts(parts)


def join_parts(parts: Sequence[InputPart]) -> InputSpec:
    """Return the input of these parts; a mask gets the length of the tokens before it.

    Raises:
        ValueError: there are none before it.
    """
    size: Shape = ()
    joined = []
    for part in parts:
        if part.noun == "mask":
            if not size:
                raise ValueError("tokens before their mask, such as 512 tokens with mask")
            part = msgspec.structs.replace(part, size=size)
        elif part.noun == "tokens":
            size = part.size
        joined.append(part)
    return InputSpec(tuple(joined))


def image_input(size: Size) -> InputSpec:
    """Return the input of one image of (height, width)."""
    return InputSpec((InputPart("image", tuple(size)),))
