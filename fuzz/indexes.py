"""Whole indexes by hypothesis: keys that mean something, values that may be anything, texts that
would do harm."""

import json
import time
import traceback
from collections.abc import Callable
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from fuzz import targets

# What would act if it reached a page, a terminal, a log or a spreadsheet as it stands.
HARMFUL = (
    "<script>window.pwned=1</script>", "</script><img src=x onerror=pwned=1>",
    "\"' onmouseover=pwned=1 x='", "javascript:pwned=1", " JaVaScRiPt:pwned=1",
    "data:text/html,<script>pwned=1</script>", "](javascript:pwned=1)", "[a](javascript:pwned=1)",
    "![a](http://evil.example/a.png)", "<http://evil.example/>", "{{ 7*7 }}", "{% raw %}", "${7*7}",
    "<%= 7 %>", "--> <script>pwned=1</script> <!--", "]]> <b>", ":zoo-->", "<!--zoo:",
    "```\n<b>\n```", "~~~", "\n# heading\n", "\n---\n", "| a | b |", "{: onclick=pwned=1 }",
    "--8<-- \"/etc/passwd\"", "\x1b[31m\x9b31m", "\u202egnp.exe\u2066", "\x02wzxhzdk:0\x03",
    "\nklzzwxh:0001", "::error::x", "##[error]x", "=cmd|' /C calc'!A0", "../../etc/passwd",
    "https://evil.example/\"><script>", "$\\frac{", "\\u003cscript>", "&lt;b&gt;", "&#x3c;b&#62;",
    "[/bold]", "%(count)s", "%s%n", "\ufeff", "\u2028", "\ufffe", "a" * 300, "", " ", "~", "no",
    "0x10", "1e999",
)  # fmt: skip
NUMBERS = (
    "1",
    "4.1 G",
    "61.57M",
    "80.1%",
    "0.95",
    "224",
    "224x285",
    "1e-4",
    "-1",
    "101%",
    "9" * 40,
)
PLACES = {
    "model": (
        "Name", "In Collection", "Publisher", "Source", "README", "Code", "Config", "Weights",
        "Builder", "Metadata", "Results", "Reported", "License", "Limitations", "Description",
        "Converted From", "X <b>",
    ),
    "collection": (
        "Name", "Full Name", "Description", "Paper", "Citation", "License", "README", "Metadata",
        "Code",
    ),
    "metadata": (
        "FLOPs", "Parameters", "Layers", "Image Size", "Crop Pct", "Interpolation", "ID", "Mean",
        "File Size", "Tasks", "Training Data", "Architecture", "Epochs", "Year",
        "inference time (ms/im)", "throughput",
    ),
    "result": ("Task", "Dataset", "Metrics", "Source"),
    "metrics": ("Top 1 Accuracy", "Top 5 Accuracy", "Accuracy", "mAP"),
    "named": ("Name", "Type", "Title", "URL", "Value", "hardware", "batch size"),
}  # fmt: skip

text = st.one_of(
    st.sampled_from(HARMFUL),
    st.text(max_size=12),
    st.builds("".join, st.lists(st.sampled_from(HARMFUL), min_size=1, max_size=3)),
)
value = st.one_of(st.sampled_from(NUMBERS), text)


def mapping(
    kind: str, below: st.SearchStrategy[Any], odd: st.SearchStrategy[Any] = text
) -> st.SearchStrategy[Any]:
    """Keys of a kind, now and then another one, with values of `below`."""
    keys = st.one_of(*[st.sampled_from(PLACES[kind])] * 9, odd)
    return st.dictionaries(keys, below, max_size=6)


loose = st.recursive(
    value,
    lambda inner: st.one_of(st.lists(inner, max_size=3), mapping("named", inner)),
    max_leaves=6,
)
metadata = mapping("metadata", st.one_of(value, value, loose))
result = st.one_of(
    st.fixed_dictionaries(
        {"Task": text, "Dataset": loose, "Metrics": mapping("metrics", st.one_of(value, loose))}
    ),
    mapping("result", loose),
)
reported = st.fixed_dictionaries({"Publisher": text, "Source": text, "Metadata": metadata})
parts = {
    "Metadata": metadata,
    "Results": st.lists(result, max_size=2),
    "Reported": st.lists(reported, max_size=2),
}
own = st.fixed_dictionaries(
    {"Name": text}, optional={**parts, "In Collection": st.sampled_from(("c", HARMFUL[0]))}
)
model = st.builds(lambda fields, more: fields | more, mapping("model", loose), own)
collection = st.builds(
    lambda fields, name: fields | {"Name": name},
    mapping("collection", loose),
    st.sampled_from(("c", HARMFUL[0])),
)
index = st.fixed_dictionaries(
    {
        "Models": st.lists(model, min_size=1, max_size=3),
        "Collections": st.lists(collection, max_size=2),
    },
    optional={"Library": mapping("named", text)},
)
WRITTEN: dict[str, Callable[[Any], str]] = {
    "pwc": lambda found: yaml.safe_dump(found, allow_unicode=True, sort_keys=False),
    "json": json.dumps,
    "markdown": lambda found: f"<!--\nType: model-index\n{yaml.safe_dump(found)}-->\n",
}


def holds(found: Any, dialect: str) -> None:
    """Whether everything that has to hold of a text holds of this index, written in a dialect."""
    targets.check(dialect, written(found, dialect))


def written(found: Any, dialect: str) -> bytes:
    """An index in a dialect."""
    return WRITTEN[dialect](found).encode("utf-8", "replace")


def run(seconds: float) -> tuple[int, tuple[str, bytes] | None]:
    """As many indexes as fit in the time; their number, and the dialect and bytes of one that broke
    something."""
    made, turn, ends = 0, time.time_ns(), time.monotonic() + seconds
    broken: list[tuple[str, bytes]] = []
    while time.monotonic() < ends and not broken:
        turn += 1

        @seed(turn)
        @settings(
            max_examples=100,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        )
        @given(index, st.sampled_from(sorted(WRITTEN)))
        def several(found: Any, dialect: str) -> None:
            nonlocal made
            made += 1
            try:
                holds(found, dialect)
            except Exception:
                broken.append((dialect, written(found, dialect)))  # the last is the smallest
                raise

        try:
            several()
        except Exception:
            traceback.print_exc()
    return made, broken[-1] if broken else None
