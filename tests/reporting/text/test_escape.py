from decimal import Decimal

import pytest
from markupsafe import Markup

from zoo.model_index.quantities.show import human
from zoo.model_index.quantities.table import BY_KEY
from zoo.reporting.text.escape import (
    backticks_to_code,
    one_line,
    paragraphs,
    safe,
    title,
    web_address,
)
from zoo.reporting.text.format import flat, format_amount, format_residual, format_residual_share


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (15_003_675_112, "15.00 G"),
        (61_570_728, "61.57 M"),
        (999_996_000, "1.00 G"),
        (999_994_000, "999.99 M"),
        (1000, "1.00 k"),
        (999, "999"),
        (0, "0"),
        (Decimal("2.5E9"), "2.50 G"),
        (None, ""),
        (4.1, "4.1"),
        (1e-30, "1.00e-30"),
        (1e42, "1.00e+42"),
        (9_876_543_210_123_456, "9876.54 T"),
        (0.0, "0"),
    ],
)
def test_human(value: int | float | Decimal | None, shown: str) -> None:
    assert human(value) == shown


def test_safe_leaves_nothing_to_html_or_to_fences() -> None:
    assert safe("<b>'\"&`~") == "&lt;b&gt;&#39;&#34;&amp;&#96;&#126;"
    assert safe(Markup("<b>")) == "<b>"
    assert safe(None) == ""


def test_title_leaves_nothing_to_markdown_or_to_a_theme_that_does_not_escape() -> None:
    assert title("dpn98") == "dpn98"
    assert "<" not in title("</title><script>") and "&lt" not in title("<")
    assert title("a\n# b*c*") == "a &#35; b&#42;c&#42;"


@pytest.mark.parametrize(
    "address", ["http://a.example/x?y=1#z", "https://a.example", "HTTPS://a.example/"]
)
def test_web_addresses_become_links(address: str) -> None:
    assert web_address(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "//a.example",
        "http:",
        "https://",
        "a.example",
        'https://a.example/" onclick="x',
        "https://a.example/<b>",
        "https://a.example/\njavascript:x",
        "ftp://a",
        None,
        ["https://a.example"],
        "http://[",
        "file:///etc/passwd",
    ],
)
def test_anything_else_does_not(address: object) -> None:
    assert web_address(address) is None


def test_lines_and_paragraphs() -> None:
    assert one_line(" a\n\tb\x00c\u2028d ") == "a b c d"
    assert paragraphs("a\nb\n\n  \n\nc") == ["a b", "c"]
    assert flat({"a": ["1", "2"], "b": None}) == "a: 1, 2; b: "


@pytest.mark.parametrize(
    ("value", "shown", "signed"),
    [
        ("12238158196.375552", "12,238,158,196", "+12,238,158,196"),
        ("-1122434304.000", "-1,122,434,304", "-1,122,434,304"),
        ("3.070105576E+10", "30,701,055,760", "+30,701,055,760"),
        ("7.6293945", "7.63", "+7.63"),
        ("0", "0", "0"),
        ("1E+39", f"1{',000' * 13}", f"+1{',000' * 13}"),
    ],
)
def test_predicted_counts_have_no_long_fractions(value: str, shown: str, signed: str) -> None:
    assert format_amount(BY_KEY["flops"], Decimal(value)) == shown
    assert format_residual(BY_KEY["flops"], Decimal(value)) == signed


def test_other_quantities_keep_their_digits() -> None:
    assert format_amount(BY_KEY["crop_pct"], Decimal("0.875")) == "0.875"
    assert format_amount(BY_KEY["top1"], Decimal("79.125")) == "79.125%"
    assert format_amount(BY_KEY["image_size"], (224, 285)) == "224x285"
    assert format_amount(BY_KEY["flops"], None) == format_residual(BY_KEY["flops"], None) == ""


@pytest.mark.parametrize(
    ("residual", "prediction", "share"),
    [
        ("-481", "10000", "-4.81%"),
        ("1", "100000000", "under 0.01%"),
        ("0", "5", ""),
        ("5", "0", ""),
    ],
)
def test_a_residual_is_a_share_of_the_prediction(
    residual: str, prediction: str, share: str
) -> None:
    assert format_residual_share(Decimal(residual), Decimal(prediction)) == share


def test_code_between_backticks_is_escaped() -> None:
    text = "run `zoo <x>`, \u202eand ~ not `this"
    assert backticks_to_code(text) == (
        "run <code>zoo &lt;x&gt;</code>, \ufffdand &#126; not &#96;this"
    )
