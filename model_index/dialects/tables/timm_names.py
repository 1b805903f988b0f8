"""Parse where a table of timm speeds was measured: only the name of its file states it.

`benchmark-infer-amp-nchw-pt240-cu124-rtx4090.csv` is automatic mixed precision, channels first,
torch 2.4.0, CUDA 12.4 and a GPU; with `-dynamo` at its end the models were compiled, and otherwise
they ran as they are.
"""

import re
from collections.abc import Callable
from pathlib import PurePath

PREFIX = "benchmark-"
UNKNOWN_PARTS = "other"  # the condition that keeps the parts which mean nothing known

Says = Callable[[re.Match[str]], dict[str, str]]


def _torch(digits: str) -> str:
    """Parse a version: `240` is 2.4.0 and `112` is 1.12; names of the first major version have
    no patch."""
    return f"1.{digits[1:]}" if digits[0] == "1" else f"{digits[0]}.{digits[1:-1]}.{digits[-1]}"


def _hardware(part: str) -> str:
    """Parse a device: `rtx4090` is RTX 4090, `i7_12700h` is i7 12700H."""
    name = re.sub(r"(?<=\d)[a-z]+", lambda m: m[0].upper(), part.replace("_", " "))
    return re.sub(r"^(rtx|gtx)", lambda m: f"{m[0].upper()} ", name)


# Of each part of a name, the first row that matches all of it says what it means.
PARTS: tuple[tuple[re.Pattern[str], Says], ...] = (
    (re.compile(r"infer|train|both"), lambda m: {}),  # the columns tell
    (re.compile(r"amp|(?:fp|float|bf|bfloat)(?:16|32)"), lambda m: {"precision": m[0]}),
    (re.compile(r"nchw|nhwc"), lambda m: {"layout": m[0]}),
    (re.compile(r"pt(\d{3,4})"), lambda m: {"torch": _torch(m[1])}),
    (re.compile(r"cu(\d+)(\d)"), lambda m: {"CUDA": f"{m[1]}.{m[2]}"}),
    (re.compile(r"cpu"), lambda m: {"device": "cpu"}),
    (re.compile(r"dynamo"), lambda m: {"engine": "compile"}),
    (re.compile(r"(?:rtx|gtx)\d.*|i\d_.*"), lambda m: {"hardware": _hardware(m[0])}),
)


def conditions_of(name: str) -> dict[str, str]:
    """Return the conditions in the name of a table of speeds; nothing for any other name.

    The first part that means nothing known is the hardware, as it stands, where no other part is;
    the rest is kept under `other`.
    """
    stem = PurePath(name).stem
    if not stem.startswith(PREFIX):
        return {}
    conditions, unknown = {"engine": "eager"}, []
    for part in stem.removeprefix(PREFIX).split("-"):
        meaning = next(
            (says(match) for pattern, says in PARTS if (match := pattern.fullmatch(part))), None
        )
        if meaning is None:
            unknown.append(part)
        else:
            conditions |= meaning
    if unknown and "hardware" not in conditions:
        conditions["hardware"] = unknown.pop(0)
    return conditions | ({UNKNOWN_PARTS: ", ".join(unknown)} if unknown else {})
