"""`zoo verify --write --yes` on random families: what it writes is right, what is right stays."""

import json
import random
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from zoo.cli import app
from zoo.model_index.quantities.parse import parse_count

WIDTHS = (8, 13, 21, 34, 55, 89, 144, 233)
MACS = {width: 64 * 27 * width + 10 * width for width in WIDTHS}  # the toy at 8x8
FAMILIES = 12
SEED = 20261129


def zoo(*arguments: str) -> Result:
    options = ["--index", "index.yml", "--trust", "toyzoo", "--ledger", "ledger"]
    return CliRunner().invoke(app, ["verify", *options, *arguments])


def write_index(values: dict[int, str]) -> None:
    lines = ["Collections: [{Name: Toys}]", "Models:"]
    for width, value in values.items():
        builder = f"{{Name: 'toyzoo:Toy', Arguments: {{width: {width}}}}}"
        lines += [f"- {{Name: toy{width}, In Collection: Toys, Builder: {builder},"]
        lines += [f"   Metadata: {{FLOPs: {value}, Image Size: 8}}}}"]
    Path("index.yml").write_text("\n".join(lines) + "\n")


def read_values() -> list[str]:
    lines = Path("index.yml").read_text().splitlines()
    return [line.split("FLOPs: ")[1].split(",")[0] for line in lines if "FLOPs: " in line]


def standings() -> list[str]:
    found = json.loads(zoo("--format", "json").stdout)
    return [finding["standing"] for finding in found if finding["quantity"] == "FLOPs"]


def draw_family(draw: random.Random) -> dict[int, str]:
    """True values of random models under random conventions, some of them misprinted."""
    digits = draw.choice((3, 4, 5, None))
    family = {}
    for width in draw.sample(WIDTHS, draw.randint(2, 5)):
        value = float(MACS[width] * draw.choice((1, 1, 2)))
        value *= draw.choice((1, 1, 1, draw.uniform(0.7, 1.4), 10, 0.1))
        text = str(round(value)) if digits is None else f"{float(f'{value:.{digits - 1}e}'):.0f}"
        family[width] = text
    return family


def families() -> list[dict[int, str]]:
    draw = random.Random(SEED)
    return [draw_family(draw) for _ in range(FAMILIES)]


def is_true(width: int, text: str) -> bool:
    """Tell whether a text is the model's count, in one or two operations per multiply-add."""
    parsed = parse_count(text)
    assert isinstance(parsed.value, Decimal) and parsed.step is not None
    near = [abs(parsed.value - MACS[width] * times) for times in (1, 2)]
    return min(near) <= parsed.step / 2


@pytest.mark.parametrize("family", families(), ids=str)
def test_what_is_written_is_right_and_what_is_right_stays(
    toy: Path, monkeypatch: pytest.MonkeyPatch, family: dict[int, str]
) -> None:
    monkeypatch.chdir(toy)
    write_index(family)
    before, old = standings(), read_values()
    zoo("--write", "--yes")
    after, new = standings(), read_values()
    for width, was, now, first, then in zip(family, old, new, before, after, strict=True):
        if first == "right":
            assert (now, then) == (was, "right")
        elif now != was:
            assert then == "right" and is_true(width, now), (was, now)


def written(values: dict[int, str]) -> tuple[list[str], Sequence[str]]:
    write_index(values)
    result = zoo("--write", "--yes")
    said = [line for line in result.stderr.splitlines() if line.startswith("index.yml")]
    return read_values(), said


def test_a_value_is_not_moved_past_the_nearer_convention(
    toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of three are multiply-adds; the third is nearer to twice that, so a person decides."""
    monkeypatch.chdir(toy)
    doubled = round(2 * MACS[233] * 1.01)
    values, said = written({144: str(MACS[144]), 89: str(MACS[89]), 233: str(doubled)})
    assert values == [str(MACS[144]), str(MACS[89]), str(doubled)]
    assert said == [
        "index.yml:8: toy233 FLOPs: not written: the claim is nearer to two operations per "
        f"multiply-add, {2 * MACS[233]:,}; multiply-adds at 8x8 gives {MACS[233]}; --write asks"
    ]


def test_each_written_line_names_its_convention(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(toy)
    twice = {width: str(2 * MACS[width]) for width in (144, 89)}
    values, said = written(twice | {233: str(round(2 * MACS[233] * 1.01))})
    assert values[2] == str(2 * MACS[233])
    assert said[0].endswith("(two operations per multiply-add, the convention of its family)")
    write_index({233: str(round(MACS[233] * 1.01))})
    dry = zoo("--write", "--dry-run")
    assert f"-> {MACS[233]} (multiply-adds at 8x8)" in dry.stderr


def test_what_has_too_few_digits_to_be_judged_is_not_written(
    toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two digits cannot prove two operations each, and one sibling is too few to vouch for it."""
    monkeypatch.chdir(toy)
    values, said = written({144: str(2 * MACS[144]), 34: "0.14 M"})
    assert values == [str(2 * MACS[144]), "0.14 M"] and said == []
