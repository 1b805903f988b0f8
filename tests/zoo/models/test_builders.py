"""Builders build on meta, refuse what an index must not do, and say clearly what is wrong."""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import zoo
from zoo.model_index.dialects.base.entry_fields import BUILDER_KINDS
from zoo.model_index.load import load
from zoo.model_index.records.records import Builder, Index
from zoo.models.builders import BUILDERS, BuilderMissing, BuildError, build, package, version


def test_every_embedded_model_builds_on_meta_without_weights(embedded: Index) -> None:
    for name in ("dpn68", "dla46_c", "densenet264"):
        built = build(embedded.select([name])[0].builder)
        assert {p.device.type for p in built.model.parameters()} == {"meta"}
        assert not built.model.training


def test_timm_resolves_architecture_tag_and_configuration() -> None:
    built = build(Builder("timm", "dpn98"))
    assert built.resolved == "dpn98.mx_in1k"
    assert tuple(built.configuration["input_size"]) == (3, 224, 224)
    assert built.configuration["interpolation"] == "bicubic"


def test_a_pretrained_tag_may_be_named() -> None:
    assert build(Builder("timm", "densenet121.tv_in1k")).resolved == "densenet121.tv_in1k"


def test_torchvision() -> None:
    built = build(Builder("torchvision", "squeezenet1_1"))
    assert sum(p.numel() for p in built.model.parameters()) == 1_235_496
    assert built.resolved == "squeezenet1_1.IMAGENET1K_V1"


def test_a_library_class_runs_with_its_arguments() -> None:
    arguments = {"growth_rate": 4, "block_config": [1, 1], "num_init_features": 8}
    built = build(Builder("callable", "torchvision.models.densenet:DenseNet", arguments))
    assert type(built.model).__name__ == "DenseNet"
    assert built.configuration == {}


def test_our_own_examples_run_as_a_library_does() -> None:
    built = build(Builder("callable", "zoo.examples.digits:DigitsCNN"))
    assert type(built.model).__name__ == "DigitsCNN"
    assert built.resolved == "zoo.examples.digits:DigitsCNN"
    assert built.configuration["input_size"] == (1, 8, 8)


@pytest.mark.parametrize(
    ("builder", "error", "message"),
    [
        (
            Builder("timm", "dpn99"),
            BuildError,
            r"timm has no model 'dpn99': did you mean dpn92 or dpn98\? \(timm [\d.]+\)",
        ),
        (
            Builder("timm", "hf-hub:someone/model"),
            BuildError,
            "has no model 'hf-hub:someone/model'",
        ),
        (
            Builder("torchvision", "resnet51"),
            BuildError,
            "torchvision has no model 'resnet51': did you mean resnet",
        ),
        (
            Builder("transformers", "bert"),
            BuilderMissing,
            "^nothing here builds transformers:bert; an entry",
        ),
        (
            Builder("timm", "dpn98", {"pretrained": True}),
            BuildError,
            "'pretrained' could load weights",
        ),
        (
            Builder("timm", "dpn98", {"checkpoint_path": "x.pth"}),
            BuildError,
            "'checkpoint_path' could load weights",
        ),
        (
            Builder("timm", "dpn98", {"no_such": 1}),
            BuildError,
            r"timm:dpn98 raised TypeError: .*no_such",
        ),
        (
            Builder("callable", "os:system", {"command": "true"}),
            BuilderMissing,
            "os:system is code named by the index; it runs with --trust os",
        ),
        (
            Builder("callable", "timm.models._hub:load_state_dict_from_hf", {"model_id": "x"}),
            BuilderMissing,
            "is not a module class of timm; it runs with --trust timm",
        ),
        (
            Builder("callable", "torchvision.models.resnet:os.system"),
            BuildError,
            "torchvision.models.resnet has no 'os.system'",
        ),
        (
            Builder("callable", "zoo.cli:main"),
            BuilderMissing,
            "^zoo.cli:main is code named by the index; it runs with --trust zoo$",
        ),
        (
            Builder("callable", "zoo.examples_of_others:Net"),
            BuilderMissing,
            "^zoo.examples_of_others:Net is code named by the index; it runs with --trust zoo$",
        ),
        (
            Builder("callable", "zoo.examples.train_digits:main"),
            BuilderMissing,
            (
                "^zoo.examples.train_digits:main is not a module class of zoo.examples; "
                "it runs with --trust zoo.examples$"
            ),
        ),
        (
            Builder(
                "callable", "zoo.examples.digits:nn.Linear", {"in_features": 1, "out_features": 1}
            ),
            BuilderMissing,
            (
                "^zoo.examples.digits:nn.Linear is not a module class of zoo.examples; "
                "it runs with --trust zoo.examples$"
            ),
        ),
    ],
)
def test_refusals(builder: Builder, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        build(builder)


def test_a_trusted_package_may_run_any_callable(toy: Path) -> None:
    with pytest.raises(BuilderMissing, match="it runs with --trust toyzoo"):
        build(Builder("callable", "toyzoo:make"))
    assert type(build(Builder("callable", "toyzoo:make"), ["toyzoo"]).model).__name__ == "Toy"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("toyzoo:nothing", "toyzoo has no 'nothing'"),
        ("toyzoo:explode", "toyzoo:explode raised ValueError: boom"),
        ("toyzoo:not_a_module", "toyzoo:not_a_module gave a int, not a torch.nn.Module"),
        ("toyzoo.deeper:make", "^toyzoo.deeper:make: toyzoo has no module toyzoo.deeper$"),
    ],
)
def test_what_a_trusted_callable_can_do_wrong(toy: Path, name: str, message: str) -> None:
    with pytest.raises(BuildError, match=message):
        build(Builder("callable", name), ["toyzoo"])


def test_versions_are_found_without_importing(toy: Path) -> None:
    assert package(Builder("callable", "torchvision.models.densenet:DenseNet")) == "torchvision"
    assert version(Builder("timm", "dpn98")).startswith("timm ")
    assert version(Builder("callable", "no_such_package:make")) == "no_such_package not installed"
    before = version(Builder("callable", "toyzoo:make"))
    (toy / "toyzoo.py").write_text("changed = True")
    assert before.startswith("toyzoo source ")
    assert version(Builder("callable", "toyzoo:make")) != before


def test_the_version_of_our_own_examples_is_their_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change elsewhere in `zoo` leaves evidence about them as good as it was; a change of theirs
    does not."""
    builder = Builder("callable", "zoo.examples.digits:DigitsCNN")
    assert package(builder) == "zoo.examples"
    assert package(Builder("callable", "zoo.examples:Net")) == "zoo.examples"
    assert package(Builder("callable", "zoo.examples_of_others:Net")) == "zoo"
    shutil.copytree(
        Path(zoo.__file__).parent, tmp_path / "zoo", ignore=shutil.ignore_patterns("__pycache__")
    )
    monkeypatch.setattr(zoo, "__path__", [str(tmp_path / "zoo")])
    monkeypatch.delitem(sys.modules, "zoo.examples", raising=False)
    before = version(builder)
    assert re.fullmatch(r"zoo\.examples source [0-9a-f]{12}", before)
    (tmp_path / "zoo" / "builders.py").write_text("changed = True")
    (tmp_path / "zoo" / "cli" / "added.py").write_text("changed = True")
    assert version(builder) == before
    (tmp_path / "zoo" / "examples" / "added.py").write_text("changed = True")
    assert version(builder) != before


def test_a_backbone_is_built_without_its_weights_too() -> None:
    """torchvision would otherwise download them: this runs without a network."""
    built = build(Builder("torchvision", "lraspp_mobilenet_v3_large"))
    assert {p.device.type for p in built.model.parameters()} == {"meta"}
    none = build(Builder("torchvision", "resnet18", {"weights": None}))
    assert none.resolved == "resnet18.IMAGENET1K_V1"


def test_what_cannot_be_had_now_is_no_evidence_about_the_model(toy: Path) -> None:
    (toy / "toyzoo.py").write_text("def make():\n    raise ConnectionError('no route')\n")
    with pytest.raises(BuilderMissing, match="toyzoo:make raised ConnectionError: no route"):
        build(Builder("callable", "toyzoo:make"), ["toyzoo"])


PLUGIN = """
import torch
from torch import nn

def make(name, width=4):
    if name != "tiny":
        raise KeyError(name)
    return nn.Sequential(nn.Conv2d(3, width, 1), nn.ReLU())
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed package that brings the builder kind `tinynets`."""
    (tmp_path / "tinyzoo.py").write_text(PLUGIN)
    metadata = tmp_path / "tinyzoo-1.2.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: tinyzoo\nVersion: 1.2\n")
    (metadata / "entry_points.txt").write_text("[zoo.builders]\ntinynets = tinyzoo:make\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    sys.modules.pop("tinyzoo", None)


def test_another_package_brings_a_builder(plugin: Path) -> None:
    path = plugin / "index.yml"
    path.write_text("Models: [{Name: t, Builder: {Name: 'tinynets:tiny', Arguments: {width: 2}}}]")
    (entry,) = load([path]).entries
    with pytest.raises(
        BuilderMissing,
        match=r"^tinynets:tiny is built by the package tinyzoo; it runs with --trust tinyzoo$",
    ):
        build(entry.builder, ["tinynets"])
    assert "tinyzoo" not in sys.modules, "installed is not trusted"
    built = build(entry.builder, ["tinyzoo"])
    assert {p.device.type for p in built.model.parameters()} == {"meta"}
    assert (sum(p.numel() for p in built.model.parameters()), built.resolved) == (
        8,
        "tinynets:tiny",
    )
    assert package(entry.builder) == "tinyzoo"
    assert re.fullmatch(r"tinyzoo 1\.2 source [0-9a-f]{12}", version(entry.builder))
    with pytest.raises(BuildError, match=r"^tinynets:huge raised KeyError: 'huge'$"):
        build(Builder("callable", "tinynets:huge"), ["tinyzoo"])


def test_no_package_replaces_a_builder_of_ours(plugin: Path) -> None:
    (plugin / "tinyzoo-1.2.dist-info" / "entry_points.txt").write_text(
        "[zoo.builders]\ntorchvision = tinyzoo:make\ncallable = tinyzoo:make\n"
    )
    for builder in (
        Builder("torchvision", "alexnet"),
        Builder("callable", "torchvision.models:AlexNet"),
    ):
        assert package(builder) == "torchvision"
        assert type(build(builder).model).__name__ == "AlexNet"
    assert "tinyzoo" not in sys.modules


def test_an_index_may_name_every_kind() -> None:
    assert {*BUILDERS} <= {*BUILDER_KINDS, "callable"}
