"""Read the spelling of an input: `224x224 image`, `512 tokens with mask, 64 decoder tokens`."""

import re
from collections.abc import Sequence

from zoo.model_index.errors import UsageError
from zoo.model_index.errors.suggestions import find_close
from zoo.model_index.records.input_kinds import DTYPES, KINDS
from zoo.model_index.records.input_spec import InputPart, InputSpec, join_parts

EXPECTED = "an input such as 224x224 image, 16x112x112 clip or 512 tokens with mask"
MAX_LENGTH = 500  # characters of a spelling
MAX_NUMBER = 2**31 - 1
MAX_ELEMENTS = 2**40  # of one tensor
MAX_PARTS = 32
JOINTS = re.compile(r"\s*,\s*|\s+(?:and|with)\s+")
NAMED = re.compile(r"([^\W\d]\w*)\s*=\s*(.*)", re.DOTALL)
BODY = re.compile(r"(?:(\d{1,10}(?:\s?[x\u00d7]\s?\d{1,10}){0,5})(?:\s+|$))?([a-z][a-z0-9 ]*)?")
NUMBER = re.compile(r"\d+")


def parse_input(text: str) -> InputSpec:
    """Parse the spelling of an input.

    Raises:
        ValueError: with what was expected.
    """
    return join_input(parse_parts(text))


def parse_option(text: str) -> InputSpec:
    """Parse the input that an option `--input` states.

    Raises:
        UsageError: with what was expected.
    """
    try:
        return parse_input(text)
    except ValueError as error:
        raise UsageError(f"--input: expected {error}, got {text!r}") from None


def parse_parts(text: str) -> list[InputPart]:
    """Parse the parts of an input that stand in one text.

    Raises:
        ValueError: with what was expected.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"an input of at most {MAX_LENGTH} characters")
    return [_named_part(piece) for piece in JOINTS.split(text.strip()) if piece]


def join_input(parts: Sequence[InputPart]) -> InputSpec:
    """Return the input of parts in the order of the arguments.

    Raises:
        ValueError: no parts, too many, or two of one name.
    """
    if not parts:
        raise ValueError(EXPECTED)
    if len(parts) > MAX_PARTS:
        raise ValueError(f"an input of at most {MAX_PARTS} parts")
    names = [part.name or part.kind.keyword for part in parts]
    for name in filter(None, names):
        if names.count(name) > 1:
            raise ValueError(f"each argument once; {name} stands twice")
    return join_parts(parts)


def _named_part(text: str) -> InputPart:
    if match := NAMED.fullmatch(text):
        return parse_part(match[2], match[1])
    return parse_part(text)


def parse_part(text: str, name: str = "") -> InputPart:
    """Parse one part, which may be passed by the name of an argument.

    Raises:
        ValueError: with what was expected.
    """
    if name and not name.isidentifier():
        raise ValueError(f"the name of an argument, not {name!r}")
    match = BODY.fullmatch(text.strip().lower())
    if not match or not any(match.groups()):
        raise ValueError(EXPECTED)
    size = tuple(int(number) for number in NUMBER.findall(match[1] or ""))
    word = re.sub(r"\s+", " ", match[2] or "").strip()
    noun = _noun(word, len(size), bool(name))
    if KINDS[noun].spatial and len(size) == 1:
        size *= 2
    part = InputPart(noun, size, name, word if word in DTYPES else "")
    _check_size(part)
    return part


def _noun(word: str, numbers: int, has_name: bool) -> str:
    """Return the noun of the table that a word is a spelling of.

    A bare shape is a plain tensor where it can be nothing else: with a name, or of four numbers.
    """
    if word in DTYPES or (not word and (has_name or numbers > 3)):
        return "tensor"
    if word in KINDS:
        return word
    if not word:
        raise ValueError(f"{EXPECTED}, with the word that says what it is")
    close = find_close(word, [*KINDS, *DTYPES], 1)
    raise ValueError(f"{EXPECTED}; did you mean {close[0]}?" if close else EXPECTED)


def _check_size(part: InputPart) -> None:
    """Check the numbers of a part.

    Raises:
        ValueError: too few or too many of them, or one that is 0 or too large.
    """
    kind = part.kind
    if len(part.size) not in kind.dimensions:
        article = "an" if kind.noun[0] in "aeiou" else "a"
        word = kind.noun if kind.noun.endswith("s") else f"{article} {kind.noun}"
        raise ValueError(f"{word} such as {kind.example}")
    if part.name and len(part.tensors()) > 1 and not kind.listed:
        raise ValueError(f"an {kind.noun} without a name: it is two arguments")
    if any(not 1 <= number <= MAX_NUMBER for number in part.size):
        raise ValueError(f"numbers from 1 to {MAX_NUMBER:,}")
    elements = 1
    for number in part.size:
        elements *= number
    if elements > MAX_ELEMENTS:
        raise ValueError(f"a tensor of at most {MAX_ELEMENTS:,} elements")
