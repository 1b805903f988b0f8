"""A builder is a text of an index: what names code, a hub or weights is refused, and nothing of it
runs."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from zoo.model_index.load import load
from zoo.models.builders import BuildError, build

MARK = "ran"  # a file that code of an index would write
EVIL = f"""
from pathlib import Path
from torch import nn
Path({MARK!r}).touch()
class Net(nn.Module):
    pass
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder with a package that must not be imported; whatever is built, nothing of it
    ran."""
    (tmp_path / "evil_net.py").write_text(EVIL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    assert not (tmp_path / MARK).exists()


def read_stated(name: str, arguments: dict[str, object] | None = None):
    builder = {"Name": name, "Arguments": arguments or {}}
    Path("index.json").write_text(json.dumps({"Models": [{"Name": "a", "Builder": builder}]}))
    return load(["index.json"])


def stated(name: str, arguments: dict[str, object] | None = None):
    return read_stated(name, arguments).entries[0].builder


@pytest.mark.parametrize(
    "name",
    [
        "builtins",
        "eval(1)",
        "timm:",
        "os.system",
        "a-b:c",
        "__import__('os'):system",
        "os:system('touch ran')",
        "../x:y",
        "class:def",
        "a:b;c",
        "a b:c",
        "a:b.c()",
        "/etc/passwd:x",
        "a\n:b",
        ":system",
        "os:",
        "os:.",
        "os::system",
    ],
)
def test_what_is_no_name_is_a_fault_with_its_place(name: str) -> None:
    index = read_stated(name)
    assert str(index.faults[0]).startswith(
        "index.json:1: Models[0].Builder: expected a builder such as timm:resnet50 or "
    )
    assert index.entries[0].builder.kind == "unreadable"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        *(
            (name, "is code named by the index; it runs with --trust ")
            for name in (
                "os:system",
                "builtins:exec",
                "subprocess:run",
                "importlib:import_module",
                "torch:load",
                "torch.hub:load",
                "pickle:loads",
                "evil_net:Net",
                "zoo:cli.main",
                "zoo.models.builders:build",
                "zoo.examples_evil:Net",
            )
        ),
        *(
            (name, "is not a module class of ")
            for name in (
                "timm.models:create_model",
                "timm.models._hub:load_state_dict_from_hf",
                "timm.models._helpers:load_checkpoint",
                "torchvision.models:get_model_weights",
                "timm.models.resnet:nn.Linear",
                "torchvision.models.resnet:nn.Module.load_state_dict",
                "timm.models.resnet:ResNet.__init__.__globals__",
            )
        ),
        *(
            (name, "has no model ")
            for name in (
                "timm:hf-hub:a/b",
                "timm:hf_hub:a/b",
                "timm:local-dir:/etc",
                "timm:../../x",
                "timm:/etc/passwd",
                "timm:https://evil.example/x",
                "timm:file:///etc/passwd",
                "timm:models.create_model",
                "torchvision:../x",
                "torchvision:os:system",
            )
        ),
    ],
)
def test_code_and_hubs_are_refused(name: str, message: str) -> None:
    with pytest.raises(BuildError, match=message):
        build(stated(name))


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("pretrained", True),
        ("pretrained", "yes"),
        ("PRETRAINED", 1),
        ("checkpoint_path", "/etc/passwd"),
        ("weights", "DEFAULT"),
        ("weights_backbone", "DEFAULT"),
        ("cache_dir", "/tmp/x"),
        ("pretrained_cfg", {"file": "/etc/passwd"}),
        ("pretrained_cfg_overlay", {"url": "http://evil.example/x"}),
        ("pretrained_strict", "x"),
    ],
)
def test_arguments_that_name_weights_are_refused(argument: str, value: object) -> None:
    with pytest.raises(BuildError, match="could load weights; models are built without"):
        build(stated("timm:resnet18", {argument: value}))
