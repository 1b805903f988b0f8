"""Write zoos.md from zoos.json: what was found in the zoos of the world.

`python -m benchmarks.zoos` writes the JSON where the zoos are at hand; the page needs the JSON
alone. A test compares the two; `python docs/write_zoos.py` writes the page again.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from zoo.reporting.text.markdown import line, table

PAGE = Path(__file__).with_name("zoos.md")
FACTS = PAGE.with_suffix(".json")
HEAD = """# Other zoos

What model zoos publish, and how much of it is right. Each number of a page is a claim. It was put
against the live model, built by {builders}.

A number is **right** if it equals what was counted, rounded as it is printed, or if a known
convention of counting gives it for the same model and input. It is **wrong** if neither is so and a
person looked at it and agrees. What nobody looked at, or what may be our mistake, is *not
confirmed*. It is *unknown* if nothing here can check it: most accuracies need a data set, most
latencies the publisher's hardware, and most models of detection and segmentation a library that is
not installed. [The glossary](glossary.md) has the words.

| zoo | models | published | read | checked | right | wrong | not confirmed | unknown |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
"""
TOTALS = ("models", "published", "read", "checked", "right", "wrong", "not_confirmed", "unknown")
WRONG = ("Zoo", "Model", "Quantity", "Claimed", "Use", "Cause", "Place")
DOUBTFUL = ("Zoo", "Quantity", "Numbers", "Why not", "Models")
NAMED = 3  # models of a row of these
QUANTITIES = ("Quantity", "Read", "Right", "Of them explained", "Wrong", "Not confirmed", "Unknown")
COUNTS = ("read", "right", "explained", "wrong", "not_confirmed", "unknown")
TAIL = """
## Verify it again

```console
$ pip download --no-deps --dest wheels mmdet mmpretrain    # and others of OpenMMLab
$ python -m benchmarks.zoos --corpora corpora --wheels wheels --ledger zoos
$ python docs/write_zoos.py
```

The first command is for the metafiles, which are in the wheels. The second verifies what is at hand
and writes [zoos.json](zoos.json), the facts of this page. Verdicts by hand are in
`benchmarks/zoos/reviewed.toml`.
"""


def write_page(facts: Mapping[str, Any]) -> str:
    """Return the page of these facts."""
    zoos = facts["zoos"]
    builders = (f"{name} {number}" for name, number in facts["versions"].items() if name != "zoo")
    text = HEAD.format(builders=", ".join(builders))
    text += "".join(f"{row}\n" for row in _list_zoos(zoos))
    text += f"\n{_explain_columns(zoos)}\n"
    text += f"\n## Wrong numbers\n\n{_list_wrong(zoos)}\n"
    text += f"\n## Not confirmed\n\n{_list_doubtful(zoos)}\n"
    text += "".join(map(describe_zoo, zoos))
    return text + TAIL


def _list_zoos(zoos: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the rows of the table of zoos, their sums last."""
    sums = dict.fromkeys(TOTALS, 0)
    for zoo in zoos:
        counts = count(zoo)
        sums = {key: sums[key] + counts[key] for key in TOTALS}
        title = f"[{line(zoo['title'])}](#{anchor(zoo)})"
        yield f"| {title} | {' | '.join(f'{counts[key]:,}' for key in TOTALS)} |"
    yield f"| **all** | {' | '.join(f'{sums[key]:,}' for key in TOTALS)} |"


def count(zoo: Mapping[str, Any]) -> dict[str, int]:
    """Return the counts of a zoo; checked is what is right, wrong or not confirmed."""
    checked = zoo["right"] + zoo["wrong"] + zoo["not_confirmed"]
    return {key: checked if key == "checked" else zoo[key] for key in TOTALS}


def anchor(zoo: Mapping[str, Any]) -> str:
    """Return the anchor of a zoo's heading, as MkDocs and GitHub make it."""
    words = "".join(c for c in zoo["title"].lower() if c.isalnum() or c in " -_")
    return words.replace(" ", "-")


def _explain_columns(zoos: Iterable[Mapping[str, Any]]) -> str:
    explained = sum(zoo["explained"] for zoo in zoos)
    return (
        "*Published* are the numbers of a zoo's files and the settings beside them. *Read* are\n"
        "those that are claims; the others are named below, with the reason. *Checked* are all\n"
        f"that were put against a model. Of the right ones {explained:,} are not the plain count:\n"
        "a known convention gives them."
    )


def _list_wrong(zoos: Iterable[Mapping[str, Any]]) -> str:
    keys = ("model", "quantity", "claimed", "use", "cause")
    rows = [
        (zoo["title"], *(row[key] for key in keys), place(row))
        for zoo in zoos
        for row in zoo["wrong_numbers"]
    ]
    return str(table(WRONG, rows)) if rows else "None."


def _list_doubtful(zoos: Iterable[Mapping[str, Any]]) -> str:
    """Return a table of what is not confirmed, by quantity and reason."""
    rows = [
        (
            zoo["title"],
            group["quantity"],
            f"{len(group['models']):,}",
            group["cause"],
            _name_some(group["models"]),
        )
        for zoo in zoos
        for group in zoo["doubtful_numbers"]
    ]
    return str(table(DOUBTFUL, rows)) if rows else "None."


def _name_some(models: list[str]) -> str:
    names = list(dict.fromkeys(models))
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def place(row: Mapping[str, Any]) -> str:
    """Return page and line of a number; empty for one of an installed library."""
    return f"{row['page']}:{row['line']}" if "page" in row else ""


def describe_zoo(zoo: Mapping[str, Any]) -> str:
    """Return the section of a zoo: source, version, counts, reasons."""
    version = f" {zoo['version']}" if zoo["version"] else ""
    text = f"\n## {zoo['title']}\n\n[Source](<{zoo['source']}>){version}, read on {zoo['date']}."
    text += f" {zoo['note']}\n" if zoo["note"] else "\n"
    rows = [
        (name, *(f"{counts[key]:,}" for key in COUNTS))
        for name, counts in zoo["quantities"].items()
    ]
    text += f"\n{table(QUANTITIES, rows)}\n"
    for words, reasons in (("Unknown", zoo["reasons"]), ("No claim", zoo["left_out"])):
        if reasons:
            listed = "; ".join(f"{line(reason)} ({number:,})" for reason, number in reasons.items())
            text += f"\n{words}: {listed}.\n"
    return text


if __name__ == "__main__":
    PAGE.write_text(write_page(json.loads(FACTS.read_text(encoding="utf-8"))), encoding="utf-8")
