"""A value printed as a claim is printed, and read again."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from zoo.model_index.quantities.rewrite import count_padding, split_number
from zoo.model_index.quantities.table import BY_KEY, QUANTITIES
from zoo.model_index.quantities.value import Value, agrees


def number(text: str) -> Decimal:
    return Decimal(text)


@pytest.mark.parametrize(
    ("quantity", "raw", "value", "text"),
    [
        ("flops", "22.22 G", number("23342434304"), "23.34 G"),
        ("flops", "22.220 G", number("23342434304"), "23.342 G"),
        ("flops", "9.99 GFLOPs", number("10119984128"), "10.12 GFLOPs"),
        ("flops", "4.1e9", number("5119984128"), "5.1e9"),
        ("flops", "0 G", number("5119984128"), "5 G"),
        ("flops", "22.G", number("5119984128"), "5.G"),
        ("flops", "15003675112", number("23342434304"), "23342434304"),
        ("flops", " 1.8 B ", number("23342434304"), " 23.3 B "),
        ("parameters", "61570000", number("37668392"), "37670000"),
        ("parameters", "61570000", number("437668392"), "437670000"),
        ("parameters", "25557030", number("25557032"), "25557032"),
        ("parameters", "8000000", number("7312345"), "7300000"),
        ("parameters", "1,234,567", number("92557032"), "92,557,032"),
        ("parameters", "1_234_567", number("557032"), "557_032"),
        ("parameters", "+1.5M", number("2557032"), "+2.6M"),
        ("file_size", "235.6 MiB", number("200000000"), "190.7 MiB"),
        ("file_size", "247 MB", number("200400000"), "200 MB"),
        ("layers", "32", number("34"), "34"),
        ("top1", "0.98", number("81.42"), "0.81"),
        ("top1", "80.16%", number("81.426"), "81.43%"),
        ("top1", "80.16 %", number("81.4"), "81.40 %"),
        ("top1", ".8016", number("7.9"), ".0790"),
        ("crop_pct", "0.9", number("0.875"), "0.875"),
        ("crop_pct", ".90", number("0.875"), ".875"),
        ("crop_pct", "0.875", number("1.0"), "1.000"),
        ("crop_pct", "9e-1", number("0.875"), "8.75e-1"),
        ("image_size", "224", (256, 256), "256"),
        ("image_size", "224", (224, 285), "224x285"),
        ("image_size", "224x224", (256, 256), "256x256"),
        ("image_size", " 3 X 224 X 224", (256, 320), " 3 X 256 X 320"),
        ("image_size", "3x224x224", (256, 256), "3x256x256"),
        ("interpolation", " Bicubic", "bilinear", " Bilinear"),
        ("interpolation", "BICUBIC", "bilinear", "BILINEAR"),
    ],
)
def test_a_value_in_the_notation_of_a_claim(
    quantity: str, raw: str, value: Value, text: str
) -> None:
    assert BY_KEY[quantity].rewrite(raw, value) == text


@pytest.mark.parametrize(
    ("quantity", "raw", "value", "error"),
    [
        ("top1", "99.1", number("0.8"), "0.8% cannot be written like '99.1'"),
        ("flops", "4.12 M", number("4119984128"), "'4.12 M' is in another unit than 4,119,984,128"),
        ("flops", "4.12", number("4119984128"), "'4.12' is in another unit than 4,119,984,128"),
        ("flops", "41.2 G", number("4119984"), "'41.2 G' is in another unit than 4,119,984"),
        ("flops", "1 G", number("11998400"), "too few digits in 1 for 0.0119984"),
        ("top1", "0.55", number("123"), "123% cannot be written like '0.55'"),
    ],
)
def test_what_a_notation_cannot_say_is_refused(
    quantity: str, raw: str, value: Value, error: str
) -> None:
    with pytest.raises(ValueError) as raised:
        BY_KEY[quantity].rewrite(raw, value)
    assert str(raised.value) == error


@pytest.mark.parametrize(
    ("raw", "alike", "zeros"),
    [
        ("22.220 G", (), 0),
        ("22.220 G", ("4.030 G", "12.540 G"), 1),
        ("25557030", (), 0),  # a tenth of all numbers end in a zero
        ("22.220 G", ("4.030 G", "12.541 G"), 0),
        ("22.220 G", ("4.030 M", "12.540 M"), 0),  # another unit says nothing
        ("22.220 G", ("4.03 G", "12.50 G"), 0),
        ("61570000", (), 4),
        ("61570000", ("7978856",), 0),
        ("1530000000", ("410000000", "4000000000"), 7),
        ("4000000000", (), 8),  # two digits are always significant
        ("1_230_000", ("0", "4_560_000"), 4),
        ("25557030", (), 0),
    ],
)
def test_zeros_are_padding_where_they_cannot_be_chance(
    raw: str, alike: tuple[str, ...], zeros: int
) -> None:
    assert count_padding(raw, alike) == zeros


def test_an_integer_in_another_unit_keeps_its_digits() -> None:
    """`4120000` for four billion: the unit was left out or wrong, the digits printed are three."""
    assert BY_KEY["flops"].rewrite("4120000", Decimal(4119984128)) == "4120000000"
    assert BY_KEY["flops"].rewrite("4120000000", Decimal(4119984)) == "4120000"


def test_every_quantity_is_written() -> None:
    examples = {
        "image_size": ("224", (256, 256)),
        "interpolation": ("bicubic", "bilinear"),
        "crop_mode": ("center", "squash"),
        "builder": ("timm:a", "timm:b"),
        "id": ("a", "b"),
        "weights": ("a", "b"),
        "training_memory": ("90 GB", Decimal(80 * 10**9)),
        "training_time": ("90 h", Decimal(80)),
    }
    for row in (row for row in QUANTITIES if not row.several):
        raw, value = examples.get(row.key, ("90", Decimal(80)))
        assert row.parse(row.rewrite(raw, value)).value == value  # type: ignore[arg-type]


UNITS = {
    "flops": ("", " ", "k", " M", "G", " GFLOPs", "e6", "e+9", "E3 B", " T", " MACs"),
    "parameters": ("", "K", " M", "B", " params", "e6"),
    "file_size": ("", " B", "kB", " MB", " MiB", "GiB", "e3 KiB"),
    "top1": ("", "%", " %", "e1"),
    "layers": ("",),
}


@st.composite
def numbers(draw: st.DrawFn, quantity: str) -> str:
    """A number as pages print it: grouped or not, with decimals or without, padded or not, in some
    unit."""
    most = 99 if quantity == "top1" else 10 ** draw(st.integers(1, 12))
    whole = draw(st.integers(0 if quantity == "top1" else 1, most))
    grouped = draw(st.sampled_from([f"{whole}", f"{whole:,}", f"{whole:_}"]))
    decimals = draw(
        st.sampled_from(["", ".", "." + draw(st.text("0123456789", min_size=1, max_size=6))])
    )
    sign, spaces = draw(st.sampled_from(["", "+"])), draw(st.sampled_from(["", " "]))
    return f"{spaces}{sign}{grouped}{decimals}{draw(st.sampled_from(UNITS[quantity]))}{spaces}"


@given(st.data(), st.sampled_from(sorted(UNITS)), st.fractions("1/20", 20, max_denominator=10**6))
def test_what_is_written_reads_as_the_value_to_its_last_place(
    data: st.DataObject, key: str, factor: object
) -> None:
    """Rounded to the claim's step, or finer where the zeros at its end may be digits; the form
    stays."""
    row, raw = BY_KEY[key], data.draw(numbers(key))
    parsed = row.parse(raw)
    assert isinstance(parsed.value, Decimal) and parsed.step is not None
    assume(parsed.value)
    with localcontext(prec=60):
        value = (parsed.value * factor.numerator / factor.denominator).quantize(Decimal("1e-6"))  # type: ignore[attr-defined]
    try:
        text = row.rewrite(raw, value)
    except ValueError:
        assume(False)
    again, old, new = row.parse(text), split_number(raw), split_number(text)
    assert isinstance(again.value, Decimal)
    assert abs(again.value - value) <= parsed.step / 2
    assert agrees(again, value)
    assert (new.before, new.sign, new.point, new.form) == (
        old.before,
        old.sign,
        old.point,
        old.form,
    )
    assert not ({",", "_"} - set(old.whole)) & set(new.whole)


@given(st.data(), st.sampled_from(sorted(UNITS)))
def test_a_claim_that_is_right_is_written_as_it_stands(data: st.DataObject, key: str) -> None:
    raw = data.draw(numbers(key))
    value = BY_KEY[key].parse(raw).value
    assert isinstance(value, Decimal)
    old = split_number(raw)
    assume(
        old.whole
        == f"{int(old.whole.replace(',', '').replace('_', '')):_}".replace(
            "_", _separator(old.whole)
        )
    )
    assert BY_KEY[key].rewrite(raw, value) == raw


def _separator(whole: str) -> str:
    return next((mark for mark in ",_" if mark in whole), "")


@given(
    st.integers(1, 65536),
    st.integers(1, 65536),
    st.sampled_from(["{}x{}", "3x{}x{}", "3 x {} X {}", "{} x {}"]),
)
def test_sizes_keep_their_form(height: int, width: int, form: str) -> None:
    row = BY_KEY["image_size"]
    assert row.rewrite(form.format(224, 224), (height, width)) == form.format(height, width)
    assert row.parse(row.rewrite("224", (height, width))).value == (height, width)
