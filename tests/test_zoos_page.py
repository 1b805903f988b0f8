"""The page of other zoos is what its facts say; the facts add up, and accuse nobody unconfirmed."""

import importlib.util
import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from benchmarks.zoos.facts import COUNTS, make_facts
from benchmarks.zoos.published import count_left_out
from benchmarks.zoos.review import ANY, HandVerdict, read_verdicts
from benchmarks.zoos.table import ZOOS, Copy, Zoo, find_copy
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.load import load
from zoo.model_index.quantities.table import BY_KEY

ROOT = Path(__file__).parent.parent
FOLDERS = ("work", "home", "root", "tmp")  # that a machine has at the top
FACTS = json.loads((ROOT / "docs/zoos.json").read_text(encoding="utf-8"))
ZOO = Zoo(name="toy", title="Toys", source="https://example.org")
INDEX = """Models:
- Name: a
  Metadata: {FLOPs: 2 G, Parameters: 3, LR: 0.1, Epochs: '90', Architecture: [Dropout, 7x7]}
- Name: b
  Metadata: {FLOPs: 1 G, inference time (ms/im): [{value: 5, batch size: 1}]}
"""


def test_the_page_is_what_the_facts_say() -> None:
    spec = importlib.util.spec_from_file_location("writer", ROOT / "docs/write_zoos.py")
    assert spec and spec.loader
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    page = (ROOT / "docs/zoos.md").read_text(encoding="utf-8")
    assert writer.write_page(FACTS) == page, "`python docs/write_zoos.py` writes it again"


@pytest.mark.parametrize("facts", FACTS["zoos"], ids=lambda facts: facts["name"])
def test_the_counts_of_a_zoo_add_up(facts: dict[str, Any]) -> None:
    assert facts["published"] == facts["read"] + sum(facts["left_out"].values())
    standings = ("right", "wrong", "not_confirmed", "unknown")
    assert facts["read"] == sum(facts[key] for key in standings)
    assert facts["unknown"] == sum(facts["reasons"].values())
    assert facts["explained"] <= facts["right"]
    for key in COUNTS:
        assert facts[key] == sum(counts[key] for counts in facts["quantities"].values())
    assert len(facts["wrong_numbers"]) == facts["wrong"]
    doubtful = sum(len(group["models"]) for group in facts["doubtful_numbers"])
    assert doubtful == facts["not_confirmed"]


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in [*value, *(value.values() if isinstance(value, dict) else ())]:
            yield from texts(part)


def test_the_facts_have_no_path_of_a_machine() -> None:
    for text in texts(FACTS):
        assert not text.startswith("/"), text
        assert not any(f"/{folder}/" in text for folder in FOLDERS), text


def test_every_verdict_by_hand_is_about_a_zoo_and_a_quantity() -> None:
    zoos = {zoo.name for zoo in ZOOS}
    for verdict in read_verdicts():
        assert verdict.zoo in zoos and verdict.why.endswith(".")
        assert verdict.quantity in {*BY_KEY, ANY}


def make_toy_facts(folder: Path, *verdicts: HandVerdict) -> dict[str, Any]:
    """Return the facts of an index in which one number of two differs."""
    file = folder / "page.yml"
    file.write_text(INDEX, encoding="utf-8")
    index = load([file])
    by_model = {
        claim.model: claim for e in index.entries for claim in e.claims if claim.quantity == "flops"
    }
    findings = [
        Finding(
            claim=by_model["a"],
            verdict=Verdict.MISMATCH,
            reason="no known cause",
            measured=Decimal(1_500_000_000),
        ),
        Finding(claim=by_model["b"], verdict=Verdict.ROUNDED, reason="", measured=Decimal(10**9)),
    ]
    return make_facts(ZOO, Copy((), str(folder), "1.0"), index, findings, Counter(), verdicts)


def test_only_a_verdict_by_hand_makes_a_number_wrong(tmp_path: Path) -> None:
    facts = make_toy_facts(tmp_path)
    assert (facts["wrong"], facts["not_confirmed"], facts["right"]) == (0, 1, 1)
    verdict = HandVerdict(
        zoo="toy", quantity="flops", confirmed=True, claimed="2*", why="Of two nets."
    )
    facts = make_toy_facts(tmp_path, verdict)
    assert (facts["wrong"], facts["not_confirmed"], facts["right"]) == (1, 0, 1)
    assert facts["wrong_numbers"] == [
        {
            "model": "a",
            "quantity": "FLOPs",
            "claimed": "2 G",
            "use": "1,500,000,000 (1.50 G)",
            "cause": "Of two nets.",
            "page": "page.yml",
            "line": 3,
        }
    ]


def test_numbers_that_are_no_claim_are_named(tmp_path: Path) -> None:
    file = tmp_path / "page.yml"
    file.write_text(INDEX, encoding="utf-8")
    assert count_left_out(load([file])) == {
        "no quantity: LR": 1,
        "condition of another number: batch size": 1,
    }


def test_a_zoo_that_is_not_at_hand_is_none(tmp_path: Path) -> None:
    for zoo in ZOOS:
        if zoo.globs or zoo.wheel:
            assert find_copy(zoo, tmp_path, tmp_path, tmp_path) is None
