"""What siblings say: a shared cause is preferred, an odd one out is named, a copied row is
found."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zoo.counting.measurer import Measurer
from zoo.model_index.findings import Finding
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.records.records import Entry
from zoo.verification.verify import verify

WIDTHS = A, B, C, D, E = (20008, 30012, 50020, 70036, 90044)
MACS = {width: 64 * 27 * width + 10 * width for width in WIDTHS}  # the toy at 8x8
BIASES = {width: 64 * width + 10 for width in WIDTHS}
FVCORE = {width: MACS[width] + 2 * 64 * width + 64 * width for width in WIDTHS}
PARAMETERS = {width: 28 * width + 2 * width + 10 * width + 10 for width in WIDTHS}


@pytest.fixture
def family(
    toy: Path, read: Callable[[str], list[Entry]]
) -> Callable[..., tuple[dict[str, Finding], list[Entry], Measurer]]:
    """Findings on a family of toys by name; `values` are the claims, `chosen` the entries
    verified."""

    def findings(
        values: dict[int, object],
        quantity: str = "FLOPs",
        chosen: tuple[str, ...] = (),
        measurer: Measurer | None = None,
        collection: str = "In Collection: Toys, ",
    ) -> tuple[dict[str, Finding], list[Entry], Measurer]:
        lines = ["Collections: [{Name: Toys}]", "Models:"]
        for width, value in values.items():
            builder = f"{{Name: 'toyzoo:Toy', Arguments: {{width: {width}}}}}"
            lines += [f"- {{Name: toy{width}, {collection}Builder: {builder},"]
            lines += [f"   Metadata: {{{quantity}: {value}, Image Size: 8}}}}"]
        entries = read("\n".join(lines))
        measurer = measurer or Measurer(Ledger(toy / "ledger"), trusted=("toyzoo",))
        selected = [entry for entry in entries if entry.name in chosen or not chosen]
        found = verify(selected, measurer, entries)
        return {entry.name: each[0] for entry, each in found}, entries, measurer

    return findings


def rounded(value: int, digits: int) -> int:
    return int(float(f"{value:.{digits - 1}e}"))


def test_siblings_vouch_for_a_cause_that_digits_cannot_prove(family: Callable) -> None:
    """Three digits do not prove a convention of rank 2 and more; four siblings that all fit it
    do."""
    alone, *_ = family({A: rounded(FVCORE[A], 3)})
    assert alone[f"toy{A}"].verdict == "mismatch"
    together, *_ = family({width: rounded(FVCORE[width], 3) for width in WIDTHS})
    assert {finding.verdict for finding in together.values()} == {"explained"}
    assert {finding.causes for finding in together.values()} == {("fvcore",)}
    assert "; fvcore explains 4 of 4 siblings" in together[f"toy{A}"].reason


def test_an_odd_one_out_is_named(family: Callable) -> None:
    values = {width: 2 * MACS[width] for width in WIDTHS} | {D: 1234567}
    found, *_ = family(values)
    assert found[f"toy{D}"].verdict == "mismatch"
    assert found[f"toy{D}"].reason.endswith(
        f"the odd one out: 2x explains 4 of 4 siblings, and gives {2 * MACS[D]:,} here"
    )
    assert "odd" not in found[f"toy{A}"].reason


def test_what_leaves_no_question_gets_no_note(family: Callable) -> None:
    """Else a model would be told otherwise among all than alone."""
    found, *_ = family({width: 2 * MACS[width] for width in WIDTHS} | {D: MACS[D]})
    assert (found[f"toy{D}"].verdict, found[f"toy{D}"].reason) == (
        "exact",
        "equal to the last digit",
    )


def test_models_without_a_collection_are_no_siblings(family: Callable) -> None:
    values = {width: rounded(FVCORE[width], 3) for width in WIDTHS}
    found, *_ = family(values, collection="")
    assert {finding.verdict for finding in found.values()} == {"mismatch"}


def test_a_cause_goes_by_every_name_that_comes_to_the_same(
    toy: Path, read: Callable[[str], list[Entry]]
) -> None:
    """Without biases nothing tells `bias` from `macs`; a family counted by `bias` has no odd one
    out for that."""
    (toy / "toyzoo.py").write_text(
        (toy / "toyzoo.py").read_text()
        + """
class Bare(nn.Sequential):
    def __init__(self, width):
        super().__init__(nn.Conv2d(3, width, 3, padding=1, bias=False), nn.ReLU())
"""
    )
    lines = ["Collections: [{Name: Toys}]", "Models:"]
    for width, kind, times in ((A, "Toy", 2), (B, "Toy", 2), (C, "Toy", 2), (D, "Bare", 2)):
        value = times * (MACS[width] + BIASES[width] if kind == "Toy" else 64 * 27 * width)
        builder = f"{{Name: 'toyzoo:{kind}', Arguments: {{width: {width}}}}}"
        metadata = f"{{FLOPs: {value}, Image Size: 8}}"
        lines += [
            f"- {{Name: toy{width}, In Collection: Toys, Builder: {builder}, Metadata: {metadata}}}"
        ]
    entries = read("\n".join(lines))
    found = [
        each[0]
        for _, each in verify(entries, Measurer(Ledger(toy / "ledger"), trusted=("toyzoo",)))
    ]
    assert [finding.cause for finding in found] == ["2x bias", "2x bias", "2x bias", "2x"]
    assert not any("odd" in finding.reason for finding in found)


def test_an_alias_in_the_index_is_one_model(
    family: Callable, read: Callable[[str], list[Entry]], toy: Path
) -> None:
    entry = (
        f"{{Name: toy, Builder: {{Name: 'toyzoo:Toy', Arguments: {{width: {A}}}}}, "
        f"Metadata: {{Image Size: 8}}}}"
    )
    entries = read(f"Models:\n- &a {entry}\n- *a\n- {{Name: other, Builder: 'toyzoo:make'}}")
    measurer = Measurer(Ledger(toy / "ledger"), trusted=("toyzoo",))
    assert [entry.name for entry, _ in verify(entries[:1], measurer, entries)] == ["toy"]
    assert [entry.name for entry, _ in verify(entries, measurer, entries)] == [
        "toy",
        "toy",
        "other",
    ]


def test_two_of_five_are_no_majority(family: Callable) -> None:
    found, *_ = family(
        {width: 2 * MACS[width] for width in WIDTHS[:2]}
        | {width: MACS[width] for width in WIDTHS[2:]}
    )
    assert not any("siblings" in finding.reason for finding in found.values())


def test_a_copied_row_is_found(family: Callable) -> None:
    found, *_ = family(
        {width: PARAMETERS[width] for width in WIDTHS} | {D: PARAMETERS[E]}, "Parameters"
    )
    copied = found[f"toy{D}"]
    assert (copied.verdict, copied.cause, copied.wrong) == ("explained", "copied row", True)
    assert copied.reason == (
        f"the value of toy{E} gives the claim to the last digit: value {PARAMETERS[E]}"
    )
    assert copied.use == PARAMETERS[D]
    assert copied.fails() and not found[f"toy{E}"].fails()
    assert copied.to_dict()["standing"] == "wrong"


def test_a_published_value_in_another_row_is_found(family: Callable) -> None:
    """The value itself is not what we measure: it was copied as it was published."""
    found, *_ = family({width: FVCORE[width] for width in WIDTHS} | {D: FVCORE[E]})
    copied = found[f"toy{D}"]
    assert (copied.verdict, copied.cause) == ("explained", "copied row")
    assert copied.reason.startswith(f"the value published for toy{E} ")


def test_one_model_alone_gets_the_verdict_it_has_among_all(family: Callable) -> None:
    values = {width: 2 * MACS[width] for width in WIDTHS} | {D: 1234567}
    whole, *_ = family(values)
    alone, _, measurer = family(values, chosen=(f"toy{D}",))
    assert list(alone) == [f"toy{D}"]
    assert alone[f"toy{D}"].reason == whole[f"toy{D}"].reason
    settled, _, measurer = family(
        values,
        chosen=(f"toy{A}",),
        measurer=Measurer(measurer.ledger, fresh=True, trusted=("toyzoo",)),
    )
    assert measurer.stats.measured == 1, "a claim that leaves no question costs no sibling a count"
    assert settled[f"toy{A}"].cause == "2x"
