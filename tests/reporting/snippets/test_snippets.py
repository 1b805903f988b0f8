import ast
from dataclasses import replace
from pathlib import Path

import pytest

from zoo.model_index.load import load
from zoo.model_index.records.fields import Plain
from zoo.model_index.records.records import Builder
from zoo.reporting.snippets.snippets import Recipe, Snippet, Subject, literal, snippets

TIMM = Builder("timm", "dpn98")
CALLABLE = Builder(
    "callable", "torchvision.models.densenet:DenseNet", {"growth_rate": 32, "block_config": [6, 12]}
)
TORCHVISION = Builder("torchvision", "resnet18")


def code(builder: Builder, name: str = "x", **options: object) -> list[Snippet]:
    return snippets(Subject(builder=builder, name=name, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("builder", [TIMM, CALLABLE, TORCHVISION])
@pytest.mark.parametrize("pretrained", [True, False])
def test_every_snippet_is_complete_python(builder: Builder, pretrained: bool) -> None:
    made = code(builder, builder.name, pretrained=pretrained)
    assert len(made) == 7
    for snippet in made:
        tree = ast.parse(snippet.code)
        imported = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if hasattr(node, "names")
            for alias in node.names
        }
        stored = {
            n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        used = {
            n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
        }
        assert used <= imported | stored | set(dir(__builtins__)) | set(
            __builtins__ if isinstance(__builtins__, dict) else ()
        )


def test_the_exact_model_is_named() -> None:
    use, features, tune, train, *_ = code(TIMM, "dpn98.mx_in1k")
    assert 'timm.create_model("dpn98.mx_in1k", pretrained=True).eval()' in use.code
    assert "num_classes=0" in features.code and "num_classes=10" in tune.code
    assert "pretrained=False" in train.code
    assert "pretrained=True" not in "".join(s.code for s in code(TIMM, "dpn98", pretrained=False))


def test_a_callable_is_imported_and_called_with_its_arguments() -> None:
    assert "from torchvision.models.densenet import DenseNet" in code(CALLABLE)[0].code
    assert "DenseNet(growth_rate=32, block_config=[6, 12])" in code(CALLABLE)[0].code


def test_the_recipe_is_the_entrys_own() -> None:
    entry = next(entry for entry in load().entries if entry.name == "densenet121")
    recipe = Recipe.from_entry(entry, {})
    assert (recipe.learning_rate, recipe.epochs, recipe.batch_size, recipe.weight_decay) == (
        0.1,
        90,
        256,
        0.0001,
    )
    train = code(TIMM, recipe=recipe)[3]
    assert '"lr": 0.1, "momentum": 0.9' in train.code and "nesterov=True" in train.code
    assert train.command == (
        "python train.py --data train --lr 0.1 --momentum 0.9 --weight-decay 0.0001 --batch-size "
        "256 --epochs 90"
    )


def test_what_the_index_records_is_what_the_code_does() -> None:
    entry = load().entries[0]
    stated: dict[str, Plain] = {
        "Training Techniques": ["AdamW", "Label Smoothing"],
        "LR Step Size": "30",
        "LR Gamma": "0.5",
    }
    recipe = Recipe.from_entry(replace(entry, metadata=stated), {})
    train = code(TIMM, recipe=recipe)[3]
    assert (
        "torch.optim.AdamW(" in train.code
        and "momentum=" not in train.code
        and "label_smoothing=0.1" in train.code
    )
    assert "StepLR(optimizer, step_size=30, gamma=0.5)" in train.code
    assert train.command == "python train.py --data train"


INDEX = """
Models:
- Name: net
  Builder: {Name: "package:Net"}
  Metadata: {Image Size: 32x48, Crop Pct: 0.9, Interpolation: lanczos, Mean: [0.1, 0.2, 0.3],
    Std: 1}
"""


def test_the_preprocessing_is_that_of_the_index(tmp_path: Path) -> None:
    (tmp_path / "i.yml").write_text(INDEX.replace("32x48", "32"))
    (entry,) = load([tmp_path]).entries
    recipe = Recipe.from_entry(entry, {"input_size": (3, 224, 224), "mean": (0, 0, 0)})
    use, deploy = (code(CALLABLE, recipe=recipe)[number].code for number in (0, 6))
    assert "transforms.Resize(35, transforms.InterpolationMode.LANCZOS)" in use
    assert "transforms.Normalize((0.1, 0.2, 0.3), (1.0, 1.0, 1.0))" in use
    assert "Resampling.LANCZOS" in deploy and "CenterCrop(32)" in use


def test_what_torchvision_and_pillow_do_not_do_is_timms(tmp_path: Path) -> None:
    (tmp_path / "i.yml").write_text(INDEX)
    (entry,) = load([tmp_path]).entries
    made = code(CALLABLE, recipe=Recipe.from_entry(entry, {}))
    assert "timm.data.create_transform(" in made[0].code and "import timm\n" in made[0].code
    assert "size = 3, 32, 48" in made[1].code and len(made) == 6  # no deploying by Pillow


def test_what_timm_configures_goes_before_the_index() -> None:
    entry = load().entries[0]
    configured = {"input_size": (3, 240, 240), "crop_pct": 0.9, "interpolation": "bicubic"}
    recipe = Recipe.from_entry(entry, configured)
    pipeline = recipe.pipeline
    assert (pipeline.size, pipeline.resized) == ((240, 240), (266, 266))
    random = Recipe.from_entry(entry, configured | {"interpolation": "random"})
    assert pipeline.interpolation == random.pipeline.interpolation == "bicubic"  # the entry's own


@pytest.mark.parametrize(
    "value",
    [
        "a",
        '"',
        "'",
        "\\",
        "a\nb",
        "<!--",
        "```",
        "\x00",
        "日本",
        "\\<",
        True,
        None,
        1,
        0.5,
        [1, "a"],
        {"a": [1]},
    ],
)
def test_literals_are_the_value_and_nothing_else(value: object) -> None:
    written = literal(value)
    assert ast.literal_eval(written) == value
    assert not set(written) & set("<>&`~\n") and written.isascii()


@pytest.mark.parametrize(
    "name", ["os:system('x')", "a b:c", "a:b; import os", "a:", "a.b:c\nimport os"]
)
def test_no_code_is_made_of_a_name_that_is_no_path(name: str) -> None:
    assert code(Builder("callable", name)) == []


def test_arguments_that_are_no_names_are_passed_as_a_mapping() -> None:
    assert 'DenseNet(**{"a b": 1})' in code(Builder("callable", "a.b:DenseNet", {"a b": 1}))[0].code
    assert code(Builder("callable", "a.b:C", {"when": Path()})) == []


def test_published_weights_of_torchvision_are_named() -> None:
    use = code(Builder("torchvision", "resnet50.IMAGENET1K_V2"))[0].code
    assert 'models.get_model("resnet50", weights="IMAGENET1K_V2").eval()' in use
    assert 'weights="DEFAULT"' in code(TORCHVISION)[0].code


def test_quantized_weights_run_and_do_not_train() -> None:
    made = code(Builder("torchvision", "quantized_resnet50.IMAGENET1K_FBGEMM_V2"))
    call = 'get_model("quantized_resnet50", weights="IMAGENET1K_FBGEMM_V2", quantize=True)'
    assert [snippet.heading for snippet in made] == ["Use it on an image", "Evaluate it"]
    assert call in made[0].code
