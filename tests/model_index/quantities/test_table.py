"""Quantities: what is parsed from the characters of a claim, and how it is printed."""

import re
import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.model_index.quantities.lookup import ANYWHERE, BY_SPELLING, find, find_with_unit
from zoo.model_index.quantities.metric_names import find_metric
from zoo.model_index.quantities.metric_words import BY_WORDS, words_of
from zoo.model_index.quantities.parse import (
    COUNT,
    DURATION,
    FILE_SIZE,
    NUMBER_ONLY,
    PERCENT,
    RATE,
    SIZE,
    parse_bytes,
    parse_count,
    parse_number,
    parse_percent,
    parse_rate,
    parse_size,
    parse_text,
)
from zoo.model_index.quantities.show import (
    show_count,
    show_number,
    show_percent,
    show_rate,
    show_size,
)
from zoo.model_index.quantities.table import BY_KEY, QUANTITIES
from zoo.model_index.quantities.value import ParsedValue


@pytest.mark.parametrize(
    ("text", "value", "digits", "step"),
    [
        ("15003675112", "15003675112", 11, "1"),
        ("15_003", "15003", 5, "1"),
        ("12,610,000", "12610000", 4, "10000"),
        ("61570000", "61570000", 4, "10000"),
        ("61.570 M", "61570000", 5, "1000"),
        ("61.57M", "61570000", 4, "10000"),
        ("22.220 G", "22220000000", 5, "1000000"),
        ("25.00M", "25000000", 4, "10000"),
        ("80 M", "80000000", 2, "1000000"),
        ("10.1 million", "10100000", 3, "100000"),
        ("16.0 Mio", "16000000", 3, "100000"),
        ("25 557 032", "25557032", 8, "1"),
        ("25\u202f557\u202f032", "25557032", 8, "1"),
        ("25\u2019557\u2019032", "25557032", 8, "1"),
        ("\uff11\uff11\uff0e\uff16\uff19M", "11690000", 4, "10000"),
        ("\u0661\u0661\u066b\u0666\u0669 M", "11690000", 4, "10000"),
        ("8.0 M", "8000000", 2, "100000"),
        ("8 M", "8000000", 1, "1000000"),
        ("4.1 GFLOPs", "4100000000", 2, "100000000"),
        ("4.1 gmacs", "4100000000", 2, "100000000"),
        ("1.5B params", "1500000000", 2, "100000000"),
        ("1.2T", "1200000000000", 2, "100000000000"),
        ("  5k ", "5000", 1, "1000"),
        ("1e3", "1000", 1, "1000"),
        ("+7", "7", 1, "1"),
        ("5 mult-adds", "5", 1, "1"),
        ("5 m mult-adds", "5000000", 1, "1000000"),
        ("5  G  FLOP", "5000000000", 1, "1000000000"),
        (".5 M", "500000", 1, "100000"),
        ("0", "0", 1, "1"),
    ],
)
def test_count(text: str, value: str, digits: int, step: str) -> None:
    assert parse_count(text) == ParsedValue(Decimal(value), digits, Decimal(step))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "many",
        "-5",
        "1,,000",
        "1 2",
        "10\u2079",
        "~5.3",
        "3.9/4.1 G",
        "5 MB",
        "1e9999999999999999999999",
        "1e999999999",
        "nan",
        ".",
    ],
)
def test_no_count(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a count$"):
        parse_count(text)


@pytest.mark.parametrize("text", ["1,5 G", "25,6 M"])
def test_a_decimal_comma_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a count with a decimal point$"):
        parse_count(text)


@pytest.mark.parametrize("text", ["1e31", "1e999999", "1e-999999", "1" * 32, "0e999999"])
def test_a_number_without_measure_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a number below 1e30$"):
        parse_count(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("247021307", 247021307),
        ("247 MB", 247_000_000),
        ("1.5 KiB", 1536),
        ("2gib", 2 * 2**30),
        ("12 B", 12),
        ("12 kB", 12_000),
    ],
)
def test_bytes(text: str, value: int) -> None:
    assert parse_bytes(text).value == value


@pytest.mark.parametrize("text", ["12 k", "12 i", "-3 MB", "many", "1e999999999"])
def test_no_bytes(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a number of bytes$"):
        parse_bytes(text)


@pytest.mark.parametrize(
    ("text", "value", "digits", "step"),
    [
        ("80.16%", "80.16", 4, "0.01"),
        ("80.16", "80.16", 4, "0.01"),
        ("75.9 %", "75.9", 3, "0.1"),
        ("0.8016", "80.16", 4, "0.01"),
        ("0.780", "78", 3, "0.1"),
        ("0.98%", "0.98", 2, "0.01"),
        ("99.00%", "99", 4, "0.01"),
        ("80%", "80", 2, "1"),
        ("0.9", "90", 1, "10"),
        ("1", "100", 3, "1"),
        ("1.0", "100", 3, "1"),
        ("1.00", "100", 3, "1"),
        ("1.000", "100", 4, "0.1"),
        ("0", "0", 1, "1"),
        ("\uff19\uff19.5\uff05", "99.5", 3, "0.1"),
        ("-3%", "-3", 1, "1"),
    ],
)
def test_percent(text: str, value: str, digits: int, step: str) -> None:
    parsed = parse_percent(text)
    assert (parsed.value, parsed.digits, parsed.step) == (Decimal(value), digits, Decimal(step))


@pytest.mark.parametrize(
    "text", ["", "many", "80 percent", "1e999999999", "1e9999999999999999999999"]
)
def test_no_percent(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a percentage$"):
        parse_percent(text)


@pytest.mark.parametrize(
    ("text", "value"), [("0.875", "0.875"), ("1e-4", "0.0001"), ("-90", "-90"), ("0.900", "0.9")]
)
def test_number(text: str, value: str) -> None:
    assert parse_number(text).value == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("224", (224, 224)),
        ("224x285", (224, 285)),
        ("3x224x224", (224, 224)),
        ("3 X 299 x 300", (299, 300)),
    ],
)
def test_size(text: str, value: tuple[int, int]) -> None:
    assert parse_size(text) == ParsedValue(value, None, None)


@pytest.mark.parametrize("text", ["big", "224x", "x224", "-1", "4x224x224", "9" * 5000])
def test_no_size(text: str) -> None:
    with pytest.raises(ValueError, match=r"^an image size such as 224 or 224x285$"):
        parse_size(text)


@pytest.mark.parametrize("text", ["0", "65537", "224x0"])
def test_a_size_without_measure_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^an image size between 1 and 65536 pixels$"):
        parse_size(text)


def test_text_is_kept() -> None:
    assert parse_text(" bicubic ") == ParsedValue("bicubic")


@pytest.mark.parametrize(
    ("show", "value", "shown"),
    [
        (show_count, parse_count("22.220 G").value, "22,220,000,000"),
        (show_count, parse_count("15003675112").value, "15,003,675,112"),
        (show_count, Decimal("1.50"), "1.5"),
        (show_number, Decimal("0.8750"), "0.875"),
        (show_number, Decimal("1E+2"), "100"),
        (show_percent, Decimal("75.90"), "75.9%"),
        (show_size, (224, 285), "224x285"),
    ],
)
def test_show(show, value: object, shown: str) -> None:
    assert show(value) == shown


@given(st.integers(0, 10**27))
def test_a_count_is_read_back(number: int) -> None:
    assert parse_count(show_count(Decimal(number))).value == number
    assert parse_count(str(number)).value == number


@given(st.decimals(-1000, 1000, places=4))
def test_a_number_and_a_percentage_are_read_back(number: Decimal) -> None:
    assert parse_number(show_number(number)).value == number
    assert parse_percent(show_percent(number)).value == number


@given(st.integers(1, 65536), st.integers(1, 65536))
def test_a_size_is_read_back(height: int, width: int) -> None:
    assert parse_size(show_size((height, width))).value == (height, width)


@given(st.integers(1, 10**12), st.integers(0, 6), st.sampled_from(["", "K", "M", "G"]))
def test_rounding_to_the_step_changes_nothing_printed(
    number: int, places: int, prefix: str
) -> None:
    """A printed value is a multiple of its step, and the step is its last significant digit's
    unit."""
    text = f"{Decimal(number).scaleb(-places):f}{prefix}"
    parsed = parse_count(text)
    assert parsed.value % parsed.step == 0
    assert parsed.step <= parsed.value
    assert len(str(int(parsed.value / parsed.step))) == parsed.digits


REFUSE = """
import re, sys
spaces = " " * 100_000
texts = {
    "spaces": f"1{spaces}z",
    "prefix": f"1{spaces}G{spaces}z",
    "channels": f"3{spaces}x{spaces}z",
    "side": f"3x1{spaces}z",
    "sides": f"1{spaces}x{spaces}1z",
    "digits": "1" * 100_000 + "z",
    "groups": "1_1" * 50_000 + "z",
    "thousands": "1,111" + ",111" * 30_000 + "z",
    "fraction": "1." + "1" * 100_000 + "z",
}
pattern = re.compile(sys.argv[1], int(sys.argv[2]))
print(*(name for name, text in texts.items() if pattern.fullmatch(text)))
"""
LIMIT = 60  # seconds: a pattern that tries each split of the spaces takes hours


@pytest.mark.parametrize("pattern", [COUNT, FILE_SIZE, PERCENT, SIZE, NUMBER_ONLY, DURATION, RATE])
def test_each_pattern_refuses_long_texts_without_trying_every_split(
    pattern: re.Pattern[str],
) -> None:
    command = [sys.executable, "-c", REFUSE, pattern.pattern, str(int(pattern.flags))]
    process = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=True)
    assert process.stdout == "\n"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("flops", "a count"),
        ("file_size", "a number of bytes"),
        ("top1", "a percentage"),
        ("crop_pct", "a number"),
        ("image_size", "an image size such as 224 or 224x285"),
        ("id", "a text of at most 100 characters"),
    ],
)
def test_a_claim_of_more_than_a_hundred_characters_is_refused(row: str, expected: str) -> None:
    parse = BY_KEY[row].parse
    assert parse("7" + " " * 99) == parse("7")
    with pytest.raises(ValueError, match=f"^{expected}$"):
        parse("7" + " " * 100)


@given(st.text(max_size=30))
def test_any_text_is_parsed_or_refused_as_a_value_error(text: str) -> None:
    for row in QUANTITIES:
        try:
            row.show(row.parse(text).value)
        except ValueError as error:
            assert str(error).startswith(("a ", "an "))


def test_each_row_has_its_own_key_and_spellings() -> None:
    assert set(BY_KEY) == {*(row.key for row in QUANTITIES), "audit"}
    assert len(BY_KEY) == len(QUANTITIES) + 1
    assert len(BY_SPELLING) == sum(len(row.spellings) + len(row.units) for row in ANYWHERE)
    words = {words_of(text): row for row in QUANTITIES if row.metric for text in row.spellings}
    assert words == {text: row for text, row in BY_WORDS.items() if text in words}
    assert all(spelling == spelling.lower() for spelling in BY_SPELLING)
    assert all(find(row.label) is row for row in ANYWHERE if row.spellings)
    named = [row for row in QUANTITIES if row.metric and row.spellings]
    assert [find_metric(row.label, None, ()).row for row in named] == named


@pytest.mark.parametrize(
    ("spelling", "key"), [("flops", "flops"), (" PARAMS ", "parameters"), ("Top-1", "top1")]
)
def test_find(spelling: str, key: str) -> None:
    assert find(spelling) is BY_KEY[key]


@pytest.mark.parametrize(
    "spelling",
    ["Momentum", "Num Layers", "Trainable Params", "Params (GB)", "TMACts", "Training FLOPs"],
)
def test_a_field_that_is_no_quantity(spelling: str) -> None:
    assert find(spelling) is None


@pytest.mark.parametrize(
    ("spelling", "key", "unit"),
    [
        ("#Params", "parameters", ""),
        ("# params (M)", "parameters", "M"),
        ("Param. (M)", "parameters", "M"),
        ("Params (Million)", "parameters", "M"),
        ("params [M]", "parameters", "M"),
        ("No. of Parameters", "parameters", ""),
        ("num_params", "parameters", ""),
        ("#FLOPs", "flops", ""),
        ("FLOPs(B)", "flops", "G"),
        ("MFLOPs", "flops", "M"),
        ("MACs(G)", "flops", "G"),
        ("Multi-Adds", "flops", ""),
        ("File Size (MB)", "file_size", "mb"),
        ("Top-1 Accuracy (%)", "top1", "%"),
    ],
)
def test_a_label_is_read_by_its_parts(spelling: str, key: str, unit: str) -> None:
    row, implied = find_with_unit(spelling)
    assert (row.key, implied.upper()) == (key, unit.upper())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1250", "1250"),
        ("188,343.61", "188343.61"),
        ("930.48 images/s", "930.48"),
        ("30fps", "30"),
        ("7 img/s", "7"),
        ("8 samples/sec", "8"),
    ],
)
def test_rate(text: str, value: str) -> None:
    assert parse_rate(text).value == Decimal(value)


def test_no_rate() -> None:
    with pytest.raises(ValueError, match=r"^a number of images a second$"):
        parse_rate("12 ms")


def test_throughput_by_its_spellings() -> None:
    assert [
        find(name) and find(name).key
        for name in ("Throughput", "infer_samples_per_sec", "Throughput (img/s)")
    ] == ["throughput"] * 3
    assert show_rate(Decimal("188343.61")) == "188,343.61 images/s"
    assert (BY_KEY["throughput"].better, BY_KEY["inference_time"].better) == (1, -1)
