"""What is written in place of a wrong claim: the value, by whose convention, in which digits; and
what is left."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from zoo.counting.conventions import remove_doubling
from zoo.counting.measurer import Measurer
from zoo.explanation.judgement import Assessment
from zoo.explanation.search import apply_causes, correct_by_causes
from zoo.model_index.findings import ANOTHER_MODEL, Finding, Verdict
from zoo.model_index.ledger.store import Ledger
from zoo.model_index.records.records import Entry
from zoo.verification.corrections import Correction, RefusedCorrection, corrections
from zoo.verification.verify import examine

Read = Callable[[str], list[Entry]]
WIDTHS = A, B, C, D = (20008, 30012, 50020, 70036)
MACS = {width: 64 * 27 * width + 10 * width for width in WIDTHS}  # the toy at 8x8
PARAMETERS = {width: 28 * width + 2 * width + 10 * width + 10 for width in WIDTHS}


@pytest.fixture
def corrected(toy: Path, read: Read) -> Callable[..., list[str]]:
    """What is written for toys with these claims, `NAME QUANTITY OLD -> NEW (BASIS)` or `NAME
    QUANTITY: WHY NOT`."""

    def lines(
        values: dict[int, str],
        chosen: tuple[int, ...] = (),
        only: tuple[str, ...] = (),
        reported: bool = False,
    ) -> list[str]:
        text = ["Collections: [{Name: Toys}]", "Models:"]
        for width, fields in values.items():
            builder = f"{{Name: 'toyzoo:Toy', Arguments: {{width: {width}}}}}"
            text += [f"- {{Name: toy{width}, In Collection: Toys, Builder: {builder}, {fields}}}"]
        entries = read("\n".join(text))
        measurer = Measurer(Ledger(toy / "ledger"), trusted=("toyzoo",))
        asked = [
            entry
            for entry in entries
            if not chosen or entry.name in {f"toy{width}" for width in chosen}
        ]
        return [
            told(one)
            for one in corrections(
                examine(asked, measurer, entries), entries, frozenset(only), reported
            )
        ]

    return lines


def told(one: Correction | RefusedCorrection) -> str:
    what = f"{one.claim.model} {one.claim.label}"
    return (
        f"{what} {one.claim.raw} -> {one.text} ({one.basis})"
        if isinstance(one, Correction)
        else f"{what}: {one.why}"
    )


def flops(value: object, more: str = "") -> str:
    return f"Metadata: {{FLOPs: {value}, Image Size: 8{more}}}"


def test_multiply_adds_where_no_convention_is_known(corrected: Callable) -> None:
    assert corrected({A: flops("35.712 M")}) == [
        f"toy{A} FLOPs 35.712 M -> {MACS[A] / 10**6:.3f} M (multiply-adds at 8x8)"
    ]


def test_what_is_right_is_not_written(corrected: Callable) -> None:
    assert corrected({A: flops(MACS[A]), B: flops(2 * MACS[B])}) == []


def test_the_convention_of_the_siblings(corrected: Callable) -> None:
    values = {width: flops(2 * MACS[width]) for width in WIDTHS} | {D: flops(123456789)}
    expected = [
        (
            f"toy{D} FLOPs 123456789 -> {2 * MACS[D]} (two operations per "
            "multiply-add, the convention of its family)"
        )
    ]
    assert corrected(values) == expected
    assert corrected(values, (D,)) == expected, "the same alone as among all"


def test_the_unit_of_operations_of_siblings_that_nothing_explains(corrected: Callable) -> None:
    """All are a few percent below two operations each; to write one of them by multiply-adds would
    halve it."""
    values = {width: flops(int(1.91 * MACS[width])) for width in WIDTHS}
    assert corrected(values, (A,)) == [
        (
            f"toy{A} FLOPs {int(1.91 * MACS[A])} -> {2 * MACS[A]} (two operations per "
            "multiply-add, the convention of its family)"
        )
    ]


def test_a_mistake_is_written_as_its_siblings_are_printed(corrected: Callable) -> None:
    """A slipped decimal point is explained and wrong all the same; the whole table is padded with
    zeros."""
    values = {
        width: f"Metadata: {{Parameters: {round(PARAMETERS[width], -3)}}}" for width in WIDTHS
    }
    values[D] = f"Metadata: {{Parameters: {round(PARAMETERS[D], -3) // 10}}}"
    assert corrected(values) == [f"toy{D} Parameters 280100 -> 2801400 (all parameters)"]
    values[A] = f"Metadata: {{Parameters: {PARAMETERS[A] + 2}}}"
    assert corrected(values, (D,)) == [
        f"toy{D} Parameters 280100 -> {PARAMETERS[D]} (all parameters)"
    ]


def labelled(label: str, value: object) -> str:
    return flops(value).replace("FLOPs", label)


def test_a_label_that_says_multiply_adds_says_what_is_written(corrected: Callable) -> None:
    """Whatever its siblings count, and however near to two operations each it is: it would say
    twice as much."""
    values = {width: flops(2 * MACS[width]) for width in WIDTHS}
    for label in ("MACs", "Multi-Adds", "multi_adds"):
        line = f"toy{D} {label} 123456789 -> {MACS[D]} (multiply-adds at 8x8)"
        assert corrected(values | {D: labelled(label, 123456789)}) == [line]
        wrong = int(2.1 * MACS[A])
        assert corrected({A: labelled(label, wrong)}) == [
            f"toy{A} {label} {wrong} -> {MACS[A]} (multiply-adds at 8x8)"
        ]
    millions = corrected(values | {D: labelled("'MACs (M)'", 123.4)})
    assert millions == [f"toy{D} MACs (M) 123.4 -> {MACS[D] / 10**6:.1f} (multiply-adds at 8x8)"]


def test_two_operations_each_under_such_a_label_are_halved(corrected: Callable) -> None:
    values = {width: flops(2 * MACS[width]) for width in WIDTHS}
    assert corrected(values | {D: labelled("MACs", 2 * MACS[D])}) == [
        f"toy{D} MACs {2 * MACS[D]} -> {MACS[D]} (multiply-adds at 8x8)"
    ]


def test_the_convention_of_siblings_stays_but_for_the_doubling() -> None:
    assert remove_doubling(("2x thop", "photograph")) == ("thop", "photograph")
    assert remove_doubling(("2x", "photograph")) == ("photograph",)
    assert remove_doubling(("2x",)) == remove_doubling(("paddle",)) == ()
    assert remove_doubling(("thop",)) == ("thop",)


def test_what_others_are_quoted_with_is_written_only_if_asked_for(corrected: Callable) -> None:
    quoted = "Reported: [{Publisher: Other, Metadata: {FLOPs: 35.712 M, Image Size: 8}}]"
    assert corrected({A: quoted}) == [
        f"toy{A} FLOPs: it is quoted from Other; --reported writes it too"
    ]
    assert corrected({A: quoted}, reported=True) == [
        f"toy{A} FLOPs 35.712 M -> {MACS[A] / 10**6:.3f} M (multiply-adds at 8x8)"
    ]


def test_only_some_quantities(corrected: Callable) -> None:
    values = {A: flops(12345678, ", Parameters: 87654321")}
    assert [line.split()[1] for line in corrected(values)] == ["FLOPs", "Parameters"]
    assert [line.split()[1] for line in corrected(values, only=("parameters",))] == ["Parameters"]
    assert corrected(values, only=("layers",)) == []


def test_a_unit_that_is_wrong_is_left_to_a_person(corrected: Callable) -> None:
    assert corrected({A: flops("34.77 G")}) == [
        f"toy{A} FLOPs: '34.77 G' is in another unit than {MACS[A]:,}"
    ]


def findings(entry: Entry, *measured: tuple[str, object, Verdict]) -> list[Assessment]:
    """Findings made by hand: (quantity, measured, verdict)."""
    claims = {claim.quantity: claim for claim in entry.claims}
    return [
        Assessment(Finding(claim=claims[key], verdict=verdict, reason="", measured=value))
        for key, value, verdict in measured
    ]  # type: ignore[arg-type]


@pytest.fixture
def entry(read: Read) -> Entry:
    metadata = (
        "{FLOPs: 5, Image Size: 300, Crop Pct: 0.904, Interpolation: bicubic, ID: e, "
        "Layers: 5, Parameters: 5}"
    )
    (found,) = read(
        f"Models: [{{Name: e, Metadata: {metadata}, Results: [{{Metrics: "
        f"{{Top 1 Accuracy: 12}}}}]}}]"
    )
    return found


WRONG = ("image_size", (288, 288), Verdict.MISMATCH)
CROP = ("crop_pct", Decimal("0.875"), Verdict.MISMATCH)
ID = ("id", "f", Verdict.MISMATCH)
SMALLER = "e Image Size 300 -> 288 (as configured)"
BESIDE = "the FLOPs beside it are of the image size stated"


@pytest.mark.parametrize(
    ("found", "only", "expected"),
    [
        ([WRONG, CROP], (), [SMALLER, "e Crop Pct 0.904 -> 0.875 (as configured)"]),
        (
            [("flops", Decimal(5), Verdict.EXACT), CROP],
            (),
            ["e Crop Pct 0.904 -> 0.875 (as configured)"],
        ),
        (
            [("flops", Decimal(6), Verdict.EXPLAINED), WRONG, CROP],
            (),
            [
                f"e Image Size: {BESIDE}; --only 'Image Size' writes it all the same",
                f"e Crop Pct: {BESIDE}; --only 'Crop Pct' writes it all the same",
            ],
        ),
        ([("flops", Decimal(6), Verdict.EXPLAINED), WRONG, CROP], ("image_size",), [SMALLER]),
        ([("flops", Decimal(7), Verdict.MISMATCH), WRONG], ("image_size",), [SMALLER]),
        (
            [("flops", Decimal(7), Verdict.MISMATCH), WRONG],
            (),
            [
                "e FLOPs: the image size beside it is corrected; "
                "the next --write counts FLOPs at 288x288, --only FLOPs at 300x300 now",
                SMALLER,
            ],
        ),
        (
            [("flops", Decimal(7), Verdict.MISMATCH), WRONG],
            ("flops",),
            ["e FLOPs 5 -> 7 (measured)"],
        ),
        (
            [("layers", Decimal(34), Verdict.MISMATCH)],
            (),
            ["e Layers 5 -> 34 (the depth in the name)"],
        ),
        (
            [("interpolation", "bilinear", Verdict.MISMATCH)],
            (),
            ["e Interpolation bicubic -> bilinear (as configured)"],
        ),
        ([("top1", None, Verdict.MISMATCH)], (), ["e Top 1 Accuracy: nothing was measured"]),
        ([ID], (), ["e ID: a person has to decide which model is meant"]),
        ([("flops", None, Verdict.ERROR), ("parameters", Decimal(6), Verdict.UNCHECKED)], (), []),
        (
            [("flops", Decimal("5.2"), Verdict.MISMATCH)],
            (),
            ["e FLOPs: measured gives the same digits"],
        ),
    ],
)
def test_what_is_written_and_what_is_left(
    entry: Entry, found: list, only: tuple, expected: list[str]
) -> None:
    pairs = [(entry, findings(entry, *found))]
    assert [told(one) for one in corrections(pairs, [entry], frozenset(only))] == expected


def test_flops_of_the_configured_size_do_not_confirm_another_one(entry: Entry) -> None:
    found = findings(entry, ("flops", Decimal(6), Verdict.EXPLAINED), WRONG)
    found[0] = replace(found[0], finding=replace(found[0].finding, causes=("configured size",)))
    assert [told(one) for one in corrections([(entry, found)], [entry])] == [SMALLER]


def test_flops_wait_for_the_size_that_they_were_counted_at(read: Read) -> None:
    """What another publisher states at a size of its own is no matter of the entry's size; what has
    none, is."""
    other = "{Publisher: P, Metadata: {FLOPs: 5%s}}"
    for stated, expected in (("", 0), (", Image Size: 300", 1)):
        (entry,) = read(
            f"Models: [{{Name: e, Metadata: {{Image Size: 300}}, Reported: [{other % stated}]}}]"
        )
        (size,) = findings(entry, WRONG)
        (quoted,) = (claim for claim in entry.all_claims() if claim.quantity == "flops")
        found = [
            size,
            Assessment(
                Finding(claim=quoted, verdict=Verdict.MISMATCH, reason="", measured=Decimal(7))
            ),
        ]
        made = corrections([(entry, found)], [entry], reported=True)
        assert [told(one) for one in made].count("e FLOPs 5 -> 7 (measured)") == expected


def test_numbers_of_a_model_that_the_name_does_not_mean_are_not_written(entry: Entry) -> None:
    found = findings(
        entry,
        ID,
        ("parameters", Decimal(6), Verdict.MISMATCH),
        ("layers", Decimal(34), Verdict.MISMATCH),
    )
    found[0] = replace(
        found[0], finding=replace(found[0].finding, causes=(ANOTHER_MODEL,), wrong=True)
    )
    assert [told(one) for one in corrections([(entry, found)], [entry])] == [
        "e ID: a person has to decide which model is meant",
        "e Parameters: the name builds another model, which is what was measured",
        "e Layers 5 -> 34 (the depth in the name)",
    ]


def test_a_convention_that_gives_nothing_here_is_no_reason_for_another(
    toy: Path, read: Read
) -> None:
    (entry,) = read(
        "Models: [{Name: toy, Builder: 'toyzoo:make', Metadata: {FLOPs: 5, Image Size: 8}}]"
    )
    ((_, (one, *_)),) = examine([entry], Measurer(Ledger(toy / "ledger"), trusted=("toyzoo",)))
    fused = replace(one, convention=("fused",))
    assert [told(each) for each in corrections([(entry, [fused])], [entry])] == [
        "toy FLOPs: its siblings are counted by fused, which gives nothing here"
    ]


def test_of_several_inputs_the_one_of_the_claims_own_height(toy: Path, read: Read) -> None:
    """An uncropped photograph at 224 or at the claim's 32: a wrong claim that is nearer to 224 does
    not decide."""
    (entry,) = read(
        "Models: [{Name: toy, Builder: 'toyzoo:make', Metadata: {FLOPs: 14000001, Image Size: 32}}]"
    )
    ((_, (one, *_)),) = examine([entry], Measurer(Ledger(toy / "ledger"), trusted=("toyzoo",)))
    assert one.case is not None
    nearest, own = (
        apply_causes(one.case, ("photograph",)),
        correct_by_causes(one.case, ("photograph",)),
    )
    assert nearest and own and (nearest.size, own.size) == ((224, 285), (32, 40))
