"""How many bytes of a file a parameter may take, by what an entry states of its weights: in its
name, in its metadata (`dtype: bfloat16`, `Quantization: Q4_K_M`), in the name of its file."""

from decimal import Decimal
from typing import NamedTuple

from zoo.model_index.records.checkpoint_name import NameWidth, read_name
from zoo.model_index.records.fields import Plain, look_up
from zoo.model_index.records.records import Entry

# What no entry states: 4-bit weights to 32-bit ones with buffers and names. torchvision publishes
# 0.85 (8-bit, without heads that its parameters include) to 4.38, in MiB that it calls MB.
ANY = Decimal("0.5"), Decimal(5)
# By the bits that are stated. Of quantised models embeddings may have 16 bits.
BYTES = {
    8: (Decimal("0.8"), Decimal("1.9")),
    16: (Decimal("1.7"), Decimal("2.5")),
    32: (Decimal("3.5"), Decimal(5)),
}
QUANTISED_MOST = Decimal("1.75")
LEAST_OF_BITS = Decimal("0.85")  # of the bits themselves: some parameters are not in the file
KEYS = ("dtype", "torch dtype", "data type", "precision", "quantization", "quantisation", "bits")


class ByteRange(NamedTuple):
    """The fewest and the most bytes of a file for a parameter, and what states them."""

    low: Decimal
    high: Decimal
    reason: str = ""


def expected_bytes(entry: Entry) -> ByteRange:
    """Return the bytes for a parameter that are plausible for an entry."""
    for where, text in _texts(entry):
        if width := read_name(text).width:
            return ByteRange(*_range(width), f" of {width.text} in its {where}")
    return ByteRange(*ANY)


def _texts(entry: Entry) -> list[tuple[str, str]]:
    """Return the texts that may state the width of a weight, and what they are."""
    texts = [("name", entry.name)]
    for fields in (entry.metadata, entry.fields):
        texts += [
            ("metadata", _spell(key, value)) for key in KEYS if (value := look_up(fields, key))
        ]
    if len(entry.links) == 1:
        texts.append(("weights", entry.links[0].raw.strip().rpartition("/")[2]))
    return texts


def _spell(key: str, value: Plain) -> str:
    text = value if isinstance(value, str) else ""
    return f"{text}bit" if key == "bits" and text.isdecimal() else text.removeprefix("torch.")


def _range(width: NameWidth) -> tuple[Decimal, Decimal]:
    if fixed := BYTES.get(width.bits):
        return fixed
    return (LEAST_OF_BITS * width.bits / 8).quantize(Decimal("0.01")), QUANTISED_MOST
