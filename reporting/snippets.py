"""Code a reader can copy: a model on an image, as a feature extractor, fine-tuned, and trained anew.

Every snippet is made by one factory from what the index says about the builder, and is complete: it runs
as it stands given the files it names. Names and arguments come from an index, so they enter the code only
as Python literals.
"""

import math
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any

from model_index.nodes import folded, looked_up
from model_index.records import Builder, Entry
from reporting.language import N_, _

DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
CLASSIFIER = "torch.nn.Linear(head.in_features, len(data.classes))"


class NoSnippet(ValueError):
    """What the index names cannot be written as code."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The training settings a snippet uses; defaults are the usual ones for ImageNet."""

    size: int = 224
    crop: float = 0.875
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 1e-4
    batch_size: int = 256
    epochs: int = 90
    channels: int = 3
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)

    @classmethod
    def of(cls, entry: Entry, configuration: Mapping[str, Any]) -> "Recipe":
        """The entry's own settings where they are plain numbers; channels and normalisation as configured."""
        fields = {folded(key): value for key, value in entry.metadata.items()}
        named = {
            "size": ("image size", int), "crop": ("crop pct", float), "learning_rate": ("lr", float),
            "momentum": ("momentum", float), "weight_decay": ("weight decay", float),
            "batch_size": ("batch size", int), "epochs": ("epochs", int),
        }  # fmt: skip
        found: dict[str, Any] = {name: _number(fields.get(key), kind) for name, (key, kind) in named.items()}
        found |= {key: tuple(value) for key in ("mean", "std") if (value := configuration.get(key))}
        found["channels"] = (configuration.get("input_size") or (None,))[0]
        return cls(**{name: value for name, value in found.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Subject:
    """What the snippets are about. `name` is the exact model for timm, pretrained tag included."""

    builder: Builder
    name: str
    recipe: Recipe = field(default_factory=Recipe)
    pretrained: bool = True
    classes: int = 10


@dataclass(frozen=True, slots=True)
class Snippet:
    """One block of code under its heading."""

    heading: str
    intro: str
    code: str
    language: str = "python"


def snippets(subject: Subject) -> list[Snippet]:
    """All of them, or none for a builder that no code can be written for."""
    try:
        return [Snippet(_(heading), _(intro), make(subject)) for heading, intro, make in FACTORIES]
    except NoSnippet:
        return []


def commands(entry: Entry) -> list[Snippet]:
    """What the command line does with a model, and how its publisher trains it where the index says so."""
    claimed = next((c.dataset for c in entry.all_claims() if c.quantity == "top1" and c.dataset), None)
    names = {"name": shlex.quote(entry.name), "dataset": f" --dataset {shlex.quote(claimed)}" if claimed else ""}
    found = [Snippet(_(head), _(intro), text.format(**names) + "\n", "console") for head, intro, text in COMMANDS]
    config = looked_up(entry.fields, "config")
    if isinstance(config, str) and CONFIG.fullmatch(config.strip()):
        told = _("Needs OpenMMLab's mim and the package that the configuration is of.")
        found.append(
            Snippet(
                _("Train it as its publisher does"), told, f"mim train {package(config)} {config.strip()}\n", "console"
            )
        )
    return found


def package(config: str) -> str:
    """The package of OpenMMLab that a configuration belongs to; classification where its path does not say."""
    return next((row for row in PACKAGES if row in config), PACKAGES[0])


def literal(value: object) -> str:
    """A value as a Python literal in which nothing ends a comment, a tag or a fence.

    Raises:
        NoSnippet: for a value that has no literal.
    """
    if isinstance(value, str):
        escapes = {"<": "\\x3c", ">": "\\x3e", "&": "\\x26", "`": "\\x60", "~": "\\x7e", "'": "\\x27"}
        inner = "".join(escapes.get(c) or ascii(c)[1:-1] for c in value)
        return '"' + inner.replace('"', '\\"') + '"'
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(key)}: {literal(part)}" for key, part in value.items()) + "}"
    raise NoSnippet(f"{type(value).__name__} has no literal")


def use(subject: Subject) -> str:
    """The five likeliest classes of one image."""
    if subject.builder.kind == "timm":
        return _join(
            "import timm\nimport torch\nfrom PIL import Image\n",
            f"model = {_timm(subject)}.eval()",
            """
            config = timm.data.resolve_model_data_config(model)
            transform = timm.data.create_transform(**config, is_training=False)
            image = transform(Image.open("image.jpg").convert("RGB")).unsqueeze(0)

            with torch.inference_mode():
                probabilities = model(image).softmax(dim=-1)[0]

            names = timm.data.ImageNetInfo(timm.data.infer_imagenet_subset(model) or "imagenet-1k")
            for probability, index in zip(*probabilities.topk(5)):
                print(f"{probability:6.2%}  {names.index_to_description(index.item())}")
            """,
        )
    return _join(
        f"import torch\nfrom PIL import Image\nfrom torchvision import transforms\n{_imports(subject)}\n",
        f"model = {_made(subject)}.eval()\n{_weights(subject)}",
        _transform(subject.recipe),
        """
        image = transform(Image.open("image.jpg").convert("RGB")).unsqueeze(0)

        with torch.inference_mode():
            probabilities = model(image).softmax(dim=-1)[0]

        for probability, index in zip(*probabilities.topk(5)):
            print(f"{probability:6.2%}  class {index.item()}")
        """,
    )


def features(subject: Subject) -> str:
    """The vector before the classifier and, for timm, the map it is pooled from."""
    if subject.builder.kind == "timm":
        return _join(
            "import timm\nimport torch\n",
            f"model = {_timm(subject, 'num_classes=0')}.eval()  # no classifier",
            """
            size = timm.data.resolve_model_data_config(model)["input_size"]
            images = torch.randn(2, *size)  # your images, transformed as above

            with torch.inference_mode():
                maps = model.forward_features(images)  # before pooling
                vectors = model(images)  # pooled, one vector an image
            print(maps.shape, vectors.shape)
            """,
        )
    return _join(
        f"import torch\n{_imports(subject)}\n",
        f"model = {_made(subject)}.eval()\n{_weights(subject)}",
        _head("torch.nn.Identity()"),
        f"""
        size = {subject.recipe.channels}, {subject.recipe.size}, {subject.recipe.size}
        images = torch.randn(2, *size)  # your images, transformed as above
        with torch.inference_mode():
            vectors = model(images)  # what the classifier would have seen
        print(vectors.shape)
        """,
    )


def fine_tune(subject: Subject) -> str:
    """New classes on old features, from a folder of images a class."""
    if subject.builder.kind == "timm":
        made = _join(
            "import timm\nimport torch\nfrom torchvision.datasets import ImageFolder\n",
            f"model = {_timm(subject, f'num_classes={subject.classes}')}",
            """
            config = timm.data.resolve_model_data_config(model)
            transform = timm.data.create_transform(**config, is_training=True)
            """,
        )
    else:
        made = _join(
            "import torch\nfrom torchvision import transforms\nfrom torchvision.datasets import ImageFolder\n"
            f"{_imports(subject)}\n",
            f"model = {_made(subject)}\n{_weights(subject)}",
            _head(f"torch.nn.Linear(head.in_features, {subject.classes})"),
            _transform(subject.recipe),
        )
    batch = min(subject.recipe.batch_size, 32)
    epochs = min(subject.recipe.epochs, 5)
    return _join(
        made,
        f"""
        loader = torch.utils.data.DataLoader(ImageFolder("train", transform), batch_size={batch}, shuffle=True)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01)

        model.train()
        for epoch in range({epochs}):
            for images, labels in loader:
                loss = torch.nn.functional.cross_entropy(model(images), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            print(f"epoch {{epoch}}: loss {{loss.item():.3f}}")
        torch.save(model.state_dict(), "fine-tuned.pth")
        """,
    )


def train(subject: Subject) -> str:
    """From random weights, with the settings the index gives."""
    recipe = subject.recipe
    imports = "import torch\nfrom torchvision import transforms\nfrom torchvision.datasets import ImageFolder\n"
    if subject.builder.kind == "timm":
        imports = f"import timm\n{imports}"
        model = f"model = timm.create_model({_call(subject, False, 'num_classes=len(data.classes)')})"
    else:
        imports += _imports(subject)
        model = f"model = {_made(subject, fresh=True)}{dedent(_head(CLASSIFIER))}"
    return _join(
        imports,
        f"""
        transform = transforms.Compose([{_grey(recipe)}
            transforms.RandomResizedCrop({recipe.size}),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize({recipe.mean}, {recipe.std}),
        ])
        data = ImageFolder("train", transform)
        loader = torch.utils.data.DataLoader(data, batch_size={recipe.batch_size}, shuffle=True)
        """,
        model,
        f"""
        optimizer = torch.optim.SGD(
            model.parameters(), lr={recipe.learning_rate!r}, momentum={recipe.momentum!r},
            weight_decay={recipe.weight_decay!r}, nesterov={recipe.momentum > 0},
        )
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max={recipe.epochs})

        model.train()
        for epoch in range({recipe.epochs}):
            for images, labels in loader:
                loss = torch.nn.functional.cross_entropy(model(images), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            scheduler.step()
            print(f"epoch {{epoch}}: loss {{loss.item():.3f}}")
        torch.save(model.state_dict(), "trained.pth")
        """,
    )


def evaluate(subject: Subject) -> str:
    """Top-1 and top-5 on a folder of images a class."""
    made = (
        ("import timm\nimport torch\nfrom torchvision.datasets import ImageFolder\n",
         f"model = {_timm(subject)}.eval()",
         """
         config = timm.data.resolve_model_data_config(model)
         transform = timm.data.create_transform(**config, is_training=False)
         """)
        if subject.builder.kind == "timm"
        else (f"import torch\nfrom torchvision import transforms\nfrom torchvision.datasets import ImageFolder\n"
              f"{_imports(subject)}\n", f"model = {_made(subject)}.eval()\n{_weights(subject)}",
              _transform(subject.recipe))
    )  # fmt: skip
    return _join(
        *made,
        """
        data = ImageFolder("val", transform)  # folders in the order of the model's classes
        loader = torch.utils.data.DataLoader(data, batch_size=64)

        right = {1: 0, 5: 0}
        with torch.inference_mode():
            for images, labels in loader:
                top = model(images).topk(5).indices
                for k in right:
                    right[k] += (top[:, :k] == labels[:, None]).any(dim=1).sum().item()
        for k, number in right.items():
            print(f"top-{k}: {number / len(data):.2%} of {len(data)} images")
        """,
    )


def export(subject: Subject) -> str:
    """ONNX and torch.export's archive, for any batch size."""
    size = f"{subject.recipe.channels}, {subject.recipe.size}, {subject.recipe.size}"
    if subject.builder.kind == "timm":
        parts = ("import timm\nimport torch\n", f"model = {_timm(subject)}.eval()")
    else:
        parts = (f"import torch\n{_imports(subject)}\n", f"model = {_made(subject)}.eval()\n{_weights(subject)}")
    return _join(
        *parts,
        f"""
        images = torch.randn(2, {size})
        batch = torch.export.Dim("batch")
        program = torch.export.export(model, (images,), dynamic_shapes=({{0: batch}},))
        torch.export.save(program, "model.pt2")
        torch.onnx.export(program, f="model.onnx", dynamo=True)
        print("model.pt2 and model.onnx are written")
        """,
    )


def deploy(subject: Subject) -> str:
    """The exported file in onnxruntime, without torch."""
    mean, std = (list(values) for values in (subject.recipe.mean, subject.recipe.std))
    mode = "L" if subject.recipe.channels == 1 else "RGB"
    size = subject.recipe.size
    return _join(
        "import numpy\nimport onnxruntime\nfrom PIL import Image, ImageOps\n",
        f"""
        image = ImageOps.fit(Image.open("image.jpg").convert("{mode}"), ({size}, {size}), Image.Resampling.BICUBIC)
        pixels = numpy.asarray(image, numpy.float32).reshape({size}, {size}, -1) / 255
        images = ((pixels - {mean}) / {std}).transpose(2, 0, 1)[None].astype(numpy.float32)

        session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
        (scores,) = session.run(None, {{session.get_inputs()[0].name: images}})

        shares = numpy.exp(scores[0] - scores[0].max())
        shares /= shares.sum()
        for index in shares.argsort()[:-6:-1]:
            print(f"{{shares[index]:6.2%}}  class {{index}}")
        """,
    )


FACTORIES: tuple[tuple[str, str, Callable[[Subject], str]], ...] = (
    (N_("Use it on an image"), N_("Prints the five likeliest classes of `image.jpg`."), use),
    (N_("Extract features"), N_("Gives what the network sees before it names a class."), features),
    (N_("Fine-tune it"), N_("Expects one folder of images a class below `train/`."), fine_tune),
    (
        N_("Train it from scratch"),
        N_(
            "Uses the settings of the recipe where the index states them, usual ones otherwise. "
            "Saved as `train.py`, it runs by `python train.py`."
        ),
        train,
    ),
    (N_("Evaluate it"), N_("Expects one folder of images a class below `val/`."), evaluate),
    (N_("Export it"), N_("Writes `model.onnx` and `model.pt2`, for any batch size."), export),
    (N_("Deploy it"), N_("Runs the exported `model.onnx` with onnxruntime and without torch."), deploy),
)  # fmt: skip
COMMANDS = (
    (N_("Check its claims"), N_("Counts the live model and judges every claim about it."), "zoo verify {name}"),
    (N_("Evaluate it on your images"), N_("Says how far its accuracy is what is claimed; `val/` has a folder a class."),
     "zoo eval {name} --data val{dataset}"),
    (N_("Measure its speed"), N_("In fresh processes, until the median stands still."), "zoo bench {name}"),
    (N_("Export it with its output checked"), N_("Writes ONNX, runs it, and compares it with the live model."),
     "zoo export {name}"),
)  # fmt: skip
PACKAGES = ("mmpretrain", "mmdet", "mmseg", "mmaction", "mmpose", "mmocr")
CONFIG = re.compile(r"[A-Za-z0-9_./-]+\.py")


def _join(*parts: str) -> str:
    """The parts with an empty line between them."""
    return "\n\n".join(dedent(part).strip("\n") for part in parts) + "\n"


def _timm(subject: Subject, *extra: str) -> str:
    return f"timm.create_model({_call(subject, subject.pretrained, *extra)})"


def _call(subject: Subject, pretrained: bool, *extra: str) -> str:
    named = {part.partition("=")[0] for part in extra}
    arguments = _keywords({k: v for k, v in subject.builder.arguments.items() if k not in named})
    return ", ".join([literal(subject.name), f"pretrained={pretrained}", *arguments, *extra])


def _keywords(arguments: dict[str, object]) -> list[str]:
    if not all(isinstance(key, str) and key.isidentifier() for key in arguments):
        return [f"**{literal(arguments)}"]
    return [f"{key}={literal(value)}" for key, value in arguments.items()]


def _imports(subject: Subject) -> str:
    if subject.builder.kind == "torchvision":
        return "from torchvision import models"
    module, _, attribute = subject.builder.name.partition(":")
    if not DOTTED.fullmatch(module) or not DOTTED.fullmatch(attribute):
        raise NoSnippet(f"{subject.builder.name!r} is not package.module:callable")
    return f"from {module} import {attribute.split('.')[0]}"


def _made(subject: Subject, fresh: bool = False) -> str:
    arguments = _keywords(subject.builder.arguments)
    if subject.builder.kind == "torchvision":
        weights = literal("DEFAULT") if subject.pretrained and not fresh else "None"
        return f"models.get_model({', '.join([literal(subject.builder.name), f'weights={weights}', *arguments])})"
    return f"{subject.builder.name.partition(':')[2]}({', '.join(arguments)})"


def _weights(subject: Subject) -> str:
    if subject.builder.kind == "torchvision":
        return ""
    return '# model.load_state_dict(torch.load("weights.pth", weights_only=True))  # weights of your own\n'


def _head(replacement: str) -> str:
    return f"""
    name, head = [(n, m) for n, m in model.named_modules() if isinstance(m, torch.nn.Linear)][-1]
    model.set_submodule(name, {replacement})
    """


def _transform(recipe: Recipe) -> str:
    return f"""
    transform = transforms.Compose([{_grey(recipe)}
        transforms.Resize({round(recipe.size / recipe.crop)}),
        transforms.CenterCrop({recipe.size}),
        transforms.ToTensor(),
        transforms.Normalize({recipe.mean}, {recipe.std}),
    ])
    """


def _grey(recipe: Recipe) -> str:
    """For a model of grey images."""
    return "transforms.Grayscale()," if recipe.channels == 1 else ""


def _number(value: object, kind: type) -> float | int | None:
    try:
        number = kind(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return number if number is not None and 0 < number < 10**6 else None
