"""The table of what a model may take: how each part of an input is spelled, and which tensors it
makes.

The shape of a part is written without the batch: `224x224 image` is a tensor (1, 3, 224, 224). A
`tensor` alone states its whole shape.
"""

from collections.abc import Callable
from dataclasses import dataclass

Shape = tuple[int, ...]
# from the size as it is written, the channels where it states none, and the batch
MakeShapes = Callable[[Shape, int, int], tuple[Shape, ...]]

FLOAT = "float"  # the model's own type of numbers
DTYPES = (
    FLOAT,
    "float32",
    "float16",
    "bfloat16",
    "float64",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
    "bool",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputKind:
    """One kind of part of an input.

    `noun` ends its spelling: `16x112x112 clip`. `dimensions` are the numbers its size may have, and
    `example` a spelling of it. `shapes` returns the shape of each tensor. `dtype` is the type of
    its numbers, `fill` what the numbers are where they are needed: `noise`, `ids` that every table
    of the model has, or `ones`. `keyword` is the argument of the forward pass that it is passed by;
    "" by position. With `listed` the tensors are passed as a list. `spatial` says that the last two
    numbers are height and width, `sequence` that the last one is a length.
    """

    noun: str
    description: str
    dimensions: tuple[int, ...]
    example: str
    shapes: MakeShapes
    dtype: str = FLOAT
    fill: str = "noise"
    keyword: str = ""
    listed: bool = False
    spatial: bool = False
    sequence: bool = False


def _image(size: Shape, channels: int, batch: int, extents: int = 2) -> Shape:
    """Return (batch, channels, height, width), of a clip with its frames as a third extent; a size
    may state its channels."""
    return (batch, *size) if len(size) > extents else (batch, channels, *size)


def _batch_of(size: Shape, channels: int, batch: int) -> tuple[Shape, ...]:
    """Return the shape of one tensor, batch first."""
    return ((batch, *size),)


KINDS = {
    kind.noun: kind
    for kind in (
        InputKind(
            noun="image",
            description="one image, (batch, channels, height, width)",
            dimensions=(2, 3),
            example="224x224 image",
            shapes=lambda size, channels, batch: (_image(size, channels, batch),),
            spatial=True,
        ),
        InputKind(
            noun="clip",
            description="frames of a video, (batch, channels, frames, height, width)",
            dimensions=(3, 4),
            example="16x112x112 clip",
            shapes=lambda size, channels, batch: (_image(size, channels, batch, 3),),
            spatial=True,
        ),
        InputKind(
            noun="image pair",
            description="two images, as two arguments: optical flow",
            dimensions=(2, 3),
            example="520x960 image pair",
            shapes=lambda size, channels, batch: (_image(size, channels, batch),) * 2,
            spatial=True,
        ),
        InputKind(
            noun="image list",
            description="a list of images (channels, height, width), without targets: detection",
            dimensions=(2, 3),
            example="800x800 image list",
            shapes=lambda size, channels, batch: (_image(size, channels, 1)[1:],) * batch,
            listed=True,
            spatial=True,
        ),
        InputKind(
            noun="tokens",
            description="the ids of a text, (batch, length)",
            dimensions=(1,),
            example="512 tokens",
            shapes=_batch_of,
            dtype="int64",
            fill="ids",
            sequence=True,
        ),
        InputKind(
            noun="mask",
            description="the attention mask of the tokens before it, all ones",
            dimensions=(0,),
            example="512 tokens with mask",
            shapes=_batch_of,
            dtype="int64",
            fill="ones",
            keyword="attention_mask",
        ),
        InputKind(
            noun="decoder tokens",
            description="the ids that the decoder of an encoder-decoder gets, (batch, length)",
            dimensions=(1,),
            example="512 tokens, 64 decoder tokens",
            shapes=_batch_of,
            dtype="int64",
            fill="ids",
            keyword="decoder_input_ids",
            sequence=True,
        ),
        InputKind(
            noun="samples",
            description="sound as a wave, (batch, samples) or (batch, channels, samples)",
            dimensions=(1, 2),
            example="16000 samples",
            shapes=_batch_of,
            sequence=True,
        ),
        InputKind(
            noun="features",
            description="sound as features: (batch, mel bins, frames), or any shape",
            dimensions=(1, 2, 3),
            example="80x3000 features",
            shapes=_batch_of,
        ),
        InputKind(
            noun="tensor",
            description="any tensor by its whole shape, batch first",
            dimensions=(1, 2, 3, 4, 5, 6),
            example="1x77 int64",
            shapes=lambda size, channels, batch: ((size[0] * batch, *size[1:]),),
        ),
    )
}
