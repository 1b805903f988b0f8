"""What a reference to weights leads to."""

from pathlib import Path

import pytest

from zoo.weights.references import NoSource, resolve_reference, stated_digest

HUB = "https://huggingface.co/timm/dpn98.mx_in1k/resolve"


@pytest.mark.parametrize(
    ("text", "addresses", "name"),
    [
        (
            "https://a.example/x/net-5b90dec4.pth?download=1#x",
            ("https://a.example/x/net-5b90dec4.pth?download=1#x",),
            "net-5b90dec4.pth",
        ),
        (
            "hf:timm/dpn98.mx_in1k",
            tuple(
                f"{HUB}/main/{file}"
                for file in (
                    "model.safetensors",
                    "model.safetensors.index.json",
                    "pytorch_model.bin",
                    "pytorch_model.bin.index.json",
                )
            ),
            "model.safetensors",
        ),
        ("hf:timm/dpn98.mx_in1k@v1/a/b.bin", (f"{HUB}/v1/a/b.bin",), "b.bin"),
        ("hf://timm/dpn98.mx_in1k/b.bin", (f"{HUB}/main/b.bin",), "b.bin"),
    ],
)
def test_addresses(text: str, addresses: tuple[str, ...], name: str) -> None:
    source = resolve_reference(text, Path())
    assert (source.addresses, source.name) == (addresses, name)


def test_a_file_beside_the_index_and_one_of_a_package(tmp_path: Path) -> None:
    (tmp_path / "net.pth").touch()
    assert resolve_reference("net.pth", tmp_path).file == tmp_path / "net.pth"
    assert resolve_reference(str(tmp_path / "net.pth")).file == tmp_path / "net.pth"
    source = resolve_reference("package:pytest/pytest/py.typed", tmp_path).file
    assert source is not None and source.is_file() and source.name == "py.typed"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file:///etc/passwd", "file:///etc/passwd: the scheme file is not supported"),
        ("ftp://a.example/x", "ftp://a.example/x: the scheme ftp is not supported"),
        (
            "hf:one",
            "hf:one: expected hf:OWNER/NAME, optionally with @REVISION and /FILE",
        ),
        (
            "hf:a/b/../../c",
            "hf:a/b/../../c: expected hf:OWNER/NAME, optionally with @REVISION and /FILE",
        ),
        ("package:nothing-like-it/x", "the package nothing-like-it is not installed"),
        ("package:pytest/../x", "the package pytest has no file ../x"),
        ("../x.pth", "../x.pth: is outside the index's folder; such files are not read"),
        ("/etc/passwd", "/etc/passwd: is outside the index's folder; such files are not read"),
        ("link.pth", "link.pth: is outside the index's folder; such files are not read"),
        ("none.pth", "none.pth: no such file beside the index"),
        ("a\0b", r"'a\x00b': not a path"),
    ],
)
def test_what_leads_nowhere(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "x.pth").touch()
    (tmp_path / "index" / "link.pth").symlink_to(tmp_path / "x.pth")
    with pytest.raises(NoSource) as error:
        resolve_reference(text, tmp_path / "index")
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ("https://a.example/dpn98-5b90dec4d.pth", "5b90dec4d"),
        ("https://a.example/net-5b90dec4.pth.tar?x=y-00000000.pth", "5b90dec4"),
        ("hf:timm/net@v1/net-5b90dec4.pth", "5b90dec4"),
        ("hf:timm/net-5b90dec4", None),
        ("hf:timm/net@v1-5b90dec4", None),
        ("https://a.example/net-5b90dec4/", None),
        ("https://a.example/net-5b90dec4/model.pth", None),
        ("net.pth", None),
        ("net-2019.pth", None),
        ("net-zzzzzzzz.pth", None),
    ],
)
def test_the_digest_that_a_reference_states(text: str, digest: str | None) -> None:
    assert stated_digest(text) == digest
