"""What is a digest and what is a date."""

import pytest

from zoo.weights.digests import digest_in_name, digest_in_text

ACTUAL = "2ca81567" + "0" * 56


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("net-2ca81567.pth", "2ca81567"),
        ("net-0123abcd.pth", "0123abcd"),
        ("net-0123ABCD.pth", "0123abcd"),
        ("net-00000000.pth", "00000000"),
        ("net-0123abcd.pth.tar", "0123abcd"),
        ("net_20200708-0123abcd.pth", "0123abcd"),
        ("net_20200708_123456-0123abcd.pth", "0123abcd"),
        ("net-20200708-0123abcd.pth", "0123abcd"),
        ("net-0123abcd_20200708.pth", "0123abcd"),
        ("net-0123abcd-20200708.pth", "0123abcd"),
        ("net-0123abcd_20200708_123456.pth", "0123abcd"),
        ("net-0123abcd_20200708123456.pth", "0123abcd"),
        ("net_256x256-6c4f923f_20200812.pth", "6c4f923f"),
        ("net-20241301.pth", "20241301"),  # no month has this number
        ("net-" + "a1" * 32 + ".pth", "a1" * 32),
        ("net-20240101.pth", None),
        ("date-20240101.safetensors", None),
        ("net-01022024.pth", None),
        ("net-202401011200.pth", None),
        ("net-20240101120000.pth", None),
        ("net-1593561600.pth", None),
        ("net_20240101.pth", None),
        ("net-20240101-20240102.pth", None),
        ("net-0123abc.pth", None),
        ("net-.pth", None),
        ("net_0123abcd.pth", None),
        ("net_0123abcd_20200708.pth", None),  # a commit, perhaps
        ("net-0123abcd-final.pth", None),
        ("0123abcd.pth", None),
        ("checkpoint-00050000.pth", None),
        ("net-step-10000000.pth", None),
        ("net-" + "a1" * 16 + ".pth", None),  # MD5
        ("net-" + "a1" * 20 + ".pth", None),  # SHA-1
        ("model-00001-of-00002.safetensors", None),
        ("", None),
    ],
)
def test_the_digest_in_a_name(name: str, digest: str | None) -> None:
    assert digest_in_name(name) == digest
    assert digest_in_name(name, ACTUAL) == digest


@pytest.mark.parametrize(
    "name", ["net-20240101.pth", "checkpoint-20240101.pth", "net-20240101_20230101.pth"]
)
def test_a_date_that_the_file_has_is_its_digest(name: str) -> None:
    assert digest_in_name(name) is None
    assert digest_in_name(name, "20240101" + "a" * 56) == "20240101"


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ("2CA81567", "2ca81567"),
        ("sha256:" + "0" * 64, "0" * 64),
        ("2ca81567 (2024-01-01)", "2ca81567"),
        ("20240101: 2ca81567", "2ca81567"),
        ("md5:" + "a1" * 16, None),
        ("a1" * 16, None),
        ("sha1:2ca81567", None),
        ("sha512:" + "a1" * 32, None),
        ("none", None),
    ],
)
def test_the_digest_in_a_field(text: str, digest: str | None) -> None:
    assert digest_in_text(text) == digest
