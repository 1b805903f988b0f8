"""Which addresses are asked: spellings, names, IP addresses, redirects."""

import ipaddress
import socket
import threading

import pytest

from zoo.model_index.errors import NoAnswer, Refused, UsageError
from zoo.weights.http.address_guard import AddressGuard, printable_url, why_not_public

NAMES = {
    "example.org": ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "inside.example": ["10.0.0.7"],
    "half.example": ["93.184.215.14", "127.0.0.1"],
    "mapped.example": ["::ffff:169.254.169.254"],
    "nothing.example": [],
}


def resolve(host: str, port: int) -> list[str]:
    if host not in NAMES:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")
    return NAMES[host]


def guard(*allow_hosts: str) -> AddressGuard:
    return AddressGuard(allow_hosts, resolve)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://example.org/a.pth", "https://example.org/a.pth"),
        ("HTTPS://Example.ORG./a.pth#part", "https://example.org/a.pth"),
        ("http://example.org:8080", "http://example.org:8080/"),
        ("https://example.org/a%20b?x=1&y=%2F", "https://example.org/a%20b?x=1&y=%2F"),
        ("https://example.org/权重.pth", "https://example.org/%E6%9D%83%E9%87%8D.pth"),
        ("https://8.8.8.8/a", "https://8.8.8.8/a"),
        ("https://@example.org/a", "https://example.org/a"),
        ("https://[2606:4700::1111]:8443/a", "https://[2606:4700::1111]:8443/a"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
        ("https://my_bucket.s3.example/a", "https://my_bucket.s3.example/a"),
    ],
)
def test_addresses_in_their_normal_form(url: str, normal: str) -> None:
    assert str(guard().check_url(url)) == normal


NO_IP = "is not the plain form of an IP address"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("file:///etc/passwd", "file:///etc/passwd: only http and https are supported, not file"),
        ("ftp://example.org/a", "ftp://example.org/a: only http and https are supported, not ftp"),
        (
            "gopher://example.org/a",
            "gopher://example.org/a: only http and https are supported, not gopher",
        ),
        ("data:text/plain,a", "only http and https are supported, not data"),
        ("a.pth", "only http and https are supported, not an address without a scheme"),
        ("//example.org/a", "only http and https are supported, not an address without a scheme"),
        ("", "only http and https are supported, not an address without a scheme"),
        ("https:///a", "invalid host"),
        ("https://", "invalid host"),
        ("https://example.org:0/", "invalid host"),
        ("https://example.org:99999/", "invalid address"),
        ("https://exa mple.org/", "invalid address"),
        ("https://example.org/a\r\nHost: b", "invalid address"),
        ("https://example.org\\@127.0.0.1/", "invalid address"),
        ("https://example.org/" + "a" * 9000, "invalid address"),
        (
            "https://me:secret@example.org/a",
            "https://example.org/a: an address must not contain a user name or a password",
        ),
        ("https://%31%32%37.0.0.1/", "127.0.0.1 is not a public address (loopback)"),
        ("https://a%2fb.example/", "invalid host"),
        ("https://[fe80::1%25eth0]/", "invalid host"),
        ("https://１２７.0.0.1/", "invalid address"),
        ("http://localhost/", "localhost is a local name; --allow-host localhost permits it"),
        ("http://LOCALHOST.:80/", "localhost is a local name"),
        ("http://a.localhost/", "a.localhost is a local name"),
        ("http://printer.local/", "printer.local is a local name"),
        ("http://metadata.google.internal/", "metadata.google.internal is a local name"),
        (
            "http://127.0.0.1/",
            "127.0.0.1 is not a public address (loopback); --allow-host 127.0.0.1 permits it",
        ),
        ("http://127.0.0.1./", "127.0.0.1 is not a public address (loopback)"),
        ("http://127.1/", f"127.1 {NO_IP}"),
        ("http://2130706433/", f"2130706433 {NO_IP}"),
        ("http://134744072/", f"134744072 {NO_IP}"),
        ("http://0x7f.0.0.1/", f"0x7f.0.0.1 {NO_IP}"),
        ("http://0x7f000001/", f"0x7f000001 {NO_IP}"),
        ("http://0177.0.0.1/", f"0177.0.0.1 {NO_IP}"),
        ("http://127.0.0.1.0x1/", f"127.0.0.1.0x1 {NO_IP}"),
        ("http://1.2.3.4.5/", f"1.2.3.4.5 {NO_IP}"),
        ("http://0/", f"0 {NO_IP}"),
        ("http://0.0.0.0/", "0.0.0.0 is not a public address (unspecified)"),
        ("http://10.1.2.3/", "10.1.2.3 is not a public address (private)"),
        ("http://169.254.169.254/latest", "169.254.169.254 is not a public address (link-local)"),
        (
            "http://[::1]/",
            "[::1] is not a public address (loopback); --allow-host [::1] permits it",
        ),
        ("http://[::]/", "[::] is not a public address (unspecified)"),
        ("http://[::ffff:127.0.0.1]/", "is not a public address (loopback)"),
        ("http://[::ffff:7f00:1]/", "is not a public address (loopback)"),
        ("http://[fd00::1]/", "[fd00::1] is not a public address (private)"),
    ],
)
def test_addresses_that_are_refused(url: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        guard().check_url(url)
    assert message in str(refused.value)
    assert "secret" not in str(refused.value)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("8.8.8.8", ""),
        ("2606:4700::1111", ""),
        ("::ffff:8.8.8.8", ""),
        ("64:ff9b::808:808", ""),
        ("127.8.8.8", "loopback"),
        ("0.1.2.3", "private"),
        ("10.0.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "not public"),
        ("169.254.0.1", "link-local"),
        ("192.0.0.192", "reserved"),
        ("192.0.2.1", "private"),
        ("192.88.99.1", "reserved"),
        ("198.18.0.1", "private"),
        ("198.51.100.1", "private"),
        ("168.63.129.16", "a cloud's own"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.250", "multicast"),
        ("240.0.0.1", "private"),
        ("255.255.255.255", "private"),
        ("::1", "loopback"),
        ("::127.0.0.1", "reserved"),
        ("::ffff:10.0.0.1", "private"),
        ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b:1::808:808", "private"),
        ("2001::1", "reserved"),
        ("2001:db8::1", "private"),
        ("2002:7f00:1::", "a tunnel"),
        ("2002:808:808::", "a tunnel"),
        ("3fff::1", "reserved"),
        ("4000::1", "reserved"),
        ("5f00::1", "reserved"),
        ("fc00::1", "private"),
        ("fe80::1", "link-local"),
        ("fec0::1", "private"),
        ("ff02::1", "multicast"),
        ("ff0e::1", "multicast"),
    ],
)
def test_ip_addresses(address: str, why: str) -> None:
    assert why_not_public(ipaddress.ip_address(address)) == why


def test_all_addresses_of_a_name_are_checked() -> None:
    assert guard().resolve_host("example.org", 443, 1) == NAMES["example.org"]
    with pytest.raises(Refused) as refused:
        guard().resolve_host("inside.example", 443, 1)
    assert str(refused.value) == (
        "inside.example: inside.example resolves to 10.0.0.7, which is not a public address "
        "(private); "
        "--allow-host inside.example permits it"
    )
    with pytest.raises(
        Refused,
        match=r"half.example resolves to 127.0.0.1, which is not a public address \(loopback\)",
    ):
        guard().resolve_host("half.example", 443, 1)
    with pytest.raises(Refused, match=r"mapped.example resolves to ::ffff:169.254.169.254"):
        guard().resolve_host("mapped.example", 443, 1)


def test_a_name_nobody_knows() -> None:
    with pytest.raises(NoAnswer) as unknown:
        guard().resolve_host("no.example", 443, 1)
    assert str(unknown.value) == "no.example: could not resolve no.example (offline?)"
    assert not unknown.value.passing


def test_a_resolver_that_hangs_is_left() -> None:
    over = threading.Event()
    with pytest.raises(NoAnswer, match=r"resolving example.org timed out") as late:
        AddressGuard((), lambda host, port: [str(over.wait(5))]).resolve_host(
            "example.org", 443, 0.01
        )
    assert late.value.passing
    over.set()


def test_a_resolver_that_is_busy_is_asked_again() -> None:
    def busy(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "later")

    with pytest.raises(NoAnswer) as later:
        AddressGuard((), busy).resolve_host("example.org", 443, 1)
    assert later.value.passing


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/a"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000/a"),
        ("127.0.0.1:80", "http://127.0.0.1/a"),
        ("LocalHost", "http://localhost:1/a"),
        ("::1", "http://[::1]:8000/a"),
        ("[::1]:8000", "http://[::1]:8000/a"),
    ],
)
def test_a_host_that_is_allowed(allowed: str, url: str) -> None:
    assert str(guard(allowed).check_url(url)) == url


def test_only_that_host_and_port_are_allowed() -> None:
    for url in (
        "http://127.0.0.1:8001/",
        "http://127.0.0.2:8000/",
        "http://localhost:8000/",
        "http://[::1]:8000/",
    ):
        with pytest.raises(Refused):
            guard("127.0.0.1:8000").check_url(url)
    lifted = guard("inside.example:443")
    assert lifted.resolve_host("inside.example", 443, 1) == ["10.0.0.7"]
    with pytest.raises(Refused):
        lifted.resolve_host("inside.example", 80, 1)
    with pytest.raises(Refused):
        lifted.resolve_host("half.example", 443, 1)


@pytest.mark.parametrize("text", ["", "a/b", "http://a", "me@a", "a:b", "a b", "a?b"])
def test_what_is_no_host_to_allow(text: str) -> None:
    with pytest.raises(UsageError) as wrong:
        guard(text)
    assert str(wrong.value) == f"expected a host or host:port to allow, got {text!r}"


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://cdn.example/b?sig=1", "https://cdn.example/b?sig=1"),
        ("/b", "https://example.org/b"),
        ("c", "https://example.org/x/c"),
        ("//cdn.example/b c", "https://cdn.example/b%20c"),
        ("/\u00e6\u009d\u0083", "https://example.org/%E6%9D%83"),  # 权 in UTF-8, read as Latin-1
    ],
)
def test_where_redirects_lead(location: str, target: str) -> None:
    assert guard().redirect_target("https://example.org/x/y", location) == target


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("http://example.org/y", "redirects from https to http://example.org/y"),
        (
            "file:///etc/passwd",
            "redirects to file:///etc/passwd: only http and https are supported, not file",
        ),
        (
            "http://127.0.0.1/y",
            "redirects to http://127.0.0.1/y: 127.0.0.1 is not a public address (loopback)",
        ),
        (
            "https://me:pw@example.org/",
            "redirects to https://example.org/: an address must not contain a user name",
        ),
        ("http://[", "redirects to an invalid address"),
        ("/\u00ff", "redirects to an invalid address"),
        ("https://example.org/\x1b[2J", "invalid address"),
    ],
)
def test_where_redirects_may_not_lead(location: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        guard().redirect_target("https://example.org/x?token=secret", location)
    assert str(refused.value).startswith("https://example.org/x: redirects ")
    assert message in str(refused.value)
    assert str(refused.value).isprintable() and "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://me:pw@example.org:1/a?token=secret#f", "https://example.org:1/a"),
        ("https://example.org/\u202egnp.a", "https://example.org/%E2%80%AEgnp.a"),
        ("https://me:pw@[/a?token=secret", "https://[/a"),
        ("x\x1b[31m\u202e", "x\\x1b[31m\\u202e"),
    ],
)
def test_what_is_shown_of_an_address(url: str, text: str) -> None:
    assert printable_url(url) == text


def test_what_is_shown_is_short_and_printable() -> None:
    assert (
        printable_url("https://example.org/" + "a" * 1000)
        == "https://example.org/" + "a" * 177 + "..."
    )
    assert printable_url("https://[\x1b\n\u202e/").isprintable()
