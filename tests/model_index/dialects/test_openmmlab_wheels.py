"""Every number of OpenMMLab's metafiles is a claim, or is left out for a reason.

The metafiles are in the toolboxes' wheels. Nothing is downloaded: put unpacked wheels into
build/openmmlab, or name another folder in ZOO_OPENMMLAB.
"""

import importlib.util
import os
import re
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest

from zoo.model_index.checks.lint import lint
from zoo.model_index.load import load
from zoo.model_index.quantities.table import BY_KEY

ROOT = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("ZOO_OPENMMLAB", ROOT / "build" / "openmmlab"))
INDEXES = sorted(FOLDER.rglob(".mim/model-index.yml"))
PRINTED = re.compile(
    r"\s*([-+\d.,]+(?:e[-+]?\d+)?)\s*([KMG](?=B?\s*$))?(?:B|%|ms|s|)\s*$", re.IGNORECASE
)
FACTORS = {"K": 10**3, "M": 10**6, "G": 10**9}
# What lint says of metafiles that are as they should be: names and files that stand there twice.
TRUE = ("duplicate", "no-claim", "unreadable", "unknown-key", "metric-bounds", "siblings")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not INDEXES, reason=f"no unpacked wheels of OpenMMLab in {FOLDER}"),
]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = ROOT / "benchmarks" / "openmmlab_numbers.py"
    spec = importlib.util.spec_from_file_location("openmmlab_numbers", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", INDEXES, ids=lambda path: path.parent.parent.name)
def test_every_number_is_a_claim_or_is_left_out_for_a_reason(
    script: ModuleType, path: Path
) -> None:
    index, numbers = load([path]), list(script.find_numbers(path))
    left = script.leave_out(numbers, index)
    assert [number for number in left if script.explain(number) == script.UNKNOWN] == []
    assert len(left) <= 0.04 * len(numbers) or len(left) < 6
    assert {entry.publisher for entry in index.entries} == {"OpenMMLab"}
    assert not {claim.quantity for entry in index.entries for claim in entry.claims} & {"mean"}
    assert all(finding.rule.startswith(TRUE) for finding in lint(index))


@pytest.mark.parametrize("path", INDEXES, ids=lambda path: path.parent.parent.name)
def test_values_are_those_of_the_characters(path: Path) -> None:
    for entry in load([path]).entries:
        for claim in entry.claims:
            if not isinstance(claim.value, Decimal):
                continue
            match = PRINTED.match(claim.printed)
            assert match
            number = Decimal(match[1].replace(",", "")) * FACTORS.get((match[2] or "").upper(), 1)
            scales = {1, 100} if BY_KEY.get(claim.quantity, claim.row).unit == "%" else {1}
            assert claim.value / (number or 1) in scales or not claim.value, claim
